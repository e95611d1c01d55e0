//! The report of a month, to be read, printed and taken down.

mod beside;
mod results;

use domain::{
    actor::Capability,
    performance::{Credit, Month},
};
use leptos::prelude::*;
use services::performance::report::{self, Edition, Report, ReportView, Table};

use super::{Tab, tabs};
use crate::{
    paths,
    ui::{
        Act, Empty, Fact, Facts, Heading, Hidden, Icon, Page, PageError, Panel, Place, Submit, Time, Tone,
        Visit, badge, count, facts::Copyable, notice::Notice, number::grouped, page,
    },
};

/// The report of a month.
#[component]
pub(crate) fn ReportPage() -> impl IntoView {
    page(Place::Performance, |visit| async move {
        let month = match asked(&visit.query)? {
            Some(month) => month,
            None => report::usual_month(&visit.console),
        };
        let seen = report::show(&visit.console, &visit.actor, month).await?;
        let title = format!("Report of {}", month.label());
        Ok(Page::new(title, body(&visit, seen)))
    })
}

/// The month in the address, if there is one.
fn asked(query: &str) -> Result<Option<Month>, PageError> {
    let mut fields = url::form_urlencoded::parse(query.as_bytes());
    let Some((_, month)) = fields.find(|(key, _)| key == "month") else { return Ok(None) };
    let wrong = PageError::Form("The address names no month. Give year and month, e.g. ?month=2026-11.");
    month.parse().map(Some).map_err(|_| wrong)
}

fn body(visit: &Visit, seen: ReportView) -> impl IntoView + use<> {
    let title = format!("Report of {}", seen.report.month.label());
    let lead = "What SecureAuth promised for a month and what was measured. Times are UTC unless they say otherwise.";
    let month = seen.report.month;
    let (choose, summary) = (choose(month), summary(&seen).into_any());
    let results = results::results(&seen.report).into_any();
    let beside = beside::beside(&seen.report).into_any();
    let (files, editions) = (files(&seen).into_any(), editions(visit, &seen).into_any());
    view! {
        <Heading title lead />
        {tabs(Tab::Report)}
        {choose}
        <div class="charts report printed">
            {summary}
            {results}
            {beside}
            {files}
            {editions}
        </div>
    }
}

fn choose(month: Month) -> impl IntoView {
    let link = |month: Month, label: &'static str| {
        view! { <li><a class="btn btn-sm join-item" href=paths::report(month)>{label}</a></li> }
    };
    view! {
        <div class="range-row not-printed">
            <nav aria-label="Months"><ul class="join">{link(month.previous(), "Month before")} {link(month.next(), "Month after")}</ul></nav>
            <form method="get" action=paths::REPORT class="filter-row" aria-label="Month of the report">
                <div class="field">
                    <label for="month">"Month"</label>
                    <input class="input input-sm" type="month" id="month" name="month" value=month.to_string() required=true
                        placeholder="2026-11" pattern="[0-9]{4}-[0-9]{2}" />
                </div>
                <button type="submit" class="btn btn-sm">"Show"</button>
            </form>
        </div>
    }
}

fn summary(seen: &ReportView) -> impl IntoView + use<> {
    let report = &seen.report;
    let (from, to) = (report.whole.from.begins(), report.whole.to.begins());
    let contract = report.contract.clone().map(|name| view! { <Fact label="Contract">{name}</Fact> });
    let zone = report.zone.name().to_owned();
    let over = if report.is_over() {
        view! { <p class="hint">"The month is over: all of its minutes are reported."</p> }.into_any()
    } else if report.range.is_empty() {
        view! { <Notice tone=Tone::Caution text="This month has not begun." /> }.into_any()
    } else {
        let text = "This month is not over: the report will change.";
        let to = report.range.to.begins();
        view! { <Notice tone=Tone::Caution text><p>"Reported until " <Time at=to /></p></Notice> }.into_any()
    };
    let claim = report.claim_by.map(|at| {
        let last = report.zone.day(at.minus(std::time::Duration::from_secs(60)));
        view! { <Fact label="To be claimed by">{format!("the end of {last} ({})", report.zone.name())}</Fact> }
    });
    let (digest, credit) = (seen.digest.clone(), credit(report));
    view! {
        <Panel id="summary" title="In short">
            {over}
            <Facts>
                {contract}
                <Fact label="Time zone of the contract">{zone}</Fact>
                <Fact label="Begins"><Time at=from /></Fact>
                <Fact label="Ends before"><Time at=to /></Fact>
                <Fact label="Credit">{credit}</Fact>
                {claim}
                <Fact label="Digest (SHA-256 of the JSON file)"><Copyable text=digest what="the digest" /></Fact>
            </Facts>
        </Panel>
    }
}

