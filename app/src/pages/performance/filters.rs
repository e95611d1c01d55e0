//! What the measurements are shown of: range, calls, operation, comparison. Everything stands in the address.

use domain::{
    Timestamp,
    performance::{CallSource, Comparison, Range, Span},
};
use leptos::prelude::*;
use services::performance::show::Performance;

use super::words;
use crate::{
    paths,
    performance_query::{PerformanceQuery, written},
};

/// The way to another range, and what of it is shown.
pub(super) fn filters(query: &PerformanceQuery, seen: &Performance, now: Timestamp) -> impl IntoView + use<> {
    let sources = CallSource::ALL
        .iter()
        .map(|source| {
            let selected = query.source == Some(*source);
            view! { <option value=source.as_str() selected=selected>{source.label()}</option> }
        })
        .collect_view();
    let comparisons = Comparison::ALL
        .iter()
        .map(|comparison| {
            let selected = query.comparison == Some(*comparison);
            view! { <option value=comparison.as_str() selected=selected>{comparison.label()}</option> }
        })
        .collect_view();
    let mut names: Vec<&str> = seen.operations.iter().map(|one| one.key.operation.as_str()).collect();
    names.extend(query.operation.as_deref());
    names.sort_unstable();
    names.dedup();
    let operations = names
        .into_iter()
        .map(|name| {
            let selected = query.operation.as_deref() == Some(name);
            view! { <option value=name.to_owned() selected=selected>{words(name)}</option> }
        })
        .collect_view();
    view! {
        <div class="range-row">{spans(query)} {steps(query, seen.range, now)}</div>
        <form method="get" action=paths::PERFORMANCE class="filter-row" role="search" aria-label="Vendor performance">
            <div class="field">
                <label for="from">"From (UTC)"</label>
                <input class="input input-sm" type="datetime-local" id="from" name="from" value=written(seen.range.from) />
            </div>
            <div class="field">
                <label for="to">"To (UTC)"</label>
                <input class="input input-sm" type="datetime-local" id="to" name="to" value=written(seen.range.to) />
            </div>
            <div class="field">
                <label for="source">"Calls"</label>
                <select class="select select-sm" id="source" name="source"><option value="">"All"</option>{sources}</select>
            </div>
            <div class="field">
                <label for="operation">"Operation"</label>
                <select class="select select-sm" id="operation" name="operation"><option value="">"All"</option>{operations}</select>
            </div>
            <div class="field">
                <label for="with">"Compare with"</label>
                <select class="select select-sm" id="with" name="with"><option value="">"Nothing in the charts"</option>{comparisons}</select>
            </div>
            <button type="submit" class="btn btn-sm">"Show"</button>
        </form>
    }
}

fn spans(query: &PerformanceQuery) -> impl IntoView + use<> {
    let spans = Span::ALL
        .iter()
        .map(|span| {
            let of = PerformanceQuery { span: Some(*span), own: None, ..query.clone() };
            let href = paths::with_query(paths::PERFORMANCE, &of.to_query());
            let current = (query.shown() == Some(*span)).then_some("true");
            view! { <li><a class="btn btn-sm join-item" href=href aria-current=current>{span.label()}</a></li> }
        })
        .collect_view();
    view! { <nav aria-label="Range"><ul class="join spans">{spans}</ul></nav> }
}

/// Earlier, later, closer, wider: what dragging over a chart does, by keyboard and without JavaScript.
fn steps(query: &PerformanceQuery, range: Range, now: Timestamp) -> impl IntoView + use<> {
    let links = [
        ("Earlier", range.moved(-1)),
        ("Later", range.moved(1)),
        ("Zoom in", range.closer()),
        ("Zoom out", range.wider()),
    ]
    .map(|(label, to)| match query.over(to, now).filter(|_| to != range) {
        Some(to) => {
            let href = paths::with_query(paths::PERFORMANCE, &to.to_query());
            view! { <li><a class="btn btn-sm join-item" href=href>{label}</a></li> }.into_any()
        }
        None => view! { <li><span class="btn btn-sm join-item btn-disabled" aria-disabled="true">{label}</span></li> }
            .into_any(),
    })
    .collect_view();
    view! {
        <nav aria-label="Move the range"><ul class="join spans">{links}</ul></nav>
    }
}
