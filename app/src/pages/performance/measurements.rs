//! How well SecureAuth performs: availability and latency over any range, what failed, whether the probes go on.

use domain::{
    Topic,
    performance::{CallKey, CallOutcome, CallSource, FailedCall, Span},
};
use leptos::prelude::*;
use services::performance::{
    canary::{self, CanaryView},
    show::{self, Figures, Performance, Prober},
};

use super::{Tab, canary::canary_panel, tabs};
use crate::{
    paths,
    performance_query::{PerformanceQuery, written},
    ui::{
        Empty, Fact, Facts, Heading, Icon, Notice, Page, Panel, Place, Time, Tone,
        chart::{self, Bars, Heat, Line, TimeAxis},
        grouped, page, time,
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
        let page = Page::new("Vendor performance", body(&query, seen, rounds));
        // A range of the past does not change.
        Ok(if query.own.is_none() { page.live(followed, "") } else { page })
    })
}

fn body(query: &PerformanceQuery, seen: Performance, rounds: CanaryView) -> impl IntoView + use<> {
    let known = seen.total.tally.sent() > 0;
    let (filters, prober, glance) = (filters(query, &seen), prober(&seen), glance(&seen));
    let charts = if known { charts(&seen).into_any() } else { nothing().into_any() };
    let operations = operations(query, &seen.operations);
    let canary = canary_panel(seen.probes.canary_every_minutes, rounds);
    view! {
        <Heading title="Vendor performance" lead="Every call of the console to SecureAuth, and probes that ask when nobody works. Times are UTC." />
        {tabs(Tab::Measurements)}
        {filters}
        <div class="charts">
            <div id="prober" data-live="">{prober}</div>
            <Panel id="glance" title="At a glance" live=true>{glance}</Panel>
            {charts}
            <Panel id="operations" title="By operation" live=true>{operations}</Panel>
            {canary}
            <Panel id="failed" title="Failed last" live=true lead="The trace id is what SecureAuth's support asks for.">
                {failed(seen.failed)}
            </Panel>
        </div>
    }
}

fn nothing() -> impl IntoView {
    view! {
        <section id="charts" class="panel" data-live="" aria-label="Charts">
            <Empty icon=Icon::Clock title="Nothing was called in this range" text="What is not measured is unknown, not available. Choose another range." />
        </section>
    }
}

fn filters(query: &PerformanceQuery, seen: &Performance) -> impl IntoView + use<> {
    let spans = Span::ALL
        .iter()
        .map(|span| {
            let of = PerformanceQuery { span: Some(*span), own: None, ..query.clone() };
            let href = paths::with_query(paths::PERFORMANCE, &of.to_query());
            let current = (query.shown() == Some(*span)).then_some("true");
            view! { <li><a class="btn btn-sm join-item" href=href aria-current=current>{span.label()}</a></li> }
        })
        .collect_view();
    let sources = CallSource::ALL
        .iter()
        .map(|source| {
            let selected = query.source == Some(*source);
            view! { <option value=source.as_str() selected=selected>{source.label()}</option> }
        })
        .collect_view();
    let mut names: Vec<&str> = seen.operations.iter().map(|(key, _)| key.operation.as_str()).collect();
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
        <nav aria-label="Range"><ul class="join spans">{spans}</ul></nav>
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
            <button type="submit" class="btn btn-sm">"Show"</button>
        </form>
    }
}

fn prober(seen: &Performance) -> impl IntoView + use<> {
    let used = seen.probes.use_a_month();
    let number = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let (tokens, calls) = (number(used.tokens()), number(used.all_calls()));
    match seen.prober {
        Prober::Off => view! {
            <Notice tone=Tone::Caution text="Nothing is probed: probes.every_minutes is 0. What SecureAuth does when nobody works is not known." />
        }
        .into_any(),
        Prober::Beginning => view! { <Notice tone=Tone::Quiet text="The probes begin within a minute." /> }.into_any(),
        Prober::Stopped(last) => view! {
            <Notice tone=Tone::Bad text="The probes have stopped. Since then only the console's own calls are measured: see whether a worker runs.">
                <p>"Last probe: " <Time at=last.begins() /></p>
            </Notice>
        }
        .into_any(),
        Prober::GoingOn(last) => view! {
            <p class="hint">
                "Last probe " {time::age_here(last.begins())} ". In 30 days the probes use " {tokens} " tokens of the licence and make " {calls} " calls."
            </p>
        }
        .into_any(),
    }
}

