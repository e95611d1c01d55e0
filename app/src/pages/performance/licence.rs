//! The licence: how many tokens may be issued, how many were, where that leads, and when it ends.

use std::time::Duration;

use domain::{
    Topic,
    performance::{Forecast, LicenceReading, MINUTES_PER_DAY, Metered, Minute},
};
use leptos::prelude::*;
use services::vendor_numbers::licence::{self, DayUse, LicenceView};

use super::{Tab, tabs};
use crate::ui::{
    Column, Empty, Fact, Facts, Heading, Icon, Notice, Page, Panel, Place, Table, Time, Tone,
    chart::{self, Bars, TimeAxis},
    count, grouped, page,
};

/// The licence.
#[component]
pub(crate) fn LicencePage() -> impl IntoView {
    page(Place::Performance, |visit| async move {
        let followed = visit.follow(Topic::Calls).await?;
        let seen = licence::show(&visit.console, &visit.actor).await?;
        let now = visit.console.now();
        let every = visit.console.settings.numbers.every_minutes;
        Ok(Page::new("Licence", body(seen, now, every)).live(followed, ""))
    })
}

fn body(seen: LicenceView, now: domain::Timestamp, every: Option<u32>) -> impl IntoView {
    let told = told(&seen, every).into_any();
    let terms = seen.last.clone().map(|last| terms(&last, now).into_any());
    let tokens = seen.last.clone().map(|last| tokens(&last, seen.forecast, seen.probes.tokens()).into_any());
    let days = days(&seen.days).into_any();
    view! {
        <Heading title="Licence" lead="What SecureAuth's licence meters, as SecureAuth counts it. Times are UTC." />
        {tabs(Tab::Licence)}
        <div class="charts">
            <div id="licence-read" data-live="">{told}</div>
            {tokens}
            {terms}
            {days}
        </div>
    }
}

/// Whether and when it was read.
fn told(seen: &LicenceView, every: Option<u32>) -> impl IntoView + use<> {
    let off = every.is_none().then(|| {
        view! { <Notice tone=Tone::Caution text="The licence is not read: probes.licence_every_minutes is 0." /> }
    });
    let read = seen.read.clone().map(|read| match read.why {
        Some(why) => view! {
            <Notice tone=Tone::Bad text="SecureAuth did not answer when the licence was read.">
                <p>{why} " " <Time at=read.at /></p>
            </Notice>
        }
        .into_any(),
        None => view! { <p class="hint">"Read " <Time at=read.at /></p> }.into_any(),
    });
    let nothing = (seen.read.is_none() && every.is_some()).then(|| {
        view! { <Empty icon=Icon::Clock title="Not read yet" text="The first reading is made within a minute." /> }
    });
    view! { {off} {read} {nothing} }
}

fn tokens(last: &LicenceReading, forecast: Option<Forecast>, probes: u64) -> impl IntoView + use<> {
    let Metered { limit, used } = last.tokens;
    let known = |value: Option<u64>| value.map_or_else(|| "unknown".to_owned(), grouped);
    let meter = used.zip(limit).filter(|(_, limit)| *limit > 0).map(|(used, limit)| {
        let share = (used as f64 / limit as f64).min(1.0);
        view! { <progress class="progress" max="1" value=share aria-label="Tokens used this month"></progress> }
    });
    let leads = match forecast {
        None => view! { <p class="hint">"Where this leads is known once there are readings of an hour."</p> }
            .into_any(),
        Some(Forecast { at_end, reached: None }) => {
            let text = format!("As in the last seven days: about {} when the month ends.", grouped(at_end));
            view! { <p>{text}</p> }.into_any()
        }
        Some(Forecast { at_end, reached: Some(at) }) => {
            let text = format!(
                "As in the last seven days: about {} when the month ends, which is more than the licence has.",
                grouped(at_end)
            );
            view! {
                <Notice tone=Tone::Bad text=text><p>"The limit is reached " <Time at=at /></p></Notice>
            }
            .into_any()
        }
    };
    let free = used.zip(limit).map(|(used, limit)| {
        view! { <Fact label="Left this month"><span class="num">{grouped(limit.saturating_sub(used))}</span></Fact> }
    });
    view! {
        <Panel id="tokens" title="Tokens this month" live=true
            lead="SecureAuth counts by month and does not say when its month begins: the calendar's month, in UTC, is taken.">
            {meter}
            <Facts>
                <Fact label="Issued"><strong class="num">{known(used)}</strong></Fact>
                <Fact label="Licensed for a month"><span class="num">{known(limit)}</span></Fact>
                {free}
                <Fact label="Of these for probes, in 30 days"><span class="num">{grouped(probes)}</span></Fact>
            </Facts>
            {leads}
        </Panel>
    }
}

