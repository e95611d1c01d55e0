//! Reset e-mails: to how many, in which waves, and what became of them.

use domain::migration::{MailAct, MailState, Verdict};
use leptos::prelude::*;
use services::migration::{Count, MigrationView};

use crate::{
    paths,
    ui::{Act, Fact, Facts, Hidden, Icon, Notice, Panel, Submit, SubmitKind, Time, Tone, grouped},
};

/// The e-mails to people who have to set a password; nothing where there is nobody.
pub(super) fn panel(view: &MigrationView) -> impl IntoView + use<> {
    let of = |count| view.counts.get(&count).copied().unwrap_or(0);
    let people = of(Count::Verdict(Verdict::Reset));
    (people > 0).then(|| {
        let mails = &view.mails;
        let plan = format!(
            "Up to {} a day: {} an hour from {}:00 on, Monday to Friday in {}, so that codes, which live {} h, are used while somebody can help.",
            grouped(mails.wave),
            grouped(u64::from(mails.rules.per_hour)),
            mails.rules.from_hour,
            mails.zone,
            mails.rules.code_life.as_secs() / 3_600,
        );
        let started = mails.mailing.clone().map(|mailing| {
            let why = mailing.why.map(|text| view! { <Notice tone=Tone::Caution text /> });
            let (state, waves, at) = (mailing.state.label(), mailing.waves, mailing.started_at);
            view! {
                <p>{state} ", wave " <span class="num">{waves}</span> ", asked for " <Time at /> "."</p>
                {why}
            }
        });
        let counts = MailState::ALL
            .iter()
            .map(|state| (state.label(), of(Count::Mail(*state))))
            .filter(|(_, n)| *n > 0)
            .map(|(label, n)| view! { <Fact label><span class="num">{grouped(n)}</span></Fact> })
            .collect_view();
        let problems = mails
            .problems
            .iter()
            .map(|(problem, n)| view! { <li><span class="num">{grouped(*n)}</span> ": " {problem.clone()}</li> })
            .collect_view();
        let acts = mails.acts.iter().map(|(act, allowed)| form(view, *act, allowed.clone())).collect_view();
        let lead = format!("{} people have to set a password before they can sign in.", grouped(people));
        view! {
            <Panel id="mails" title="Reset e-mails" lead>
                <div class="stack">
                    <p>{plan} " Bounces are not told by SecureAuth: see the mail server's log."</p>
                    {started}
                    <Facts class="facts-counts">{counts}</Facts>
                    <ul class="bullets">{problems}</ul>
                    {acts}
                </div>
            </Panel>
        }
    })
}

fn form(
    view: &MigrationView,
    act: MailAct,
    allowed: Result<(), domain::access::Refusal>,
) -> impl IntoView + use<> {
    let (id, icon, kind) = match act {
        MailAct::Start => ("mail-start", Icon::Play, SubmitKind::Primary),
        MailAct::Pause => ("mail-pause", Icon::Pause, SubmitKind::Plain),
        MailAct::Resume => ("mail-resume", Icon::Play, SubmitKind::Primary),
        MailAct::Again => ("mail-again", Icon::Retry, SubmitKind::Plain),
    };
    let hint = match act {
        MailAct::Start => {
            "The password of each was set to must-be-reset when they were moved. Nobody is written to twice by itself."
        }
        MailAct::Pause => "What is on its way goes out; nothing more is sent.",
        MailAct::Resume => "It goes on where it stopped.",
        MailAct::Again => {
            "To those whose e-mail failed, is not known to have gone out, or was not used in a week."
        }
    };
    let (bid, of) = (view.it.bid.to_string(), view.it.id.to_string());
    view! {
        <Act to=paths::act::MAIL_RESETS class="form-stack">
            <Hidden name="bid" value=bid />
            <Hidden name="id" value=of />
            <Hidden name="act" value=act.as_str() />
            <p class="hint">{hint}</p>
            <div class="buttons"><Submit id label=act.label() icon kind allowed /></div>
        </Act>
    }
}
