//! Batches on their way: noted before they are sent, removed when their end is known.

use domain::{MigrationId, Timestamp};
use uuid::Uuid;

use super::counts::Tally;
use crate::{
    Conn, StorageError, Tx,
    decode::{Place, to_json},
    sql::Sql,
};

/// A batch that was sent and not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenBatch {
    /// Its id.
    pub id: Uuid,
    /// The lines of its rows.
    pub lines: Vec<i64>,
}

/// Notes batches that are about to be sent.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn note_batches(
    tx: &mut Tx,
    migration: MigrationId,
    batches: impl Iterator<Item = &OpenBatch> + Send,
    now: Timestamp,
) -> Result<(), StorageError> {
    let key = migration.to_string();
    let mut values = Vec::new();
    for batch in batches {
        let lines = to_json(&batch.lines)?;
        values.push([batch.id.to_string().into(), key.as_str().into(), lines.into(), now.micros().into()]);
    }
    if values.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("INSERT INTO user_migration_batches (id, migration_id, lines, sent_at) VALUES ");
    sql.tuples::<4>(values);
    sql.run(tx).await?;
    Ok(())
}

/// Batches of which it is not known what became of them.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn open_batches(conn: &mut Conn, migration: MigrationId) -> Result<Vec<OpenBatch>, StorageError> {
    let mut sql = Sql::new("SELECT id, lines FROM user_migration_batches WHERE migration_id = ");
    sql.bind(migration.to_string()).push(" ORDER BY id");
    let rows: Vec<(String, String)> = sql.all(conn).await?;
    rows.into_iter()
        .map(|(id, lines)| {
            let at = Place { table: "user_migration_batches", row: &id };
            Ok(OpenBatch { lines: at.json("lines", &lines)?, id: at.word("id", &id)? })
        })
        .collect()
}

/// Removes batches whose end is known, and writes the numbers that changed with them.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn settle(
    tx: &mut Tx,
    migration: MigrationId,
    batches: &[Uuid],
    tally: Tally,
) -> Result<(), StorageError> {
    if !batches.is_empty() {
        let mut sql = Sql::new("DELETE FROM user_migration_batches WHERE id IN ");
        sql.tuple(batches.iter().map(|id| id.to_string().into()));
        sql.run(tx).await?;
    }
    tally.write(tx, migration).await
}
