//! How people's sign-ins ended, by day and by biller.

use domain::{
    Topic,
    performance::{MINUTES_PER_DAY, Minute, SignIns},
};
use leptos::prelude::*;
use services::vendor_numbers::sign_ins::{self, OfBiller, SignInsView};

use super::{Tab, tabs};
use crate::{
    paths,
    ui::{
        Column, Empty, Fact, Facts, Heading, Icon, Page, Panel, Place, Table, Time,
        chart::{self, Bars, TimeAxis},
        grouped, page,
    },
};

/// Ranges that can be chosen, in days.
const RANGES: [(i64, &str); 3] = [(7, "7 days"), (30, "30 days"), (90, "90 days")];

/// How people's sign-ins ended.
#[component]
pub(crate) fn SignInsPage() -> impl IntoView {
    page(Place::Performance, |visit| async move {
        let followed = visit.follow(Topic::Calls).await?;
        let days = asked(&visit.query);
        let seen = sign_ins::show(&visit.console, &visit.actor, days).await?;
        let calls = visit.console.settings.numbers.sign_ins_every_hours;
        Ok(Page::new("Sign-ins", body(seen, calls)).live(followed, ""))
    })
}

/// The days in the address; 30 where nothing else is said.
fn asked(query: &str) -> i64 {
    let mut fields = url::form_urlencoded::parse(query.as_bytes());
    let days = fields.find(|(key, _)| key == "days").and_then(|(_, days)| days.parse().ok());
    days.filter(|days| RANGES.iter().any(|(range, _)| range == days)).unwrap_or(30)
}

fn body(seen: SignInsView, every_hours: Option<u32>) -> impl IntoView {
    let ranges = RANGES
        .map(|(days, label)| {
            let href = format!("{}?days={days}", paths::SIGN_INS);
            let current = (days == seen.days).then_some("true");
            view! { <li><a class="btn btn-sm join-item" href=href aria-current=current>{label}</a></li> }
        })
        .collect_view();
    let lead = "As SecureAuth counts them, at the organization of each biller. Days are UTC.";
    let how = match every_hours {
        Some(hours) => format!("Read every {hours} hours, biller by biller, one call each."),
        None => "Sign-ins are not read: probes.sign_ins_every_hours is 0.".to_owned(),
    };
    let (total, chart, billers) = (total(seen.total).into_any(), by_day(&seen), by_biller(seen.by_biller));
    view! {
        <Heading title="Sign-ins" lead=lead />
        {tabs(Tab::SignIns)}
        <nav aria-label="Range"><ul class="join spans">{ranges}</ul></nav>
        <div class="charts">
            <Panel id="total" title="In all" live=true lead=how>{total}</Panel>
            {chart}
            <Panel id="by-biller" title="By biller" live=true lead="Those with most failed sign-ins first, 50 at most.">
                {billers}
            </Panel>
        </div>
    }
}

fn total(of: SignIns) -> impl IntoView {
    let share = of.share().map_or_else(|| "unknown".to_owned(), chart::share);
    // Nothing counted is not nobody: it may not have been read.
    let known = |it: u64| if of.all() == 0 { "none counted".to_owned() } else { grouped(it) };
    let (succeeded, failed) = (known(of.succeeded), known(of.failed));
    view! {
        <Facts>
            <Fact label="Succeeded"><strong class="num">{succeeded}</strong></Fact>
            <Fact label="Failed"><span class="num">{failed}</span></Fact>
            <Fact label="Share that succeeded"><span class="num">{share}</span></Fact>
        </Facts>
    }
}

fn by_day(seen: &SignInsView) -> AnyView {
    if seen.total.all() == 0 {
        return view! {
            <section id="by-day" class="panel" data-live="" aria-label="Sign-ins by day">
                <Empty icon=Icon::Clock title="No sign-in is known of these days" text="People's sign-ins are counted once a biller is enabled and its people sign in at SecureAuth." />
            </section>
        }
        .into_any();
    }
    let begins: Vec<Minute> = seen.by_day.iter().map(|day| Minute(day.day * MINUTES_PER_DAY)).collect();
    let axis = TimeAxis::of_days(&begins);
    let bars = Bars {
        parts: vec![("succeeded", "bar-plain"), ("failed", "bar-failed")],
        stretches: seen
            .by_day
            .iter()
            .map(|day| Some(vec![day.counted.succeeded as f64, day.counted.failed as f64]))
            .collect(),
    };
    let rows = seen
        .by_day
        .iter()
        .rev()
        .zip(begins.iter().rev())
        .map(|(day, begins)| view! { <tr><td><Time at=begins.begins() /></td>{cells(day.counted)}</tr> })
        .collect_view();
    view! {
        <section id="by-day" class="panel" data-live="" aria-labelledby="by-day-title">
            <h2 id="by-day-title">"By day"</h2>
            {chart::bars("Sign-ins by day", axis, bars, |it| grouped(it.round() as u64))}
            <details>
                <summary>"The same as a table"</summary>
                <Table name="Table of days" caption="Sign-ins by day, newest first" columns=columns("Day (UTC)")>
                    {rows}
                </Table>
            </details>
        </section>
    }
    .into_any()
}

/// The columns of a table whose rows end with [`cells`].
fn columns(first: &'static str) -> [Column; 4] {
    [
        Column::text(first),
        Column::number("Succeeded"),
        Column::number("Failed"),
        Column::number("Share that succeeded"),
    ]
}

fn cells(of: SignIns) -> impl IntoView {
    let share = of.share().map_or_else(|| "–".to_owned(), chart::share);
    [grouped(of.succeeded), grouped(of.failed), share]
        .map(|text| view! { <td class="col-num num">{text}</td> })
        .collect_view()
}

fn by_biller(billers: Vec<OfBiller>) -> AnyView {
    if billers.is_empty() {
        return view! { <p class="hint">"No sign-in was counted."</p> }.into_any();
    }
    let rows = billers
        .into_iter()
        .map(|of| {
            let href = paths::biller(&of.bid);
            view! {
                <tr>
                    <th scope="row"><a class="row-link" href=href>{of.name}</a> <span class="row-sub">{of.bid.to_string()}</span></th>
                    {cells(of.counted)}
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table name="Table of billers" caption="Sign-ins by biller" columns=columns("Biller")>
            {rows}
        </Table>
    }
    .into_any()
}
