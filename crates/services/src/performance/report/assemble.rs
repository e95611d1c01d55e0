//! From the rows of measurements to a report: one pass, so that the numbers are those of the rows in the document.

use domain::performance::{Credit, FailedCall, Ledger, Minute, Month, Objective, Range, Standing, Window};
use serde::Serialize;
use storage::{
    Conn,
    calls::{self, FailedQuery},
    vendor_review::{incidents, maintenance, objectives},
};

use super::{Assembled, Outcome, Report, settled};
use crate::{Console, ServiceError, performance::measure::group_of};

/// Failed calls in a document at most; the report says how many are kept in all.
const LISTED: usize = 20_000;

#[derive(Serialize)]
struct HourRow<'a> {
    operation: &'a str,
    source: &'a str,
    group: Option<&'a str>,
    hour: String,
    minutes: String,
}

/// The report of a month, with what stands behind it.
pub(super) async fn assemble(
    console: &Console,
    conn: &mut Conn,
    month: Month,
) -> Result<Assembled, ServiceError> {
    let contract = &console.settings.contract;
    let whole = month.range(&contract.zone);
    let range = Range { from: whole.from, to: whole.to.min(settled(console)).max(whole.from) };
    let mut ledger = Ledger::new(range, maintenance::excluded(conn, range).await?);
    let hours = read(conn, range, &mut ledger).await?;
    let promised = objectives::list(conn).await?;
    let results: Vec<Outcome> =
        promised.into_iter().map(|one| outcome(console, &ledger, one, whole)).collect();
    let failed_kept = calls::count_failed(conn, range).await?;
    let report = Report {
        month,
        zone: contract.zone.clone(),
        contract: contract.reference.clone(),
        whole,
        range,
        credit: results.iter().map(|result| result.credit).max().unwrap_or(nothing_promised(console)),
        results,
        exclusions: maintenance::approved(conn, range).await?,
        incidents: incidents::within(conn, range).await?,
        tiers: contract.tiers.clone(),
        claim_by: contract.claim_days.map(|days| month.days_after(days, &contract.zone)),
        failed_kept,
    };
    Ok(Assembled { report, failed: failed(conn, range).await?, hours })
}

/// Takes all measurements into the ledger; the answer is the same as lines of JSON.
async fn read(conn: &mut Conn, range: Range, ledger: &mut Ledger) -> Result<String, ServiceError> {
    let mut lines = String::new();
    let mut broken = None;
    calls::each_hour(conn, range, |key, first, hour| {
        let group = group_of(&key.operation);
        for (place, cell) in hour.iter() {
            ledger.add(group, Minute(first.0 + i64::from(place)), cell);
        }
        let row = HourRow {
            operation: &key.operation,
            source: key.source.as_str(),
            group: group.map(|group| group.as_str()),
            hour: first.begins().rfc3339(),
            minutes: hour.to_string(),
        };
        lines.push_str(if lines.is_empty() { "\n" } else { ",\n" });
        match serde_json::to_string(&row) {
            Ok(line) => lines.push_str(&line),
            Err(error) => broken = Some(error),
        }
    })
    .await?;
    match broken {
        Some(error) => Err(super::document::unwritable(&error)),
        None => Ok(lines),
    }
}

async fn failed(conn: &mut Conn, range: Range) -> Result<Vec<FailedCall>, ServiceError> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    Ok(calls::failed(conn, &FailedQuery { range, operation: None, limit: LISTED }).await?)
}

fn nothing_promised(console: &Console) -> Credit {
    if console.settings.contract.tiers.all().is_empty() { Credit::NoTiers } else { Credit::NotCovered }
}

fn outcome(console: &Console, ledger: &Ledger, objective: Objective, whole: Range) -> Outcome {
    // A report speaks of the calendar month, whatever the window on the page of objectives.
    let objective = Objective { window: Window::Month, ..objective };
    let (counted, raw) = (ledger.counted(&objective), ledger.raw(&objective));
    let standing = Standing { counted, raw, elapsed: whole.len(), whole: whole.len() };
    Outcome {
        counted,
        raw,
        left_out: ledger.left_out(&objective),
        tally: ledger.tally(objective.group),
        minutes: ledger.minutes(objective.group),
        verdict: standing.verdict(objective.target),
        credit: console.settings.contract.tiers.of(&objective, counted),
        objective,
    }
}
