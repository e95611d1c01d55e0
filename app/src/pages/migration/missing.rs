//! Users of earlier deliveries that are missing in this one, and what is decided about them.

use domain::migration::MigrationAct;
use leptos::prelude::*;
use services::migration::{MigrationView, Missing};

use crate::{
    paths,
    ui::{Act, Field, Hidden, Icon, Panel, Submit, SubmitKind, Time, Visit, grouped},
};

/// Who is missing; nothing where nobody is and nothing was decided.
pub(super) fn panel(visit: &Visit, view: &MigrationView, name: &str) -> impl IntoView + use<> {
    let over = view.it.state.is_over() && view.it.state != domain::migration::MigrationState::Finished;
    let found =
        view.it.missing.clone().filter(|found| !over && (found.users > 0 || found.decision.is_some()));
    found.map(|found| {
        let sample = sample(view);
        let decision = decision(visit, view, name, &found);
        view! {
            <Panel id="missing" title="Missing in this delivery" lead="Moved before, may still sign in, and stand in no row of this file. They are left alone until somebody decides otherwise: a file of changes only leaves out everybody else.">
                <div class="stack">
                    <p><span class="num">{grouped(found.users)}</span> " users were missing when the file was checked."</p>
                    {sample}
                    {decision}
                </div>
            </Panel>
        }
    })
}

fn sample(view: &MigrationView) -> impl IntoView + use<> {
    let rows = view
        .missing
        .iter()
        .map(|user| {
            let to = paths::user(&view.it.bid, user);
            view! { <li><a class="link break" href=to>{user.clone()}</a></li> }
        })
        .collect_view();
    (!view.missing.is_empty()).then(|| {
        view! { <details><summary>"Some of them, by their ids at SecureAuth"</summary><ul class="bullets">{rows}</ul></details> }
    })
}

/// What was decided, or the form for it.
fn decision(visit: &Visit, view: &MigrationView, name: &str, found: &Missing) -> AnyView {
    if let Some(decision) = &found.decision {
        let (by, at, locked) = (decision.by.name().to_owned(), decision.at, grouped(decision.locked));
        let still = if decision.ended { "That is all." } else { "It goes on." };
        return view! {
            <p>{by} " decided " <Time at /> " that they are locked: " <span class="num">{locked}</span> " were locked so far. " {still}</p>
        }
        .into_any();
    }
    let act = MigrationAct::LockMissing;
    let allowed = view.acts.iter().find(|(known, _)| *known == act).map(|(_, allowed)| allowed.clone());
    let Some(allowed) = allowed else { return ().into_any() };
    let (bid, of, name) = (view.it.bid.to_string(), view.it.id.to_string(), name.to_owned());
    let label = "Type the biller's name to confirm";
    let typed = view! { <Field visit name="typed" label required=true must_be=name /> }.into_any();
    let why = view! { <Field visit name="why" label="Reason (optional)" /> }.into_any();
    view! {
        <Act to=paths::act::ASK_MIGRATION class="form-stack">
            <Hidden name="bid" value=bid />
            <Hidden name="id" value=of />
            <Hidden name="act" value=act.as_str() />
            <p class="hint">"Only if this file is complete. Each of them is locked and signed out everywhere; IC's changes do not unlock them, a person does."</p>
            {typed} {why}
            <div class="buttons"><Submit id="lock-missing" label=act.label() icon=Icon::Cross kind=SubmitKind::Danger allowed /></div>
        </Act>
    }
    .into_any()
}
