//! Settings of a biller, and the defaults they come from.

mod apply;
mod as_code;
mod copy;
mod drift;
mod field;
mod preview;
pub(super) mod requests;
mod row;
mod vanity;

use domain::{
    Topic,
    actor::Capability,
    biller::CiamStatus,
    settings::{Agreement, Layer, Section},
};
use leptos::prelude::*;
use services::{
    apply_defaults,
    biller_settings::{
        requests as change_requests,
        show::{self, SettingsView},
    },
    show_biller,
};

pub(crate) use copy::CopySettingsPage;
pub(crate) use drift::DriftListPage;
pub(crate) use preview::ProposalPage;
pub(crate) use requests::ChangeRequestPage;

use super::{bid_in_path, biller::head};
use crate::{
    islands::CheckValues,
    paths,
    ui::{
        Act, Face, Heading, Hidden, Icon, Notice, Page, Panel, Place, Submit, SubmitKind, Time, Tone, Visit,
        page,
    },
};

/// The settings of one biller, section by section.
#[component]
pub(crate) fn BillerSettingsPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let biller = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let layer = Layer::Biller(bid);
        let view = show::show(&visit.console, &visit.actor, &layer).await?;
        let waiting = change_requests::waiting(&visit.console, &visit.actor, Some(&layer)).await?;
        let title = format!("Settings of {}", biller.biller.name());
        let announce = heard(&view);
        let head = head::head(&visit, &biller.biller, &biller.actions, head::Tab::Settings).into_any();
        let body = show(&visit, &view);
        let appearance = section_of(&visit) == Section::Appearance;
        let issuer = appearance.then(|| vanity::panel(&visit, &view));
        let copies = as_code::copy(&visit, &view, biller.biller.bid()).into_any();
        let waiting = requests::panel(waiting).into_any();
        Ok(Page::new(title, view! { {head} {waiting} {body} {issuer} {copies} }).live(followed, announce))
    })
}

/// The defaults for all billers or for a tier.
#[component]
pub(crate) fn DefaultSettingsPage() -> impl IntoView {
    page(Place::Settings, |visit| async move {
        let followed = visit.follow(Topic::Billers).await?;
        let layer = parameter(&visit.query, "level").and_then(|text| text.parse().ok());
        let layer = layer.filter(|layer| !matches!(layer, Layer::Biller(_))).unwrap_or(Layer::Everywhere);
        let view = show::show(&visit.console, &visit.actor, &layer).await?;
        let tiers = show::tiers(&visit.console, &visit.actor).await?;
        let waiting = change_requests::waiting(&visit.console, &visit.actor, None).await?;
        let waiting = requests::panel(waiting).into_any();
        let body = show(&visit, &view);
        let decided = apply_defaults::decided(&visit.console, &visit.actor, &layer).await?;
        let waves = visit.actor.may(Capability::RunWaves).and(view.may_change.clone()).is_ok();
        let apply = apply::panel(&layer, decided, waves);
        let head = level_head(&layer, tiers).into_any();
        let files = as_code::file(&visit, &view).into_any();
        Ok(Page::new("Default settings", view! { {head} {waiting} {body} {apply} {files} })
            .live(followed, ""))
    })
}

fn heard(view: &SettingsView) -> String {
    let drifted = view.rows.iter().filter(|row| row.agreement == Agreement::Drifted).count();
    match drifted {
        0 => "No setting differs from SecureAuth.".to_owned(),
        1 => "1 setting differs from SecureAuth.".to_owned(),
        n => format!("{n} settings differ from SecureAuth."),
    }
}

fn level_head(layer: &Layer, tiers: Vec<String>) -> impl IntoView + use<> {
    let lead = "What holds for billers for which nothing else is set. A biller that is enabled from now on gets it at once; \
        for those that are enabled already it is written by a wave (below), or where their drift is put right.";
    let levels = std::iter::once((Layer::Everywhere, "All billers".to_owned()))
        .chain(tiers.into_iter().map(|tier| (Layer::Tier(tier.clone()), format!("Tier {tier}"))));
    let links = levels
        .map(|(level, label)| {
            let current = (level == *layer).then_some("page");
            let href = paths::settings_of(&level, Section::Appearance);
            view! { <li><a class="tab-link" href=href aria-current=current>{label}</a></li> }
        })
        .collect_view();
    view! {
        <Heading title="Default settings" lead>
            <a class="btn" href=paths::DRIFT>"Drift of all billers"</a>
        </Heading>
        <nav class="tab-bar" aria-label="Level"><ul>{links}</ul></nav>
    }
}

