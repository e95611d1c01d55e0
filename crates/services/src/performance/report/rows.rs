//! The report as tables for a spreadsheet. Cells that a spreadsheet would run as formulas are neutralised.

use std::collections::VecDeque;

use domain::{
    actor::{Actor, Capability},
    performance::{CallOutcome, Excluded, Minute, Month, OperationGroup, Range},
    words,
};
use futures::stream::{self, Stream};
use storage::{calls, vendor_review::maintenance};

use super::{Report, assemble, document, settled};
use crate::{Console, ServiceError, performance::measure::group_of, spreadsheet::harmless};

words! {
    /// A table of the report.
    Table, "table of the report" {
        /// Targets and results.
        Objectives = "objectives", "Objectives";
        /// What was left out, and who approved it.
        Exclusions = "exclusions", "Exclusions";
        /// What went wrong.
        Incidents = "incidents", "Incidents";
        /// Every minute of every operation.
        Minutes = "minutes", "Minutes";
        /// Failed calls.
        FailedCalls = "failed_calls", "Failed calls";
    }
}

/// A table under way: a piece for each day, so that no month is in memory at once.
struct Pieces {
    console: Console,
    first: Option<String>,
    days: VecDeque<Range>,
    excluded: Excluded,
}

/// A table of a month's report as CSV.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance; the stream ends with an error when the
/// database fails later.
pub async fn rows(
    console: &Console,
    actor: &Actor,
    month: Month,
    table: Table,
) -> Result<impl Stream<Item = Result<String, ServiceError>> + Send + use<>, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let mut pieces = Pieces {
        console: console.clone(),
        first: None,
        days: VecDeque::new(),
        excluded: Excluded::default(),
    };
    if table == Table::Minutes {
        let whole = month.range(&console.settings.contract.zone);
        let range = Range { from: whole.from, to: whole.to.min(settled(console)).max(whole.from) };
        pieces.excluded = maintenance::excluded(&mut conn, range).await?;
        pieces.days = range.by_day().collect();
        pieces.first = Some(csv([minute_columns()])?);
    } else {
        let assembled = assemble::assemble(console, &mut conn, month).await?;
        pieces.first = Some(match table {
            Table::Objectives | Table::Minutes => objectives(&assembled.report),
            Table::Exclusions => exclusions(&assembled.report),
            Table::Incidents => incidents(&assembled.report),
            Table::FailedCalls => failed_calls(&assembled.failed),
        }?);
    }
    Ok(stream::try_unfold(pieces, Pieces::next))
}

impl Pieces {
    async fn next(mut self) -> Result<Option<(String, Self)>, ServiceError> {
        if let Some(first) = self.first.take() {
            return Ok(Some((first, self)));
        }
        let Some(day) = self.days.pop_front() else { return Ok(None) };
        let mut conn = self.console.store.read().await?;
        let mut rows = Vec::new();
        calls::each_hour(&mut conn, day, |key, first, hour| {
            for (place, cell) in hour.iter() {
                let minute = Minute(first.0 + i64::from(place));
                let excluded = if self.excluded.contains(minute) { "yes" } else { "no" };
                let mut row = vec![
                    minute.begins().rfc3339(),
                    key.operation.clone(),
                    group_of(&key.operation).map_or("", OperationGroup::as_str).to_owned(),
                    key.source.to_string(),
                    excluded.to_owned(),
                ];
                row.extend(CallOutcome::ALL.iter().map(|outcome| cell.tally.of(*outcome).to_string()));
                let latencies =
                    cell.latencies.iter().map(|(of, calls)| format!("{}:{calls}", of.as_micros()));
                row.push(latencies.collect::<Vec<_>>().join(" "));
                rows.push(row);
            }
        })
        .await?;
        drop(conn);
        Ok(Some((csv(rows)?, self)))
    }
}

fn minute_columns() -> Vec<String> {
    let first = ["minute", "operation", "group", "source", "excluded"].map(str::to_owned);
    let outcomes = CallOutcome::ALL.iter().map(|outcome| outcome.as_str().to_owned());
    first.into_iter().chain(outcomes).chain(["latencies_us".to_owned()]).collect()
}

fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, ServiceError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| harmless(cell)))
            .map_err(|error| document::unwritable(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| document::unwritable(&error))?;
    String::from_utf8(bytes).map_err(|error| document::unwritable(&error))
}

