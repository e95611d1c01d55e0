//! Labelled values, and values that can be copied.

use leptos::prelude::*;

use super::icon::{Icon, glyph};

/// A list of labelled values.
#[component]
pub(crate) fn Facts(
    /// Extra classes.
    #[prop(optional)]
    class: &'static str,
    /// The [`Fact`]s.
    children: Children,
) -> impl IntoView {
    view! { <dl class=format!("facts {class}")>{children()}</dl> }
}

/// A labelled value.
#[component]
pub(crate) fn Fact(
    /// The label.
    #[prop(into)]
    label: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! { <div class="fact"><dt>{label}</dt><dd>{children()}</dd></div> }
}

/// An id or address with a button that copies it. The button needs JavaScript and is not shown without.
#[component]
pub(crate) fn Copyable(
    /// What is shown and copied.
    #[prop(into)]
    text: String,
    /// What it is, for the button's name, e.g. `bid`.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <span class="copyable">
            <code>{text.clone()}</code>
            <CopyButton text what />
        </span>
    }
}

/// A button that copies a text.
#[component]
pub(crate) fn CopyButton(
    /// What is copied.
    text: String,
    /// What it is, for the button's name.
    what: String,
    /// A word beside the icon.
    #[prop(optional)]
    word: &'static str,
) -> impl IntoView {
    let class =
        if word.is_empty() { "btn btn-ghost btn-xs btn-square needs-js" } else { "btn btn-sm needs-js" };
    view! {
        <button type="button" class=class data-copy=text aria-label=format!("Copy {what}") title=format!("Copy {what}")>
            {glyph(Icon::Copy)}
            {(!word.is_empty()).then_some(word)}
        </button>
    }
}
