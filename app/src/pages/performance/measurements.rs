//! How well SecureAuth performs: availability and latency over any range, what failed, whether the probes go on.

use std::time::Duration;

use domain::{
    Topic,
    performance::{CallOutcome, FailedCall, Series},
};
use leptos::prelude::*;
use services::performance::{
    canary::{self, CanaryView},
    show::{self, Figures, OperationFigures, Performance},
};
use services::vendor_numbers::figures::{self, FiguresView};

use super::{
    Tab,
    canary::canary_panel,
    errors::errors,
    filters::filters,
    glance::{glance, prober},
    tabs,
    their_figures::their_figures,
    words,
};
use crate::{
    islands::ZoomCharts,
    paths,
    performance_query::PerformanceQuery,
    ui::{
        Column, Empty, Fact, Facts, Heading, Icon, Page, Panel, Place, Table, Time, Tone, Visit,
        chart::{self, Bars, Heat, Line, TimeAxis},
        grouped, page,
    },
};

/// How well SecureAuth performs.
#[component]
pub(crate) fn PerformancePage() -> impl IntoView {
    page(Place::Performance, |visit| async move {
        let query = PerformanceQuery::parse(&visit.query);
        let followed = visit.follow(Topic::Calls).await?;
        let seen = show::show(&visit.console, &visit.actor, &query.asked(visit.console.now())).await?;
        let rounds = canary::show(&visit.console, &visit.actor).await?;
        let theirs = figures::show(&visit.console, &visit.actor, seen.range).await?;
        let page = Page::new("Vendor performance", body(&visit, &query, seen, (rounds, theirs)));
        // A range of the past does not change.
        Ok(if query.own.is_none() { page.live(followed, "") } else { page })
    })
}

fn body(
    visit: &Visit,
    query: &PerformanceQuery,
    seen: Performance,
    (rounds, theirs): (CanaryView, FiguresView),
) -> impl IntoView + use<> {
    let known = seen.total.tally.sent() > 0;
    let filters = filters(query, &seen, visit.console.now()).into_any();
    let (prober, glance) = (prober(visit, &seen).into_any(), glance(&seen).into_any());
    let charts = if known { charts(query, &seen).into_any() } else { nothing().into_any() };
    let operations = operations(query, &seen).into_any();
    let errors = errors(&seen).into_any();
    let theirs = their_figures(theirs).into_any();
    let canary = canary_panel(seen.probes.canary_every_minutes, rounds);
    view! {
        <Heading title="Vendor performance" lead="Every call of the console to SecureAuth, and probes that ask when nobody works. Times are UTC." />
        {tabs(Tab::Measurements)}
        {filters}
        <div class="charts">
            <div id="prober" data-live="">{prober}</div>
            <Panel id="glance" title="At a glance" live=true>{glance}</Panel>
            {charts}
            {errors}
            <Panel id="operations" title="By operation" live=true>{operations}</Panel>
            {canary}
            {theirs}
            <Panel id="failed" title="Failed last" live=true lead="The trace id is what SecureAuth's support asks for.">
                {failed(seen.failed)}
            </Panel>
        </div>
        <ZoomCharts />
    }
}

fn nothing() -> impl IntoView {
    view! {
        <section id="charts" class="panel" data-live="" aria-label="Charts">
            <Empty icon=Icon::Clock title="Nothing was called in this range" text="What is not measured is unknown, not available. Choose another range." />
        </section>
    }
}

fn charts(query: &PerformanceQuery, seen: &Performance) -> impl IntoView + use<> {
    let axis = TimeAxis::of(&seen.series);
    let buckets = of_buckets(&seen.series);
    let mut latencies = vec![
        line("99 of 100", "line-third", &buckets, |it| it.p99),
        line("95 of 100", "line-second", &buckets, |it| it.p95),
        line("half", "line-first", &buckets, |it| it.p50),
    ];
    if let Some(series) = &seen.earlier.series {
        let earlier = of_buckets(series);
        latencies.push(line("95 of 100, compared", "line-second line-earlier", &earlier, |it| it.p95));
        latencies.push(line("half, compared", "line-first line-earlier", &earlier, |it| it.p50));
    }
    let compared = query.comparison.map(|_| compared(seen));
    let failures = Bars {
        parts: vec![("vendor failed", "bar-failed"), ("our own fault", "bar-ours")],
        stretches: buckets.iter().map(|it| (it.tally.sent() > 0).then(|| failed_shares(it))).collect(),
    };
    let spread = Heat(seen.series.buckets.iter().map(|it| it.cell.latencies.iter().collect()).collect());
    let table = table(axis, &buckets);
    view! {
        <section id="charts" class="charts" data-live="" aria-label="Charts">
            <p class="hint needs-js">"Drag over a chart to look closer at a part of it."</p>
            <section class="panel" aria-labelledby="availability-title">
                <h2 id="availability-title">"Share of calls that failed"</h2>
                {chart::bars("Share of calls that failed, over time", axis, failures, |it| format!("{:.2} %", it * 100.0).replace(".00", ""))}
            </section>
            <section class="panel" aria-labelledby="latency-title">
                <h2 id="latency-title">"Latency"</h2>
                {compared}
                {chart::lines("Latency over time", axis, latencies, |it| chart::latency(Duration::from_secs_f64(it)))}
            </section>
            <section class="panel" aria-labelledby="spread-title">
                <h2 id="spread-title">"How latencies spread"</h2>
                {chart::heat("How latencies spread over time", axis, &spread)}
            </section>
            <details class="panel" id="as-table">
                <summary>"The same as a table"</summary>
                {table}
            </details>
        </section>
    }
}

