//! The pages of a list whose ticked rows go along: its buttons send the list's own form.

use leptos::prelude::*;

use super::{Icon, glyph};
use crate::query::name;

/// Previous and next page, by their cursors; nothing where there is one page only.
pub(crate) fn form_pager<C: ToString>(previous: Option<&C>, next: Option<&C>) -> impl IntoView + use<C> {
    let (previous, next) = (previous.map(ToString::to_string), next.map(ToString::to_string));
    (previous.is_some() || next.is_some()).then(|| {
        let (first, last) = (previous.is_none(), next.is_none());
        view! {
            <nav class="pager" aria-label="Pages">
                <button type="submit" class="btn btn-sm" name=name::CURSOR value=previous disabled=first>
                    {glyph(Icon::ChevronLeft)} "Previous page"
                </button>
                <button type="submit" class="btn btn-sm" name=name::CURSOR value=next disabled=last>
                    "Next page" {glyph(Icon::ChevronRight)}
                </button>
            </nav>
        }
    })
}