/// A table of these columns: the heading, then a row for each item.
fn table<T, const N: usize>(
    columns: [&str; N],
    items: &[T],
    row: impl Fn(&T) -> [String; N],
) -> Result<String, ServiceError> {
    let heading = columns.map(str::to_owned).to_vec();
    csv([heading].into_iter().chain(items.iter().map(|item| row(item).to_vec())))
}

fn objectives(report: &Report) -> Result<String, ServiceError> {
    let columns = [
        "month",
        "objective",
        "operations",
        "indicator",
        "target_percent",
        "clause",
        "formula",
        "good",
        "valid",
        "measured_percent",
        "raw_good",
        "raw_valid",
        "own_faults",
        "known_minutes",
        "unknown_minutes",
        "left_out_minutes",
        "verdict",
        "credit_percent",
    ];
    table(columns, &report.results, |of| {
        let percent = of.counted.share().map(|share| format!("{:.6}", share * 100.0));
        let credit = document::credit(of.credit)["percent"].as_u64().map(|percent| percent.to_string());
        [
            report.month.to_string(),
            of.objective.name.clone(),
            of.objective.group.map_or("all", OperationGroup::as_str).to_owned(),
            of.objective.indicator.to_string(),
            of.objective.target.to_string(),
            of.objective.clause.clone().unwrap_or_default(),
            of.objective.indicator.formula(),
            of.counted.good.to_string(),
            of.counted.valid.to_string(),
            percent.unwrap_or_default(),
            of.raw.good.to_string(),
            of.raw.valid.to_string(),
            of.tally.ours().to_string(),
            of.minutes.known.to_string(),
            of.minutes.unknown.to_string(),
            of.minutes.left_out.to_string(),
            document::verdict(of.verdict).to_owned(),
            credit.unwrap_or_default(),
        ]
    })
}

fn exclusions(report: &Report) -> Result<String, ServiceError> {
    let columns = ["from", "to", "whose", "note", "proposed_by", "approved_by", "approved_at", "review"];
    table(columns, &report.exclusions, |of| {
        let review = of.review.as_ref();
        [
            of.from.rfc3339(),
            of.to.rfc3339(),
            of.whose.to_string(),
            of.note.clone(),
            of.proposed_by.name().to_owned(),
            review.map(|review| review.by.name().to_owned()).unwrap_or_default(),
            review.map(|review| review.at.rfc3339()).unwrap_or_default(),
            review.and_then(|review| review.note.clone()).unwrap_or_default(),
        ]
    })
}

fn incidents(report: &Report) -> Result<String, ServiceError> {
    let columns = [
        "title",
        "operations",
        "state",
        "began",
        "ended",
        "vendor_began",
        "vendor_ended",
        "vendor_told",
        "vendor_answered",
        "ticket",
        "billers",
        "users",
        "cause",
    ];
    table(columns, &report.incidents, |of| {
        let at = |at: Option<domain::Timestamp>| at.map(|at| at.rfc3339()).unwrap_or_default();
        let known = &of.known;
        [
            of.title.clone(),
            of.group.map_or("", OperationGroup::as_str).to_owned(),
            of.state.to_string(),
            of.began.rfc3339(),
            at(of.ended),
            at(known.vendor_began),
            at(known.vendor_ended),
            at(known.told_at),
            at(known.answered_at),
            known.ticket.clone().unwrap_or_default(),
            known.billers.clone().unwrap_or_default(),
            known.users.map(|users| users.to_string()).unwrap_or_default(),
            known.cause.clone().unwrap_or_default(),
        ]
    })
}

fn failed_calls(calls: &[domain::performance::FailedCall]) -> Result<String, ServiceError> {
    let columns =
        ["at", "operation", "source", "outcome", "status", "latency_us", "trace_id", "correlation_id"];
    table(columns, calls, |of| {
        [
            of.at.rfc3339(),
            of.key.operation.clone(),
            of.key.source.to_string(),
            of.outcome.to_string(),
            of.status.map(|status| status.to_string()).unwrap_or_default(),
            of.latency.as_micros().to_string(),
            of.trace_id.clone().unwrap_or_default(),
            of.correlation_id.clone(),
        ]
    })
}
