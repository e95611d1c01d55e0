//! What the biller has at SecureAuth.

use domain::{
    Bid, Timestamp,
    access::Refusal,
    object::{ObjectKind, Origin, VendorObject},
    oidc::{ClientAuth, OidcClient},
};
use leptos::prelude::*;

use crate::{
    paths,
    ui::{Copyable, Fact, Facts, Icon, Panel, Time, form::ActionLink},
};

/// Every object that a run made or adopted, and the way to the application's secret, where it has one.
pub(super) fn panel(
    bid: &Bid,
    objects: Vec<VendorObject>,
    secret: Result<(), Refusal>,
) -> impl IntoView + use<> {
    let bid = bid.clone();
    (!objects.is_empty()).then(|| {
        let rows = objects.into_iter().map(|object| row(&bid, object, secret.clone())).collect_view();
        view! {
            <Panel id="vendor-objects" title="At SecureAuth" lead="Every object that belongs to this biller, with its id there.">
                <ul class="objects">{rows}</ul>
            </Panel>
        }
    })
}

fn row(bid: &Bid, object: VendorObject, secret: Result<(), Refusal>) -> impl IntoView + use<> {
    let how = match object.origin {
        Origin::Created => "created by us",
        Origin::Adopted => "adopted",
    };
    let given = object.oidc.map(|oidc| given(oidc, object.secret_made_at));
    let has_secret = object.kind == ObjectKind::Application && !matches!(secret, Err(Refusal::NoSecret));
    let hand_over = has_secret.then(|| {
        view! {
            <ActionLink id="hand-over-secret" href=paths::secret(bid) label="Hand over the secret…" icon=Icon::Key allowed=secret />
        }
    });
    view! {
        <li class="object">
            <p class="object-kind">{object.kind.label()}</p>
            <div class="min-w-0">
                <p class="object-name">{object.name}</p>
                <Copyable text=object.vendor_id what=format!("id of the {}", object.kind.label().to_lowercase()) />
                {given}
                {hand_over}
            </div>
            <p class="object-when">{how} " " <Time at=object.at /></p>
        </li>
    }
}

/// What the application was given, as it was written at SecureAuth.
fn given(oidc: OidcClient, secret_made_at: Option<Timestamp>) -> impl IntoView {
    let proof = match (oidc.client_auth, secret_made_at) {
        (ClientAuth::PrivateKeyJwt { jwks_uri }, _) => {
            view! { "IC's own key (private_key_jwt), published at " {jwks_uri} }.into_any()
        }
        (ClientAuth::ClientSecret, None) => "a secret, which nobody has been given yet".into_any(),
        (ClientAuth::ClientSecret, Some(at)) => view! { "a secret, last made " <Time at /> }.into_any(),
    };
    let after = oidc.post_logout_redirect_uris.join(", ");
    let after = (!after.is_empty())
        .then(|| view! { <Fact label="After sign-out"><span class="break">{after}</span></Fact> });
    view! {
        <Facts class="facts-tight">
            <Fact label="Redirect URIs"><span class="break">{oidc.redirect_uris.join(", ")}</span></Fact>
            {after}
            <Fact label="Client proof"><span class="break">{proof}</span></Fact>
        </Facts>
    }
}
