//! Maintenance windows.

use domain::{
    MaintenanceId, Timestamp,
    emergency::Review,
    performance::{Excluded, Maintenance, MaintenanceState, Range},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, storable, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::Sql,
};

#[derive(FromRow)]
struct Row {
    id: String,
    whose: String,
    begins: i64,
    ends: i64,
    note: String,
    state: String,
    proposed_by: String,
    proposed_at: i64,
    reviewed_by: Option<String>,
    reviewed_at: Option<i64>,
    review: Option<String>,
}

const COLUMNS: &str = "SELECT id, whose, begins, ends, note, state, proposed_by, proposed_at, reviewed_by, \
    reviewed_at, review FROM maintenance WHERE ";

impl Row {
    fn read(self) -> Result<Maintenance, StorageError> {
        let at = Place { table: "maintenance", row: &self.id };
        let by = at.json_opt("reviewed_by", self.reviewed_by.as_deref())?;
        let review = by.zip(self.reviewed_at).map(|(by, when)| Review {
            by,
            at: Timestamp::from_micros(when),
            note: self.review.clone(),
        });
        Ok(Maintenance {
            id: at.word("id", &self.id)?,
            whose: at.word("whose", &self.whose)?,
            from: Timestamp::from_micros(self.begins),
            to: Timestamp::from_micros(self.ends),
            note: self.note.clone(),
            state: at.word("state", &self.state)?,
            proposed_by: at.json("proposed_by", &self.proposed_by)?,
            proposed_at: Timestamp::from_micros(self.proposed_at),
            review,
        })
    }
}

/// The windows, the latest first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn list(conn: &mut Conn, limit: usize) -> Result<Vec<Maintenance>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("TRUE ORDER BY begins DESC, id DESC LIMIT ").bind(decode::limit(limit));
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// The windows that were approved and touch this range, in order.
///
/// # Errors
/// As [`list`].
pub async fn approved(conn: &mut Conn, range: Range) -> Result<Vec<Maintenance>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("state = ").bind(MaintenanceState::Approved.as_str());
    sql.push(" AND begins < ").bind(range.to.begins().micros());
    sql.push(" AND ends > ").bind(range.from.begins().micros()).push(" ORDER BY begins, id");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// The minutes of a range that are left out.
///
/// # Errors
/// As [`list`].
pub async fn excluded(conn: &mut Conn, range: Range) -> Result<Excluded, StorageError> {
    let windows = approved(conn, range).await?;
    Ok(Excluded::new(windows.iter().map(Maintenance::range)))
}

/// One window.
///
/// # Errors
/// As [`list`].
pub async fn find(conn: &mut Conn, id: MaintenanceId) -> Result<Option<Maintenance>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<Row>(conn).await?.map(Row::read).transpose()
}

/// Writes a proposed window down.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn propose(tx: &mut Tx, window: &Maintenance) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO maintenance (id, whose, begins, ends, note, state, proposed_by, proposed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(window.id.to_string())
        .bind(window.whose.as_str())
        .bind(window.from.micros())
        .bind(window.to.micros())
        .bind(storable(&window.note))
        .bind(window.state.as_str())
        .bind(to_json(&window.proposed_by)?)
        .bind(window.proposed_at.micros())
    )?;
    exactly(1, rows, "Proposing a maintenance window")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

/// Notes what a second person decided.
///
/// # Errors
/// [`StorageError::Stale`] when it was decided meanwhile.
pub async fn decide(
    tx: &mut Tx,
    window: &Maintenance,
    to: MaintenanceState,
    review: &Review,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE maintenance SET state = $3, reviewed_by = $4, reviewed_at = $5, review = $6 \
             WHERE id = $1 AND state = $2",
        )
        .bind(window.id.to_string())
        .bind(window.state.as_str())
        .bind(to.as_str())
        .bind(to_json(&review.by)?)
        .bind(review.at.micros())
        .bind(review.note.as_deref().map(storable))
    )?;
    fresh(rows, "maintenance window")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}
