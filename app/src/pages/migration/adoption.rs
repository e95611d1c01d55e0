//! The curve of adoption: users that are moved, those that have signed in since, those that never did; and how it goes
//! on.

use std::time::Duration;

use domain::{
    migration::{AdoptionPoint, Outcome, Outlook},
    performance::{MINUTES_PER_DAY, Minute},
};
use leptos::prelude::*;
use services::migration::{AdoptionView, FeedStand};

use crate::ui::{
    Column, Fact, Facts, Notice, Panel, Table, Time, Tone,
    chart::{self, Line, TimeAxis, lines},
    count, grouped,
    time::duration,
};

/// Days that are looked ahead.
const AHEAD: i64 = 30;

/// The share after which hosted login troubles few: the rest needs help.
const NEARLY_ALL: f64 = 0.95;

/// Days that are drawn at least.
const SHORTEST: usize = 15;

/// The panel; nothing where nobody was ever moved.
pub(super) fn panel(view: &AdoptionView) -> Option<impl IntoView + use<>> {
    let now = *view.points.last()?;
    view.points.iter().any(|point| point.moved > 0).then(|| {
        // What nobody read is not known; it is not nobody.
        let known = view.stand.read_to.is_some();
        let told = |users: u64| {
            if known {
                format!("{}{}", grouped(users), of_all(users, now.moved))
            } else {
                "not known".to_owned()
            }
        };
        let (signed_in, never) = (told(now.signed_in), told(now.never()));
        let outlook = known.then(|| outlook(view.outlook, now));
        let points = since_the_first(&view.points);
        let drawing = drawing(points, view.outlook.filter(|_| known), known);
        let table = known.then(|| table(points));
        let read = read(&view.stand, view.every_minutes);
        view! {
            <Panel id="adoption" title="Adoption" live=true
                lead="Users that are moved, and who of them has signed in at SecureAuth since. Days are UTC.">
                <div class="stack">
                    <Facts>
                        <Fact label="Moved">{grouped(now.moved)}</Fact>
                        <Fact label="Signed in since">{signed_in}</Fact>
                        <Fact label="Never">{never}</Fact>
                        {outlook}
                    </Facts>
                    <div>{drawing}</div>
                    {table}
                    {read}
                </div>
            </Panel>
        }
    })
}

/// From the day before the first user was moved, but not too short to be read.
fn since_the_first(points: &[AdoptionPoint]) -> &[AdoptionPoint] {
    let first = points.iter().position(|point| point.moved > 0).unwrap_or_default();
    let from = first.saturating_sub(1).min(points.len().saturating_sub(SHORTEST));
    points.get(from..).unwrap_or(points)
}

fn of_all(part: u64, all: u64) -> String {
    if all == 0 { String::new() } else { format!(" ({})", chart::share(part as f64 / all as f64)) }
}

fn outlook(outlook: Option<Outlook>, now: AdoptionPoint) -> impl IntoView {
    let Some(outlook) = outlook else {
        let why = if now.moved > 0 && now.never() == 0 {
            "Everybody has signed in."
        } else {
            "Not known yet: it takes two weeks with 20 first sign-ins."
        };
        return view! { <Fact label="Forecast">{why}</Fact> }.into_any();
    };
    let Outcome { slow, likely, fast } = outlook.signed_in_by(now.day + AHEAD);
    let then = format!("{} ({}–{})", grouped(likely), grouped(slow), grouped(fast));
    let until = outlook.day_of(NEARLY_ALL);
    let by = match until.likely {
        Some(day) if day <= now.day => "reached".to_owned(),
        Some(day) => {
            let range = match (until.fast, until.slow) {
                (Some(first), Some(last)) if first < last => format!(" ({} – {})", date(first), date(last)),
                (Some(first), None) => format!(" ({} at the earliest)", date(first)),
                _ => String::new(),
            };
            format!("{}{range}", date(day))
        }
        None => "not within a year".to_owned(),
    };
    view! {
        <Fact label="Signed in 30 days from now">{then}</Fact>
        <Fact label="95 % have signed in">{by}</Fact>
    }
    .into_any()
}

