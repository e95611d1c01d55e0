//! Where the rollout stands, what waits for someone, how the vendor is.

use domain::{Portfolio, Topic, biller::CiamStatus, wave::Wave};
use leptos::prelude::*;
use services::{
    biller_settings::requests::RequestLine,
    overview::{self, MirrorSum, Overview, RunLine, VendorHealth},
};

use super::{no_billers, settings};
use crate::{
    paths,
    query::BillersQuery,
    ui::{
        Empty, Face, Fact, Facts, Heading, Icon, Page, Panel, Place, Time, Tone, badge, count, glyph,
        grouped, page, run, time,
    },
};

/// The overview.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    page(Place::Overview, |visit| async move {
        let followed = visit.follow(Topic::Billers).await?;
        let overview = overview::show(&visit.console, &visit.actor).await?;
        let announce = format!(
            "{} under way, {} waiting for a decision.",
            count(overview.running.len(), "run", "runs"),
            count(overview.attention.len(), "run", "runs")
        );
        let body = show(overview, visit.actor.portfolio());
        Ok(Page::new("Overview", body).live(followed, announce))
    })
}

fn show(overview: Overview, within: Option<&Portfolio>) -> impl IntoView + use<> {
    let Overview { counts, running, attention, requests, recent, stuck_deliveries, mirror, waves, vendor } =
        overview;
    let undone = [
        undone(
            stuck_deliveries,
            Icon::Send,
            "Deliveries",
            UNDELIVERED,
            format!("{}?state=gave_up", paths::DELIVERIES),
        ),
        undone(mirror.parked, Icon::User, "Users", PARKED, paths::MIRROR.to_owned()),
    ];
    let enabled = counts.by_status.iter().find(|(s, _)| *s == CiamStatus::Enabled).map_or(0, |(_, n)| *n);
    let whose = within.map(|own| format!(" in the portfolio {own}")).unwrap_or_default();
    let lead =
        format!("{} of {} billers{whose} sign in with SecureAuth.", grouped(enabled), grouped(counts.total));
    let rollout = funnel(&counts.by_status, counts.total, within);
    view! {
        <Heading title="Overview" lead />
        <div class="columns">
            <div class="column-wide">
                <Panel id="rollout" title="Rollout" live=true>
                    {rollout}
                </Panel>
                <Panel id="attention" title="Waits for a decision" live=true>
                    {waiting(attention, counts.attention, requests, undone)}
                </Panel>
                <Panel id="running" title="Under way" live=true>
                    {under_way(running)}
                </Panel>
            </div>
            <div class="column-narrow">
                <Panel id="vendor" title="SecureAuth" live=true>{health(vendor, mirror)}</Panel>
                <Panel id="waves" title="Waves" live=true>{wave_lines(waves)}</Panel>
                <Panel id="recent" title="Finished last" live=true>{finished(recent)}</Panel>
            </div>
        </div>
    }
}

/// Billers by status: a bar over the whole width, and the same as a list of links.
fn funnel(by_status: &[(CiamStatus, u64)], total: u64, within: Option<&Portfolio>) -> impl IntoView + use<> {
    if total == 0 {
        return no_billers(within).into_any();
    }
    let share = |n: u64| n as f64 * 100.0 / total as f64;
    let mut x = 0.0;
    let bars = by_status
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(status, n)| {
            let (from, width) = (x, share(*n));
            x += width;
            view! { <rect class=bar_class(*status) x=format!("{from:.3}") y="0" width=format!("{width:.3}") height="8" /> }
        })
        .collect_view();
    let rows = by_status
        .iter()
        .map(|(status, n)| {
            let href = paths::with_query(paths::BILLERS, &BillersQuery::with_status(*status).to_query());
            view! {
                <li>
                    <a class="stage" href=href>
                        <span class=format!("stage-mark {}", bar_class(*status))></span>
                        <span class="stage-name">{status.label()}</span>
                        <span class="stage-count num">{grouped(*n)}</span>
                        <span class="stage-share num">{format!("{:.1} %", share(*n))}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <svg class="funnel" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>
        <ul class="stages" aria-label="Billers by CIAM status">{rows}</ul>
    }
    .into_any()
}

const fn bar_class(status: CiamStatus) -> &'static str {
    match status {
        CiamStatus::NotEnabled => "bar-off",
        CiamStatus::Enabling | CiamStatus::Suspending | CiamStatus::Resuming => "bar-moving",
        CiamStatus::Enabled => "bar-on",
        CiamStatus::Suspended => "bar-paused",
    }
}

/// What one and many events are called that were not delivered.
const UNDELIVERED: [&str; 2] = ["event was not delivered", "events were not delivered"];
/// What one and many changes are called that SecureAuth will not take.
const PARKED: [&str; 2] =
    ["change of a user is refused by SecureAuth", "changes of users are refused by SecureAuth"];

/// A line that leads to what a person has to decide about; none when there is nothing.
fn undone(n: u64, icon: Icon, word: &'static str, called: [&str; 2], href: String) -> Option<AnyView> {
    let text = count(usize::try_from(n).unwrap_or(usize::MAX), called[0], called[1]);
    (n > 0).then(|| {
        view! {
            <li class="line">
                {badge(Tone::Bad, icon, word)}
                <a class="line-main link" href=href>{text}</a>
            </li>
        }
        .into_any()
    })
}

