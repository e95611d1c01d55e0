//! How the canary rounds went: whether people could be made, found, signed in and removed when nobody worked.

use domain::performance::CanaryRound;
use leptos::prelude::*;
use services::performance::canary::CanaryView;

use crate::ui::{Empty, Fact, Facts, Icon, Panel, Time, Tone, badge, chart, grouped};

/// The last rounds; nothing where there are none and none are due.
pub(super) fn canary_panel(every_minutes: Option<u32>, view: CanaryView) -> impl IntoView {
    if every_minutes.is_none() && view.last.is_empty() {
        return None;
    }
    let lead = every_minutes.map_or_else(
        || "Switched off: probes.canary_every_minutes is 0.".to_owned(),
        |every| {
            format!("Every {every} minutes a made-up user is made, found, signed in with and deleted in a pool of its own.")
        },
    );
    let (whole, failed) = (grouped(view.whole), grouped(view.failed));
    let list = if view.last.is_empty() {
        view! { <Empty icon=Icon::Clock title="No round is over yet" text="The first one begins within a minute." /> }
            .into_any()
    } else {
        let rows = view.last.into_iter().map(round).collect_view();
        view! { <ul class="lines">{rows}</ul> }.into_any()
    };
    Some(view! {
        <Panel id="canary" title="Canary rounds" lead=lead live=true>
            <Facts>
                <Fact label="Whole in the last 24 hours"><span class="num">{whole}</span></Fact>
                <Fact label="Failed in the last 24 hours"><span class="num">{failed}</span></Fact>
            </Facts>
            {list}
        </Panel>
    })
}

fn round(round: CanaryRound) -> impl IntoView {
    let took = chart::latency(round.took);
    match round.failed {
        None => view! {
            <li class="line">
                {badge(Tone::Good, Icon::CheckCircle, "Whole")}
                <div class="line-main"><Time at=round.began /> " " <span class="line-what">{took}</span></div>
            </li>
        }
        .into_any(),
        Some(failure) => {
            let trace = failure.trace_id.map(|id| view! { <Fact label="Trace id"><code>{id}</code></Fact> });
            view! {
                <li class="line">
                    {badge(Tone::Bad, Icon::Alert, "Failed")}
                    <div class="line-main">
                        <p>{failure.step.label()}</p>
                        <p class="line-note"><Time at=round.began /></p>
                        <p class="line-note">{failure.why}</p>
                        <Facts class="facts-tight">{trace}</Facts>
                    </div>
                </li>
            }
            .into_any()
        }
    }
}
