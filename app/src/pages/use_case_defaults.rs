//! The defaults of use cases: for everyone, and for each tier.

use domain::{
    Topic,
    access::Refusal,
    biller::CiamStatus,
    use_case::{Choice, ChoicePatch, Choices, OldUrlBehaviour, UseCase},
    wave::WaveAction,
};
use leptos::prelude::*;
use services::list_use_cases::{self, Defaults};

use crate::{
    paths,
    query::{BillersQuery, OLD_URL, of_action},
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
    let Defaults { everyone, tiers, differing, allowed } = defaults;
    let refused = allowed.as_ref().err().map(|refusal| {
        view! { <Notice tone=Tone::Quiet text=refusal.to_string() /> }
    });
    let everyone = everyone.map(|one| one.choices).unwrap_or_default();
    let at_least = differing.at_least;
    let all = bring_about(None, differing.all, at_least);
    let for_everyone = level("", everyone, allowed.clone());
    let rows: Vec<_> = tiers
        .into_iter()
        .map(|(tier, n, chosen)| {
            let choices = chosen.map(|one| one.choices).unwrap_or_default();
            let billers = count(usize::try_from(n).unwrap_or(usize::MAX), "biller", "billers");
            let form = level(&tier, choices, allowed.clone());
            let differ = differing.of_tier.get(&tier).copied().unwrap_or(0);
            let differ = bring_about(Some(&tier), differ, at_least);
            view! { <li class="default-row"><h3>{tier} " " <span class="hint">{billers}</span></h3> {form} {differ}</li> }
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
        <Panel id="everyone" title="Everyone">{for_everyone} {all}</Panel>
        <Panel id="tiers" title="Tiers" lead="What a tier says comes before what is said for everyone.">{tiers}</Panel>
    }
}

/// How many billers would change if what is chosen were brought about, and the wave that does it.
fn bring_about(tier: Option<&str>, n: usize, at_least: bool) -> impl IntoView + use<> {
    let whose = tier.map_or_else(|| "enabled".to_owned(), |tier| format!("enabled ones of tier {tier}"));
    if n == 0 && !at_least {
        let text = format!("In effect is what is chosen, for all {whose}.");
        return view! { <p class="hint">{text}</p> }.into_any();
    }
    let mut query = BillersQuery::with_status(CiamStatus::Enabled);
    query.list.filter.tier = tier.map(str::to_owned);
    let bring = of_action(&WaveAction::UseCases(ChoicePatch::default()));
    let href = paths::with_query(paths::WAVE_NEW, &[query.everything_matching().to_query(), bring].join("&"));
    let number = if at_least { format!("At least {n}") } else { n.to_string() };
    let verb = if n == 1 && !at_least { "differs" } else { "differ" };
    let text = format!("{number} of the {whose} {verb} from what is chosen. ");
    view! { <p class="hint">{text} <a class="link" href=href>"Bring it about…"</a></p> }.into_any()
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
