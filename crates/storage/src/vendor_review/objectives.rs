//! Objectives.

use domain::{ObjectiveId, Timestamp, performance::Objective};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, to_json},
    error::fresh,
    live::{self, Topic},
    sql::Sql,
};

#[derive(FromRow)]
struct Row {
    id: String,
    objective: String,
}

impl Row {
    fn read(self) -> Result<Objective, StorageError> {
        Place { table: "objectives", row: &self.id }.json("objective", &self.objective)
    }
}

/// The objectives that stand, oldest first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn list(conn: &mut Conn) -> Result<Vec<Objective>, StorageError> {
    let sql = Sql::new("SELECT id, objective FROM objectives WHERE retired_at IS NULL ORDER BY id");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// One objective that stands.
///
/// # Errors
/// As [`list`].
pub async fn find(conn: &mut Conn, id: ObjectiveId) -> Result<Option<Objective>, StorageError> {
    let mut sql = Sql::new("SELECT id, objective FROM objectives WHERE retired_at IS NULL AND id = ");
    sql.bind(id.to_string());
    sql.optional::<Row>(conn).await?.map(Row::read).transpose()
}

/// Writes an objective, a new one or one that is changed.
///
/// # Errors
/// [`StorageError::Stale`] for one that was taken back.
pub async fn put(tx: &mut Tx, objective: &Objective, now: Timestamp) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO objectives (id, objective, changed_at) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET objective = excluded.objective, changed_at = excluded.changed_at \
             WHERE objectives.retired_at IS NULL",
        )
        .bind(objective.id.to_string())
        .bind(to_json(objective)?)
        .bind(now.micros())
    )?;
    fresh(rows, "objective")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

/// Takes an objective back.
///
/// # Errors
/// [`StorageError::Stale`] when it was already.
pub async fn retire(tx: &mut Tx, id: ObjectiveId, now: Timestamp) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE objectives SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL")
            .bind(id.to_string())
            .bind(now.micros())
    )?;
    fresh(rows, "objective")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}
