//! The history of billers' use cases.

use domain::{Bid, ChangeId, RunId, Timestamp, use_case::Change};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, storable, to_json},
    error::exactly,
    live::{self, Topic},
    sql::Sql,
};

#[derive(FromRow)]
struct ChangeRow {
    id: String,
    bid: String,
    cause: String,
    changed_by: String,
    reason: Option<String>,
    run_id: Option<String>,
    choices_before: String,
    choices_after: String,
    effect_before: String,
    effect_after: String,
    changed_at: i64,
}

const COLUMNS: &str = "SELECT id, bid, cause, changed_by, reason, run_id, choices_before, choices_after, \
    effect_before, effect_after, changed_at FROM use_case_changes WHERE ";

impl ChangeRow {
    fn read(self) -> Result<Change, StorageError> {
        let at = Place { table: "use_case_changes", row: &self.id };
        Ok(Change {
            id: at.word("id", &self.id)?,
            bid: at.word("bid", &self.bid)?,
            cause: at.word("cause", &self.cause)?,
            by: at.json("changed_by", &self.changed_by)?,
            run: at.word_opt("run_id", self.run_id.as_deref())?,
            choices_before: at.json("choices_before", &self.choices_before)?,
            choices_after: at.json("choices_after", &self.choices_after)?,
            effect_before: at.json("effect_before", &self.effect_before)?,
            effect_after: at.json("effect_after", &self.effect_after)?,
            at: Timestamp::from_micros(self.changed_at),
            reason: self.reason,
        })
    }
}

/// One change.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, id: ChangeId) -> Result<Option<Change>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<ChangeRow>(conn).await?.map(ChangeRow::read).transpose()
}

/// The change that a run brings about.
///
/// # Errors
/// As [`find`].
pub async fn of_run(conn: &mut Conn, bid: &Bid, run: RunId) -> Result<Option<Change>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("bid = ").bind(bid.as_str()).push(" AND run_id = ").bind(run.to_string());
    sql.push(" ORDER BY changed_at DESC, id DESC LIMIT 1");
    sql.optional::<ChangeRow>(conn).await?.map(ChangeRow::read).transpose()
}

/// The changes of a biller, newest first.
///
/// # Errors
/// As [`find`].
pub async fn of_biller(conn: &mut Conn, bid: &Bid, limit: usize) -> Result<Vec<Change>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("bid = ").bind(bid.as_str());
    sql.push(" ORDER BY changed_at DESC, id DESC LIMIT ").bind(decode::limit(limit));
    sql.all::<ChangeRow>(conn).await?.into_iter().map(ChangeRow::read).collect()
}

/// Writes a change down.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn add(tx: &mut Tx, change: &Change) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO use_case_changes (id, bid, cause, changed_by, reason, run_id, choices_before, \
             choices_after, effect_before, effect_after, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(change.id.to_string())
        .bind(change.bid.as_str())
        .bind(change.cause.as_str())
        .bind(to_json(&change.by)?)
        .bind(change.reason.as_deref().map(storable))
        .bind(change.run.map(|run| run.to_string()))
        .bind(to_json(&change.choices_before)?)
        .bind(to_json(&change.choices_after)?)
        .bind(to_json(&change.effect_before)?)
        .bind(to_json(&change.effect_after)?)
        .bind(change.at.micros())
    )?;
    exactly(1, rows, "Writing a change down")?;
    live::touch(tx, Topic::Biller(change.bid.clone()));
    Ok(())
}
