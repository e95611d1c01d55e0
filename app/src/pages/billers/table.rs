//! The rows of the list.

use domain::{
    Portfolio,
    biller::Biller,
    filter::{Direction, SortBy},
};
use leptos::prelude::*;
use services::list_billers::BillerList;

use super::super::no_billers;
use crate::{
    paths,
    query::{BillersQuery, name},
    ui::{Empty, Face, Icon, Rendered, Tone, badge, glyph, grouped, rendered, time},
};

/// The table, or what to do when nothing matches.
pub(super) fn table(query: &BillersQuery, list: &BillerList, within: Option<&Portfolio>) -> Rendered {
    if list.page.rows.is_empty() {
        return rendered(nothing(query, list, within));
    }
    let bulk = list.may_bulk.is_ok();
    let rows = list
        .page
        .rows
        .iter()
        .map(|biller| row(biller, bulk.then(|| query.selected.contains(biller.bid()))))
        .collect_view();
    let all = bulk.then(|| view! {
        <th class="col-select" scope="col">
            <input type="checkbox" class="checkbox checkbox-primary checkbox-sm needs-js" data-select-all="" aria-label="Select all on this page" />
        </th>
    });
    rendered(view! {
        <div class="table-wrap">
            <table class="data-table">
                <caption class="sr-only">"Billers"</caption>
                <thead>
                    <tr>
                        {all}
                        {sortable(query, SortBy::Name, "col-name")}
                        {sortable(query, SortBy::Bid, "wide-only")}
                        <th scope="col" class="wide-only">"State"</th>
                        <th scope="col" class="wider-only">"Ownership"</th>
                        <th scope="col" class="wider-only">"Tier"</th>
                        {sortable(query, SortBy::Customers, "col-num wide-only")}
                        <th scope="col">"CIAM status"</th>
                        {sortable(query, SortBy::Changed, "wide-only")}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    })
}

fn sortable(query: &BillersQuery, column: SortBy, class: &'static str) -> impl IntoView + use<> {
    let href = paths::with_query(paths::BILLERS, &query.sorted_by(column).to_query());
    let (sort, icon) = match (query.list.sort == column, query.list.direction) {
        (true, Direction::Ascending) => (Some("ascending"), Icon::ArrowUp),
        (true, Direction::Descending) => (Some("descending"), Icon::ArrowDown),
        (false, _) => (None, Icon::Sort),
    };
    view! {
        <th scope="col" class=class aria-sort=sort>
            <a class="sort" href=href data-keep-selection="" id=format!("sort-{column}")>{column.label()} {glyph(icon)}</a>
        </th>
    }
}

fn row(biller: &Biller, selected: Option<bool>) -> impl IntoView + use<> {
    let bid = biller.bid().to_string();
    let name = biller.name().to_owned();
    let facts = &biller.draft;
    let failed = biller.open_run.is_some() && !biller.status.is_moving();
    let select = selected.map(|selected| view! {
        <td class="col-select">
            <input type="checkbox" class="checkbox checkbox-primary checkbox-sm" name=name::SELECTED value=bid.clone() checked=selected
                aria-label=format!("Select {name}") />
        </td>
    });
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    view! {
        <tr>
            {select}
            <td class="col-name">
                <a class="row-link" href=paths::biller(biller.bid())>{name.clone()}</a>
                <span class="narrow-only row-sub">{bid.clone()}</span>
            </td>
            <td class="wide-only mono">{bid.clone()}</td>
            <td class="wide-only">{text(&facts.state)}</td>
            <td class="wider-only">{text(&facts.ownership)}</td>
            <td class="wider-only">{text(&facts.tier)}</td>
            <td class="wide-only col-num">{facts.customers.map_or_else(|| "–".to_owned(), grouped)}</td>
            <td class="col-status">
                {biller.status.badge()}
                {failed.then(|| badge(Tone::Bad, Icon::Cross, "Run failed"))}
            </td>
            <td class="wide-only">
                <time datetime=biller.status_since.rfc3339() title=time::absolute(biller.status_since)>
                    {time::age_here(biller.status_since)}
                </time>
            </td>
        </tr>
    }
}

fn nothing(query: &BillersQuery, list: &BillerList, within: Option<&Portfolio>) -> AnyView {
    if list.counts.total == 0 {
        return no_billers(within).into_any();
    }
    let all = paths::with_query(paths::BILLERS, &query.unfiltered().to_query());
    let text = if query.list.filter.search.is_empty() {
        "No biller matches all of these filters at once.".to_owned()
    } else {
        format!("No biller has words that begin with “{}” in its name or bid.", query.list.filter.search)
    };
    view! {
        <Empty icon=Icon::Search title="No biller found" text>
            <a class="btn btn-sm" href=all data-keep-selection="">"Clear filters"</a>
        </Empty>
    }
    .into_any()
}

/// The neighbouring pages. These are buttons of the form, so that the selection goes along without JavaScript.
pub(super) fn pager(list: &BillerList) -> impl IntoView + use<> {
    let previous = list.page.previous.as_ref().map(ToString::to_string);
    let next = list.page.next.as_ref().map(ToString::to_string);
    (previous.is_some() || next.is_some()).then(|| view! {
        <nav class="pager" aria-label="Pages">
            <button type="submit" class="btn btn-sm" name=name::CURSOR value=previous.clone() disabled=previous.is_none()>
                {glyph(Icon::ChevronLeft)} "Previous page"
            </button>
            <button type="submit" class="btn btn-sm" name=name::CURSOR value=next.clone() disabled=next.is_none()>
                "Next page" {glyph(Icon::ChevronRight)}
            </button>
        </nav>
    })
}