/// A parameter of the query string.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The section that the address names, the first one otherwise.
fn section_of(visit: &Visit) -> Section {
    let named = parameter(&visit.query, "section").and_then(|text| text.parse().ok());
    named.unwrap_or(Section::Appearance)
}

fn show(visit: &Visit, view: &SettingsView) -> impl IntoView + use<> {
    let section = section_of(visit);
    let rows = view.section(section).map(|row| row::row(visit, view, row)).collect_view();
    let editable = view.section(section).any(|row| row.setting.is_editable());
    let layer = view.layer.to_string();
    // Enter in a field looks at the difference, whatever buttons stand before.
    let first = (editable && view.may_change.is_ok())
        .then(|| view! { <button type="submit" class="sr-only" tabindex="-1" aria-hidden="true">"Preview"</button> });
    let save = editable.then(|| {
        view! {
            <div class="buttons">
                <Submit id="propose" label="Preview the difference…" icon=Icon::ChevronRight allowed=view.may_change.clone() />
            </div>
        }
    });
    view! {
        {state(view, section)}
        <div class="settings-layout">
            {sections(view, section)}
            <Panel id="settings" title=section.label()>
                <Act to=paths::act::PROPOSE_SETTINGS class="form-stack">
                    <Hidden name="layer" value=layer />
                    <Hidden name="section" value=section.as_str() />
                    {first}
                    <ul class="setting-list">{rows}</ul>
                    {save}
                </Act>
            </Panel>
        </div>
        <CheckValues />
    }
}

/// The sections, each with the number of settings that differ.
fn sections(view: &SettingsView, chosen: Section) -> impl IntoView + use<> {
    let links = Section::ALL
        .iter()
        .filter(|section| view.section(**section).next().is_some())
        .map(|section| {
            let drifted = view.section(*section).filter(|row| row.agreement == Agreement::Drifted).count();
            let current = (*section == chosen).then_some("page");
            let href = paths::settings_of(&view.layer, *section);
            let note = (drifted > 0).then(|| {
                view! { <span class="tag tone-caution num">{drifted} <span class="sr-only">" drifted"</span></span> }
            });
            view! { <li><a class="section-link" href=href aria-current=current>{section.label()} {note}</a></li> }
        })
        .collect_view();
    view! { <nav class="section-nav" aria-label="Sections"><ul>{links}</ul></nav> }
}

/// How old the knowledge of SecureAuth is, and what stands in the way.
fn state(view: &SettingsView, section: Section) -> impl IntoView + use<> {
    let biller = view.biller.as_ref()?;
    if !view.has_objects {
        let text = match biller.status {
            CiamStatus::NotEnabled => {
                "Nothing is at SecureAuth yet. What is set here is written when the biller is enabled."
            }
            _ => "A run is under way. Settings are compared again once it has finished.",
        };
        return Some(view! { <Notice tone=Tone::Quiet text /> }.into_any());
    }
    let bid = biller.bid().to_string();
    let read = match view.read_at {
        Some(at) => view! { <span>"Read from SecureAuth " <Time at /></span> }.into_any(),
        None => view! { <span>"Not read from SecureAuth yet."</span> }.into_any(),
    };
    let again = view.may_change.is_ok().then(|| {
        view! { <Submit id="read-settings" label="Read anew" icon=Icon::Retry kind=SubmitKind::Plain /> }
    });
    let drifted = view.rows.iter().filter(|row| row.agreement == Agreement::Drifted).count();
    let badge = match (view.read_at, drifted) {
        (None, _) => Agreement::Unknown,
        (Some(_), 0) => Agreement::InSync,
        (Some(_), _) => Agreement::Drifted,
    };
    Some(
        view! {
            <div class="settings-state" id="settings-state" data-live="">
                {badge.badge()} {read}
                <Act to=paths::act::READ_SETTINGS>
                    <Hidden name="bid" value=bid />
                    <Hidden name="section" value=section.as_str() />
                    {again}
                </Act>
            </div>
        }
        .into_any(),
    )
}