fn glance(seen: &Performance) -> impl IntoView + use<> {
    let (now, before) = (&seen.total, &seen.before);
    let none = || "–".to_owned();
    let share = |share: Option<f64>| share.map_or_else(none, chart::share);
    let latency = |latency: Option<std::time::Duration>| latency.map_or_else(none, chart::latency);
    let number = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let figures = [
        ("Availability", share(now.tally.availability()), share(before.tally.availability())),
        (
            "Raw, our own faults counted",
            share(now.tally.availability_raw()),
            share(before.tally.availability_raw()),
        ),
        ("Half of the calls within", latency(now.p50), latency(before.p50)),
        ("95 of 100 within", latency(now.p95), latency(before.p95)),
        ("99 of 100 within", latency(now.p99), latency(before.p99)),
        ("Calls", number(now.tally.sent()), number(before.tally.sent())),
    ];
    let rows = figures
        .into_iter()
        .map(|(label, now, before)| {
            view! {
                <div class="figure">
                    <dt>{label}</dt>
                    <dd class="figure-now num">{now}</dd>
                    <dd class="figure-before num">"before: " {before}</dd>
                </div>
            }
        })
        .collect_view();
    let unknown = (seen.unknown > 0).then(|| {
        let text = format!(
            "{} of {} minutes are unknown: nothing was called in them.",
            grouped(seen.unknown),
            grouped(seen.range.len())
        );
        view! { <p class="hint">{text}</p> }
    });
    view! {
        <dl class="figures">{rows}</dl>
        {unknown}
        <p class="hint">
            "Availability is the share of good answers among those that the vendor gave or failed to give: our own requests \
             that were refused, our rate and our patience are left out. Percentiles are within 1.6 % of the exact value."
        </p>
    }
}

fn charts(seen: &Performance) -> impl IntoView + use<> {
    let axis = TimeAxis::of(&seen.series);
    let buckets: Vec<Figures> =
        seen.series.buckets.iter().map(|bucket| Figures::from(&bucket.cell)).collect();
    let line = |name, class, of: fn(&Figures) -> Option<std::time::Duration>| Line {
        name,
        class,
        points: buckets.iter().map(|figures| of(figures).map(|it| it.as_secs_f64())).collect(),
    };
    let latencies = vec![
        line("99 of 100", "line-third", |it| it.p99),
        line("95 of 100", "line-second", |it| it.p95),
        line("half", "line-first", |it| it.p50),
    ];
    let failures = Bars {
        parts: vec![("vendor failed", "bar-failed"), ("our own fault", "bar-ours")],
        stretches: buckets.iter().map(|it| (it.tally.sent() > 0).then(|| failed_shares(it))).collect(),
    };
    let spread = Heat(seen.series.buckets.iter().map(|it| it.cell.latencies.iter().collect()).collect());
    let table = table(axis, &buckets);
    view! {
        <section id="charts" class="charts" data-live="" aria-label="Charts">
            <section class="panel" aria-labelledby="availability-title">
                <h2 id="availability-title">"Share of calls that failed"</h2>
                {chart::bars("Share of calls that failed, over time", axis, failures, |it| format!("{:.2} %", it * 100.0).replace(".00", ""))}
            </section>
            <section class="panel" aria-labelledby="latency-title">
                <h2 id="latency-title">"Latency"</h2>
                {chart::lines("Latency over time", axis, latencies, |it| chart::latency(std::time::Duration::from_secs_f64(it)))}
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
    view! {
        <div class="table-wrap" role="region" aria-label="Table of the charts" tabindex="0">
            <table class="data-table data-table-plain">
                <caption class="sr-only">"Calls over time, newest first"</caption>
                <thead><tr><th scope="col">"Time"</th>{heads()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn heads() -> impl IntoView {
    ["Calls", "Available", "Vendor failed", "Our fault", "Half within", "95 within", "99 within"]
        .map(|head| view! { <th scope="col" class="col-num">{head}</th> })
        .collect_view()
}

fn cells(figures: &Figures) -> impl IntoView + use<> {
    let number = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let latency =
        |latency: Option<std::time::Duration>| latency.map_or_else(|| "–".to_owned(), chart::latency);
    let tally = &figures.tally;
    [
        number(tally.sent()),
        tally.availability().map_or_else(|| "unknown".to_owned(), chart::share),
        number(tally.failed()),
        number(tally.ours()),
        latency(figures.p50),
        latency(figures.p95),
        latency(figures.p99),
    ]
    .map(|text| view! { <td class="col-num num">{text}</td> })
    .collect_view()
}

fn operations(query: &PerformanceQuery, all: &[(CallKey, Figures)]) -> impl IntoView + use<> {
    if all.is_empty() {
        return view! { <p class="hint">"Nothing was called."</p> }.into_any();
    }
    let rows = all
        .iter()
        .map(|(key, figures)| {
            let one = PerformanceQuery {
                operation: Some(key.operation.clone()),
                source: Some(key.source),
                ..query.clone()
            };
            let href = paths::with_query(paths::PERFORMANCE, &one.to_query());
            view! {
                <tr>
                    <td><a class="row-link" href=href>{words(&key.operation)}</a></td>
                    <td>{key.source.label()}</td>
                    {cells(figures)}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label="Table of operations" tabindex="0">
            <table class="data-table data-table-plain">
                <caption class="sr-only">"Calls by operation"</caption>
                <thead><tr><th scope="col">"Operation"</th><th scope="col">"Calls of"</th>{heads()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
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
                <span>{words(&call.key.operation)}</span>
                <Time at=call.at />
                <span class="line-what">{status} {chart::latency(call.latency)} " · " {call.key.source.label()}</span>
                <Facts class="facts-tight">{trace}<Fact label="Our id"><code>{call.correlation_id}</code></Fact></Facts>
            </div>
        </li>
    }
}

/// An operation's name as people read it, e.g. `Get pool`.
fn words(operation: &str) -> String {
    let text = operation.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
