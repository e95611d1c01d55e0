//! Before use cases are changed: what goes off and on, in which order, what SecureAuth is asked, where people will sign in.

use domain::{
    Topic,
    login::LoginRoute,
    run::RunKind,
    use_case::{ChangePlan, Choices, OldUrlBehaviour, UseCase},
};
use leptos::prelude::*;
use services::change_use_cases::{self, ChangePreview};

use super::{bid_in_path, enable::steps};
use crate::{
    paths,
    query::choices_of,
    ui::{
        Act, Cancel, Crumb, Fact, Facts, Field, Heading, Hidden, Icon, Notice, Page, PageError, Panel, Place,
        Reason, Submit, SubmitKind, Tone, Visit, grouped, page,
    },
};

/// Before use cases are changed.
#[component]
pub(crate) fn UseCasesChangePage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let choices: Choices = choices_of(&visit.query).map_err(PageError::from)?;
        let preview = change_use_cases::preview(&visit.console, &visit.actor, &bid, choices).await?;
        let title = format!("Change use cases of {}", preview.biller.name());
        let announce = preview.allowed.as_ref().err().map(ToString::to_string).unwrap_or_default();
        Ok(Page::new(title, show(&visit, preview)).live(followed, announce))
    })
}

fn show(visit: &Visit, preview: ChangePreview) -> impl IntoView + use<> {
    let bid = preview.biller.bid();
    let crumbs = vec![
        Crumb::new(paths::BILLERS, "Billers"),
        Crumb::new(paths::biller(bid), preview.biller.name()),
        Crumb::new(paths::biller_use_cases(bid), "Use cases"),
    ];
    let cautions = preview
        .plan
        .cautions()
        .into_iter()
        .map(|caution| view! { <Notice tone=Tone::Caution text=caution.label() /> })
        .collect_view();
    let title = format!("Change use cases of {}", preview.biller.name());
    let (goes, people, vendor) = (effect(&preview.plan), people(&preview), vendor(&preview.plan));
    let confirm = confirm(visit, &preview);
    view! {
        <Heading title crumbs
            lead="This is what will happen. Nothing has been changed so far." />
        <div class="columns">
            <div class="column-wide">
                <Panel id="effect" title="What goes off and on" live=true>{goes}</Panel>
                <div class="stack" id="cautions" data-live="">{cautions}</div>
                <Panel id="people" title="People" live=true>{people}</Panel>
                <Panel id="vendor" title="At SecureAuth" live=true>{vendor}</Panel>
            </div>
            <div class="column-narrow">
                {confirm}
                <Panel id="steps" title="Steps">{steps(RunKind::ChangeUseCases)}</Panel>
            </div>
        </div>
    }
}

fn effect(plan: &ChangePlan) -> impl IntoView + use<> {
    let off = plan.turned_off.iter().map(|one| {
        let why = if plan.dragged.contains(one) {
            "goes off, because it needs what goes off after it"
        } else {
            "goes off"
        };
        (one.label(), why)
    });
    let on = plan.turned_on.iter().map(|one| (one.label(), "goes on, once it is proven"));
    let rows: Vec<_> =
        off.chain(on).map(|(label, what)| view! { <li><strong>{label}</strong> " " {what}</li> }).collect();
    let list = if rows.is_empty() {
        view! { <p>"Nothing goes off or on. What is chosen is noted, and counts from then on."</p> }
            .into_any()
    } else {
        view! { <ol class="plan-steps">{rows}</ol> }.into_any()
    };
    let held: Vec<_> = plan
        .held_back
        .iter()
        .map(|(use_case, blocked)| view! { <li>{use_case.label()} ": " {blocked.to_string()}</li> })
        .collect();
    let held = (!held.is_empty()).then(|| {
        view! { <p class="panel-foot">"Stays as it is, though it is wanted:"</p> <ul class="bullets">{held}</ul> }
    });
    let (now, then) = (plan.before.label(), plan.after.label());
    view! {
        {list}
        <Facts class="facts-tight">
            <Fact label="In effect now">{now}</Fact>
            <Fact label="Afterwards">{then}</Fact>
        </Facts>
        {held}
    }
}

