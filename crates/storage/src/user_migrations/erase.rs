//! What a file held does not stay: uploads that broke off, and the rows of moves that ended.

use domain::{
    MigrationId, Timestamp,
    migration::{MigrationState, RowState},
};

use super::{
    Stop,
    rows::{self, StagedUser},
};
use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, to_json},
    error::fresh,
    live::{self, Topic},
    sql::{Sql, Value},
};

/// Gives uploads up of which no row came in since then; the answer is which.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn give_up(
    tx: &mut Tx,
    silent_since: Timestamp,
    why: &Stop,
    now: Timestamp,
) -> Result<Vec<MigrationId>, StorageError> {
    let mut sql = Sql::new("UPDATE user_migrations SET state = 'unreadable', failure = ");
    sql.bind(to_json(why)?).push(", finished_at = ").bind(now.micros());
    sql.push(" WHERE state = 'staging' AND moved_on_at < ")
        .bind(silent_since.micros())
        .push(" RETURNING id, bid");
    let found: Vec<(String, String)> = sql.all(tx).await?;
    for (id, bid) in &found {
        let at = Place { table: "user_migrations", row: id };
        live::touch(tx, Topic::Biller(at.word("bid", bid)?));
        live::touch(tx, Topic::Migrations);
    }
    ids(found.iter().map(|(id, _)| id))
}

/// Moves that ended and hold more than they may: all but those that finished after `finished_before` and are their
/// biller's newest.
///
/// # Errors
/// As [`give_up`].
pub async fn to_erase(
    conn: &mut Conn,
    finished_before: Timestamp,
    limit: usize,
) -> Result<Vec<MigrationId>, StorageError> {
    let over = MigrationState::ALL.iter().filter(|state| state.is_over()).map(|state| state.as_str().into());
    let mut sql = Sql::new("SELECT m.id FROM user_migrations m WHERE m.erased_at IS NULL AND m.state IN ");
    sql.tuple(over).push(" AND (m.state <> 'finished' OR m.finished_at < ").bind(finished_before.micros());
    sql.push(
        " OR EXISTS (SELECT 1 FROM user_migrations n WHERE n.bid = m.bid AND n.created_at > m.created_at)) \
         ORDER BY m.id LIMIT ",
    );
    sql.bind(decode::limit(limit));
    let found: Vec<(String,)> = sql.all(conn).await?;
    ids(found.iter().map(|(id,)| id))
}

fn ids<'a>(found: impl Iterator<Item = &'a String>) -> Result<Vec<MigrationId>, StorageError> {
    found.map(|id| Place { table: "user_migrations", row: id }.word("id", id)).collect()
}

/// Rows that still hold what they came with, in other states than `kept`, after a line.
///
/// # Errors
/// As [`give_up`].
pub async fn holding(
    conn: &mut Conn,
    id: MigrationId,
    kept: &[RowState],
    after: i64,
    limit: usize,
) -> Result<Vec<StagedUser>, StorageError> {
    let mut sql = rows::select();
    sql.push(" WHERE migration_id = ").bind(id.to_string());
    sql.push(" AND (sealed IS NOT NULL OR reference IS NOT NULL) AND line > ").bind(after);
    if !kept.is_empty() {
        sql.push(" AND state NOT IN ").tuple(kept.iter().map(|state| state.as_str().into()));
    }
    sql.push(" ORDER BY line LIMIT ").bind(decode::limit(limit));
    rows::read_all(sql, conn).await
}

/// Erases what these rows came with; what became of them stays.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn erase(tx: &mut Tx, id: MigrationId, lines: &[i64]) -> Result<(), StorageError> {
    for batch in lines.chunks(rows::BATCH) {
        let mut sql = Sql::new(
            "UPDATE user_migration_rows SET sealed = NULL, reference = NULL, digest = NULL WHERE migration_id = ",
        );
        sql.bind(id.to_string()).push(" AND line IN ").tuple(batch.iter().map(|line| Value::from(*line)));
        sql.run(tx).await?;
    }
    Ok(())
}

/// Removes rows of an upload that never came in whole; the answer is how many of at most `limit`.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn remove_rows(tx: &mut Tx, id: MigrationId, limit: usize) -> Result<u64, StorageError> {
    remove_some(tx, "user_migration_rows", "line", id, limit).await
}

/// Removes what rows claimed for themselves; the answer is how many of at most `limit`.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn remove_claims(tx: &mut Tx, id: MigrationId, limit: usize) -> Result<u64, StorageError> {
    remove_some(tx, "user_migration_claims", "claim", id, limit).await
}

async fn remove_some(
    tx: &mut Tx,
    table: &'static str,
    key: &'static str,
    id: MigrationId,
    limit: usize,
) -> Result<u64, StorageError> {
    let mut sql = Sql::new("DELETE FROM ");
    sql.push(table).push(" WHERE migration_id = ").bind(id.to_string());
    sql.push(" AND ").push(key).push(" IN (SELECT ").push(key).push(" FROM ").push(table);
    sql.push(" WHERE migration_id = ").bind(id.to_string()).push(" LIMIT ");
    sql.bind(decode::limit(limit)).push(")");
    sql.run(tx).await
}

/// Notes that nothing of the file is left.
///
/// # Errors
/// [`StorageError::Stale`] when the move goes on again meanwhile.
pub async fn erased(
    tx: &mut Tx,
    id: MigrationId,
    known: MigrationState,
    now: Timestamp,
) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE user_migrations SET erased_at = ");
    sql.bind(now.micros())
        .push(" WHERE id = ")
        .bind(id.to_string())
        .push(" AND state = ")
        .bind(known.as_str());
    fresh(sql.run(tx).await?, "move of users")
}
