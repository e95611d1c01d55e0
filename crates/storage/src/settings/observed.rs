//! What the objects of a biller showed when they were last read.

use std::collections::BTreeMap;

use domain::{
    Bid, Timestamp,
    settings::{Observed, Scope, SettingKey},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, to_json},
    error::exactly,
    live::{self, Topic},
};

/// One object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedScope {
    /// What it showed for each setting that is compared.
    pub values: BTreeMap<SettingKey, Observed>,
    /// When.
    pub read_at: Timestamp,
}

#[derive(FromRow)]
struct ObservedRow {
    scope: String,
    observed: String,
    read_at: i64,
}

/// Everything that was read of a biller's objects.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn observed_of(conn: &mut Conn, bid: &Bid) -> Result<BTreeMap<Scope, ObservedScope>, StorageError> {
    let rows: Vec<ObservedRow> = on!(conn, c => {
        sqlx::query_as("SELECT scope, observed, read_at FROM settings_observed WHERE bid = $1")
            .bind(bid.as_str())
            .fetch_all(c)
    })?;
    let at = Place { table: "settings_observed", row: bid.as_str() };
    rows.into_iter()
        .map(|row| {
            let all: BTreeMap<String, Observed> = at.json("observed", &row.observed)?;
            // A setting that the catalogue no longer has is of no interest.
            let values =
                all.into_iter().filter_map(|(key, value)| Some((key.parse().ok()?, value))).collect();
            let read = ObservedScope { values, read_at: Timestamp::from_micros(row.read_at) };
            Ok((at.word("scope", &row.scope)?, read))
        })
        .collect()
}

/// Notes what an object showed, in place of what it showed before.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn put_observed(
    tx: &mut Tx,
    bid: &Bid,
    scope: Scope,
    read: &ObservedScope,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO settings_observed (bid, scope, observed, read_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (bid, scope) DO UPDATE SET observed = excluded.observed, read_at = excluded.read_at",
        )
        .bind(bid.as_str())
        .bind(scope.as_str())
        .bind(to_json(&read.values)?)
        .bind(read.read_at.micros())
    )?;
    exactly(1, rows, "Noting what an object showed")?;
    live::touch(tx, Topic::Biller(bid.clone()));
    Ok(())
}
