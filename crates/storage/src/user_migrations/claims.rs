//! What rows of a move claim for themselves: a username, an address, a phone.

use std::collections::HashMap;

use domain::MigrationId;

use super::rows::BATCH;
use crate::{
    Conn, StorageError, Tx,
    sql::{Sql, Value},
};

/// Claims what must belong to one row alone: `(claim, exact text, line)`. The answer is who had it before, for each
/// that was not free.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn claim(
    tx: &mut Tx,
    id: MigrationId,
    claims: &[(String, String, i64)],
) -> Result<HashMap<String, (String, i64)>, StorageError> {
    let key = id.to_string();
    let mut held = HashMap::new();
    for batch in claims.chunks(BATCH) {
        let mut sql =
            Sql::new("INSERT INTO user_migration_claims (migration_id, claim, exact, line) VALUES ");
        sql.tuples(batch.iter().map(|(claim, exact, line)| -> [Value; 4] {
            [key.as_str().into(), claim.as_str().into(), exact.as_str().into(), (*line).into()]
        }));
        sql.push(" ON CONFLICT (migration_id, claim) DO NOTHING");
        if sql.run(tx).await? == batch.len() as u64 {
            continue;
        }
        let claims: Vec<String> = batch.iter().map(|(claim, _, _)| claim.clone()).collect();
        held.extend(holders(tx, id, &claims).await?);
    }
    Ok(held)
}

/// Who claimed these, of those that somebody did: with exact text and line.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn holders(
    conn: &mut Conn,
    id: MigrationId,
    claims: &[String],
) -> Result<HashMap<String, (String, i64)>, StorageError> {
    let mut found = HashMap::new();
    for batch in claims.chunks(BATCH) {
        let mut sql = Sql::new("SELECT claim, exact, line FROM user_migration_claims WHERE migration_id = ");
        sql.bind(id.to_string()).push(" AND claim IN ");
        sql.tuple(batch.iter().map(|claim| Value::from(claim.as_str())));
        let rows: Vec<(String, String, i64)> = sql.all(conn).await?;
        found.extend(rows.into_iter().map(|(claim, exact, line)| (claim, (exact, line))));
    }
    Ok(found)
}

/// Gives up what rows claimed: they are checked anew.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn release(tx: &mut Tx, id: MigrationId, lines: &[i64]) -> Result<(), StorageError> {
    for batch in lines.chunks(BATCH) {
        let mut sql = Sql::new("DELETE FROM user_migration_claims WHERE migration_id = ");
        sql.bind(id.to_string()).push(" AND line IN ").tuple(batch.iter().map(|line| Value::from(*line)));
        sql.run(tx).await?;
    }
    Ok(())
}
