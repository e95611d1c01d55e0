//! The head of a biller's pages: name, status, the one action that fits, the tabs.

use domain::{
    actor::Capability,
    biller::{Biller, CiamStatus},
    login::LoginRoute,
};
use leptos::prelude::*;
use services::show_biller::Actions;

use crate::{
    paths,
    ui::{
        Copyable, Crumb, Face, Fact, Facts, Heading, Icon, Panel, SubmitKind, Time, Tone, Visit, badge,
        form::ActionLink, grouped,
    },
};

/// The pages of a biller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Overview,
    UseCases,
    Migration,
    Users,
    Settings,
    Activity,
}

/// Name, status, action, and the tabs that the role may open.
pub(crate) fn head(visit: &Visit, biller: &Biller, actions: &Actions, tab: Tab) -> impl IntoView + use<> {
    let bid = biller.bid();
    let crumbs = vec![Crumb::new(paths::BILLERS, "Billers")];
    let tabs = [
        (Tab::Overview, "Overview", paths::biller(bid)),
        (Tab::UseCases, "Use cases", paths::biller_use_cases(bid)),
        (Tab::Migration, "Migration", paths::biller_migration(bid)),
        (Tab::Users, "Users", paths::users(bid)),
        (Tab::Settings, "Settings", paths::biller_settings(bid)),
        (Tab::Activity, "Activity", paths::biller_activity(bid)),
    ];
    let sees_users = visit.actor.may(Capability::ViewUsers).is_ok();
    let sees_activity = visit.actor.may(Capability::ViewActivity).is_ok();
    let tabs = tabs
        .into_iter()
        .filter(|(tab, ..)| match tab {
            Tab::Activity => sees_activity,
            Tab::Users => sees_users,
            _ => true,
        })
        .map(|(this, label, href)| {
            let current = (this == tab).then_some("page");
            view! { <li><a class="tab-link" href=href aria-current=current>{label}</a></li> }
        })
        .collect_view();
    let action = action(biller, actions);
    view! {
        <Heading title=biller.name() crumbs>
            <div id="action" data-live="">{action}</div>
        </Heading>
        <nav class="tab-bar" aria-label="Biller"><ul>{tabs}</ul></nav>
    }
}

/// The action that fits the status: the others would only be refused.
fn action(biller: &Biller, actions: &Actions) -> AnyView {
    let bid = biller.bid();
    match biller.status {
        CiamStatus::NotEnabled | CiamStatus::Enabling => view! {
            <ActionLink id="enable" href=paths::enable(bid) label="Enable…" icon=Icon::Power kind=SubmitKind::Primary
                allowed=actions.enable.clone() />
        }
        .into_any(),
        CiamStatus::Enabled | CiamStatus::Suspending => view! {
            <ActionLink id="suspend" href=paths::suspend(bid) label="Suspend…" icon=Icon::Pause allowed=actions.suspend.clone() />
        }
        .into_any(),
        CiamStatus::Suspended | CiamStatus::Resuming => view! {
            <ActionLink id="resume" href=paths::resume(bid) label="Resume…" icon=Icon::Play kind=SubmitKind::Primary
                allowed=actions.resume.clone() />
        }
        .into_any(),
    }
}

/// Where the biller stands, and what that means for its users.
pub(super) fn standing(biller: &Biller) -> impl IntoView + use<> {
    let failed = biller.open_run.is_some() && !biller.status.is_moving();
    view! {
        <section class=format!("standing {}", biller.status.tone().class()) id="standing" data-live="" aria-label="CIAM status">
            <p class="standing-badges">
                {biller.status.badge()}
                {failed.then(|| badge(Tone::Bad, Icon::Cross, "Run failed"))}
                <span class="standing-since">"since " <Time at=biller.status_since /></span>
            </p>
            <p>{meaning(biller)}</p>
        </section>
    }
}

/// What the status means for the biller's users.
fn meaning(biller: &Biller) -> &'static str {
    match (biller.status, biller.login_route) {
        (CiamStatus::NotEnabled, _) => {
            "Users sign in on the legacy page. SecureAuth holds nothing that is in use for this biller."
        }
        (CiamStatus::Enabling, _) => {
            "Its place at SecureAuth is being made. Users sign in on the legacy page until the proof has succeeded."
        }
        (CiamStatus::Enabled | CiamStatus::Resuming, LoginRoute::SecureAuth) => {
            "Its login URL leads to SecureAuth, and the sign-in page there answers."
        }
        (CiamStatus::Enabled, LoginRoute::Legacy) => {
            "Everything is made at SecureAuth, but the login URL leads to the legacy page."
        }
        (CiamStatus::Suspending, _) => {
            "Sign-ins go back to the legacy page first, then everything at SecureAuth is switched off. Nothing is deleted."
        }
        (CiamStatus::Suspended, _) => {
            "Its login URL leads to the legacy page. Everything at SecureAuth is kept but switched off."
        }
        (CiamStatus::Resuming, LoginRoute::Legacy) => {
            "It is being switched on again. The login URL leads to the legacy page until the proof has succeeded."
        }
    }
}

/// What IC says of the biller.
pub(super) fn facts(biller: &Biller) -> impl IntoView + use<> {
    let facts = biller.draft.clone();
    let told = biller.updated_at;
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    view! {
        <Panel id="facts" title="From IC">
            <Facts class="facts-tight">
                <Fact label="bid"><Copyable text=facts.bid.to_string() what="bid" /></Fact>
                <Fact label="State">{or_dash(facts.state)}</Fact>
                <Fact label="Ownership">{or_dash(facts.ownership)}</Fact>
                <Fact label="Tier">{or_dash(facts.tier)}</Fact>
                <Fact label="Customers"><span class="num">{or_dash(facts.customers.map(grouped))}</span></Fact>
                <Fact label="Portfolio">{or_dash(facts.portfolio.named().map(ToString::to_string))}</Fact>
                <Fact label="Time zone">{or_dash(facts.time_zone)}</Fact>
                <Fact label="Last told"><Time at=told /></Fact>
            </Facts>
        </Panel>
    }
}
