//! Before a biller is enabled: every object that will be made, each step, the login URL it will have.

use domain::{
    Topic,
    plan::PlannedObject,
    run::{RunKind, StepKind},
};
use leptos::prelude::*;
use services::enable_biller::{self, Preview};

use super::bid_in_path;
use crate::{
    paths,
    ui::{
        Act, Cancel, Crumb, Fact, Facts, Heading, Hidden, Icon, Page, Panel, Place, Reason, Submit, Visit,
        page,
    },
};

/// Before a biller is enabled.
#[component]
pub(crate) fn EnablePage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let preview = enable_biller::preview(&visit.console, &visit.actor, &bid).await?;
        let title = format!("Enable {}", preview.biller.name());
        let announce = preview.allowed.as_ref().err().map(ToString::to_string).unwrap_or_default();
        Ok(Page::new(title, show(&visit, preview)).live(followed, announce))
    })
}

fn show(visit: &Visit, preview: Preview) -> impl IntoView + use<> {
    let Preview { biller, plan, login_url, allowed } = preview;
    let bid = biller.bid();
    let crumbs = vec![Crumb::new(paths::BILLERS, "Billers"), Crumb::new(paths::biller(bid), biller.name())];
    let objects = plan.objects().into_iter().map(object).collect_view();
    view! {
        <Heading title=format!("Enable {}", biller.name()) crumbs
            lead="This is what will be made at SecureAuth. Nothing has been changed so far." />
        <div class="columns">
            <div class="column-wide">
                <Panel id="objects" title="Objects at SecureAuth"
                    lead="Each is created, or taken over by its id if we made it before. Anything foreign under these ids stops the run untouched.">
                    <ol class="planned">{objects}</ol>
                </Panel>
            </div>
            <div class="column-narrow">
                {confirm(visit, &biller, allowed)}
                <Panel id="login" title="Login URL" lead="Kept for ever once the biller is enabled.">
                    <p class="login-url-text"><code>{login_url}</code></p>
                </Panel>
                <Panel id="steps" title="Steps">{steps(RunKind::Enable)}</Panel>
            </div>
        </div>
    }
}

fn confirm(
    visit: &Visit,
    biller: &domain::biller::Biller,
    allowed: Result<(), domain::access::Refusal>,
) -> impl IntoView + use<> {
    let bid = biller.bid().clone();
    let back = paths::biller(&bid);
    let reason = view! { <Reason visit /> }.into_any();
    view! {
        <Panel id="confirm" title="Confirm" class="panel-accent"
            lead="Users notice nothing until the last step: sign-ins move only after the proof from outside has succeeded.">
            <Act to=paths::act::ENABLE class="form-stack">
                <Hidden name="bid" value=bid.to_string() />
                {reason}
                <div class="buttons" id="confirm-buttons" data-live="">
                    <Submit id="confirm-enable" label="Enable" icon=Icon::Power allowed />
                    <Cancel href=back />
                </div>
            </Act>
        </Panel>
    }
}

fn object(object: PlannedObject) -> impl IntoView {
    let PlannedObject { kind, id, name, fields } = object;
    let fields = fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| view! { <Fact label><span class="break">{value}</span></Fact> })
        .collect_view();
    view! {
        <li class="planned-object">
            <h3>{kind.label()}</h3>
            <p class="planned-name">{name}</p>
            <Facts class="facts-tight">
                <Fact label="id"><code class="break">{id}</code></Fact>
                {fields}
            </Facts>
        </li>
    }
}

/// The steps of a run of this kind, in words.
pub(super) fn steps(kind: RunKind) -> impl IntoView {
    let rows = kind
        .steps()
        .iter()
        .map(|step| view! { <li><strong>{step.label()}</strong> " " <span class="hint">{told(kind, *step)}</span></li> })
        .collect_view();
    view! { <ol class="plan-steps">{rows}</ol> }
}

/// What a step does, in a run of this kind.
const fn told(kind: RunKind, step: StepKind) -> &'static str {
    match (kind, step) {
        (RunKind::ApplySettings, StepKind::Theme) => "binds the theme, if it is to be another",
        (RunKind::ApplySettings, StepKind::LoginRoute) => "is left as it is",
        (RunKind::ApplySettings, _) => "writes its settings with one call, and reads them back",
        (RunKind::SwitchIssuer, StepKind::Proof) => "asks discovery and the sign-in page of the other issuer",
        (RunKind::SwitchIssuer, _) => "lets sign-ins go to the other issuer, and tells IC",
        (RunKind::Enable, StepKind::Organization) => "makes the biller's own place, with our mark",
        (RunKind::Enable, StepKind::Pool) => "makes the pool that will hold its users",
        (RunKind::Enable, StepKind::Binding) => "connects pool and organization",
        (RunKind::Enable, StepKind::Application) => "makes the OIDC client of the biller portal",
        (_, StepKind::VanityDomain) => {
            "asks for the vanity domain, changes it or takes it away, if it is to be another"
        }
        (_, StepKind::Theme) => "binds the shared look",
        (_, StepKind::Settings) => "writes what is set for it, its tier or all billers",
        (_, StepKind::ReadBack) => "reads everything back and compares",
        (RunKind::Suspend, StepKind::Proof) => "asks the login URL and the sign-in page from outside",
        (_, StepKind::Proof) => "asks discovery and the sign-in page from outside",
        (RunKind::Enable | RunKind::Resume, StepKind::LoginRoute) => "lets the login URL lead to SecureAuth",
        (RunKind::ChangeUseCases, StepKind::Application) => "makes sure that the OIDC client is active",
        (RunKind::ChangeUseCases, StepKind::Binding) => {
            "makes sure that the way from the sign-in page to the pool is enabled"
        }
        (RunKind::ChangeUseCases, StepKind::Organization | StepKind::Pool) => "is left as it is",
        (RunKind::ChangeUseCases, StepKind::LoginRoute) => "is left as it is",
        (_, StepKind::TurnOff) => "what goes off, and sign-ins with it, before SecureAuth is asked",
        (_, StepKind::PasswordCheck) => "makes a test user, checks its password, and deletes it again",
        (_, StepKind::TurnOn) => "what goes on, and sign-ins with it, once everything is proven",
        (RunKind::Suspend, StepKind::LoginRoute) => "sends sign-ins to the legacy page, before anything else",
        (RunKind::Suspend, StepKind::Application) => "sets the OIDC client to inactive",
        (RunKind::Suspend, StepKind::Binding) => "disables the way from the sign-in page to the pool",
        (RunKind::Suspend, StepKind::Organization) => "marks the organization as deactivated",
        (_, StepKind::Tokens) => "ends every session and token of its users",
        (RunKind::Resume, StepKind::Application) => "sets the OIDC client to active",
        (RunKind::Resume, StepKind::Binding) => "enables the way from the sign-in page to the pool",
        (RunKind::Resume, StepKind::Organization) => "takes the mark off the organization",
        (RunKind::Resume, StepKind::Pool) => "checks the pool",
        (RunKind::Suspend, StepKind::Pool) => "keeps the pool and its users",
        (RunKind::Abandon, StepKind::LoginRoute) => "keeps sign-ins on the legacy page",
        (RunKind::Abandon, _) => "removes it if this enablement created it and nobody uses it",
    }
}