fn people(preview: &ChangePreview) -> impl IntoView + use<> {
    let known = preview.users.map_or_else(
        || "nothing is known of them".to_owned(),
        |known| format!("{} ({})", grouped(known.users), known.state.label().to_lowercase()),
    );
    let there = preview.users_at_vendor.map_or_else(|| "SecureAuth did not answer".to_owned(), grouped);
    let leads = match preview.plan.route() {
        Some(LoginRoute::SecureAuth) => "will lead to SecureAuth, once everything is proven".to_owned(),
        Some(LoginRoute::Legacy) => "will lead to the legacy login page, at once".to_owned(),
        None => format!("leads to {}, as now", preview.biller.login_route.label()),
    };
    let after = &preview.plan.after;
    let old_page = match (after.has(UseCase::HostedLogin), after.old_url) {
        (true, OldUrlBehaviour::Redirect) => "will send people it recognises on to the login URL",
        _ if after.has(UseCase::DelegatedLogin) => "will check passwords with SecureAuth",
        _ => "keeps checking IC's own passwords",
    };
    let url = preview.login_url.clone().unwrap_or_default();
    view! {
        <Facts class="facts-tight">
            <Fact label="Users known">{known}</Fact>
            <Fact label="In the pool">{there}</Fact>
            <Fact label="Login URL"><code class="break">{url}</code> " " {leads}</Fact>
            <Fact label="Old page">{old_page}</Fact>
        </Facts>
    }
}

fn vendor(plan: &ChangePlan) -> impl IntoView + use<> {
    let rows: Vec<_> = plan
        .touches()
        .into_iter()
        .map(|one| view! { <li><strong>{one.kind.label()}</strong> " " {one.what} "."</li> })
        .collect();
    if rows.is_empty() {
        return view! { <p>"SecureAuth is not asked: this works even while it does not answer."</p> }
            .into_any();
    }
    view! {
        <ul class="bullets">{rows}</ul>
        <p class="hint">"Then everything is read back, and discovery and the sign-in page are asked from outside. Only what passes all of it takes effect."</p>
    }
    .into_any()
}

fn confirm(visit: &Visit, preview: &ChangePreview) -> impl IntoView + use<> {
    let bid = preview.biller.bid().clone();
    let back = paths::biller_use_cases(&bid);
    let reason = view! { <Reason visit /> }.into_any();
    let refused = preview.allowed.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let (choices, seen) = (preview.choices.to_string(), preview.layers.biller.to_string());
    let overtakes = preview.waiting.as_ref().map(|waiting| {
        let text = format!(
            "A change is scheduled for {}. It will not be made if you change something now: withdraw it, or leave it to do its work.",
            waiting.when
        );
        view! { <Notice tone=Tone::Caution text /> }
    });
    let later = later(visit, preview);
    view! {
        <Panel id="confirm" title="Confirm" class="panel-accent">
            <Act to=paths::act::CHANGE_USE_CASES class="form-stack">
                <Hidden name="bid" value=bid.to_string() />
                <Hidden name="choices" value=choices />
                <Hidden name="seen" value=seen />
                {reason}
                <div class="buttons" id="confirm-buttons" data-live="">
                    <Submit id="confirm-change" label="Change" icon=Icon::Check refused />
                    <Cancel href=back />
                </div>
                {later}
            </Act>
            <div id="overtakes" data-live="">{overtakes}</div>
        </Panel>
    }
}

/// The same change at a day and a time. It is a part of the same form, so that the reason is given once.
fn later(visit: &Visit, preview: &ChangePreview) -> impl IntoView + use<> {
    let typed = visit.typed("day").is_some();
    let refused = match (&preview.schedulable, &preview.waiting) {
        (Err(refusal), _) => refusal.to_string(),
        (Ok(()), Some(_)) => "Another change is scheduled already: withdraw it first.".to_owned(),
        (Ok(()), None) => String::new(),
    };
    let now = preview.allowed.as_ref().err().filter(|_| preview.schedulable.is_ok()).map(|refusal| {
        let text = format!(
            "Now it could not be done, and if that has not changed by then it will not be: {refusal}"
        );
        view! { <p class="hint" id="not-now">{text}</p> }
    });
    let hint = preview.zone.instead.clone().unwrap_or_else(|| "The biller's own, as IC says.".to_owned());
    let zone = preview.zone.zone.name().to_owned();
    let today = preview.today.clone();
    let fields = view! {
        <div class="field-pair">
            <Field visit name="day" label="Day" kind="date" value=today />
            <Field visit name="time" label="Time" kind="time" value="06:00" />
        </div>
        <Field visit name="zone" label="Time zone" value=zone hint />
    }
    .into_any();
    view! {
        <details class="more" id="later" open=typed>
            <summary>"At a later time…"</summary>
            <div class="form-stack">
                {fields}
                <p class="hint">
                    "When the time comes everything is looked at again. It is not made if somebody has changed something \
                     meanwhile or something stands in the way; that is then told on the biller's use cases."
                </p>
                {now}
                <div class="buttons">
                    <Submit id="schedule-change" label="Schedule" icon=Icon::Clock kind=SubmitKind::Plain refused
                        to=paths::act::SCHEDULE_USE_CASES />
                </div>
            </div>
        </details>
    }
}
