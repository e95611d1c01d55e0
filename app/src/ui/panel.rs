//! Headings, panels and empty states.

use leptos::prelude::*;

use super::icon::{Icon, glyph};

/// A step of the way back.
#[derive(Clone, Debug)]
pub(crate) struct Crumb {
    /// Where it leads.
    pub(crate) href: String,
    /// What stands there.
    pub(crate) label: String,
}

impl Crumb {
    pub(crate) fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }
}

/// The head of a page: the way back, the title, what can be done here.
#[component]
pub(crate) fn Heading(
    /// The page's `h1`.
    #[prop(into)]
    title: String,
    /// The way back, outermost first.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// One sentence on what the page is for.
    #[prop(optional, into)]
    lead: String,
    /// Buttons and badges.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let crumbs = (!crumbs.is_empty()).then(|| {
        let links = crumbs
            .into_iter()
            .map(|crumb| view! { <li><a class="link-quiet" href=crumb.href>{crumb.label}</a></li> })
            .collect_view();
        view! { <nav aria-label="Breadcrumb" class="crumbs"><ol>{links}</ol></nav> }
    });
    view! {
        <header class="page-head">
            <div class="min-w-0">
                {crumbs}
                <h1>{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// A titled part of a page.
#[component]
pub(crate) fn Panel(
    /// Unique on the page; the heading's id begins with it.
    id: &'static str,
    /// The `h2`.
    #[prop(into)]
    title: String,
    /// One sentence below the title.
    #[prop(optional, into)]
    lead: String,
    /// Whether the panel's content is exchanged when something changed.
    #[prop(optional)]
    live: bool,
    /// Extra classes.
    #[prop(optional)]
    class: &'static str,
    /// What stands in it.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    view! {
        <section id=id class=format!("panel {class}") data-live=live aria-labelledby=heading.clone()>
            <header class="panel-head">
                <h2 id=heading.clone()>{title}</h2>
                {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> })}
            </header>
            {children()}
        </section>
    }
}

/// What stands where there is nothing, and what to do about it.
#[component]
pub(crate) fn Empty(
    /// An icon.
    icon: Icon,
    /// What is not there.
    #[prop(into)]
    title: String,
    /// Why, or what to do.
    #[prop(optional, into)]
    text: String,
    /// A link or button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {glyph(icon)}
            <p class="empty-title">{title}</p>
            {(!text.is_empty()).then(|| view! { <p class="empty-text">{text}</p> })}
            {children.map(|children| children())}
        </div>
    }
}
