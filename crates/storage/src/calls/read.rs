//! Reading measurements back, spread over time.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Timestamp,
    performance::{
        CallKey, CallSource, Cell, FailedCall, Hour, MINUTES_PER_DAY, MINUTES_PER_HOUR, Minute, Range, Series,
    },
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError,
    decode::{Place, limit},
    sql::Sql,
};

#[derive(FromRow)]
struct Row {
    operation: String,
    source: String,
    /// The hour or day.
    at: i64,
    text: String,
    known: i64,
}

impl Row {
    fn key(&self, table: &'static str) -> Result<CallKey, StorageError> {
        let source = Place { table, row: &self.operation }.word("source", &self.source)?;
        Ok(CallKey { operation: self.operation.clone(), source })
    }
}

/// What was measured in a range, by operation and source, in stretches of `step` minutes.
///
/// Whole days are read from the days' sums: a step of whole days needs a range that begins with a day (UTC), and a
/// year then costs 365 short rows for each operation.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn series(
    conn: &mut Conn,
    range: Range,
    step: i64,
    source: Option<CallSource>,
) -> Result<BTreeMap<CallKey, Series>, StorageError> {
    let by_day = step % MINUTES_PER_DAY == 0 && range.from.0 % MINUTES_PER_DAY == 0;
    let mut found: BTreeMap<CallKey, Series> = BTreeMap::new();
    let mut into = |key: CallKey, minute: Minute, cell: &Cell, known: i64| {
        found.entry(key).or_insert_with(|| Series::new(range, step)).put(minute, cell, known);
    };
    if by_day {
        for row in rows_of_days(conn, range, source).await? {
            let at = Place { table: "call_days", row: &row.operation };
            let total: Cell = at.word("total", &row.text)?;
            into(row.key("call_days")?, Minute(row.at * MINUTES_PER_DAY), &total, row.known);
        }
    } else {
        for row in rows_of_hours(conn, range, source).await? {
            let at = Place { table: "call_hours", row: &row.operation };
            let hour: Hour = at.word("minutes", &row.text)?;
            let key = row.key("call_hours")?;
            for (place, cell) in hour.iter() {
                into(key.clone(), Minute(row.at * MINUTES_PER_HOUR + i64::from(place)), cell, 1);
            }
        }
    }
    Ok(found)
}

async fn rows_of_days(
    conn: &mut Conn,
    range: Range,
    source: Option<CallSource>,
) -> Result<Vec<Row>, StorageError> {
    let mut sql =
        Sql::new("SELECT operation, source, day AS at, total AS text, known FROM call_days WHERE day >= ");
    sql.bind(range.from.day()).push(" AND day <= ").bind(Minute(range.to.0 - 1).day());
    narrow(&mut sql, source);
    sql.all(conn).await
}

async fn rows_of_hours(
    conn: &mut Conn,
    range: Range,
    source: Option<CallSource>,
) -> Result<Vec<Row>, StorageError> {
    let mut sql = Sql::new(
        "SELECT operation, source, hour AS at, minutes AS text, CAST(0 AS BIGINT) AS known FROM call_hours WHERE hour >= ",
    );
    sql.bind(range.from.in_hour().0).push(" AND hour <= ").bind(Minute(range.to.0 - 1).in_hour().0);
    narrow(&mut sql, source);
    sql.all(conn).await
}

fn narrow(sql: &mut Sql, source: Option<CallSource>) {
    if let Some(source) = source {
        sql.push(" AND source = ").bind(source.as_str());
    }
}

/// What was measured in a range altogether, by operation and source. Whole hours are read from their sums.
///
/// # Errors
/// As [`series`].
pub async fn totals(
    conn: &mut Conn,
    range: Range,
    source: Option<CallSource>,
) -> Result<BTreeMap<CallKey, Cell>, StorageError> {
    let mut found: BTreeMap<CallKey, Cell> = BTreeMap::new();
    if range.is_empty() {
        return Ok(found);
    }
    let whole = range.whole_hours();
    let (first, end) = (whole.from.in_hour().0, whole.to.in_hour().0);
    let mut sql = Sql::new(
        "SELECT operation, source, hour AS at, total AS text, CAST(0 AS BIGINT) AS known FROM call_hours \
         WHERE total IS NOT NULL AND hour >= ",
    );
    sql.bind(first).push(" AND hour < ").bind(end);
    narrow(&mut sql, source);
    for row in sql.all::<Row>(conn).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let total: Cell = at.word("total", &row.text)?;
        found.entry(row.key("call_hours")?).or_default().merge(&total);
    }
    let mut sql = Sql::new(
        "SELECT operation, source, hour AS at, minutes AS text, CAST(0 AS BIGINT) AS known FROM call_hours \
         WHERE hour >= ",
    );
    sql.bind(range.from.in_hour().0).push(" AND hour <= ").bind(Minute(range.to.0 - 1).in_hour().0);
    sql.push(" AND (total IS NULL OR hour < ").bind(first).push(" OR hour >= ").bind(end).push(")");
    narrow(&mut sql, source);
    for row in sql.all::<Row>(conn).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let mut hour: Hour = at.word("minutes", &row.text)?;
        hour.keep(|place| range.contains(Minute(row.at * MINUTES_PER_HOUR + i64::from(place))));
        if !hour.is_empty() {
            found.entry(row.key("call_hours")?).or_default().merge(&hour.total());
        }
    }
    Ok(found)
}

