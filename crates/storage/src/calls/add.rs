//! Adding measurements up. Several servers may add to the same minute: they go one after the other.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    performance::{CallKey, Cell, FailedCall, Hour, KnownMinutes, MINUTES_PER_HOUR, Minute},
};
use sqlx::FromRow;

use super::read::known_minutes;
use crate::{
    StorageError, Tx,
    decode::{Place, storable},
    error::exactly,
    live::{self, Topic},
    sql::{Sql, Value},
};

/// What happened in one minute with one operation.
pub type CellAt = (CallKey, Minute, Cell);

/// Rows written by one statement.
const BATCH: usize = 100;

#[derive(FromRow)]
struct StoredHour {
    minutes: String,
}

#[derive(FromRow)]
struct StoredDay {
    total: String,
    minutes: Option<String>,
}

/// Adds measurements to what is known.
///
/// # Errors
/// [`StorageError::Driver`], [`StorageError::Busy`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn add(tx: &mut Tx, cells: Vec<CellAt>) -> Result<(), StorageError> {
    let rows = affected!(tx, sqlx::query("UPDATE locks SET taken = taken + 1 WHERE name = 'calls'"))?;
    exactly(1, rows, "Waiting for other measurements")?;
    let mut hours: BTreeMap<(CallKey, i64), Vec<(u8, Cell)>> = BTreeMap::new();
    for (key, minute, cell) in cells {
        let (hour, place) = minute.in_hour();
        hours.entry((key, hour)).or_default().push((place, cell));
    }
    for ((key, hour), cells) in hours {
        add_to_hour(tx, &key, hour, &cells).await?;
        add_to_day(tx, &key, hour, &cells).await?;
    }
    live::touch(tx, Topic::Calls);
    Ok(())
}

async fn add_to_hour(
    tx: &mut Tx,
    key: &CallKey,
    hour: i64,
    cells: &[(u8, Cell)],
) -> Result<(), StorageError> {
    let mut sql = Sql::new("SELECT minutes FROM call_hours WHERE operation = ");
    sql.bind(&*key.operation).push(" AND source = ").bind(key.source.as_str());
    sql.push(" AND hour = ").bind(hour);
    let stored: Option<StoredHour> = sql.optional(tx).await?;
    let mut minutes = match stored {
        Some(stored) => {
            Place { table: "call_hours", row: &key.operation }.word("minutes", &stored.minutes)?
        }
        None => Hour::default(),
    };
    for (place, cell) in cells {
        minutes.merge(*place, cell);
    }
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO call_hours (operation, source, hour, minutes, total) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (operation, source, hour) DO UPDATE SET minutes = excluded.minutes, total = excluded.total",
        )
        .bind(&*key.operation)
        .bind(key.source.as_str())
        .bind(hour)
        .bind(minutes.to_string())
        .bind(minutes.total().to_string())
    )?;
    exactly(1, rows, "Adding measurements to an hour")
}

/// After the hour itself.
async fn add_to_day(tx: &mut Tx, key: &CallKey, hour: i64, cells: &[(u8, Cell)]) -> Result<(), StorageError> {
    let day = hour.div_euclid(24);
    let mut sql = Sql::new("SELECT total, minutes FROM call_days WHERE operation = ");
    sql.bind(&*key.operation).push(" AND source = ").bind(key.source.as_str());
    sql.push(" AND day = ").bind(day);
    let stored: Option<StoredDay> = sql.optional(tx).await?;
    let at = Place { table: "call_days", row: &key.operation };
    let (mut total, mut known): (Cell, KnownMinutes) = match stored {
        None => Default::default(),
        Some(StoredDay { total, minutes: Some(minutes) }) => {
            (at.word("total", &total)?, at.word("minutes", &minutes)?)
        }
        Some(StoredDay { total, minutes: None }) => {
            (at.word("total", &total)?, known_minutes(tx, key, day).await?)
        }
    };
    let begins = usize::try_from(hour.rem_euclid(24) * MINUTES_PER_HOUR).unwrap_or_default();
    for (place, cell) in cells {
        total.merge(cell);
        known.insert(begins + usize::from(*place));
    }
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO call_days (operation, source, day, total, minutes) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (operation, source, day) DO UPDATE SET total = excluded.total, minutes = excluded.minutes",
        )
        .bind(&*key.operation)
        .bind(key.source.as_str())
        .bind(day)
        .bind(total.to_string())
        .bind(known.to_string())
    )?;
    exactly(1, rows, "Adding measurements to a day")
}

/// Notes calls that failed.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn note_failures(tx: &mut Tx, calls: &[FailedCall]) -> Result<(), StorageError> {
    for batch in calls.chunks(BATCH) {
        let mut sql = Sql::new(
            "INSERT INTO failed_calls (id, at, operation, source, outcome, status, latency, trace_id, correlation_id) VALUES ",
        );
        sql.tuples(batch.iter().map(|call| {
            [
                call.id.to_string().into(),
                call.at.micros().into(),
                call.key.operation.as_str().into(),
                call.key.source.as_str().into(),
                call.outcome.as_str().into(),
                Value::Int(call.status.map(i64::from)),
                i64::try_from(call.latency.as_micros()).unwrap_or(i64::MAX).into(),
                Value::Text(call.trace_id.as_deref().map(storable)),
                storable(&call.correlation_id).into(),
            ]
        }));
        let rows = sql.run(tx).await?;
        exactly(batch.len() as u64, rows, "Noting failed calls")?;
    }
    Ok(())
}

/// Forgets what was measured before; the answer is the number of rows.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_older_than(tx: &mut Tx, before: Timestamp) -> Result<u64, StorageError> {
    let minute = Minute::of(before);
    let hours =
        affected!(tx, sqlx::query("DELETE FROM call_hours WHERE hour < $1").bind(minute.in_hour().0))?;
    let days = affected!(tx, sqlx::query("DELETE FROM call_days WHERE day < $1").bind(minute.day()))?;
    let failed = affected!(tx, sqlx::query("DELETE FROM failed_calls WHERE at < $1").bind(before.micros()))?;
    Ok(hours + days + failed)
}
