//! How an upload comes in and leaves again.

use std::collections::{HashMap, HashSet};

use domain::{
    Bid, ImportId, Timestamp,
    actor::Actor,
    biller::{BillerDraft, PortfolioSaid},
    import::{Column, RowError},
};

use super::{ImportState, StagedRow};
use crate::{
    Conn, StorageError, Tx,
    decode::{storable, to_json},
    error::fresh,
    sql::{Sql, Value},
};

/// Rows written by one statement.
const BATCH: usize = 250;

/// Whether the staged row `r` differs from the biller `b`.
pub(super) const DIFFERS: &str = "(b.name IS DISTINCT FROM r.name OR b.state IS DISTINCT FROM r.state \
    OR b.ownership IS DISTINCT FROM r.ownership OR b.customers IS DISTINCT FROM r.customers \
    OR b.tier IS DISTINCT FROM r.tier OR b.time_zone IS DISTINCT FROM r.time_zone \
    OR (r.portfolio IS NOT NULL AND COALESCE(b.portfolio, '') <> r.portfolio))";

/// A line of a file as a number that both databases hold.
pub(super) fn line_number(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

/// Begins to take in an upload.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn begin(
    tx: &mut Tx,
    id: ImportId,
    file_name: &str,
    created_by: &Actor,
    now: Timestamp,
) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query(
            "INSERT INTO imports (id, file_name, state, good, bad, new_rows, changed_rows, unchanged_rows, \
             ignored_columns, created_by, created_at) VALUES ($1, $2, 'staging', 0, 0, 0, 0, 0, '[]', $3, $4)",
        )
        .bind(id.to_string())
        .bind(storable(file_name))
        .bind(to_json(created_by)?)
        .bind(now.micros())
    )?;
    Ok(())
}

/// Takes in rows. A bid that stood on an earlier line already makes the later row an error that names that line.
///
/// # Errors
/// [`StorageError::Stale`] when the upload does not take in rows any more.
pub async fn add_rows(tx: &mut Tx, id: ImportId, rows: &[StagedRow]) -> Result<(), StorageError> {
    let key = id.to_string();
    let mut good = 0_i64;
    let mut bad: Vec<(u64, Vec<RowError>)> = Vec::new();
    for batch in rows.chunks(BATCH) {
        let drafts: Vec<(u64, &BillerDraft)> =
            batch.iter().filter_map(|row| row.result.as_ref().ok().map(|draft| (row.line, draft))).collect();
        let doubled = add_drafts(tx, &key, &drafts).await?;
        good += i64::try_from(drafts.len() - doubled.len()).unwrap_or(0);
        bad.extend(doubled);
        bad.extend(
            batch.iter().filter_map(|row| row.result.as_ref().err().map(|errors| (row.line, errors.clone()))),
        );
    }
    add_errors(tx, &key, &bad).await?;
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE imports SET good = good + $2, bad = bad + $3 WHERE id = $1 AND state = 'staging'"
        )
        .bind(&key)
        .bind(good)
        .bind(i64::try_from(bad.len()).unwrap_or(i64::MAX))
    )?;
    fresh(rows, "import")
}

/// Writes the drafts; the answer is an error for each whose bid stands in the file already.
async fn add_drafts(
    tx: &mut Tx,
    key: &str,
    drafts: &[(u64, &BillerDraft)],
) -> Result<Vec<(u64, Vec<RowError>)>, StorageError> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "INSERT INTO import_rows (import_id, line, bid, name, state, ownership, customers, tier, time_zone, portfolio) VALUES ",
    );
    sql.tuples(drafts.iter().map(|(line, draft)| -> [Value; 10] {
        [
            key.into(),
            line_number(*line).into(),
            draft.bid.as_str().into(),
            draft.name.as_str().into(),
            draft.state.clone().into(),
            draft.ownership.clone().into(),
            draft.customers.into(),
            draft.tier.clone().into(),
            draft.time_zone.clone().into(),
            staged(&draft.portfolio).into(),
        ]
    }));
    sql.push(" ON CONFLICT (import_id, bid) DO NOTHING RETURNING line");
    let written: HashSet<i64> = sql.all::<(i64,)>(tx).await?.into_iter().map(|(line,)| line).collect();
    let doubled: Vec<(u64, &Bid)> = drafts
        .iter()
        .filter(|(line, _)| !written.contains(&line_number(*line)))
        .map(|(line, draft)| (*line, &draft.bid))
        .collect();
    if doubled.is_empty() {
        return Ok(Vec::new());
    }
    let first = first_lines(tx, key, &doubled).await?;
    Ok(doubled
        .into_iter()
        .map(|(line, bid)| {
            let first = first.get(bid.as_str()).copied().unwrap_or_default();
            let problem = format!("{bid} stands on line {first} already");
            (
                line,
                vec![RowError::field(
                    line,
                    Column::Bid,
                    problem,
                    "Give each biller one row; remove one of the two",
                )],
            )
        })
        .collect())
}

/// Nothing said is NULL, no portfolio an empty text.
fn staged(said: &PortfolioSaid) -> Option<String> {
    (!said.is_nothing()).then(|| said.named().map(ToString::to_string).unwrap_or_default())
}

