//! One wave: one line per biller.

use domain::{
    Topic, WaveId,
    wave::{Wave, WaveItem, WaveItemState, WaveStart, WaveState, WaveZone},
};
use leptos::prelude::*;
use services::bulk_enable;
use url::form_urlencoded;

use super::in_path;
use crate::{
    paths,
    ui::{
        Act, Column, Crumb, Face, Fact, Facts, Heading, Hidden, Icon, Notice, Now, Page, Panel, Place,
        Submit, SubmitKind, Table, Time, Tone, count, page, time,
    },
};

/// One wave.
#[component]
pub(crate) fn WavePage() -> impl IntoView {
    let id = in_path("id").parse::<WaveId>();
    page(Place::Waves, |visit| async move {
        let after = form_urlencoded::parse(visit.query.as_bytes())
            .find(|(key, _)| key == "after")
            .and_then(|(_, value)| value.parse().ok());
        let id = id?;
        let followed = visit.follow(Topic::Wave(id)).await?;
        let found = bulk_enable::show(&visit.console, &visit.actor, id, after).await?;
        let announce = heard(&found.wave);
        Ok(Page::new("Wave", show(found.wave, found.items, found.next)).live(followed, announce))
    })
}

fn finished(wave: &Wave) -> usize {
    wave.counts.total() - wave.counts.waiting - wave.counts.running
}

fn heard(wave: &Wave) -> String {
    let (done, total) = (finished(wave), wave.counts.total());
    format!(
        "Wave {}: {done} of {total} billers done, {} failed.",
        wave.state.label().to_lowercase(),
        wave.counts.failed
    )
}

fn show(wave: Wave, items: Vec<WaveItem>, next: Option<i64>) -> impl IntoView {
    let crumbs = vec![Crumb::new(paths::WAVES, "Waves")];
    let title = format!("Wave of {}", count(wave.counts.total(), "biller", "billers"));
    let more = next.map(|after| {
        let href = format!("{}?after={after}", paths::wave(wave.id));
        view! { <nav class="pager" aria-label="Pages"><a class="btn btn-sm" href=href>"Next billers"</a></nav> }
    });
    let rows = items.into_iter().map(row).collect_view();
    let (progress, rules, state, held) = (progress(&wave), rules(&wave), wave.state, held(&wave));
    let scheduled = scheduled(&wave);
    view! {
        <Heading title crumbs><span id="state" data-live="">{state.badge()}</span></Heading>
        <div class="columns">
            <div class="column-wide">
                <section class="panel panel-flush" id="lines" data-live="" aria-label="Billers of the wave">
                    <Table name="Billers" caption="Billers of the wave" columns=[
                        Column::text("Biller"), Column::text("State"), Column::text("Note"),
                    ]>
                        {rows}
                    </Table>
                    {more}
                </section>
            </div>
            <div class="column-narrow">
                <div id="scheduled" data-live="">{scheduled}</div>
                <div id="held" data-live="">{held}</div>
                <Panel id="progress" title="Progress" live=true>{progress}</Panel>
                {rules}
            </div>
        </div>
    }
}

fn row(item: WaveItem) -> impl IntoView {
    let due = item.due.filter(|_| item.state == WaveItemState::Waiting);
    let due = due.map(|at| view! { <span class="row-sub">"Not before " <Time at /></span> });
    let href = match item.state {
        _ if item.migration.is_some() => paths::biller_migration(&item.bid),
        WaveItemState::Failed | WaveItemState::Running => paths::biller_run(&item.bid),
        _ => paths::biller(&item.bid),
    };
    view! {
        <tr>
            <td><a class="row-link" href=href>{item.name}</a> " " <span class="row-sub">{item.bid.to_string()}</span></td>
            <td>{item.state.badge()}</td>
            <td>{item.note} {due}</td>
        </tr>
    }
}