fn waiting(
    lines: Vec<RunLine>,
    total: u64,
    requests: Vec<RequestLine>,
    undone: [Option<AnyView>; 2],
) -> impl IntoView {
    if lines.is_empty() && requests.is_empty() && undone.iter().all(Option::is_none) {
        return view! { <Empty icon=Icon::CheckCircle title="Nothing waits" text="Failed runs, changes for a second person, undelivered events and refused users show up here." /> }
            .into_any();
    }
    let more = total > lines.len() as u64;
    let rows = lines.into_iter().map(failed_line).collect_view();
    let requests = requests.into_iter().map(settings::requests::line).collect_view();
    view! {
        <ul class="lines">{undone.into_iter().collect_view()} {requests} {rows}</ul>
        {more.then(|| view! {
            <p class="panel-foot">
                <a class="link" href=paths::with_query(paths::BILLERS, &BillersQuery::needing_attention().to_query())>
                    {format!("All {} billers that wait", grouped(total))}
                </a>
            </p>
        })}
    }
    .into_any()
}

fn failed_line(line: RunLine) -> impl IntoView {
    let step = line.step.map(|step| format!(" at “{}”", step.label())).unwrap_or_default();
    let why = line.failure.map(|failure| {
        view! {
            <p class="line-note">{failure.message}</p>
            <p class="line-note"><strong>"What to do: "</strong> {failure.cure}</p>
        }
    });
    view! {
        <li class="line">
            {line.run.state.badge()}
            <div class="line-main">
                <a class="link" href=paths::biller_run(&line.run.bid)>{line.biller_name}</a>
                <span class="line-what">{format!("{} failed{step}", line.run.kind.label())}</span>
                {why}
            </div>
            {line.run.finished_at.map(|at| view! { <span class="line-age">{time::age_here(at)}</span> })}
        </li>
    }
}

fn under_way(lines: Vec<RunLine>) -> impl IntoView {
    if lines.is_empty() {
        return view! { <Empty icon=Icon::Clock title="No run is under way" text="Runs show here from the moment somebody asks for one." /> }
            .into_any();
    }
    let rows = lines
        .into_iter()
        .map(|line| {
            let at = line.step.map(|step| step.label()).unwrap_or_default();
            let took = run::took(&line.run);
            view! {
                <li class="line">
                    {line.run.state.badge()}
                    <div class="line-main">
                        <a class="link" href=paths::biller_run(&line.run.bid)>{line.biller_name}</a>
                        <span class="line-what">{line.run.kind.label()} " · " {at}</span>
                        <progress class="progress tone-moving" value=line.done max=line.total aria-label="Steps done"></progress>
                    </div>
                    <span class="line-age num">{line.done} "/" {line.total} " steps" {took.map(|t| format!(" · {t}"))}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="lines">{rows}</ul> }.into_any()
}

fn finished(lines: Vec<RunLine>) -> impl IntoView {
    if lines.is_empty() {
        return view! { <p class="hint">"No run has finished yet."</p> }.into_any();
    }
    let rows = lines
        .into_iter()
        .map(|line| {
            view! {
                <li class="line">
                    <span class="tone-good">{glyph(Icon::CheckCircle)}</span>
                    <div class="line-main">
                        <a class="link" href=paths::biller(&line.run.bid)>{line.biller_name}</a>
                        <span class="line-what">{line.run.kind.label()} " by " {line.run.requested_by.name().to_owned()}</span>
                    </div>
                    {line.run.finished_at.map(|at| view! { <span class="line-age">{time::age_here(at)}</span> })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="lines">{rows}</ul> }.into_any()
}

fn wave_lines(waves: Vec<Wave>) -> impl IntoView {
    if waves.is_empty() {
        return view! { <p class="hint">"No wave was started yet. Select billers in the list to enable many at once."</p> }.into_any();
    }
    let rows = waves
        .into_iter()
        .take(5)
        .map(|wave| {
            let done = wave.counts.total() - wave.counts.waiting - wave.counts.running;
            view! {
                <li class="line">
                    {wave.state.badge()}
                    <div class="line-main">
                        <a class="link" href=paths::wave(wave.id)>{count(wave.counts.total(), "biller", "billers")}</a>
                        <span class="line-what">{format!("{done} done, {} failed", wave.counts.failed)}</span>
                    </div>
                    <span class="line-age">{time::age_here(wave.created_at)}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="lines">{rows}</ul> }.into_any()
}

fn health(vendor: VendorHealth, mirror: MirrorSum) -> impl IntoView {
    let state = if vendor.answered {
        badge(Tone::Good, Icon::CheckCircle, "Answers").into_any()
    } else {
        badge(Tone::Bad, Icon::Cross, "Does not answer").into_any()
    };
    view! {
        <Facts class="facts-tight">
            <Fact label="Discovery">{state}</Fact>
            <Fact label="Answer took"><span class="num">{time::duration(vendor.latency)}</span></Fact>
            <Fact label="Asked"><Time at=vendor.checked_at /></Fact>
            <Fact label="Users">{mirrored(mirror)}</Fact>
        </Facts>
        {(!vendor.answered).then(|| view! { <p class="line-note">{vendor.detail}</p> })}
    }
}

/// Whether SecureAuth has what was changed of users, and how far it is behind.
fn mirrored(mirror: MirrorSum) -> impl IntoView {
    let Some(since) = mirror.oldest else { return view! { "Up to date" }.into_any() };
    let behind = count(usize::try_from(mirror.waiting).unwrap_or(usize::MAX), "change", "changes");
    let of = count(mirror.billers, "biller", "billers");
    view! {
        <a class="link" href=paths::MIRROR>{format!("{behind} of {of} on the way")}</a>
        ", since " <Time at=since />
    }
    .into_any()
}
