//! Before a biller is suspended: what it means for its users, and the name to type.

use domain::{Topic, biller::Biller, legacy::ImpactSheet, run::RunKind};
use leptos::prelude::*;
use services::suspend_biller::{self, Impact};

use super::{bid_in_path, enable::steps};
use crate::{
    islands::ConfirmName,
    paths,
    ui::{
        Act, Cancel, Crumb, Field, Heading, Hidden, Icon, Notice, Page, Panel, Place, Reason, Submit,
        SubmitKind, Tone, Visit, grouped, page,
    },
};

/// Before a biller is suspended.
#[component]
pub(crate) fn SuspendPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let impact = suspend_biller::impact(&visit.console, &visit.actor, &bid).await?;
        let title = format!("Suspend {}", impact.biller.name());
        let announce = impact.allowed.as_ref().err().map(ToString::to_string).unwrap_or_default();
        Ok(Page::new(title, show(&visit, impact)).live(followed, announce))
    })
}

fn show(visit: &Visit, impact: Impact) -> impl IntoView + use<> {
    let Impact { biller, sheet, allowed } = impact;
    let bid = biller.bid();
    let crumbs = vec![Crumb::new(paths::BILLERS, "Billers"), Crumb::new(paths::biller(bid), biller.name())];
    let legacy = sheet.legacy_login_url.clone();
    view! {
        <Heading title=format!("Suspend {}", biller.name()) crumbs
            lead="Sign-ins go back to the legacy page, and everything at SecureAuth is switched off. Nothing is deleted; it can be resumed." />
        <div class="columns">
            <div class="column-wide">
                <Panel id="impact" title="What it means for users" live=true>{impact_sheet(&sheet)}</Panel>
                <Panel id="afterwards" title="Afterwards">
                    <ul class="bullets">
                        <li>"The login URL leads to " <span class="break">{legacy}</span> "."</li>
                        <li>"Everyone who is signed in is signed out; tokens are revoked."</li>
                        <li>"IC is told by a signed event."</li>
                        <li>"Organization, pool, users and application stay at SecureAuth, switched off."</li>
                    </ul>
                </Panel>
            </div>
            <div class="column-narrow">
                {confirm(visit, &biller, allowed)}
                <Panel id="steps" title="Steps">{steps(RunKind::Suspend)}</Panel>
            </div>
        </div>
        <ConfirmName />
    }
}

fn impact_sheet(sheet: &ImpactSheet) -> impl IntoView + use<> {
    let passwords = sheet.passwords;
    let locked_out = passwords.locked_out();
    let warning = (locked_out > 0).then(|| {
        let text = format!(
            "{} of {} users cannot simply go back to their old password.",
            grouped(locked_out),
            grouped(passwords.total())
        );
        view! {
            <Notice tone=Tone::Caution text>
                <p>"Tell them before, or let the legacy page offer a reset: it cannot know a password that was set at SecureAuth."</p>
            </Notice>
        }
    });
    let at_vendor = sheet.users_at_vendor.map_or_else(|| "SecureAuth did not answer".to_owned(), grouped);
    view! {
        <dl class="figures">
            {figure("Users at SecureAuth", at_vendor, "in this biller's pool")}
            {figure("Sign-ins in 24 hours", grouped(sheet.logins_last_day), "begun at the login URL")}
            {figure("Old password fits", grouped(passwords.current), "sign in as before")}
            {figure("Old password out of date", grouped(passwords.stale), "changed it at SecureAuth since the move")}
            {figure("No old password", grouped(passwords.missing), "created since the move")}
        </dl>
        {warning}
    }
}

fn figure(label: &'static str, value: String, note: &'static str) -> impl IntoView {
    view! {
        <div class="figure">
            <dt>{label}</dt>
            <dd><span class="figure-value num">{value}</span> " " <span class="figure-note">{note}</span></dd>
        </div>
    }
}

fn confirm(
    visit: &Visit,
    biller: &Biller,
    allowed: Result<(), domain::access::Refusal>,
) -> impl IntoView + use<> {
    let bid = biller.bid().clone();
    let back = paths::biller(&bid);
    let name = biller.name().to_owned();
    let fields = view! {
        <Field visit name="name" label="Type the biller's name to confirm" required=true must_be=name.clone() />
        <Reason visit />
    }
    .into_any();
    view! {
        <Panel id="confirm" title="Confirm" class="panel-danger">
            <p class="confirm-name"><strong class="break">{name}</strong></p>
            <Act to=paths::act::SUSPEND class="form-stack">
                <Hidden name="bid" value=bid.to_string() />
                {fields}
                <div class="buttons">
                    <Submit id="confirm-suspend" label="Suspend" icon=Icon::Pause kind=SubmitKind::Danger allowed />
                    <Cancel href=back />
                </div>
            </Act>
        </Panel>
    }
}
