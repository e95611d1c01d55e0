//! Tables.

use leptos::prelude::*;

/// A table in a region of its own, so that a wide one is scrolled there, by keyboard too, and not the page.
#[component]
pub(crate) fn Table(
    /// The region's name.
    #[prop(into)]
    name: String,
    /// What the table shows, for who cannot see it.
    caption: &'static str,
    /// The columns, from the left.
    #[prop(into)]
    columns: Vec<Column>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads = columns.into_iter().map(Column::head).collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=name tabindex="0">
            <table class="data-table data-table-plain">
                <caption class="sr-only">{caption}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// A column of a [`Table`]: its heading, and what its cells hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    label: &'static str,
    kind: Kind,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Number,
    Unseen,
    Ticks,
}

impl Column {
    /// A column of texts.
    pub(crate) const fn text(label: &'static str) -> Self {
        Self { label, kind: Kind::Text }
    }

    /// A column of numbers, aligned at the right.
    pub(crate) const fn number(label: &'static str) -> Self {
        Self { label, kind: Kind::Number }
    }

    /// A column whose heading is only heard: its cells tell by themselves what they are.
    pub(crate) const fn unseen(label: &'static str) -> Self {
        Self { label, kind: Kind::Unseen }
    }

    /// A column of boxes to tick; its heading is only heard.
    pub(crate) const fn ticks(label: &'static str) -> Self {
        Self { label, kind: Kind::Ticks }
    }

    fn head(self) -> AnyView {
        let label = self.label;
        match self.kind {
            Kind::Text => view! { <th scope="col">{label}</th> }.into_any(),
            Kind::Number => view! { <th scope="col" class="col-num">{label}</th> }.into_any(),
            Kind::Unseen => view! { <th scope="col"><span class="sr-only">{label}</span></th> }.into_any(),
            Kind::Ticks => {
                view! { <th scope="col" class="col-select"><span class="sr-only">{label}</span></th> }
                    .into_any()
            }
        }
    }
}
