//! The exact difference that a proposed change makes, before it is made.

use domain::{
    Bid, Topic,
    actor::Capability,
    settings::{Layer, SettingValue, vanity::IssuerSwitch},
    wave::WaveRules,
};
use leptos::prelude::*;
use services::biller_settings::preview::{self, Line, Part, ProposalView};

use super::row::told;
use crate::{
    pages::{in_path, wave_new::rule_fields},
    paths,
    ui::{
        Act, Cancel, Column, Crumb, Field, Heading, Hidden, Icon, Notice, Page, Panel, Place, Submit, Table,
        Time, Tone, Visit, count, page,
    },
};

/// The most billers whose lines are listed; the rest are counted.
const LISTED: usize = 50;

/// A proposed change.
#[component]
pub(crate) fn ProposalPage() -> impl IntoView {
    let id = in_path("id");
    page(Place::Settings, |visit| async move {
        let view = preview::preview(&visit.console, &visit.actor, id.parse()?).await?;
        let followed = match view.parts.as_slice() {
            [Part { layer: Layer::Biller(bid), .. }] => visit.follow(Topic::Biller(bid.clone())).await?,
            _ => visit.follow(Topic::Billers).await?,
        };
        Ok(Page::new("Preview of a change", show(&visit, view)).live(followed, ""))
    })
}

fn show(visit: &Visit, view: ProposalView) -> impl IntoView + use<> {
    let ProposalView { id, source, parts, needs_reason, second_person, copy, token } = view;
    let (crumbs, back) = place(&parts, copy.as_ref().map(|(from, _)| from));
    let wave = copy.is_some();
    let lead = lead(&parts, wave);
    let allowed = match wave {
        // A wave leaves out whom it cannot change when their turn comes.
        true => visit.actor.may(Capability::RunWaves),
        false => parts.iter().find_map(|part| part.allowed.clone().err()).map_or(Ok(()), Err),
    };
    let conflict = parts.iter().any(|part| !part.conflicts.is_empty() || !part.taken.is_empty());
    let listed = self::parts(parts, wave);
    let source = format!("Source: {}.", source.label());
    let why = if needs_reason.is_empty() {
        "Stands in the activity log beside your name.".to_owned()
    } else {
        format!("Needed, because much depends on {}.", needs_reason.join(", "))
    };
    let reason =
        view! { <Field visit name="reason" label="Reason" hint=why required=!needs_reason.is_empty() /> };
    let reason = reason.into_any();
    let rules = wave.then(|| rule_fields(visit, WaveRules { pilot: 1, ..WaveRules::default() }));
    let label = match (second_person, wave) {
        (true, _) => "Ask a second person",
        (false, true) => "Start the wave",
        (false, false) => "Make this change",
    };
    let second = second_person.then(|| second_person_notice(&needs_reason));
    let confirm = if conflict {
        view! { <a class="btn" href=back>"Back to the settings"</a> }.into_any()
    } else {
        view! {
            <Act to=paths::act::CONFIRM_SETTINGS class="form-stack">
                <Hidden name="id" value=id.to_string() />
                <Hidden name="token" value=token />
                {rules}
                {reason}
                <div class="buttons">
                    <Submit id="confirm-settings" label=label icon=Icon::Check allowed />
                    <Cancel href=back />
                </div>
            </Act>
        }
        .into_any()
    };
    view! {
        <Heading title="Preview of a change" crumbs lead />
        <div class="form-stack" id="difference" data-live="">
            {second}
            {listed}
        </div>
        <Panel id="confirm" title="Confirm" lead=source>
            {confirm}
        </Panel>
    }
}

/// Where it was proposed: the way back, and what stands above the title.
fn place(parts: &[Part], copied_from: Option<&Bid>) -> (Vec<Crumb>, String) {
    let billers = || Crumb::new(paths::BILLERS, "Billers");
    match (parts, copied_from) {
        ([Part { layer: Layer::Biller(bid), biller: Some(biller), .. }], _) => {
            (vec![billers(), Crumb::new(paths::biller(bid), biller.name())], paths::biller_settings(bid))
        }
        (_, Some(from)) => (
            vec![billers(), Crumb::new(paths::biller_settings(from), format!("Settings of {from}"))],
            paths::biller_settings(from),
        ),
        _ => (vec![Crumb::new(paths::SETTINGS, "Default settings")], paths::SETTINGS.to_owned()),
    }
}

/// What is done, in a sentence.
fn lead(parts: &[Part], wave: bool) -> String {
    if wave {
        return format!(
            "A wave over {}, the pilot first; each is looked at again when its turn comes, and gets its own run.",
            count(parts.len(), "biller", "billers")
        );
    }
    if parts.iter().any(|part| part.issuer.is_some()) {
        return "One run asks the issuer once more and then lets sign-ins go there. Nothing is written to SecureAuth."
            .to_owned();
    }
    let objects: usize = parts.iter().map(|part| part.objects().len()).sum();
    let objects = count(objects, "object", "objects");
    match parts.iter().filter(|part| part.has_run()).count() {
        0 => "Nothing is written to SecureAuth now.".to_owned(),
        1 => format!("One run writes {objects} at SecureAuth, each with one call."),
        runs => format!("{runs} runs write {objects} at SecureAuth, each with one call."),
    }
}

