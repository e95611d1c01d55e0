//! Reading measurements back, spread over time.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Timestamp,
    performance::{
        CallKey, CallSource, Cell, FailedCall, Hour, KnownMinutes, MINUTES_PER_DAY, MINUTES_PER_HOUR, Minute,
        Range, Series,
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
    hour: i64,
    text: String,
}

impl Row {
    fn key(&self) -> Result<CallKey, StorageError> {
        key("call_hours", &self.operation, &self.source)
    }
}

fn key(table: &'static str, operation: &str, source: &str) -> Result<CallKey, StorageError> {
    let source = Place { table, row: operation }.word("source", source)?;
    Ok(CallKey { operation: operation.to_owned(), source })
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
    let by_day = step == MINUTES_PER_DAY && range.from.0 % MINUTES_PER_DAY == 0;
    let mut found: BTreeMap<CallKey, Series> = BTreeMap::new();
    if by_day {
        days(conn, range, source, |key, begins, cell, known| {
            let series = found.entry(key).or_insert_with(|| Series::new(range, step));
            series.put_stretch(begins, cell, known);
        })
        .await?;
    } else {
        for row in rows_of_hours(conn, range, source).await? {
            let at = Place { table: "call_hours", row: &row.operation };
            let hour: Hour = at.word("minutes", &row.text)?;
            let series = found.entry(row.key()?).or_insert_with(|| Series::new(range, step));
            for (place, cell) in hour.iter() {
                series.put(Minute(row.hour * MINUTES_PER_HOUR + i64::from(place)), cell);
            }
        }
    }
    Ok(found)
}

#[derive(FromRow)]
struct DayRow {
    operation: String,
    source: String,
    day: i64,
    total: String,
    minutes: Option<String>,
}

async fn days(
    conn: &mut Conn,
    range: Range,
    source: Option<CallSource>,
    mut visit: impl FnMut(CallKey, Minute, &Cell, &KnownMinutes),
) -> Result<(), StorageError> {
    let mut sql = Sql::new("SELECT operation, source, day, total, minutes FROM call_days WHERE day >= ");
    sql.bind(range.from.day()).push(" AND day <= ").bind(Minute(range.to.0 - 1).day());
    narrow(&mut sql, source);
    for row in sql.all::<DayRow>(conn).await? {
        let key = key("call_days", &row.operation, &row.source)?;
        let at = Place { table: "call_days", row: &row.operation };
        let total: Cell = at.word("total", &row.total)?;
        let known = match &row.minutes {
            Some(minutes) => at.word("minutes", minutes)?,
            None => known_minutes(conn, &key, row.day).await?,
        };
        visit(key, Minute(row.day * MINUTES_PER_DAY), &total, &known);
    }
    Ok(())
}

/// The known minutes of a day, read from its hours.
pub(super) async fn known_minutes(
    conn: &mut Conn,
    key: &CallKey,
    day: i64,
) -> Result<KnownMinutes, StorageError> {
    let mut sql = Sql::new(HOURS);
    sql.bind(day * 24).push(" AND hour < ").bind((day + 1) * 24);
    sql.push(" AND operation = ").bind(key.operation.as_str());
    narrow(&mut sql, Some(key.source));
    let mut known = KnownMinutes::default();
    for row in sql.all::<Row>(conn).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let hour: Hour = at.word("minutes", &row.text)?;
        let begins = usize::try_from((row.hour - day * 24) * MINUTES_PER_HOUR).unwrap_or_default();
        known.extend(hour.iter().map(|(place, _)| begins + usize::from(place)));
    }
    Ok(known)
}

/// Goes on with the first hour.
const HOURS: &str = "SELECT operation, source, hour, minutes AS text FROM call_hours WHERE hour >= ";

async fn rows_of_hours(
    conn: &mut Conn,
    range: Range,
    source: Option<CallSource>,
) -> Result<Vec<Row>, StorageError> {
    let mut sql = Sql::new(HOURS);
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
        "SELECT operation, source, hour, total AS text FROM call_hours WHERE total IS NOT NULL AND hour >= ",
    );
    sql.bind(first).push(" AND hour < ").bind(end);
    narrow(&mut sql, source);
    for row in sql.all::<Row>(conn).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let total: Cell = at.word("total", &row.text)?;
        found.entry(row.key()?).or_default().merge(&total);
    }
    let mut sql = Sql::new(HOURS);
    sql.bind(range.from.in_hour().0).push(" AND hour <= ").bind(Minute(range.to.0 - 1).in_hour().0);
    sql.push(" AND (total IS NULL OR hour < ").bind(first).push(" OR hour >= ").bind(end).push(")");
    narrow(&mut sql, source);
    for row in sql.all::<Row>(conn).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let mut hour: Hour = at.word("minutes", &row.text)?;
        hour.keep(|place| range.contains(Minute(row.hour * MINUTES_PER_HOUR + i64::from(place))));
        if !hour.is_empty() {
            found.entry(row.key()?).or_default().merge(&hour.total());
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
        "SELECT operation, source, hour, minutes AS text FROM call_hours \
         WHERE hour = (SELECT MAX(hour) FROM call_hours WHERE source = ",
    );
    sql.bind(source.as_str()).push(") AND source = ").bind(source.as_str());
    let mut last = None;
    for row in sql.all::<Row>(conn).await? {
        let at = Place { table: "call_hours", row: &row.operation };
        let hour: Hour = at.word("minutes", &row.text)?;
        let place = hour.iter().map(|(place, _)| i64::from(place)).max();
        last = last.max(place.map(|place| Minute(row.hour * MINUTES_PER_HOUR + place)));
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
    rows.sort_unstable_by(|a, b| (&a.operation, &a.source, a.hour).cmp(&(&b.operation, &b.source, b.hour)));
    for row in rows {
        let at = Place { table: "call_hours", row: &row.operation };
        let mut hour: Hour = at.word("minutes", &row.text)?;
        let first = Minute(row.hour * MINUTES_PER_HOUR);
        hour.keep(|place| range.contains(Minute(first.0 + i64::from(place))));
        if !hour.is_empty() {
            visit(&row.key()?, first, &hour);
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
        let key = row.key()?;
        for (place, cell) in hour.iter() {
            let minute = Minute(row.hour * MINUTES_PER_HOUR + i64::from(place));
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
    mut visit: impl FnMut(&CallKey, Minute, &Cell, &KnownMinutes),
) -> Result<(), StorageError> {
    let whole = range.whole_days();
    if whole.is_empty() {
        return Ok(());
    }
    days(conn, whole, None, |key, begins, cell, known| visit(&key, begins, cell, known)).await
}
