//! Before a wave is started: what it does with which billers, which it leaves out and why, and how it goes about it.

use std::collections::BTreeMap;

use domain::{
    Bid,
    access::Refusal,
    biller::Biller,
    wave::{WaveAction, WaveRules},
};
use leptos::prelude::*;
use services::bulk_enable::{self, Selection, WavePreview};

use crate::{
    paths,
    query::{BillersQuery, action_of, of_action},
    ui::{
        Act, Cancel, Crumb, Empty, Face, Field, Heading, Hidden, Icon, Notice, Page, Panel, Place, Reason,
        Submit, Tone, Visit, count, page,
    },
};

/// Billers of each kind that are listed by name; the rest is counted.
const LISTED: usize = 100;

/// Before a wave is started.
#[component]
pub(crate) fn WaveNewPage() -> impl IntoView {
    page(Place::Waves, |visit| async move {
        let query = BillersQuery::parse(&visit.query);
        let selection = if query.all_matching {
            Selection::Filter(query.list.filter.clone())
        } else {
            Selection::Bids(query.selected.clone())
        };
        let action = action_of(&visit.query);
        let preview = bulk_enable::preview_of(&visit.console, &visit.actor, selection, &action).await?;
        let title = match action {
            WaveAction::Enable => "Enable many",
            WaveAction::UseCases(_) => "Change many",
            WaveAction::Defaults { .. } => "Write defaults for many",
            WaveAction::Copy { .. } => "Copy to many",
            WaveAction::Migrate => "Move the users of many",
        };
        Ok(Page::new(title, show(&visit, &query, &action, preview)))
    })
}

fn show(
    visit: &Visit,
    query: &BillersQuery,
    action: &WaveAction,
    preview: WavePreview,
) -> impl IntoView + use<> {
    let WavePreview { ready, details, not_ready, unknown, rules, allowed } = preview;
    let (from, list_name) = match action {
        WaveAction::Enable => (paths::BILLERS, "Billers"),
        WaveAction::UseCases(_) => (paths::USE_CASES, "Use cases"),
        WaveAction::Defaults { .. } | WaveAction::Copy { .. } => (paths::SETTINGS, "Default settings"),
        WaveAction::Migrate => (paths::MIGRATIONS, "Migrations"),
    };
    let verb = verb(action);
    let crumbs = vec![Crumb::new(from, list_name)];
    // The way back keeps filters and selection, without the marks of this page.
    let list = BillersQuery { all_matching: false, ..query.clone() };
    let back = paths::with_query(from, &list.to_query());
    let title = match ready.len() {
        0 => format!("Nothing to {}", verb.to_lowercase()),
        n => format!("{verb} {}", whom(action, n)),
    };
    let confirm =
        (!ready.is_empty()).then(|| confirm(visit, (query, action), &ready, rules, allowed, back.clone()));
    let nothing = ready.is_empty() && not_ready.is_empty() && unknown.is_empty();
    let body = if nothing {
        nothing_selected(back).into_any()
    } else {
        lists(action, (ready, details), not_ready, unknown, back).into_any()
    };
    let does = (*action != WaveAction::Enable).then(|| format!("For each biller: {}.", action.label()));
    view! {
        <Heading title crumbs lead="Some at a time; each biller gets its own run. Nothing has been changed so far." />
        {does.map(|text| view! { <Notice tone=Tone::Quiet text /> })}
        <div class="columns">
            <div class="column-wide">{body}</div>
            <div class="column-narrow">{confirm}</div>
        </div>
    }
}

fn nothing_selected(back: String) -> impl IntoView {
    view! {
        <Panel id="ready" title="No biller selected">
            <Empty icon=Icon::Layers title="Nothing to enable" text="Tick billers in the list, or narrow the filter and take everything that matches.">
                <a class="btn btn-sm btn-primary" href=back>"Back to the list"</a>
            </Empty>
        </Panel>
    }
}

/// What is done, in one word.
const fn verb(action: &WaveAction) -> &'static str {
    match action {
        WaveAction::Enable => "Enable",
        WaveAction::UseCases(_) | WaveAction::Defaults { .. } | WaveAction::Copy { .. } => "Change",
        WaveAction::Migrate => "Move",
    }
}

/// To whom it is done.
fn whom(action: &WaveAction, billers: usize) -> String {
    match action {
        WaveAction::Migrate => format!("the users of {}", count(billers, "biller", "billers")),
        _ => count(billers, "biller", "billers"),
    }
}

/// What will have been done, in one word.
const fn done(action: &WaveAction) -> &'static str {
    match action {
        WaveAction::Enable => "enabled",
        WaveAction::UseCases(_) | WaveAction::Defaults { .. } | WaveAction::Copy { .. } => "changed",
        WaveAction::Migrate => "moved",
    }
}

fn lists(
    action: &WaveAction,
    (ready, details): (Vec<Biller>, BTreeMap<Bid, String>),
    not_ready: Vec<(Biller, String)>,
    unknown: Vec<Bid>,
    back: String,
) -> impl IntoView + use<> {
    let left_out = not_ready.len() + unknown.len();
    let left_out_more = more(not_ready.len());
    let begin = if ready.is_empty() {
        none_ready(done(action), back).into_any()
    } else {
        will_be(done(action), ready, details).into_any()
    };
    let skipped = (left_out > 0).then(|| {
        let lines =
            not_ready.into_iter().take(LISTED).map(|(biller, why)| line(&biller, Some(why))).collect_view();
        let unknown = unknown.into_iter().take(LISTED).map(stranger).collect_view();
        view! {
            <Panel id="left-out" title=format!("Left out: {left_out}")>
                <ul class="lines">{lines} {unknown}</ul>
                {left_out_more}
            </Panel>
        }
    });
    view! { {begin} {skipped} }
}

