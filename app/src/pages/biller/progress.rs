//! The run that is under way, failed, or finished last.

use std::time::Duration;

use domain::run::{Run, RunKind, RunState};
use leptos::prelude::*;
use services::show_biller::{Actions, RunView};

use super::run_form;
use crate::{
    paths,
    ui::{Face, Icon, Now, Submit, SubmitKind, glyph, run},
};

/// For how long a run that succeeded stays on top of the page.
const NEWS: Duration = Duration::from_secs(15 * 60);

/// Whether a run is history: it succeeded a while ago, so the login URL matters more.
pub(super) fn is_settled(run: &Run) -> bool {
    let now = use_context::<Now>().map_or(run.created_at, |now| now.0);
    run.state == RunState::Succeeded && run.finished_at.is_some_and(|end| now.since(end) > NEWS)
}

/// The run with its steps, and what to do when it failed.
pub(super) fn panel(view: RunView, actions: &Actions) -> impl IntoView + use<> {
    let RunView { run, steps } = view;
    let decision = (run.state == RunState::Failed).then(|| decision(&run, actions));
    let finished = run.state == RunState::Succeeded;
    let list = view! { <run::Steps steps=steps.clone() /> };
    let list = if finished {
        view! { <details class="more" id="run-steps"><summary>"Steps"</summary>{list}</details> }.into_any()
    } else {
        list.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="run-title" id=format!("run-{}", run.id)>
            <header class="panel-head panel-head-row">
                <h2 id="run-title">{run.kind.label()}</h2>
                {run.state.badge()}
            </header>
            {run::asked_by(&run)}
            {run::bar(&run, &steps)}
            {decision}
            {list}
        </section>
    }
}

/// A failed run waits for a decision: go on, or go back.
fn decision(run: &Run, actions: &Actions) -> impl IntoView + use<> {
    let (way_back, back_allowed) = match &actions.take_back {
        Ok(kind) => (Some(*kind), Ok(())),
        Err(refusal) => (run.kind.way_back(), Err(refusal.clone())),
    };
    let retry_allowed = actions.retry.clone();
    let retry = run_form(
        paths::act::RETRY_RUN,
        &run.bid,
        run.id,
        Box::new(move || {
            view! {
                <Submit id="retry" label="Retry the failed step" icon=Icon::Retry allowed=retry_allowed />
            }
            .into_any()
        }),
    );
    let back = way_back.map(|kind| {
        let form = run_form(paths::act::TAKE_BACK, &run.bid, run.id, Box::new(move || view! {
            <p>{explained(kind)}</p>
            <div class="field">
                <label for="back-reason">"Reason " <span class="optional">"optional"</span></label>
                <input class="input" type="text" id="back-reason" name="reason" maxlength="500" autocomplete="off" />
            </div>
            <Submit id="take-back" label=offered(kind) icon=Icon::Undo kind=SubmitKind::Danger allowed=back_allowed />
        }.into_any()));
        view! {
            <details class="go-back" id="go-back">
                <summary class="btn">{glyph(Icon::Undo)} {format!("{}…", offered(kind))}</summary>
                <div class="go-back-body">{form}</div>
            </details>
        }
    });
    view! {
        <div class="decision">
            <p class="decision-text">"This run stopped and waits for your decision. Nothing goes on by itself."</p>
            <div class="decision-buttons">{retry} {back}</div>
        </div>
    }
}

const fn offered(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Abandon => "Undo the enablement",
        RunKind::Resume => "Go back: resume",
        RunKind::Suspend => "Go back: suspend",
        RunKind::Enable => "Go back: enable",
        RunKind::ChangeUseCases | RunKind::ApplySettings => "Change back",
        RunKind::SwitchIssuer => "Stay at the issuer in effect",
    }
}

const fn explained(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Abandon => {
            "Gives this enablement up and removes, in reverse order, only what it created and nobody uses. What it adopted stays."
        }
        RunKind::Resume => {
            "Gives the suspension up, switches everything at SecureAuth on again and brings sign-ins back after the proof."
        }
        RunKind::Suspend => {
            "Gives the resumption up and switches everything off again; sign-ins stay on the legacy page."
        }
        RunKind::Enable => "Starts the enablement again.",
        RunKind::ChangeUseCases => {
            "Gives the change up and brings the use cases back that were in effect before it."
        }
        RunKind::SwitchIssuer => "Gives the switch up: sign-ins stay at the issuer that is in effect.",
        RunKind::ApplySettings => {
            "Gives the change up and writes the values from before it, wherever SecureAuth shows what this run wrote. What others changed stays."
        }
    }
}