fn of_buckets(series: &Series) -> Vec<Figures> {
    series.buckets.iter().map(|bucket| Figures::from(&bucket.cell)).collect()
}

fn line(
    name: &'static str,
    class: &'static str,
    of: &[Figures],
    value: fn(&Figures) -> Option<Duration>,
) -> Line {
    Line { name, class, points: of.iter().map(|figures| value(figures).map(|it| it.as_secs_f64())).collect() }
}

/// With what the range is compared, in words.
fn compared(seen: &Performance) -> impl IntoView + use<> {
    let earlier = seen.earlier.range;
    let word = seen.earlier.comparison.label();
    view! {
        <p class="hint">
            {word} ": " <Time at=earlier.from.begins() /> " to " <Time at=earlier.to.begins() />
        </p>
    }
}

fn failed_shares(figures: &Figures) -> Vec<f64> {
    let share = |calls: u64| calls as f64 / figures.tally.sent() as f64;
    vec![share(figures.tally.failed()), share(figures.tally.ours())]
}

fn table(axis: TimeAxis, buckets: &[Figures]) -> impl IntoView + use<> {
    let rows = buckets
        .iter()
        .enumerate()
        .rev()
        .map(|(place, figures)| view! { <tr><td>{axis.label(place)}</td>{cells(figures)}</tr> })
        .collect_view();
    let columns: Vec<Column> = [Column::text("Time")].into_iter().chain(numbers()).collect();
    view! {
        <Table name="Table of the charts" caption="Calls over time, newest first" columns>
            {rows}
        </Table>
    }
}

/// The columns of [`cells`].
fn numbers() -> [Column; 7] {
    ["Calls", "Available", "Vendor failed", "Our fault", "Half within", "95 within", "99 within"]
        .map(Column::number)
}

fn cells(figures: &Figures) -> impl IntoView + use<> {
    let latency = |latency: Option<Duration>| latency.map_or_else(|| "–".to_owned(), chart::latency);
    let tally = &figures.tally;
    [
        grouped(tally.sent()),
        tally.availability().map_or_else(|| "unknown".to_owned(), chart::share),
        grouped(tally.failed()),
        grouped(tally.ours()),
        latency(figures.p50),
        latency(figures.p95),
        latency(figures.p99),
    ]
    .map(|text| view! { <td class="col-num num">{text}</td> })
    .collect_view()
}

fn operations(query: &PerformanceQuery, seen: &Performance) -> impl IntoView + use<> {
    if seen.operations.is_empty() {
        return view! { <p class="hint">"Nothing was called."</p> }.into_any();
    }
    let comparing = query.comparison.is_some();
    let rows = seen
        .operations
        .iter()
        .map(|OperationFigures { key, now, earlier }| {
            let one = PerformanceQuery {
                operation: Some(key.operation.clone()),
                source: Some(key.source),
                ..query.clone()
            };
            let href = paths::with_query(paths::PERFORMANCE, &one.to_query());
            let earlier = comparing.then(|| {
                let p95 = earlier.as_ref().and_then(|it| it.p95);
                view! { <td class="col-num num">{p95.map_or_else(|| "–".to_owned(), chart::latency)}</td> }
            });
            view! {
                <tr>
                    <td><a class="row-link" href=href>{words(&key.operation)}</a></td>
                    <td>{key.source.label()}</td>
                    {cells(now)}
                    {earlier}
                </tr>
            }
        })
        .collect_view();
    let earlier = comparing.then(|| Column::number("95 within, compared"));
    let columns = [Column::text("Operation"), Column::text("Calls of")];
    let columns: Vec<Column> = columns.into_iter().chain(numbers()).chain(earlier).collect();
    view! {
        <Table name="Table of operations" caption="Calls by operation" columns>{rows}</Table>
    }
    .into_any()
}

fn failed(calls: Vec<FailedCall>) -> impl IntoView {
    if calls.is_empty() {
        return view! { <Empty icon=Icon::CheckCircle title="No call failed in this range" text="" /> }
            .into_any();
    }
    let rows = calls.into_iter().map(failed_call).collect_view();
    view! { <ul class="lines">{rows}</ul> }.into_any()
}

fn failed_call(call: FailedCall) -> impl IntoView {
    let status = call.status.map(|status| format!("HTTP {status}, ")).unwrap_or_default();
    let whose = if matches!(call.outcome, CallOutcome::ServerError | CallOutcome::Network) {
        Tone::Bad
    } else {
        Tone::Caution
    };
    let trace = call.trace_id.map(|id| view! { <Fact label="Trace id"><code>{id}</code></Fact> });
    view! {
        <li class="line">
            {crate::ui::badge(whose, Icon::Alert, call.outcome.label())}
            <div class="line-main">
                <p>{words(&call.key.operation)}</p>
                <p class="line-note">
                    <Time at=call.at /> " · " {status} {chart::latency(call.latency)} " · " {call.key.source.label()}
                </p>
                <Facts class="facts-tight">{trace}<Fact label="Our id"><code>{call.correlation_id}</code></Fact></Facts>
            </div>
        </li>
    }
}