fn more(n: usize) -> impl IntoView {
    (n > LISTED).then(|| view! { <p class="panel-foot">{format!("and {} more", n - LISTED)}</p> })
}

fn will_be(done: &str, ready: Vec<Biller>, mut details: BTreeMap<Bid, String>) -> impl IntoView + use<> {
    let title = format!("Will be {done}: {}", ready.len());
    let rest = more(ready.len());
    let lines = ready
        .into_iter()
        .take(LISTED)
        .map(|biller| line(&biller, details.remove(biller.bid())))
        .collect_view();
    view! {
        <Panel id="ready" title>
            <ul class="lines">{lines}</ul>
            {rest}
        </Panel>
    }
}

fn none_ready(done: &str, back: String) -> impl IntoView + use<> {
    let (title, text) = (format!("Will be {done}: 0"), format!("None of these can be {done} now"));
    view! {
        <Panel id="ready" title>
            <Empty icon=Icon::Layers title=text text="Each one says below why.">
                <a class="btn btn-sm" href=back>"Back to the list"</a>
            </Empty>
        </Panel>
    }
}

fn stranger(bid: Bid) -> impl IntoView {
    view! {
        <li class="line">
            <div class="line-main"><code>{bid.to_string()}</code> <p class="line-note">"No such biller."</p></div>
        </li>
    }
}

fn line(biller: &Biller, why: Option<String>) -> impl IntoView + use<> {
    view! {
        <li class="line">
            {biller.status.badge()}
            <div class="line-main">
                <a class="link" href=paths::biller(biller.bid())>{biller.name().to_owned()}</a>
                <span class="line-what">{biller.bid().to_string()}</span>
                {why.map(|text| view! { <p class="line-note">{text}</p> })}
            </div>
        </li>
    }
}

/// How the wave goes about it: the same fields wherever one is asked for.
pub(super) fn rule_fields(visit: &Visit, rules: WaveRules) -> AnyView {
    view! {
        <Field visit name="parallel" label="Runs at a time" kind="number" value=rules.parallel.to_string() min="1" max="8"
            hint="1 to 8; within what SecureAuth allows." />
        <Field visit name="stop_above_percent" label="Stop above this share of failures, in percent" kind="number"
            value=rules.stop_above_percent.to_string() min="0" max="100"
            hint="Runs under way finish; no new one is started." />
        <Field visit name="pilot" label="Pilot" kind="number" value=rules.pilot.to_string() min="0" max="5000"
            hint="So many billers go first; the others wait until you have looked at them. 0: no pilot." />
        <Field visit name="stage" label="Stage" kind="number" value=rules.stage.to_string() min="0" max="5000"
            hint="The others follow so many at a time, each stage after the last one is through. 0: all at once." />
    }
    .into_any()
}

fn confirm(
    visit: &Visit,
    (query, action): (&BillersQuery, &WaveAction),
    ready: &[Biller],
    rules: WaveRules,
    allowed: Result<(), Refusal>,
    back: String,
) -> impl IntoView + use<> {
    let zone = visit.console.settings.zone.name().to_owned();
    let each = visit.typed("each").is_some();
    let own_zones = format!(
        "As IC names it; {zone} where it names none. East of it they begin earlier, and none begins before its own time."
    );
    let bids = ready.iter().map(|biller| biller.bid().as_str()).collect::<Vec<_>>().join("\n");
    let how = rule_fields(visit, rules);
    let fields = view! {
        {how}
        <details class="more" id="later" open=visit.typed("day").is_some()>
            <summary>"At a later time…"</summary>
            <div class="form-stack">
                <div class="field-pair">
                    <Field visit name="day" label="Day" kind="date" hint="Empty: at once." />
                    <Field visit name="time" label="Time" kind="time" value="06:00" />
                </div>
                <label class="tick">
                    <input type="checkbox" class="checkbox checkbox-sm" id="each" name="each" value="1" checked=each />
                    "Each biller by the clocks of its own zone"
                </label>
                <p class="hint">{own_zones}</p>
                <Field visit name="zone" label="Time zone" value=zone
                    hint="Otherwise the clocks of this one zone count for the whole wave, wherever its billers are." />
                <p class="hint">"Each biller is looked at again when its turn comes."</p>
            </div>
        </details>
        <Reason visit />
    }
    .into_any();
    let label = format!("{} {}", verb(action), whom(action, ready.len()));
    let selection = [query.to_query(), of_action(action)].join("&");
    view! {
        <Panel id="confirm" title="Confirm" class="panel-accent">
            <Act to=paths::act::START_WAVE class="form-stack">
                <Hidden name="bids" value=bids />
                <Hidden name="selection" value=selection />
                {fields}
                <div class="buttons">
                    <Submit id="start-wave" label icon=Icon::Layers allowed />
                    <Cancel href=back />
                </div>
            </Act>
        </Panel>
    }
}
