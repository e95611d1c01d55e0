//! The use cases of all billers: a matrix to filter, to select from, and to change many at once.

use domain::{
    Topic,
    use_case::{Choice, OldUrlChoice, Readiness, UseCase, difference, told},
};
use leptos::prelude::*;
use services::list_use_cases::{self, UseCaseList, UseCaseRow};

use crate::{
    islands::{Matrix, SearchAsYouType, Selection},
    paths,
    query::{self, BillersQuery, name},
    ui::{
        Empty, Face, Heading, Hidden, Icon, Page, Place, SubmitKind, count, form::ActionLink, glyph, grouped,
        page, pager::form_pager,
    },
};

/// The use cases of all billers.
#[component]
pub(crate) fn UseCasesPage() -> impl IntoView {
    page(Place::UseCases, |visit| async move {
        let query = BillersQuery::parse(&visit.query);
        let followed = visit.follow(Topic::Billers).await?;
        let list = list_use_cases::list(&visit.console, &visit.actor, &query.list).await?;
        let announce = format!("{} shown.", count(list.rows.len(), "biller", "billers"));
        Ok(Page::new("Use cases", show(&query, list)).live(followed, announce))
    })
}

fn show(query: &BillersQuery, list: UseCaseList) -> impl IntoView + use<> {
    let may_bulk = list.may_bulk.is_ok();
    let kept = query
        .selected
        .iter()
        .filter(|bid| !list.rows.iter().any(|row| row.biller.bid() == *bid))
        .map(|bid| view! { <Hidden name=name::SELECTED value=bid.to_string() /> })
        .collect_view();
    let pager = form_pager(list.previous.as_ref(), list.next.as_ref());
    let found = count(list.rows.len(), "biller", "billers");
    let filters = filters(query, &list);
    let bulk = may_bulk.then(|| bulk(query));
    let table = table(query, list.rows, may_bulk);
    view! {
        <Heading title="Use cases" lead="What is chosen, what is in effect, and what stands in the way, biller by biller.">
            <ActionLink id="emergencies" href=paths::EMERGENCIES.to_owned() label="Emergency off…" icon=Icon::Alert />
            <ActionLink id="defaults" href=paths::USE_CASE_DEFAULTS.to_owned() label="Defaults…" icon=Icon::Layers />
        </Heading>
        <form method="get" action=paths::USE_CASES id="billers" class="billers" data-search="" aria-label="Use cases">
            {filters}
            <div id="kept" data-live="">{kept}</div>
            <section id="results" data-live="" aria-label="Results">
                <p class="results-head" id="results-count">{found} " on this page"</p>
                {table}
                {pager}
            </section>
            {bulk}
        </form>
        <SearchAsYouType />
        <Selection />
        <Matrix />
    }
}

