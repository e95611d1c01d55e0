//! What may be done with one user, each a button of a plain form; what may not be done now says why.

use domain::{access::Refusal, account::AccountAct};
use leptos::prelude::*;
use services::accounts::UserView;

use crate::{
    paths,
    ui::{Act, Field, Hidden, Icon, Panel, Reason, SubmitKind, Visit, glyph},
};

const fn look(act: AccountAct) -> (&'static str, Icon, SubmitKind) {
    match act {
        AccountAct::Lock => ("do-lock", Icon::Pause, SubmitKind::Danger),
        AccountAct::Unlock => ("do-unlock", Icon::Play, SubmitKind::Plain),
        AccountAct::SendActivation => ("do-send-activation", Icon::Send, SubmitKind::Plain),
        AccountAct::SendReset => ("do-send-reset", Icon::Send, SubmitKind::Plain),
        AccountAct::ForceReset => ("do-force-reset", Icon::Key, SubmitKind::Danger),
        AccountAct::Delete => ("do-delete", Icon::Trash, SubmitKind::Danger),
        AccountAct::Recreate => ("do-recreate", Icon::Undo, SubmitKind::Plain),
    }
}

/// What the act does, for whoever is about to ask for it.
const fn meaning(act: AccountAct) -> &'static str {
    match act {
        AccountAct::Lock => "May not sign in any more, and is signed out everywhere.",
        AccountAct::Unlock => "May sign in again.",
        AccountAct::SendActivation => "An e-mail to set a password and begin.",
        AccountAct::SendReset => "An e-mail to set a new password; the old one works until then.",
        AccountAct::ForceReset => "The password is worth nothing until it is reset; signed out everywhere.",
        AccountAct::Delete => "Softly deleted and signed out everywhere. Can be re-created.",
        AccountAct::Recreate => "The deleted user is there again.",
    }
}

/// The forms.
pub(super) fn panel(visit: &Visit, view: &UserView) -> impl IntoView + use<> {
    let button = |(act, allowed): &(AccountAct, Result<(), Refusal>)| button(*act, allowed.clone());
    let helps = view.acts.iter().filter(|(act, _)| !removes(*act)).map(button).collect_view();
    let removals = view.acts.iter().filter(|(act, _)| removes(*act)).map(button).collect_view();
    let (bid, user) = (view.biller.bid().to_string(), view.user.clone());
    let (bid_too, user_too) = (bid.clone(), user.clone());
    let reason = view! { <Reason visit /> }.into_any();
    let why =
        view! { <Field visit name="why" label="Why" required=true hint="Stands in the activity log" /> }
            .into_any();
    view! {
        <Panel id="help" title="Help">
            <Act to=paths::act::HELP_USER class="form-stack">
                <Hidden name="bid" value=bid />
                <Hidden name="user" value=user />
                {reason}
                <div class="stack">{helps}</div>
            </Act>
        </Panel>
        <Panel id="removal" title="Delete and re-create">
            <Act to=paths::act::REMOVE_USER class="form-stack">
                <Hidden name="bid" value=bid_too />
                <Hidden name="user" value=user_too />
                {why}
                <div class="stack">{removals}</div>
            </Act>
        </Panel>
    }
}

const fn removes(act: AccountAct) -> bool {
    matches!(act, AccountAct::Delete | AccountAct::Recreate)
}

fn button(act: AccountAct, allowed: Result<(), Refusal>) -> impl IntoView {
    let (id, icon, kind) = look(act);
    let refused = allowed.err().map(|refusal| refusal.to_string());
    let note = format!("{id}-reason");
    let disabled = refused.is_some();
    let text = refused.unwrap_or_else(|| meaning(act).to_owned());
    let class = if disabled { "refusal" } else { "hint" };
    view! {
        <span class="submit">
            <button type="submit" id=id name="act" value=act.as_str() class=kind.class() disabled=disabled aria-describedby=note.clone()>
                {glyph(icon)} {act.label()}
            </button>
            <span id=note class=class>{text}</span>
        </span>
    }
}
