//! A run with its steps: what was done, what is under way, what failed and what to do about it.

use domain::{
    run::{Failure, Run, RunState, Step, StepState, progress},
    time::Timestamp,
};
use leptos::prelude::*;

use super::{
    badge::{Face, Tone},
    facts::Copyable,
    icon::glyph,
    notice::Notice,
    time::{Now, Time, duration},
};

/// A run's state in one sentence, for people who listen.
pub(crate) fn sentence(run: &Run, steps: &[Step]) -> String {
    let (done, total) = progress(steps);
    let at = steps.iter().find(|s| matches!(s.state, StepState::Running | StepState::Failed));
    let at = at
        .map(|step| format!(", {} {}", step.kind.label(), step.state.label().to_lowercase()))
        .unwrap_or_default();
    format!("{} {}: {done} of {total} steps done{at}.", run.kind.label(), run.state.label().to_lowercase())
}

/// Who asked for a run, when and why.
pub(crate) fn asked_by(run: &Run) -> impl IntoView + use<> {
    let reason = run.reason.clone();
    view! {
        <p class="run-asked">
            "Asked for by " <strong>{run.requested_by.name().to_owned()}</strong> ", " <Time at=run.created_at />
            {reason.map(|text| view! { <span class="quote">{text}</span> })}
        </p>
    }
}

/// The bar over the steps.
pub(crate) fn bar(run: &Run, steps: &[Step]) -> impl IntoView + use<> {
    let (done, total) = progress(steps);
    let class = match run.state {
        RunState::Failed => "progress tone-bad",
        RunState::Succeeded => "progress tone-good",
        _ => "progress tone-moving",
    };
    view! {
        <div class="run-bar">
            <progress class=class value=done max=total aria-label="Steps done"></progress>
            <span class="num">{done} " of " {total} " steps"</span>
            {took(run).map(|time| view! { <span class="num">{time}</span> })}
        </div>
    }
}

/// How long a run has taken so far, or took.
pub(crate) fn took(run: &Run) -> Option<String> {
    let start = run.started_at?;
    let end = run.finished_at.or_else(|| use_context::<Now>().map(|now| now.0))?;
    Some(duration(end.since(start)))
}

/// The steps of a run.
#[component]
pub(crate) fn Steps(
    /// The steps, in order.
    steps: Vec<Step>,
) -> impl IntoView {
    let rows = steps.into_iter().map(step_row).collect_view();
    view! { <ol class="steps-list">{rows}</ol> }
}

fn step_row(step: Step) -> impl IntoView {
    let state = step.state;
    let class = format!("step-row {}", state.tone().class());
    let time = lasted(&step);
    view! {
        <li class=class aria-current=(state == StepState::Running).then_some("step")>
            <span class="step-icon">{glyph(state.icon())}</span>
            <div class="step-body">
                <p class="step-head">
                    <span class="step-name">{step.kind.label()}</span>
                    <span class="step-state">{state.label()}</span>
                    {(step.attempts > 1).then(|| view! { <span class="step-note">{step.attempts} " attempts"</span> })}
                    {time.map(|text| view! { <span class="step-time num">{text}</span> })}
                </p>
                {step.outcome.map(|text| view! { <p class="step-outcome">{text}</p> })}
                {step.failure.as_ref().map(failure)}
            </div>
        </li>
    }
}

fn lasted(step: &Step) -> Option<String> {
    let start = step.started_at?;
    let end: Timestamp = match step.state {
        StepState::Running => use_context::<Now>()?.0,
        _ => step.finished_at?,
    };
    Some(duration(end.since(start)))
}

/// A failure with its cure and the vendor's trace id.
pub(crate) fn failure(failure: &Failure) -> impl IntoView + use<> {
    let Failure { kind, message, cure, trace_id } = failure.clone();
    view! {
        <Notice tone=Tone::Bad text=format!("{}: {message}", kind.label())>
            <p class="cure"><strong>"What to do: "</strong> {cure}</p>
            {trace_id.map(|id| view! { <p class="hint">"Trace id " <Copyable text=id what="trace id" /></p> })}
        </Notice>
    }
}