async fn first_lines(
    conn: &mut Conn,
    key: &str,
    doubled: &[(u64, &Bid)],
) -> Result<HashMap<String, i64>, StorageError> {
    let mut sql = Sql::new("SELECT bid, line FROM import_rows WHERE import_id = ");
    sql.bind(key).push(" AND bid IN ").tuple(doubled.iter().map(|(_, bid)| Value::from(bid.as_str())));
    Ok(sql.all::<(String, i64)>(conn).await?.into_iter().collect())
}

async fn add_errors(tx: &mut Tx, key: &str, bad: &[(u64, Vec<RowError>)]) -> Result<(), StorageError> {
    let errors: Vec<(u64, i64, &RowError)> = bad
        .iter()
        .flat_map(|(line, errors)| {
            (0_i64..).zip(errors).map(move |(position, error)| (*line, position, error))
        })
        .collect();
    for batch in errors.chunks(BATCH) {
        let mut sql =
            Sql::new("INSERT INTO import_errors (import_id, line, position, field, problem, cure) VALUES ");
        sql.tuples(batch.iter().map(|(line, position, error)| -> [Value; 6] {
            [
                key.into(),
                line_number(*line).into(),
                (*position).into(),
                error.field.clone().into(),
                storable(&error.problem).into(),
                storable(&error.cure).into(),
            ]
        }));
        sql.run(tx).await?;
    }
    Ok(())
}

/// All rows are in: the upload is ready, or unreadable if the file as a whole could not be read. Finds out what
/// applying it would do.
///
/// # Errors
/// [`StorageError::Stale`] when the upload does not take in rows any more.
pub async fn finish(
    tx: &mut Tx,
    id: ImportId,
    ignored_columns: &[String],
    file_error: Option<&str>,
) -> Result<(), StorageError> {
    let key = id.to_string();
    let mut sql =
        Sql::new("SELECT COUNT(CASE WHEN b.bid IS NULL THEN 1 END), COUNT(CASE WHEN b.bid IS NOT NULL AND ");
    sql.push(DIFFERS).push(" THEN 1 END), COUNT(*) FROM import_rows r LEFT JOIN billers b ON b.bid = r.bid");
    sql.push(" WHERE r.import_id = ").bind(key.as_str());
    let (new, changed, all): (i64, i64, i64) = sql.optional(tx).await?.unwrap_or_default();
    let state = if file_error.is_some() { ImportState::Unreadable } else { ImportState::Ready };
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE imports SET state = $2, new_rows = $3, changed_rows = $4, unchanged_rows = $5, \
             ignored_columns = $6, file_error = $7 WHERE id = $1 AND state = 'staging'",
        )
        .bind(&key)
        .bind(state.as_str())
        .bind(new)
        .bind(changed)
        .bind(all - new - changed)
        .bind(to_json(&ignored_columns)?)
        .bind(file_error.map(storable))
    )?;
    fresh(rows, "import")
}

/// The good rows were taken over.
///
/// # Errors
/// [`StorageError::Stale`] when the upload is not ready, or was applied already.
pub async fn mark_applied(tx: &mut Tx, id: ImportId, now: Timestamp) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE imports SET state = 'applied', applied_at = $2 WHERE id = $1 AND state = 'ready'"
        )
        .bind(id.to_string())
        .bind(now.micros())
    )?;
    fresh(rows, "import")
}

/// Throws an upload away that was not applied; what was counted stays visible.
///
/// # Errors
/// [`StorageError::Stale`] when it was applied or discarded already.
pub async fn discard(tx: &mut Tx, id: ImportId) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE imports SET state = 'discarded' WHERE id = $1 AND state IN ('staging', 'ready', 'unreadable')",
        )
        .bind(id.to_string())
    )?;
    fresh(rows, "import")?;
    remove_rows(tx, &id.to_string()).await
}

/// Gives up uploads that began before and have still not come in completely: whoever sent them is gone. Their rows are
/// removed, the reason stays visible; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn give_up(tx: &mut Tx, begun_before: Timestamp, reason: &str) -> Result<u64, StorageError> {
    // First the state: from then on nobody adds rows.
    let mut sql = Sql::new("UPDATE imports SET state = 'unreadable', file_error = ");
    sql.bind(storable(reason)).push(" WHERE state = 'staging' AND created_at < ").bind(begun_before.micros());
    sql.push(" RETURNING id");
    let ids: Vec<(String,)> = sql.all(tx).await?;
    for (id,) in &ids {
        remove_rows(tx, id).await?;
    }
    Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
}

async fn remove_rows(tx: &mut Tx, key: &str) -> Result<(), StorageError> {
    affected!(tx, sqlx::query("DELETE FROM import_rows WHERE import_id = $1").bind(key))?;
    affected!(tx, sqlx::query("DELETE FROM import_errors WHERE import_id = $1").bind(key))?;
    Ok(())
}

/// Removes uploads that came in before, decided on or not; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_older_than(tx: &mut Tx, before: Timestamp) -> Result<u64, StorageError> {
    for table in ["import_rows", "import_errors"] {
        let mut sql = Sql::new("DELETE FROM ");
        sql.push(table).push(" WHERE import_id IN (SELECT id FROM imports WHERE created_at < ");
        sql.bind(before.micros()).push(")");
        sql.run(tx).await?;
    }
    Ok(affected!(tx, sqlx::query("DELETE FROM imports WHERE created_at < $1").bind(before.micros()))?)
}
