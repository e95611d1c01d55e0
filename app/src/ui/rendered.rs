//! Views that are finished once they are HTML.

use leptos::{prelude::*, tachys::html::InertElement};

/// HTML that stands in a page as it is.
pub(crate) type Rendered = InertElement;

/// Renders a view at once. Nothing outside of islands is needed again in the browser; a view whose type is
/// erased instead copies every text and attribute first, which costs a third of the page.
pub(crate) fn rendered(view: impl IntoView) -> Rendered {
    InertElement::new(view.into_view().to_html())
}