fn progress(wave: &Wave) -> impl IntoView + use<> {
    let counts = wave.counts;
    let (done, total) = (finished(wave), counts.total());
    let class = match wave.state {
        WaveState::Scheduled | WaveState::Withdrawn => "progress progress-wide",
        WaveState::Running | WaveState::Held => "progress progress-wide tone-moving",
        WaveState::Stopped => "progress progress-wide tone-bad",
        WaveState::Finished => "progress progress-wide tone-good",
    };
    let stopped = (wave.state == WaveState::Stopped).then(|| view! {
        <Notice tone=Tone::Bad text="The wave stopped itself because too much failed.">
            <p>"Runs under way finish. Look at the failed billers, remove the cause, then start a new wave over the rest."</p>
        </Notice>
    });
    let line = |label: &'static str, n: usize| view! { <Fact label><span class="num">{n}</span></Fact> };
    view! {
        <progress class=class value=done max=total aria-label="Billers done"></progress>
        <p class="num progress-text">{format!("{done} of {total} done")} {pace(wave, done)}</p>
        {stopped}
        <Facts class="facts-counts">
            {line("Waiting", counts.waiting)}
            {line("Running", counts.running)}
            {line("Succeeded", counts.succeeded)}
            {line("Failed", counts.failed)}
            {line("Skipped", counts.skipped)}
        </Facts>
    }
}

/// How fast it goes and how long it will take; nothing while too few are done to tell.
fn pace(wave: &Wave, done: usize) -> Option<String> {
    let now = use_context::<Now>()?.0;
    let ran = counted(wave);
    if wave.state != WaveState::Running || ran < 3 {
        return None;
    }
    let elapsed = now.since(wave.created_at);
    let left = wave.counts.total() - done;
    let rest = elapsed.mul_f64(left as f64 / ran as f64);
    let rate = ran as f64 * 60.0 / elapsed.as_secs_f64().max(1.0);
    Some(format!(" · {rate:.0} a minute · about {} left", time::duration(rest)))
}

/// Billers whose run finished: skipped ones take no time.
const fn counted(wave: &Wave) -> usize {
    wave.counts.succeeded + wave.counts.failed
}

/// The pilot is through: somebody decides whether the others follow.
fn held(wave: &Wave) -> impl IntoView + use<> {
    let id = wave.id.to_string();
    (wave.state == WaveState::Held).then(|| {
        view! {
            <Notice tone=Tone::Caution text="The pilot is through. Look at its billers before the others follow.">
                <Act to=paths::act::GO_ON_WAVE class="form-stack">
                    <Hidden name="id" value=id />
                    <div class="buttons"><Submit id="go-on" label="Let the others follow" icon=Icon::Play /></div>
                </Act>
            </Notice>
        }
    })
}

/// The wave waits for its time, or did.
fn scheduled(wave: &Wave) -> impl IntoView + use<> {
    let id = wave.id.to_string();
    let when = wave.start.as_ref().map(WaveStart::told).unwrap_or_default();
    match wave.state {
        WaveState::Scheduled => view! {
            <Notice tone=Tone::Moving text=format!("It begins on {when}.")>
                <p>"Each biller is looked at again when its turn comes. A wave that is more than an hour late does not begin."</p>
                <Act to=paths::act::WITHDRAW_WAVE class="form-stack">
                    <Hidden name="id" value=id />
                    <div class="buttons"><Submit id="withdraw" label="Withdraw" kind=SubmitKind::Plain /></div>
                </Act>
            </Notice>
        }
        .into_any(),
        WaveState::Withdrawn => {
            view! { <Notice tone=Tone::Quiet text=format!("It was to begin on {when}, and did not.") /> }.into_any()
        }
        _ => ().into_any(),
    }
}

fn rules(wave: &Wave) -> impl IntoView + use<> {
    let ended = wave.finished_at.map(|at| view! { <Fact label="Ended"><Time at /></Fact> });
    let reason = wave.reason.clone().map(|text| view! { <Fact label="Reason">{text}</Fact> });
    let what = wave.action.label();
    let staged = wave.rules.staged().map(|text| view! { <Fact label="In stages">{text}</Fact> });
    let zone = wave.start.as_ref().map(|start| match &start.zone {
        WaveZone::Of(name) => name.clone(),
        WaveZone::Each => "Each biller's own".to_owned(),
    });
    let zone = zone.map(|text| view! { <Fact label="Time zone">{text}</Fact> });
    let (how, by, begun) = (wave.rules, wave.requested_by.name().to_owned(), wave.created_at);
    view! {
        <Panel id="rules" title="How">
            <Facts class="facts-tight">
                <Fact label="Does">{what}</Fact>
                {staged}
                {zone}
                <Fact label="At a time">{how.parallel}</Fact>
                <Fact label="Stops above">{how.stop_above_percent} " % failed"</Fact>
                <Fact label="Asked for by">{by}</Fact>
                <Fact label="Asked for"><Time at=begun /></Fact>
                {ended}
                {reason}
            </Facts>
        </Panel>
    }
}
