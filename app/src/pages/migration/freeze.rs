//! The freeze before the cut-over: declared, where it stands, withdrawn.

use domain::{
    Bid,
    migration::{Freeze, FreezeState},
};
use leptos::prelude::*;
use services::migration::FreezeView;

use crate::{
    paths,
    ui::{Act, Face, Field, Hidden, Icon, Panel, Submit, SubmitKind, Tone, Visit},
};

/// The freeze of a biller.
pub(super) fn panel(visit: &Visit, bid: &Bid, view: &FreezeView) -> impl IntoView + use<> {
    let declared =
        view.declared.as_ref().map(|(freeze, state, told)| declared(bid, view, freeze, *state, told));
    let form = form(visit, bid, view);
    view! {
        <Panel id="freeze" title="Freeze before the cut-over" lead="From when until when IC changes no users. Hosted login then waits until a delivery that came in during the freeze was moved.">
            <div class="stack">
                {declared}
                {form}
            </div>
        </Panel>
    }
}

fn declared(
    bid: &Bid,
    view: &FreezeView,
    freeze: &Freeze,
    state: FreezeState,
    [from, until]: &[String; 2],
) -> impl IntoView + use<> {
    let (from, until, by) = (from.clone(), until.clone(), freeze.by.name().to_owned());
    let reason = freeze.reason.clone().map(|text| view! { <p class="quote">{text}</p> });
    let next = match state {
        FreezeState::Ahead => "Upload the delivery once it has begun: an earlier one does not count.",
        FreezeState::Running => "Upload the delivery now, and move it. Hosted login waits for it.",
        FreezeState::Missed => {
            "No delivery that came in during it was moved: hosted login waits. Declare another one, or withdraw it."
        }
        FreezeState::Done => "A delivery that came in during it was moved: nothing holds hosted login back.",
    };
    let (bid, allowed) = (bid.to_string(), view.allowed.clone());
    view! {
        <p class="standing-badges">{state.badge()}</p>
        <p>{from} " to " {until} ", declared by " {by} "."</p>
        {reason}
        <p>{next}</p>
        <Act to=paths::act::WITHDRAW_FREEZE class="form-stack">
            <Hidden name="bid" value=bid />
            <div class="buttons"><Submit id="withdraw-freeze" label="Withdraw the freeze" icon=Icon::Undo kind=SubmitKind::Plain allowed /></div>
        </Act>
    }
}

fn form(visit: &Visit, bid: &Bid, view: &FreezeView) -> impl IntoView + use<> {
    let (bid, allowed, zone) = (bid.to_string(), view.allowed.clone(), view.zone.clone());
    let (from, until) = (view.today.clone(), view.today.clone());
    let label = if view.declared.is_some() { "Declare another freeze" } else { "Declare a freeze" };
    let times = [
        view! { <Field visit name="from_day" label="First day" kind="date" value=from required=true /> }
            .into_any(),
        view! { <Field visit name="from_time" label="From" kind="time" value="00:00" required=true /> }
            .into_any(),
        view! { <Field visit name="until_day" label="Last day" kind="date" value=until required=true /> }
            .into_any(),
        view! { <Field visit name="until_time" label="Until" kind="time" value="23:59" required=true /> }
            .into_any(),
        view! { <Field visit name="freeze_reason" label="Reason (optional)" /> }.into_any(),
    ];
    view! {
        <details>
            <summary>{label}</summary>
            <Act to=paths::act::DECLARE_FREEZE class="form-stack">
                <Hidden name="bid" value=bid />
                <p class="hint">"Times are those of " {zone} "."</p>
                {times}
                <div class="buttons"><Submit id="declare-freeze" label=label icon=Icon::Pause allowed /></div>
            </Act>
        </details>
    }
}

impl Face for FreezeState {
    fn tone(self) -> Tone {
        match self {
            Self::Done => Tone::Good,
            Self::Ahead => Tone::Quiet,
            Self::Running => Tone::Moving,
            Self::Missed => Tone::Caution,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Done => Icon::CheckCircle,
            Self::Ahead => Icon::Clock,
            Self::Running => Icon::Pause,
            Self::Missed => Icon::Alert,
        }
    }

    fn word(self) -> &'static str {
        self.label()
    }
}