/// What is due, in words.
fn credit(report: &Report) -> String {
    match report.credit {
        Credit::NoTiers => "No credit tiers are configured.".to_owned(),
        Credit::NotCovered => "No objective on availability names a clause of the contract.".to_owned(),
        Credit::Unknown => "Unknown: nothing was counted.".to_owned(),
        Credit::NotDue => "None: no result is below a tier.".to_owned(),
        Credit::Due(tier) => format!("{} % of the month's fee", tier.percent()),
    }
}

fn files(seen: &ReportView) -> impl IntoView + use<> {
    let month = seen.report.month;
    let tables = Table::ALL
        .iter()
        .map(|table| {
            let href = format!("{}?month={month}&table={table}", paths::REPORT_CSV);
            view! { <li><a class="link" href=href download="">{format!("{} (CSV)", table.label())}</a></li> }
        })
        .collect_view();
    let size = format!("JSON, {} kB", grouped(seen.length / 1_000 + 1));
    let failed = format!(
        "{} kept one by one; the JSON file lists the last 20 000 at most.",
        count(
            usize::try_from(seen.report.failed_kept).unwrap_or(usize::MAX),
            "failed call is",
            "failed calls are"
        )
    );
    view! {
        <Panel id="files" class="not-printed" title="What stands behind the numbers"
            lead="Every minute of every operation as a histogram, and the failed calls with their trace ids.">
            <ul class="told files">
                <li><a class="link" href=format!("{}?month={month}", paths::REPORT_JSON) download="">"Report, minutes and failed calls"</a> {format!(" ({size})")}</li>
                {tables}
            </ul>
            <p class="hint">{failed} " Measurements are kept by the minute for 25 months."</p>
        </Panel>
    }
}

fn editions(visit: &Visit, seen: &ReportView) -> impl IntoView + use<> {
    let month = seen.report.month;
    let allowed = visit.actor.may(Capability::ReviewVendor);
    let last = seen.editions.last().map(|last| last.edition);
    let refused = match (seen.not_yet, last) {
        (Some(why), _) => why.to_owned(),
        (None, Some(last)) if seen.differs.is_none() => format!("Nothing changed since edition {last}."),
        _ => String::new(),
    };
    let differs = seen.differs.clone().zip(last).map(|(changes, last)| {
        let text = format!("The report differs now from edition {last}: take it down again to keep both.");
        let changes = changes.into_iter().map(|change| view! { <li>{change}</li> }).collect_view();
        view! { <Notice tone=Tone::Caution text><ul class="told">{changes}</ul></Notice> }
    });
    let list = if seen.editions.is_empty() {
        view! { <Empty icon=Icon::Clock title="Not taken down yet" text="Once taken down a report stays as it is, whatever changes later." /> }
            .into_any()
    } else {
        let rows = seen.editions.iter().rev().map(edition).collect_view();
        view! { <ul class="lines">{rows}</ul> }.into_any()
    };
    let error = visit.error("month").map(|text| view! { <p class="field-error">{text}</p> });
    view! {
        <Panel id="editions" title="Editions" lead="What was taken down: the very bytes, their digest, and who took them.">
            {list}
            {differs}
            <Act to=paths::act::TAKE_REPORT class="form-stack not-printed">
                <Hidden name="month" value=month.to_string() />
                {error}
                <Submit id="take-report" label="Take report" allowed refused />
            </Act>
        </Panel>
    }
}

fn edition(of: &Edition) -> impl IntoView + use<> {
    let href = format!("{}?month={}&edition={}", paths::REPORT_JSON, of.month, of.edition);
    let changes = of.changes.iter().map(|change| view! { <li>{change.clone()}</li> }).collect_view();
    let changed = (!of.changes.is_empty()).then(|| {
        view! { <p class="line-note">"Changed since the edition before:"</p> <ul class="told">{changes}</ul> }
    });
    let digest = of.digest.clone();
    view! {
        <li class="line">
            {badge(Tone::Good, Icon::CheckCircle, "Kept")}
            <div class="line-main">
                <p><a class="link" href=href download="">{format!("Edition {}", of.edition)}</a></p>
                <p class="line-note">{of.by.name().to_owned()} ", " <Time at=of.at /></p>
                <p class="line-note"><Copyable text=digest what="the edition's digest" /></p>
                {changed}
            </div>
        </li>
    }
}
