//! The defaults of use cases: for everyone, and for each tier.

use domain::{
    Topic,
    access::Refusal,
    use_case::{Choice, Choices, OldUrlBehaviour, UseCase},
};
use leptos::prelude::*;
use services::list_use_cases::{self, Defaults};

use crate::{
    paths,
    query::OLD_URL,
    ui::{
        Act, Crumb, Empty, Heading, Hidden, Icon, Notice, Page, Panel, Place, SubmitKind, Tone, count, page,
    },
};

/// The defaults of use cases.
#[component]
pub(crate) fn UseCaseDefaultsPage() -> impl IntoView {
    page(Place::UseCases, |visit| async move {
        let followed = visit.follow(Topic::Billers).await?;
        let defaults = list_use_cases::defaults(&visit.console, &visit.actor).await?;
        Ok(Page::new("Defaults of use cases", show(defaults)).live(followed, String::new()))
    })
}

fn show(defaults: Defaults) -> impl IntoView {
    let Defaults { everyone, tiers, allowed } = defaults;
    let refused = allowed.as_ref().err().map(|refusal| {
        view! { <Notice tone=Tone::Quiet text=refusal.to_string() /> }
    });
    let everyone = everyone.map(|one| one.choices).unwrap_or_default();
    let for_everyone = level("", everyone, allowed.clone());
    let rows: Vec<_> = tiers
        .into_iter()
        .map(|(tier, n, chosen)| {
            let choices = chosen.map(|one| one.choices).unwrap_or_default();
            let billers = count(usize::try_from(n).unwrap_or(usize::MAX), "biller", "billers");
            let form = level(&tier, choices, allowed.clone());
            view! { <li class="default-row"><h3>{tier} " " <span class="hint">{billers}</span></h3> {form}</li> }
        })
        .collect();
    let tiers = if rows.is_empty() {
        view! { <Empty icon=Icon::Layers title="No tiers" text="No biller has a tier yet. IC or an import names it." /> }.into_any()
    } else {
        view! { <ul class="stack">{rows}</ul> }.into_any()
    };
    view! {
        <Heading title="Defaults of use cases" crumbs=vec![Crumb::new(paths::USE_CASES, "Use cases")]
            lead="What billers inherit that choose nothing themselves. A default changes nothing by itself: billers show the difference, and a bulk change brings it about." />
        {refused}
        <Panel id="everyone" title="Everyone">{for_everyone}</Panel>
        <Panel id="tiers" title="Tiers" lead="What a tier says comes before what is said for everyone.">{tiers}</Panel>
    }
}

/// The form of one level.
fn level(tier: &str, choices: Choices, allowed: Result<(), Refusal>) -> impl IntoView + use<> {
    let fixed = allowed.is_err();
    let of = if tier.is_empty() { "everyone".to_owned() } else { format!("tier {tier}") };
    let selects = UseCase::ALL
        .iter()
        .map(|use_case| {
            let options = Choice::ALL
                .iter()
                .map(|choice| view! { <option value=choice.as_str() selected=choices.of(*use_case) == *choice>{choice.label()}</option> })
                .collect_view();
            let label = format!("{} for {of}", use_case.label());
            view! {
                <label class="bulk-choice">
                    {use_case.label()} " "
                    <select class="select select-sm" name=use_case.as_str() disabled=fixed aria-label=label>{options}</select>
                </label>
            }
        })
        .collect_view();
    let old = OldUrlBehaviour::ALL
        .iter()
        .map(|one| view! { <option value=one.as_str() selected=choices.old_url == Some(*one)>{one.label()}</option> })
        .collect_view();
    let button = (!fixed).then(|| {
        let label = format!("Save for {of}");
        view! { <button type="submit" class=SubmitKind::Plain.class()>{label}</button> }
    });
    let (seen, tier) = (choices.to_string(), tier.to_owned());
    view! {
        <Act to=paths::act::SET_USE_CASE_DEFAULT class="inline-form">
            <Hidden name="tier" value=tier />
            <Hidden name="seen" value=seen />
            {selects}
            <label class="bulk-choice">
                "Old page "
                <select class="select select-sm" name=OLD_URL disabled=fixed aria-label=format!("Old page for {of}")>
                    <option value="inherit" selected=choices.old_url.is_none()>"Inherit"</option>
                    {old}
                </select>
            </label>
            {button}
        </Act>
    }
}