fn date(day: i64) -> String {
    jiff::Timestamp::from_second(Minute(day * MINUTES_PER_DAY).begins().seconds())
        .map(|at| at.strftime("%-d %b %Y").to_string())
        .unwrap_or_default()
}

/// The curve, and where it leads. What is forecast is another line, so that nobody takes it for measured.
fn drawing(points: &[AdoptionPoint], outlook: Option<Outlook>, known: bool) -> impl IntoView + use<> {
    let past = points.len();
    let ahead = if outlook.is_some() { AHEAD } else { 0 };
    let first = points.first().map_or(0, |point| point.day);
    let last = points.last().copied().unwrap_or_default();
    let days: Vec<Minute> = (first..=last.day + ahead).map(|day| Minute(day * MINUTES_PER_DAY)).collect();
    let line = |name, class, of: fn(&AdoptionPoint) -> u64| {
        let measured = points.iter().map(|point| Some(of(point) as f64));
        Line { name, class, points: measured.chain((0..ahead).map(|_| None)).collect() }
    };
    let mut drawn = vec![line("moved", "line-first", |point| point.moved)];
    if known {
        drawn.push(line("signed in since", "line-second", |point| point.signed_in));
        drawn.push(line("never", "line-third", AdoptionPoint::never));
    }
    if let Some(outlook) = outlook {
        let by = |day: i64| outlook.signed_in_by(day).likely.max(last.signed_in);
        let likely = (last.day + 1..=last.day + AHEAD).map(|day| Some(by(day) as f64));
        let points = std::iter::repeat_n(None, past).chain(likely).collect();
        drawn.push(Line { name: "signed in, forecast", class: "line-second line-earlier", points });
    }
    let unit = |value: f64| if value.fract() == 0.0 { grouped(value as u64) } else { String::new() };
    lines("Moved users and who has signed in since, by day", TimeAxis::of_days(&days), drawn, unit)
}

/// The end of each week in numbers, the newest first.
fn table(points: &[AdoptionPoint]) -> impl IntoView + use<> {
    let rows = points
        .iter()
        .rev()
        .step_by(7)
        .map(|point| {
            view! {
                <tr>
                    <th scope="row">{date(point.day)}</th>
                    <td class="col-num num">{grouped(point.moved)}</td>
                    <td class="col-num num">{grouped(point.signed_in)}</td>
                    <td class="col-num num">{grouped(point.never())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="more" id="adoption-weeks">
            <summary>"In numbers"</summary>
            <Table name="Adoption by week" caption="Where adoption stood, week by week" columns=[
                Column::text("Day"), Column::number("Moved"),
                Column::number("Signed in since"), Column::number("Never"),
            ]>
                {rows}
            </Table>
        </details>
    }
}

/// How up to date it is.
fn read(stand: &FeedStand, every_minutes: Option<u32>) -> impl IntoView + use<> {
    let Some(every) = every_minutes else {
        let text = "Who signs in is not read: probes.sign_in_events_every_minutes is 0.";
        return view! { <Notice tone=Tone::Caution text /> }.into_any();
    };
    let failing = stand.why.clone().filter(|_| stand.failing > 0).map(|why| {
        let text =
            format!("The sign-ins of {} could not be read. {why}", count(stand.failing, "biller", "billers"));
        view! { <Notice tone=Tone::Caution text /> }
    });
    let never = (stand.never_read > 0).then(|| {
        format!(" Of {} they are not read whole yet.", count(stand.never_read, "biller", "billers"))
    });
    let known = stand.read_to.map(|at| view! { "Sign-ins are known up to " <Time at /> ". " });
    let cost = format!(
        "They are read every {}: one call for each biller with moved users, and one more for each hundred sign-ins.",
        duration(Duration::from_secs(60 * u64::from(every)))
    );
    view! { <p class="hint">{known} {cost} {never}</p> {failing} }.into_any()
}