/// The last minute in which this source called, if it ever did.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn last_minute(conn: &mut Conn, source: CallSource) -> Result<Option<Minute>, StorageError> {
    let mut sql = Sql::new(
        "SELECT operation, source, hour AS at, minutes AS text, CAST(0 AS BIGINT) AS known FROM call_hours \
         WHERE hour = (SELECT MAX(hour) FROM call_hours WHERE source = ",
    );
    sql.bind(source.as_str()).push(") AND source = ").bind(source.as_str());
    let mut last = None;
    for row in sql.all::<Row>(conn).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let hour: Hour = at.word("minutes", &row.text)?;
        let place = hour.iter().map(|(place, _)| i64::from(place)).max();
        last = last.max(place.map(|place| Minute(row.at * MINUTES_PER_HOUR + place)));
    }
    Ok(last)
}

/// Which failed calls are meant.
#[derive(Clone, Debug)]
pub struct FailedQuery {
    /// In these minutes.
    pub range: Range,
    /// Of this operation only.
    pub operation: Option<String>,
    /// Rows at most.
    pub limit: usize,
}

#[derive(FromRow)]
struct FailedRow {
    id: String,
    at: i64,
    operation: String,
    source: String,
    outcome: String,
    status: Option<i64>,
    latency: i64,
    trace_id: Option<String>,
    correlation_id: String,
}

impl FailedRow {
    fn call(self) -> Result<FailedCall, StorageError> {
        let place = Place { table: "failed_calls", row: &self.id };
        let latency: u64 = place.number("latency", self.latency)?;
        Ok(FailedCall {
            id: place.word("id", &self.id)?,
            at: Timestamp::from_micros(self.at),
            key: CallKey { source: place.word("source", &self.source)?, operation: self.operation },
            outcome: place.word("outcome", &self.outcome)?,
            status: self.status.map(|status| place.number("status", status)).transpose()?,
            latency: Duration::from_micros(latency),
            trace_id: self.trace_id,
            correlation_id: self.correlation_id,
        })
    }
}

/// Calls that failed, the last one first.
///
/// # Errors
/// As [`series`].
pub async fn failed(conn: &mut Conn, query: &FailedQuery) -> Result<Vec<FailedCall>, StorageError> {
    let mut sql = Sql::new(
        "SELECT id, at, operation, source, outcome, status, latency, trace_id, correlation_id FROM failed_calls \
         WHERE at >= ",
    );
    sql.bind(query.range.from.begins().micros()).push(" AND at < ").bind(query.range.to.begins().micros());
    if let Some(operation) = &query.operation {
        sql.push(" AND operation = ").bind(operation.as_str());
    }
    sql.push(" ORDER BY at DESC, id DESC LIMIT ").bind(limit(query.limit));
    sql.all::<FailedRow>(conn).await?.into_iter().map(FailedRow::call).collect()
}

/// How many failed calls of a range are kept.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn count_failed(conn: &mut Conn, range: Range) -> Result<u64, StorageError> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM failed_calls WHERE at >= ");
    sql.bind(range.from.begins().micros()).push(" AND at < ").bind(range.to.begins().micros());
    let count: Option<(i64,)> = sql.optional(conn).await?;
    Ok(u64::try_from(count.map_or(0, |(count,)| count)).unwrap_or_default())
}

/// Goes through the hours of a range in which something was called, by operation, source and time; of hours that
/// begin or end outside, only the minutes inside are given. The minute is the hour's first.
///
/// # Errors
/// As [`series`].
pub async fn each_hour(
    conn: &mut Conn,
    range: Range,
    mut visit: impl FnMut(&CallKey, Minute, &Hour),
) -> Result<(), StorageError> {
    if range.is_empty() {
        return Ok(());
    }
    let mut rows = rows_of_hours(conn, range, None).await?;
    rows.sort_unstable_by(|a, b| (&a.operation, &a.source, a.at).cmp(&(&b.operation, &b.source, b.at)));
    for row in rows {
        let at = Place { table: "call_hours", row: &row.operation };
        let mut hour: Hour = at.word("minutes", &row.text)?;
        let first = Minute(row.at * MINUTES_PER_HOUR);
        hour.keep(|place| range.contains(Minute(first.0 + i64::from(place))));
        if !hour.is_empty() {
            visit(&row.key("call_hours")?, first, &hour);
        }
    }
    Ok(())
}

/// Goes through every minute of a range in which something was called, in no particular order.
///
/// # Errors
/// As [`series`].
pub async fn each_minute(
    conn: &mut Conn,
    range: Range,
    mut visit: impl FnMut(&CallKey, Minute, &Cell),
) -> Result<(), StorageError> {
    if range.is_empty() {
        return Ok(());
    }
    for row in rows_of_hours(conn, range, None).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let hour: Hour = at.word("minutes", &row.text)?;
        let key = row.key("call_hours")?;
        for (place, cell) in hour.iter() {
            let minute = Minute(row.at * MINUTES_PER_HOUR + i64::from(place));
            if range.contains(minute) {
                visit(&key, minute, cell);
            }
        }
    }
    Ok(())
}

/// Goes through whole days (UTC) of a range in which something was called, with the minutes in which it was; a range
/// that begins or ends within a day is narrowed to whole days.
///
/// # Errors
/// As [`series`].
pub async fn each_day(
    conn: &mut Conn,
    range: Range,
    mut visit: impl FnMut(&CallKey, Minute, &Cell, i64),
) -> Result<(), StorageError> {
    let whole = range.whole_days();
    if whole.is_empty() {
        return Ok(());
    }
    for row in rows_of_days(conn, whole, None).await? {
        let at = Place { table: "call_days", row: &row.operation };
        let total: Cell = at.word("total", &row.text)?;
        visit(&row.key("call_days")?, Minute(row.at * MINUTES_PER_DAY), &total, row.known);
    }
    Ok(())
}
