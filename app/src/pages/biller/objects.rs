//! What the biller has at SecureAuth.

use domain::object::{Origin, VendorObject};
use leptos::prelude::*;

use crate::ui::{Copyable, Panel, Time};

/// Every object that a run made or adopted.
pub(super) fn panel(objects: Vec<VendorObject>) -> impl IntoView {
    (!objects.is_empty()).then(|| {
        let rows = objects.into_iter().map(row).collect_view();
        view! {
            <Panel id="vendor-objects" title="At SecureAuth" lead="Every object that belongs to this biller, with its id there.">
                <ul class="objects">{rows}</ul>
            </Panel>
        }
    })
}

fn row(object: VendorObject) -> impl IntoView {
    let how = match object.origin {
        Origin::Created => "created by us",
        Origin::Adopted => "adopted",
    };
    view! {
        <li class="object">
            <p class="object-kind">{object.kind.label()}</p>
            <div class="min-w-0">
                <p class="object-name">{object.name}</p>
                <Copyable text=object.vendor_id what=format!("id of the {}", object.kind.label().to_lowercase()) />
            </div>
            <p class="object-when">{how} " " <Time at=object.at /></p>
        </li>
    }
}