fn terms(last: &LicenceReading, now: domain::Timestamp) -> impl IntoView + use<> {
    let when = |at: Option<domain::Timestamp>| match at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { "unknown" }.into_any(),
    };
    let enforced = match last.enforced {
        Some(true) => "SecureAuth refuses what goes beyond.",
        Some(false) => "SecureAuth does not refuse what goes beyond.",
        None => "Unknown.",
    };
    let soon = Duration::from_secs(60 * 24 * 3600);
    let renewal = last.ends.map(|ends| {
        let days = usize::try_from(ends.since(now).as_secs() / 86_400).unwrap_or(usize::MAX);
        if ends <= now {
            view! { <Notice tone=Tone::Bad text="The licence has ended: it has to be renewed." /> }.into_any()
        } else if ends.since(now) < soon {
            let text = format!("The licence ends in {}: renew it.", count(days, "day", "days"));
            view! { <Notice tone=Tone::Caution text=text /> }.into_any()
        } else {
            ().into_any()
        }
    });
    let of = |metered: Metered| match (metered.used, metered.limit) {
        (Some(used), Some(limit)) => format!("{} of {}", grouped(used), grouped(limit)),
        (Some(used), None) => grouped(used),
        _ => "unknown".to_owned(),
    };
    let users = last.users.map_or_else(|| "unknown".to_owned(), grouped);
    let (starts, ends, providers) = (when(last.starts), when(last.ends), of(last.providers));
    view! {
        <Panel id="terms" title="Terms" live=true>
            {renewal}
            <Facts>
                <Fact label="Good from">{starts}</Fact>
                <Fact label="To be renewed by">{ends}</Fact>
                <Fact label="Beyond the limit">{enforced}</Fact>
                <Fact label="Enterprise identity providers">{providers}</Fact>
                <Fact label="Users in all pools"><span class="num">{users}</span></Fact>
            </Facts>
        </Panel>
    }
}

fn days(days: &[DayUse]) -> impl IntoView + use<> {
    let known: Vec<&DayUse> = days.iter().skip_while(|day| day.tokens.is_none()).collect();
    if known.is_empty() {
        return ().into_any();
    }
    let begins: Vec<Minute> = known.iter().map(|day| Minute(day.day * MINUTES_PER_DAY)).collect();
    let axis = TimeAxis::of_days(&begins);
    let bars = Bars {
        parts: vec![("tokens", "bar-plain")],
        stretches: known.iter().map(|day| day.tokens.map(|tokens| vec![tokens as f64])).collect(),
    };
    let rows = known
        .iter()
        .rev()
        .zip(begins.iter().rev())
        .map(|(day, begins)| {
            let tokens = day.tokens.map_or_else(|| "unknown".to_owned(), grouped);
            view! { <tr><td><Time at=begins.begins() /></td><td class="col-num num">{tokens}</td></tr> }
        })
        .collect_view();
    view! {
        <Panel id="days" title="Tokens issued by day" live=true
            lead="From reading to reading; a day without a reading is not known.">
            {chart::bars("Tokens issued by day", axis, bars, |it| grouped(it.round() as u64))}
            <details>
                <summary>"The same as a table"</summary>
                <Table name="Table of days" caption="Tokens by day, newest first" columns=[
                    Column::text("Day (UTC)"), Column::number("Tokens"),
                ]>
                    {rows}
                </Table>
            </details>
        </Panel>
    }
    .into_any()
}
