//! Changes of use cases at a time: the one that waits, and how the last ones ended.

use domain::use_case::{ScheduleState, difference};
use leptos::prelude::*;
use services::{change_use_cases::UseCasesView, schedule_use_cases::ScheduledView};

use crate::{
    paths,
    ui::{Act, Face, Hidden, Panel, Submit, SubmitKind, Time},
};

/// The scheduled changes of a biller; nothing where there are none.
pub(super) fn panel(cases: &UseCasesView) -> impl IntoView + use<> {
    let lines: Vec<_> = cases.scheduled.iter().map(|one| line(one, cases)).collect();
    (!lines.is_empty()).then(|| {
        view! { <Panel id="scheduled-changes" title="Scheduled"><ul class="lines">{lines}</ul></Panel> }
    })
}

fn line(scheduled: &ScheduledView, cases: &UseCasesView) -> impl IntoView + use<> {
    let change = &scheduled.change;
    let what = difference(&change.choices_before, &change.choices_after);
    let withdraw = (change.state == ScheduleState::Waiting).then(|| withdraw(scheduled, cases));
    let ended = match (&change.outcome, &change.withdrawn_by) {
        (Some(why), _) => Some(why.clone()),
        (None, Some(by)) => Some(format!("Withdrawn by {}.", by.name())),
        (None, None) => None,
    };
    let ended_at = change.ended_at.map(|at| view! { <p class="line-note"><Time at /></p> });
    view! {
        <li class="line">
            {change.state.badge()}
            <div class="line-main">
                <p class="line-what">{what}</p>
                <p class="line-note">"For " <strong>{scheduled.when.clone()}</strong> ", asked for by " {change.by.name().to_owned()}</p>
                {ended.map(|text| view! { <p>{text}</p> })}
                {ended_at}
                {change.reason.clone().map(|text| view! { <p class="quote">{text}</p> })}
                {withdraw}
            </div>
        </li>
    }
}

fn withdraw(scheduled: &ScheduledView, cases: &UseCasesView) -> impl IntoView + use<> {
    let (bid, id) = (scheduled.change.bid.to_string(), scheduled.change.id.to_string());
    let allowed = cases.may_schedule.clone();
    view! {
        <Act to=paths::act::WITHDRAW_USE_CASES>
            <Hidden name="bid" value=bid />
            <Hidden name="id" value=id />
            <div class="buttons"><Submit id="withdraw" label="Withdraw" kind=SubmitKind::Plain allowed /></div>
        </Act>
    }
}