fn filters(query: &BillersQuery, list: &UseCaseList) -> impl IntoView + use<> {
    let stage = query.list.filter.stage;
    let options = UseCase::ALL
        .iter()
        .flat_map(|use_case| {
            let counted = list.counts.iter().find(|(one, _)| one == use_case);
            counted.into_iter().flat_map(move |(_, counts)| {
                counts.iter().map(move |(readiness, n)| (*use_case, *readiness, *n))
            })
        })
        .map(|(use_case, readiness, n)| {
            let value = format!("{use_case}.{readiness}");
            let selected =
                stage.is_some_and(|stage| stage.use_case == use_case && stage.readiness == readiness);
            let n = grouped(n);
            let label = format!("{}: {} ({n})", use_case.label(), readiness.label().to_lowercase());
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect_view();
    let search = query.list.filter.search.clone();
    view! {
        <div class="filter-row" role="search">
            <div class="field">
                <label for="q">"Search"</label>
                <input class="input" type="search" id="q" name=name::SEARCH value=search autocomplete="off" placeholder="Name or bid" />
            </div>
            <div class="field">
                <label for="stage">"How far"</label>
                <select class="select" id="stage" name=name::STAGE>
                    <option value="">"All billers"</option>
                    {options}
                </select>
            </div>
            <button type="submit" class="btn">{glyph(Icon::Search)} "Search"</button>
        </div>
    }
}

fn table(query: &BillersQuery, rows: Vec<UseCaseRow>, selectable: bool) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty icon=Icon::Search title="No biller found" text="No biller matches this search and filter.">
                <a class="btn btn-sm" href=paths::USE_CASES>"Clear filters"</a>
            </Empty>
        }
        .into_any();
    }
    let body = rows
        .into_iter()
        .map(|one| {
            let selected = selectable.then(|| query.selected.contains(one.biller.bid()));
            row(&one, selected)
        })
        .collect_view();
    let all = selectable.then(|| view! {
        <th class="col-select" scope="col">
            <input type="checkbox" class="checkbox checkbox-primary checkbox-sm needs-js" data-select-all="" aria-label="Select all on this page" />
        </th>
    });
    let heads = UseCase::ALL.iter().map(|one| view! { <th scope="col">{one.label()}</th> }).collect_view();
    view! {
        <p class="hint needs-js" id="matrix-keys">
            "Arrow keys lead from cell to cell, Home and End along a row, with Ctrl to the corners. Space ticks a biller, Enter opens a cell."
        </p>
        <div class="table-wrap" role="region" aria-label="Matrix" tabindex="0">
            <table class="data-table data-table-plain" data-matrix="" aria-describedby="matrix-keys">
                <caption class="sr-only">"Use cases of billers"</caption>
                <thead><tr>{all}<th scope="col">"Biller"</th>{heads}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(row: &UseCaseRow, selected: Option<bool>) -> impl IntoView + use<> {
    let bid = row.biller.bid().to_string();
    let name = row.biller.name().to_owned();
    let select = selected.map(|selected| view! {
        <td class="col-select">
            <input type="checkbox" class="checkbox checkbox-primary checkbox-sm" name=name::SELECTED value=bid.clone() data-cell=""
                checked=selected aria-label=format!("Select {name}") />
        </td>
    });
    let scheduled = row.scheduled.as_ref().map(|one| {
        let what = difference(&one.change.choices_before, &one.change.choices_after);
        view! { <p class="row-sub">{glyph(Icon::Clock)} " " {format!("Scheduled for {}: {what}", one.when)}</p> }
    });
    let cells = UseCase::ALL
        .iter()
        .zip(row.stages)
        .map(|(use_case, readiness)| cell(row, *use_case, readiness))
        .collect_view();
    view! {
        <tr>
            {select}
            <td>
                <a class="row-link" data-cell="" href=paths::biller_use_cases(row.biller.bid())>{name.clone()}</a> " "
                <span class="row-sub">{bid.clone()}</span>
                {scheduled}
            </td>
            {cells}
        </tr>
    }
}

fn cell(row: &UseCaseRow, use_case: UseCase, readiness: Readiness) -> impl IntoView + use<> {
    let wanted = row.layers.wanted(use_case);
    let differs = wanted.on != row.in_effect.has(use_case);
    let title = told(wanted);
    let bid = row.biller.bid();
    let href = format!("{}#switch-{use_case}", paths::biller_use_cases(bid));
    let label = format!("{} of {}: {}", use_case.label(), row.biller.name(), readiness.label());
    view! {
        <td>
            <a class="cell-link" data-cell="" href=href aria-label=label>{readiness.badge()}</a>
            <p class="row-sub" title=title>
                {if wanted.on { "wanted: on" } else { "wanted: off" }}
                {differs.then_some(", not in effect like this")}
            </p>
        </td>
    }
}

/// What can be done with the selected billers: each use case kept, inherited, on or off.
fn bulk(query: &BillersQuery) -> impl IntoView + use<> {
    let selected = query.selected.len();
    let mut none = query.clone();
    none.selected.clear();
    let clear = paths::with_query(paths::USE_CASES, &none.to_query());
    let selects = UseCase::ALL
        .iter()
        .map(|use_case| {
            let options = Choice::ALL
                .iter()
                .map(|choice| view! { <option value=choice.as_str()>{choice.label()}</option> })
                .collect_view();
            view! {
                <label class="bulk-choice">
                    {use_case.label()} " "
                    <select class="select select-sm" name=use_case.as_str()>
                        <option value="keep" selected=true>"as it is"</option>
                        {options}
                    </select>
                </label>
            }
        })
        .collect_view();
    let old_page = OldUrlChoice::ALL
        .iter()
        .map(|choice| view! { <option value=choice.as_str()>{choice.label()}</option> })
        .collect_view();
    view! {
        <div class="bulk" data-selected=selected>
            <output class="bulk-count" id="selected-count" for="billers">{count(selected, "biller", "billers") + " selected"}</output>
            {selects}
            <label class="bulk-choice">
                "Old page "
                <select class="select select-sm" name=query::OLD_URL>
                    <option value="keep" selected=true>"as it is"</option>
                    {old_page}
                </select>
            </label>
            <button type="submit" id="change-selected" class=SubmitKind::Primary.class() formaction=paths::WAVE_NEW
                name=query::DO value=query::DO_USE_CASES>
                {glyph(Icon::Layers)} "Change selected…"
            </button>
            <a id="clear-selection" class="btn btn-ghost" href=clear>"Clear selection"</a>
        </div>
    }
}
