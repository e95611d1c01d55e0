//! The canary: its pool, and how its rounds went.

use domain::{
    Timestamp,
    performance::{CanaryFailure, CanaryRound, CanaryStep},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, storable},
    error::exactly,
    live::{self, Topic},
    sql::Sql,
};

/// Whether this pool is known to be there.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn knows_pool(conn: &mut Conn, id: &str) -> Result<bool, StorageError> {
    let mut sql = Sql::new("SELECT id FROM canary_pool WHERE id = ");
    sql.bind(id);
    Ok(sql.optional::<(String,)>(conn).await?.is_some())
}

/// Notes that the pool is there; whether that is new.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn know_pool(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("INSERT INTO canary_pool (id, known_since) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .bind(now.micros())
    )?;
    Ok(rows == 1)
}

/// Notes that the pool is gone.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn forget_pool(tx: &mut Tx, id: &str) -> Result<(), StorageError> {
    affected!(tx, sqlx::query("DELETE FROM canary_pool WHERE id = $1").bind(id))?;
    Ok(())
}

/// Notes how a round went.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn note(tx: &mut Tx, round: &CanaryRound) -> Result<(), StorageError> {
    let failed = round.failed.as_ref();
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO canary_rounds (id, began, took, failed, why, trace_id) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(round.id.to_string())
        .bind(round.began.micros())
        .bind(i64::try_from(round.took.as_micros()).unwrap_or(i64::MAX))
        .bind(failed.map(|it| it.step.as_str()))
        .bind(failed.map(|it| storable(&it.why)))
        .bind(failed.and_then(|it| it.trace_id.as_deref()).map(storable))
    )?;
    exactly(1, rows, "Noting a canary round")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

#[derive(FromRow)]
struct Row {
    id: String,
    began: i64,
    took: i64,
    failed: Option<String>,
    why: Option<String>,
    trace_id: Option<String>,
}

impl Row {
    fn read(self) -> Result<CanaryRound, StorageError> {
        let at = Place { table: "canary_rounds", row: &self.id };
        let step: Option<CanaryStep> = at.word_opt("failed", self.failed.as_deref())?;
        let took: u64 = at.number("took", self.took)?;
        Ok(CanaryRound {
            id: at.word("id", &self.id)?,
            began: Timestamp::from_micros(self.began),
            took: std::time::Duration::from_micros(took),
            failed: step.map(|step| CanaryFailure {
                step,
                why: self.why.unwrap_or_default(),
                trace_id: self.trace_id,
            }),
        })
    }
}

/// The last rounds, the latest first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn last(conn: &mut Conn, limit: usize) -> Result<Vec<CanaryRound>, StorageError> {
    let mut sql = Sql::new(
        "SELECT id, began, took, failed, why, trace_id FROM canary_rounds ORDER BY began DESC, id DESC LIMIT ",
    );
    sql.bind(decode::limit(limit));
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

#[derive(FromRow)]
struct Counted {
    whole: i64,
    failed: i64,
}

/// How many rounds since then were whole, and how many failed.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn count_since(conn: &mut Conn, since: Timestamp) -> Result<(u64, u64), StorageError> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) - COUNT(failed) AS whole, COUNT(failed) AS failed FROM canary_rounds WHERE began >= ",
    );
    sql.bind(since.micros());
    let counted: Option<Counted> = sql.optional(conn).await?;
    Ok(counted.map_or((0, 0), |it| (it.whole.unsigned_abs(), it.failed.unsigned_abs())))
}

/// Forgets rounds that began before; the answer is the number of rows.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_older_than(tx: &mut Tx, before: Timestamp) -> Result<u64, StorageError> {
    let rows =
        affected!(tx, sqlx::query("DELETE FROM canary_rounds WHERE began < $1").bind(before.micros()))?;
    Ok(rows)
}
