//! What to do next, past runs, the newest activity.

use domain::{Bid, RunId, audit::ChainedEntry, run::Run};
use leptos::prelude::*;
use services::show_biller::NextStep;

use crate::{
    pages::entries,
    paths,
    ui::{Face, Panel, Time, run},
};

/// What to do next.
pub(super) fn next_steps(steps: Vec<NextStep>) -> impl IntoView {
    (!steps.is_empty()).then(|| {
        let rows = steps
            .into_iter()
            .map(|step| view! { <li><p class="next-title">{step.title}</p><p class="next-detail">{step.detail}</p></li> })
            .collect_view();
        view! { <Panel id="next-steps" title="Next steps"><ol class="next">{rows}</ol></Panel> }
    })
}

/// Past runs; the one that is shown in full is left out.
pub(super) fn runs(runs: Vec<Run>, shown: Option<RunId>) -> impl IntoView {
    let rows: Vec<_> = runs.into_iter().filter(|run| Some(run.id) != shown).map(row).collect();
    (!rows.is_empty())
        .then(|| view! { <Panel id="past-runs" title="Earlier runs"><ul class="lines">{rows}</ul></Panel> })
}

fn row(run: Run) -> impl IntoView {
    let took = run::took(&run);
    view! {
        <li class="line" id=format!("run-{}", run.id)>
            {run.state.badge()}
            <div class="line-main">
                <p>{run.kind.label()} " by " {run.requested_by.name().to_owned()}</p>
                <p class="line-note"><Time at=run.created_at /> {took.map(|took| format!(" · took {took}"))}</p>
                {run.reason.map(|text| view! { <p class="quote">{text}</p> })}
            </div>
        </li>
    }
}

/// The newest entries of the audit log.
pub(super) fn recent(bid: &Bid, list: Vec<ChainedEntry>) -> impl IntoView + use<> {
    let href = paths::biller_activity(bid);
    view! {
        <Panel id="activity" title="Activity">
            {entries::entries(list, false)}
            <p class="panel-foot"><a class="link" href=href>"All activity of this biller"</a></p>
        </Panel>
    }
}