/// That nothing is made before somebody else approves it.
fn second_person_notice(settings: &[&'static str]) -> impl IntoView + use<> {
    let text = format!(
        "Much depends on {}, so this change waits until somebody else approves it. Nothing is set before.",
        settings.join(", ")
    );
    view! { <Notice tone=Tone::Caution text /> }
}

/// The difference, level by level.
pub(super) fn parts(parts: Vec<Part>, wave: bool) -> impl IntoView {
    let more = parts.len().saturating_sub(LISTED);
    let listed = parts.into_iter().take(LISTED).map(|it| part(it, wave)).collect_view();
    view! {
        {listed}
        {(more > 0).then(|| view! { <p class="hint">"… and " {more} " more."</p> })}
    }
}

fn part(part: Part, wave: bool) -> impl IntoView {
    let title = match (&part.layer, &part.biller) {
        (Layer::Biller(bid), Some(biller)) => format!("{} ({bid})", biller.name()),
        (Layer::Tier(tier), _) => format!("Tier {tier}"),
        _ => "All billers".to_owned(),
    };
    let names: Vec<&str> = part.objects().iter().map(|scope| scope.label()).collect();
    let written = (!names.is_empty()).then(|| format!("Written to SecureAuth: {}.", names.join(", ")));
    let read = part.read_at.map(|at| view! { <p class="hint">"As SecureAuth showed it " <Time at /></p> });
    let unread = (part.biller.is_some() && part.read_at.is_none() && part.change.is_some()).then(|| {
        view! { <Notice tone=Tone::Caution text="What SecureAuth shows now is not known: it was not read yet, or did not answer. The run writes in any case, and reads back." /> }
    });
    let conflict = (!part.conflicts.is_empty()).then(|| {
        let text = format!(
            "Somebody else changed {} since you proposed this. Both values are below; go back and propose anew.",
            part.conflicts.join(", ")
        );
        view! { <Notice tone=Tone::Bad text /> }
    });
    let left_out = part.allowed.as_ref().err().filter(|_| wave).map(|refusal| {
        view! { <Notice tone=Tone::Caution text=format!("As it stands now it is left out. {refusal}") /> }
    });
    let taken = part.taken.iter().map(|it| {
        let text = format!("{}: {}", it.key.setting().label, it.problem);
        view! { <Notice tone=Tone::Bad text /> }
    });
    let taken = taken.collect_view();
    let consequences = (!part.consequences.is_empty()).then(|| {
        let items = part.consequences.iter().map(|text| view! { <li>{text.clone()}</li> }).collect_view();
        view! { <Notice tone=Tone::Caution text="What this brings with it:"><ul class="bullets">{items}</ul></Notice> }
    });
    let (region, heading) = (format!("Table of {title}"), title.clone());
    let compared = part.biller.is_some();
    let rows = part.lines.iter().map(|it| line(it, compared)).collect_view();
    let switch = part.issuer.as_ref().map(switch);
    let shown = (compared && part.issuer.is_none()).then_some("SecureAuth shows");
    let columns: Vec<Column> =
        ["Setting", "Now", "Then"].into_iter().chain(shown).map(Column::text).collect();
    view! {
        <section class="panel panel-flush" aria-label=title>
            <header class="panel-head panel-pad"><h2>{heading}</h2></header>
            <div class="panel-pad form-stack">{left_out} {conflict} {taken} {unread} {consequences}</div>
            <Table name=region caption="Settings that change" columns>{rows} {switch}</Table>
            <div class="panel-pad">{written.map(|text| view! { <p class="hint">{text}</p> })} {read}</div>
        </section>
    }
}

/// The issuer that sign-ins go to, now and then.
fn switch(switch: &IssuerSwitch) -> impl IntoView + use<> {
    let (before, after) = (switch.before.clone(), switch.after.clone());
    view! {
        <tr>
            <th scope="row">{IssuerSwitch::LABEL}</th>
            <td><span class="break">{before}</span></td>
            <td><span class="break">{after}</span></td>
        </tr>
    }
}

fn line(line: &Line, compared: bool) -> impl IntoView + use<> {
    let setting = line.setting;
    let set = |value: &Option<SettingValue>| match value {
        Some(value) => setting.show(value),
        None => "Inherited".to_owned(),
    };
    let cell = |effective: &Option<domain::settings::Effective>, value: &Option<SettingValue>| match effective
    {
        Some(effective) => told(setting, effective).into_any(),
        None => set(value).into_any(),
    };
    let shown = compared.then(|| {
        let shown = line.observed.as_ref().map_or_else(|| "Not known".to_owned(), |it| it.show(setting));
        let note = if line.writes { "is written" } else { "is left as it is" };
        view! { <td><span class="break">{shown}</span> " " <span class="hint">"(" {note} ")"</span></td> }
    });
    view! {
        <tr>
            <th scope="row">{setting.label} <br /> <code class="hint break">{setting.key}</code></th>
            <td>{cell(&line.before, &line.set_before)}</td>
            <td>{cell(&line.after, &line.set_after)}</td>
            {shown}
        </tr>
    }
}
