//! Changes of accounts on their way to SecureAuth: how far each biller lags behind, and what a person has to decide.

use domain::{Topic, account::ChangeDecision};
use leptos::prelude::*;
use services::accounts::{self, MirrorLag, OutboxView, ParkedChange};

use crate::{
    paths,
    ui::{
        Act, Column, Empty, Heading, Hidden, Icon, Page, Panel, Place, SubmitKind, Table, Time, Tone, badge,
        count, glyph, grouped, page,
    },
};

/// All changes on their way.
#[component]
pub(crate) fn MirrorPage() -> impl IntoView {
    page(Place::Migrations, |visit| async move {
        let followed = visit.follow(Topic::Mirror).await?;
        let found = accounts::outbox(&visit.console, &visit.actor).await?;
        Ok(Page::new("Mirror", show(found)).live(followed, ""))
    })
}

fn show(found: OutboxView) -> impl IntoView {
    let may = found.decide.clone();
    let billers = if found.lag.is_empty() {
        let text = "Whatever IC or people here changed is at SecureAuth.";
        view! { <Empty icon=Icon::CheckCircle title="Nothing is on its way" text /> }.into_any()
    } else {
        lags(&found).into_any()
    };
    let parked = found
        .parked
        .iter()
        .map(|change| parked(change, may.clone().err().map(|it| it.to_string())))
        .collect_view();
    let none = found.parked.is_empty();
    view! {
        <Heading title="Mirror" lead="Changes of users on their way to SecureAuth: each user's in order, tried again until they are there." />
        <Panel id="lag" title="Billers that are behind" live=true>{billers}</Panel>
        <Panel id="parked" title="Parked" lead="SecureAuth will not take these as they are. IC's next change of a user takes a parked one's place." live=true>
            {none.then(|| view! { <Empty icon=Icon::CheckCircle title="Nobody waits for a decision" /> })}
            <ul class="stack">{parked}</ul>
        </Panel>
    }
}

fn lags(found: &OutboxView) -> impl IntoView + use<> {
    let rows = found
        .lag
        .iter()
        .map(|lag| {
            let why = found.waits_for.iter().find(|(bid, _)| *bid == lag.bid).map(|(_, why)| why.clone());
            line(lag, why)
        })
        .collect_view();
    view! {
        <Table name="Table of billers that are behind" caption="Billers with changes on their way" columns=[
            Column::text("Biller"), Column::number("Waiting"), Column::number("Parked"),
            Column::text("Behind since"), Column::text("Waits for"),
        ]>
            {rows}
        </Table>
    }
}

fn line(lag: &MirrorLag, why: Option<String>) -> impl IntoView + use<> {
    let parked = (lag.parked > 0).then(|| badge(Tone::Bad, Icon::Alert, "Decide"));
    let since = lag.oldest.map(|at| view! { <Time at /> });
    view! {
        <tr>
            <td><a class="row-link" href=paths::users(&lag.bid)>{lag.bid.to_string()}</a></td>
            <td class="col-num num">{grouped(lag.waiting)}</td>
            <td class="col-num num">{grouped(lag.parked)} " " {parked}</td>
            <td>{since}</td>
            <td class="break">{why.unwrap_or_else(|| "–".to_owned())}</td>
        </tr>
    }
}

fn parked(change: &ParkedChange, refused: Option<String>) -> impl IntoView + use<> {
    let cause = change.cause;
    let (label, cure) = cause.map_or(("Parked", ""), |cause| (cause.label(), cause.cure()));
    let href = paths::user(&change.bid, &change.user);
    let why_id = format!("why-{}", change.user);
    let (bid, user, why) = (change.bid.to_string(), change.user.clone(), change.why.clone());
    let disabled = refused.is_some();
    let (revision, biller) = (change.revision.to_string(), change.bid.to_string());
    let (since, attempts) = (change.since, change.attempts);
    let buttons = [
        (ChangeDecision::Retry, SubmitKind::Plain, Icon::Retry),
        (ChangeDecision::Discard, SubmitKind::Danger, Icon::Trash),
    ];
    let buttons = buttons
        .into_iter()
        .map(|(decision, kind, icon)| {
            view! {
                <button type="submit" name="decision" value=decision.as_str() class=kind.class() disabled=disabled>
                    {glyph(icon)} {decision.label()}
                </button>
            }
        })
        .collect_view();
    view! {
        <li class="panel">
            <p>{badge(Tone::Bad, Icon::Alert, label)} " " <a class="link" href=href>"User of " {biller}</a>
                ", since " <Time at=since /> ", tried " {count(attempts, "time", "times")}</p>
            <p class="break">{why}</p>
            <p class="hint">{cure}</p>
            <Act to=paths::act::DECIDE_MIRROR class="form-stack">
                <Hidden name="bid" value=bid />
                <Hidden name="user" value=user />
                <Hidden name="revision" value=revision />
                <div class="field">
                    <label for=why_id.clone()>"Reason, to discard"</label>
                    <input class="input" type="text" id=why_id name="why" maxlength="500" autocomplete="off" />
                </div>
                <div class="buttons">
                    {buttons}
                    {refused.map(|text| view! { <span class="refusal">{text}</span> })}
                </div>
            </Act>
        </li>
    }
}
