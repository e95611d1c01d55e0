//! The curve of adoption: users that are moved, those that have signed in since, those that never did; and how it goes
//! on.

use domain::{
    migration::{AdoptionPoint, Outcome, Outlook},
    performance::{MINUTES_PER_DAY, Minute},
};
use leptos::prelude::*;
use services::migration::{AdoptionView, FeedStand};

use crate::ui::{
    Fact, Facts, Notice, Panel, Time, Tone,
    chart::{self, Line, TimeAxis, lines},
    count, grouped,
};

/// Days that are looked ahead.
const AHEAD: u32 = 30;

/// The share after which hosted login troubles few: the rest needs help.
const NEARLY_ALL: f64 = 0.95;

/// The panel; nothing where nobody was ever moved.
pub(super) fn panel(view: &AdoptionView) -> Option<impl IntoView + use<>> {
    let now = *view.points.last()?;
    view.points.iter().any(|point| point.moved > 0).then(|| {
        let never = format!("{}{}", grouped(now.never()), of_all(now.never(), now.moved));
        let signed_in = format!("{}{}", grouped(now.signed_in), of_all(now.signed_in, now.moved));
        let outlook = outlook(view.outlook, now);
        let (drawing, table) = (drawing(view), table(&view.points));
        let read = read(&view.stand, view.every_minutes);
        view! {
            <Panel id="adoption" title="Adoption" live=true
                lead="Users that are moved, and who of them has signed in at SecureAuth since. Days are UTC.">
                <Facts>
                    <Fact label="Moved">{grouped(now.moved)}</Fact>
                    <Fact label="Signed in since">{signed_in}</Fact>
                    <Fact label="Never">{never}</Fact>
                    {outlook}
                </Facts>
                {drawing}
                {table}
                {read}
            </Panel>
        }
    })
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
    let Outcome { slow, likely, fast } = outlook.signed_in_after(AHEAD);
    let then = format!("{} ({}–{})", grouped(likely), grouped(slow), grouped(fast));
    let until = outlook.days_until(NEARLY_ALL);
    let by = match until.likely {
        Some(0) => "reached".to_owned(),
        Some(days) => {
            let range = match (until.fast, until.slow) {
                (Some(first), Some(last)) => format!(" ({first}–{last} d)"),
                (Some(first), None) => format!(" ({first} d to more than a year)"),
                _ => String::new(),
            };
            format!("{}{range}", date(now.day + i64::from(days)))
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
fn drawing(view: &AdoptionView) -> impl IntoView + use<> {
    let past = view.points.len();
    let ahead = if view.outlook.is_some() { AHEAD as usize } else { 0 };
    let first = view.points.first().map_or(0, |point| point.day);
    let days: Vec<Minute> = (0..past + ahead)
        .map(|place| Minute((first + i64::try_from(place).unwrap_or_default()) * MINUTES_PER_DAY))
        .collect();
    let line = |name, class, of: fn(&AdoptionPoint) -> u64| Line {
        name,
        class,
        points: view
            .points
            .iter()
            .map(|point| Some(of(point) as f64))
            .chain(std::iter::repeat_n(None, ahead))
            .collect(),
    };
    let mut drawn = vec![
        line("moved", "line-first", |point| point.moved),
        line("signed in since", "line-second", |point| point.signed_in),
        line("never", "line-third", AdoptionPoint::never),
    ];
    if let Some(outlook) = view.outlook {
        let likely = (1..=AHEAD).map(|days| Some(outlook.signed_in_after(days).likely as f64));
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
            <div class="table-wrap" role="region" aria-label="Adoption by week" tabindex="0">
                <table class="data-table data-table-plain">
                    <caption class="sr-only">"Where adoption stood, week by week"</caption>
                    <thead><tr>
                        <th scope="col">"Day"</th><th scope="col" class="col-num">"Moved"</th>
                        <th scope="col" class="col-num">"Signed in since"</th><th scope="col" class="col-num">"Never"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
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
        "They are read every {every} minutes: one call for each biller with moved users, and one more for each hundred sign-ins."
    );
    view! { <p class="hint">{known} {cost} {never}</p> {failing} }.into_any()
}
