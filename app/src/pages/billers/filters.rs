//! Search and filters of the list.

use domain::{biller::CiamStatus, filter::SortBy};
use leptos::prelude::*;
use services::list_billers::BillerList;

use crate::{
    paths,
    query::{BillersQuery, name},
    ui::{Face, Hidden, Icon, glyph, grouped},
};

/// Search and filters. The button comes first, so that the Enter key searches.
pub(super) fn filters(query: &BillersQuery, list: &BillerList) -> impl IntoView + use<> {
    let filter = &query.list.filter;
    let clear =
        (!filter.is_empty()).then(|| paths::with_query(paths::BILLERS, &query.unfiltered().to_query()));
    let chosen = filter.portfolio.as_ref().map(ToString::to_string);
    let portfolios = &list.facets.portfolios;
    let portfolio = (!portfolios.is_empty())
        .then(|| choice(name::PORTFOLIO, "Portfolio", "All portfolios", chosen.as_deref(), portfolios));
    view! {
        <div class="filters" role="search">
            <div class="search">
                <label class="sr-only" for="q">"Search by name or bid"</label>
                {glyph(Icon::Search)}
                <input class="input" type="search" id="q" name=name::SEARCH value=filter.search.clone()
                    placeholder="Name or bid" autocomplete="off" spellcheck="false" maxlength="100" />
                <button type="submit" class="btn" id="search">"Search"</button>
            </div>
            {statuses(query, list)}
            <div class="selects">
                {choice(name::STATE, "State", "All states", filter.state.as_deref(), &list.facets.states)}
                {choice(name::OWNERSHIP, "Ownership", "All owners", filter.ownership.as_deref(), &list.facets.ownerships)}
                {choice(name::TIER, "Tier", "All tiers", filter.tier.as_deref(), &list.facets.tiers)}
                {portfolio}
                <span id="clear-filters" data-live="">
                    {clear.map(|href| view! { <a class="btn btn-ghost btn-sm" href=href data-keep-selection="">"Clear filters"</a> })}
                </span>
            </div>
            {order(query)}
        </div>
    }
}

/// The order travels with the form; the usual one needs no mention.
fn order(query: &BillersQuery) -> impl IntoView + use<> {
    let list = &query.list;
    let usual = list.sort == SortBy::Name && list.direction == domain::filter::Direction::Ascending;
    let fields = (!usual).then(|| {
        view! {
            <Hidden name=name::SORT value=list.sort.as_str() />
            <Hidden name=name::DIRECTION value=list.direction.as_str() />
        }
    });
    view! { <span id="order" data-live="">{fields}</span> }
}

fn statuses(query: &BillersQuery, list: &BillerList) -> impl IntoView + use<> {
    let filter = &query.list.filter;
    let chips = list
        .counts
        .by_status
        .iter()
        .map(|(status, n)| chip(*status, *n, filter.statuses.contains(status)))
        .collect_view();
    let attention = filter.needs_attention;
    view! {
        <fieldset class="chips">
            <legend class="sr-only">"CIAM status"</legend>
            {chips}
            <label class="chip tone-bad">
                <input type="checkbox" name=name::ATTENTION value="1" checked=attention />
                {glyph(Icon::Alert)} "Needs a decision"
                <span class="num" id="n-attention" data-live="">{list.counts.attention}</span>
            </label>
        </fieldset>
    }
}

fn chip(status: CiamStatus, number: u64, checked: bool) -> impl IntoView {
    view! {
        <label class=format!("chip {}", status.tone().class())>
            <input type="checkbox" name=name::STATUS value=status.as_str() checked=checked />
            {glyph(still(status))} {status.label()}
            <span class="num" id=format!("n-{status}") data-live="">
                {grouped(number)}
            </span>
        </label>
    }
}

/// A filter's icon does not turn: nothing is under way with it.
fn still(status: CiamStatus) -> Icon {
    if status.is_moving() { Icon::Clock } else { status.icon() }
}

fn choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    chosen: Option<&str>,
    facet: &[(String, u64)],
) -> impl IntoView + use<> {
    // A value that no biller has any more stays in the list, so that the filter shows what it does.
    let gone = chosen
        .filter(|value| !facet.iter().any(|(known, _)| known == value))
        .map(|value| (value.to_owned(), 0));
    let options = gone
        .into_iter()
        .chain(facet.iter().cloned())
        .map(|(value, n)| {
            let selected = chosen == Some(value.as_str());
            let text = format!("{value} ({n})");
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <label class="select-field">
            <span class="sr-only">{label}</span>
            <select class="select select-sm" name=name>
                <option value="">{all}</option>
                {options}
            </select>
        </label>
    }
}
