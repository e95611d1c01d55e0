//! The list of billers: one form holds search, filters, order and selection, so that all of it lives in the
//! URL and works without JavaScript. The islands only save the waiting.

mod filters;
mod table;

use domain::{Portfolio, Topic};
use leptos::prelude::*;
use services::list_billers::{self, BillerList};

use crate::{
    islands::{SearchAsYouType, Selection},
    paths,
    query::{BillersQuery, name},
    ui::{Heading, Hidden, Icon, Page, Place, SubmitKind, count, form::ActionLink, glyph, grouped, page},
};

/// The list of billers.
#[component]
pub(crate) fn BillersPage() -> impl IntoView {
    page(Place::Billers, |visit| async move {
        let mut query = BillersQuery::parse(&visit.query);
        // The matrix of use cases filters by it.
        query.list.filter.stage = None;
        let followed = visit.follow(Topic::Billers).await?;
        let list = list_billers::list(&visit.console, &visit.actor, &query.list).await?;
        let announce = heard(&query, &list);
        let body = show(query, list, visit.actor.portfolio());
        Ok(Page::new("Billers", body).live(followed, announce))
    })
}

fn show(query: BillersQuery, list: BillerList, within: Option<&Portfolio>) -> impl IntoView + use<> {
    let whose = within.map_or_else(|| "in all".to_owned(), |own| format!("in the portfolio {own}"));
    let lead = format!("{} billers {whose}.", grouped(list.counts.total));
    let may_import = list.may_import.clone();
    let may_bulk = list.may_bulk.is_ok();
    view! {
        <Heading title="Billers" lead>
            <ActionLink id="import" href=paths::IMPORT.to_owned() label="Import" icon=Icon::Upload allowed=may_import />
        </Heading>
        <form method="get" action=paths::BILLERS id="billers" class="billers" data-search="" aria-label="Billers">
            {filters::filters(&query, &list)}
            <div id="kept" data-live="">{kept(&query, &list)}</div>
            <section id="results" data-live="" aria-label="Results">
                <p class="results-head" id="results-count">{found(&query, &list)}</p>
                {table::table(&query, &list, within)}
                {table::pager(&list)}
            </section>
            {may_bulk.then(|| bulk(&query))}
        </form>
        <SearchAsYouType />
        <Selection />
    }
}

/// How many billers match, where that is known without counting.
fn matched(query: &BillersQuery, list: &BillerList) -> Option<u64> {
    let filter = &query.list.filter;
    let narrowed = !filter.search.is_empty()
        || filter.needs_attention
        || filter.state.is_some()
        || filter.ownership.is_some()
        || filter.tier.is_some()
        || filter.portfolio.is_some();
    if !narrowed {
        let wanted = |status| filter.statuses.is_empty() || filter.statuses.contains(&status);
        return Some(
            list.counts.by_status.iter().filter(|(status, _)| wanted(*status)).map(|(_, n)| n).sum(),
        );
    }
    let whole = list.page.previous.is_none() && list.page.next.is_none();
    whole.then_some(list.page.rows.len() as u64)
}

fn found(query: &BillersQuery, list: &BillerList) -> String {
    let shown = list.page.rows.len();
    match matched(query, list) {
        Some(all) if all == shown as u64 => count(shown, "biller", "billers"),
        Some(all) => format!("{shown} of {} billers", grouped(all)),
        None => format!("{} on this page, more on the next", count(shown, "biller", "billers")),
    }
}

fn heard(query: &BillersQuery, list: &BillerList) -> String {
    format!("{} shown.", found(query, list))
}

/// The selected billers that are not among the rows: they stay selected.
fn kept(query: &BillersQuery, list: &BillerList) -> impl IntoView + use<> {
    query
        .selected
        .iter()
        .filter(|bid| !list.page.rows.iter().any(|row| row.bid() == *bid))
        .map(|bid| view! { <Hidden name=name::SELECTED value=bid.to_string() /> })
        .collect_view()
}

/// What can be done with the selected billers. It stays at the window's lower edge.
fn bulk(query: &BillersQuery) -> impl IntoView + use<> {
    let selected = query.selected.len();
    let mut none = query.clone();
    none.selected.clear();
    let clear = paths::with_query(paths::BILLERS, &none.to_query());
    let everything = paths::with_query(paths::WAVE_NEW, &query.everything_matching().to_query());
    view! {
        <div class="bulk" data-selected=selected>
            <output class="bulk-count" id="selected-count" for="billers">{count(selected, "biller", "billers") + " selected"}</output>
            <button type="submit" id="enable-selected" class=SubmitKind::Primary.class() formaction=paths::WAVE_NEW>
                {glyph(Icon::Layers)} "Enable selected…"
            </button>
            <a id="clear-selection" class="btn btn-ghost" href=clear>"Clear selection"</a>
            <span id="everything" data-live="" class="bulk-all">
                <a class="link" href=everything>"Enable everything that matches the filter…"</a>
            </span>
        </div>
    }
}
