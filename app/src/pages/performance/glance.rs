//! The measurements in short: whether the probes go on, and the figures of the whole range.

use domain::actor::Capability;
use leptos::prelude::*;
use services::performance::show::{Performance, Prober};

use crate::{
    paths,
    ui::{Act, Notice, Submit, SubmitKind, Time, Tone, Visit, chart, grouped, time},
};

/// Whether the probes go on, and a way to have a round at once.
pub(super) fn prober(visit: &Visit, seen: &Performance) -> impl IntoView + use<> {
    let allowed = visit.actor.may(Capability::ReviewVendor);
    let used = seen.probes.use_a_month();
    let (tokens, calls) = (grouped(used.tokens()), grouped(used.all_calls()));
    let state = match seen.prober {
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
    };
    view! {
        <div class="probe-row">
            {state}
            <Act to=paths::act::ASK_PROBES>
                <Submit id="ask-probes" label="Probe now" kind=SubmitKind::Plain allowed />
            </Act>
        </div>
    }
}

/// The figures of the whole range beside those it is compared with.
pub(super) fn glance(seen: &Performance) -> impl IntoView + use<> {
    let (now, before) = (&seen.total, &seen.earlier.total);
    let word = seen.earlier.comparison.label().to_lowercase();
    let none = || "–".to_owned();
    let share = |share: Option<f64>| share.map_or_else(none, chart::share);
    let latency = |latency: Option<std::time::Duration>| latency.map_or_else(none, chart::latency);
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
        ("Calls", grouped(now.tally.sent()), grouped(before.tally.sent())),
    ];
    let rows = figures
        .into_iter()
        .map(|(label, now, before)| {
            view! {
                <div class="figure">
                    <dt>{label}</dt>
                    <dd class="figure-now num">{now}</dd>
                    <dd class="figure-before num">{word.clone()} ": " {before}</dd>
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
