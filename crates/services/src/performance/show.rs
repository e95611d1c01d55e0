//! The vendor's performance over a range of time.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    actor::{Actor, Capability},
    performance::{
        CallKey, CallSource, Cell, Comparison, FailedCall, MINUTES_PER_DAY, Minute, Range, Series, Tally,
    },
};
use storage::{
    Conn,
    calls::{self, FailedQuery},
};

use super::probe::ProbeSettings;
use crate::{Console, ServiceError};

/// Failed calls shown at once.
const FAILED: usize = 25;

/// Without a probe for so many rounds the prober counts as stopped.
const ROUNDS: u32 = 3;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerformanceQuery {
    /// When.
    pub range: Range,
    /// Only calls of this source.
    pub source: Option<CallSource>,
    /// Only this operation.
    pub operation: Option<String>,
    /// With what it is compared over time; with the time before, altogether, where nothing is said.
    pub comparison: Option<Comparison>,
}

/// Figures of some calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// By how they ended.
    pub tally: Tally,
    /// Half of the calls took no longer.
    pub p50: Option<Duration>,
    /// 95 of 100 took no longer.
    pub p95: Option<Duration>,
    /// 99 of 100 took no longer.
    pub p99: Option<Duration>,
}

impl From<&Cell> for Figures {
    fn from(cell: &Cell) -> Self {
        let at = |percent| cell.latencies.percentile(percent);
        Self { tally: cell.tally, p50: at(50.0), p95: at(95.0), p99: at(99.0) }
    }
}

/// Whether the probes are going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prober {
    /// Nothing is probed.
    Off,
    /// It has not probed yet.
    Beginning,
    /// The last probe was in this minute.
    GoingOn(Minute),
    /// It has stopped: the last probe was in this minute, and more were due.
    Stopped(Minute),
}

/// The range that is compared with the one shown.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Which it is.
    pub comparison: Comparison,
    /// When it is.
    pub range: Range,
    /// Its calls over time, in stretches as long as those of the range shown, where that is asked for.
    pub series: Option<Series>,
    /// All of them together.
    pub total: Figures,
}

/// The calls of an operation by one source.
#[derive(Clone, Debug)]
pub struct OperationFigures {
    /// Which.
    pub key: CallKey,
    /// In the range shown.
    pub now: Figures,
    /// In the range that is compared with it; `None` where it was not called there.
    pub earlier: Option<Figures>,
}

/// The vendor's performance over a range of time.
#[derive(Clone, Debug)]
pub struct Performance {
    /// The range, as it is divided.
    pub range: Range,
    /// All calls asked for, over time.
    pub series: Series,
    /// All of them together.
    pub total: Figures,
    /// With what it is compared.
    pub earlier: Earlier,
    /// Minutes of the range in which nothing was called.
    pub unknown: i64,
    /// By operation and source.
    pub operations: Vec<OperationFigures>,
    /// The last calls that failed.
    pub failed: Vec<FailedCall>,
    /// Whether the probes are going on.
    pub prober: Prober,
    /// How it is probed.
    pub probes: ProbeSettings,
}

/// Shows the vendor's performance.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see it.
pub async fn show(
    console: &Console,
    actor: &Actor,
    query: &PerformanceQuery,
) -> Result<Performance, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let step = query.range.step();
    let range = query.range.aligned(step);
    let mut conn = console.store.read().await?;
    let mut found = calls::series(&mut conn, range, step, query.source).await?;
    if let Some(operation) = &query.operation {
        found.retain(|key, _| key.operation == *operation);
    }
    let (earlier, by_operation) = compare(&mut conn, query, range, step).await?;
    let failed = FailedQuery { range, operation: query.operation.clone(), limit: FAILED };
    let failed = calls::failed(&mut conn, &failed).await?;
    let last_probe = calls::last_minute(&mut conn, CallSource::Probe).await?;
    drop(conn);
    let series = together(Series::new(range, step), &found);
    Ok(Performance {
        range,
        total: Figures::from(&series.total()),
        earlier,
        unknown: (range.len() - series.known()).max(0),
        operations: found
            .iter()
            .map(|(key, series)| OperationFigures {
                key: key.clone(),
                now: Figures::from(&series.total()),
                earlier: by_operation.get(key).map(Figures::from),
            })
            .collect(),
        failed: failed
            .into_iter()
            .filter(|call| query.source.is_none_or(|it| it == call.key.source))
            .collect(),
        prober: prober(console, last_probe),
        probes: console.settings.probes,
        series,
    })
}

/// What the range is compared with, altogether and by operation. Only where it is drawn its minutes are read.
async fn compare(
    conn: &mut Conn,
    query: &PerformanceQuery,
    range: Range,
    step: i64,
) -> Result<(Earlier, BTreeMap<CallKey, Cell>), ServiceError> {
    let comparison = query.comparison.unwrap_or(Comparison::Before);
    let range = comparison.of(range, step);
    let wanted = |key: &CallKey| query.operation.as_ref().is_none_or(|only| key.operation == *only);
    // Days are added up already.
    let (series, by_operation) = if query.comparison.is_some() || step >= MINUTES_PER_DAY {
        let mut found = calls::series(conn, range, step, query.source).await?;
        found.retain(|key, _| wanted(key));
        let sums = found.iter().map(|(key, series)| (key.clone(), series.total())).collect();
        let series = query.comparison.map(|_| together(Series::new(range, step), &found));
        (series, sums)
    } else {
        let mut found = calls::totals(conn, range, query.source).await?;
        found.retain(|key, _| wanted(key));
        (None, found)
    };
    let mut total = Cell::default();
    for cell in by_operation.values() {
        total.merge(cell);
    }
    Ok((Earlier { comparison, range, series, total: Figures::from(&total) }, by_operation))
}

fn together(mut sum: Series, all: &BTreeMap<CallKey, Series>) -> Series {
    for series in all.values() {
        sum.merge(series);
    }
    sum
}

pub(super) fn prober(console: &Console, last: Option<Minute>) -> Prober {
    match (console.settings.probes.every_minutes, last) {
        (None, _) => Prober::Off,
        (Some(_), None) => Prober::Beginning,
        (Some(every), Some(last)) => {
            let silent = console.now().since(last.begins());
            let patience = Duration::from_secs(60 * u64::from(every * ROUNDS + 1));
            if silent > patience { Prober::Stopped(last) } else { Prober::GoingOn(last) }
        }
    }
}
