//! Under which issuer a biller's people sign in, and what its vanity domain shows.

use std::time::Duration;

use domain::{
    Timestamp,
    access::Refusal,
    settings::vanity::{IssuerChoice, WARN_DAYS, of_issuer},
};
use leptos::prelude::*;
use services::biller_settings::{show::SettingsView, vanity::VanityCheck};

use crate::{
    paths,
    ui::{
        Act, Copyable, Fact, Facts, Hidden, Icon, Notice, Now, Panel, Submit, SubmitKind, Time, Tone, Visit,
        glyph,
    },
};

/// The issuer in effect, the vanity domain, and the way from one to the other. Nothing before there is an issuer.
pub(super) fn panel(visit: &Visit, view: &SettingsView) -> Option<AnyView> {
    let biller = view.biller.as_ref()?;
    let issuer = biller.issuer.clone()?;
    let bid = biller.bid().to_string();
    let in_use = of_issuer(&issuer).is_some_and(|host| view.vanity_host.as_deref() == Some(host));
    let host = view.vanity_host.clone().unwrap_or_else(|| "None at SecureAuth".to_owned());
    let shown = view.vanity.as_ref().map(|check| seen(check, now()));
    let ask = view.vanity_host.is_some().then(|| {
        let bid = bid.clone();
        let allowed = view.may_change.clone();
        view! {
            <Act to=paths::act::CHECK_VANITY>
                <Hidden name="bid" value=bid />
                <Submit id="check-vanity" label="Ask the vanity domain" icon=Icon::Search kind=SubmitKind::Plain allowed />
            </Act>
        }
    });
    let switch = (in_use || view.vanity_host.is_some())
        .then(|| switch(visit, &bid, &issuer, in_use, view.may_change.clone()));
    let lead = "Where sign-ins go, what the probes ask, and what IC is told to trust.";
    Some(
        view! {
            <Panel id="issuer" title="Issuer and vanity domain" lead>
                <div class="form-stack">
                    <Facts class="facts-tight">
                        <Fact label="Issuer in effect"><Copyable text=issuer.clone() what="issuer" /></Fact>
                        <Fact label="Vanity domain">{host}</Fact>
                    </Facts>
                    {shown}
                    {ask}
                    {switch}
                </div>
            </Panel>
        }
        .into_any(),
    )
}

fn now() -> Option<Timestamp> {
    use_context::<Now>().map(|now| now.0)
}

/// What the host showed when it was last asked.
fn seen(check: &VanityCheck, now: Option<Timestamp>) -> impl IntoView + use<> {
    let soon = Duration::from_secs(WARN_DAYS * 86_400);
    let until = check.certificate_until;
    let ends = until.zip(now).filter(|(until, now)| *until <= now.plus(soon)).map(|(until, now)| {
        let (tone, text) = if until <= now {
            (Tone::Bad, "Its certificate has ended: browsers refuse to go there.")
        } else {
            (Tone::Caution, "Its certificate ends soon: give SecureAuth a new one in its own console.")
        };
        view! { <Notice tone text /> }
    });
    let checked_at = check.checked_at;
    let problem = check.problem.clone().map(|text| view! { <Notice tone=Tone::Caution text /> });
    let issuer = check.issuer.clone().unwrap_or_else(|| "None".to_owned());
    let certificate = match until {
        Some(at) => view! { <Time at /> }.into_any(),
        None => view! { <span>"Not shown"</span> }.into_any(),
    };
    view! {
        {ends}
        {problem}
        <Facts class="facts-tight">
            <Fact label="Asked"><Time at=checked_at /></Fact>
            <Fact label="It answers as">{issuer}</Fact>
            <Fact label="Certificate valid until">{certificate}</Fact>
        </Facts>
    }
}

/// The form that lets sign-ins go to the other issuer.
fn switch(
    visit: &Visit,
    bid: &str,
    issuer: &str,
    in_use: bool,
    allowed: Result<(), Refusal>,
) -> impl IntoView + use<> {
    let (to, label, text) = if in_use {
        (
            IssuerChoice::Own,
            "Preview the switch back to the organization's own issuer…",
            "From then on tokens name the organization's own issuer again: IC has to trust it before.",
        )
    } else {
        (
            IssuerChoice::Vanity,
            "Preview the switch to the vanity domain…",
            "From then on sign-ins go there and tokens name its issuer: IC has to trust it before. It is asked first, and \
             nothing is switched unless it answers with a valid certificate and a sign-in page.",
        )
    };
    let error = visit.error("issuer");
    let error =
        error.map(|text| view! { <p class="field-error" id="issuer-error">{glyph(Icon::Alert)} {text}</p> });
    let (bid, issuer) = (bid.to_owned(), issuer.to_owned());
    view! {
        <Act to=paths::act::SWITCH_ISSUER class="form-stack">
            <p>{text}</p>
            <Hidden name="bid" value=bid />
            <Hidden name="to" value=to.as_str() />
            <Hidden name="seen" value=issuer />
            {error}
            <div class="buttons"><Submit id="switch-issuer" label kind=SubmitKind::Plain allowed /></div>
        </Act>
    }
}
