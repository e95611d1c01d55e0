//! What the vendor says about itself: its licence, its own measurements, sign-ins; and when that was read.

pub mod figures;
pub mod licence;
pub mod sign_ins;

use domain::Timestamp;
use sqlx::FromRow;

use crate::{Conn, StorageError, Tx, decode::storable, error::exactly, sql::Sql};

/// When something was read, and what kept the vendor from answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// When it was tried last.
    pub at: Timestamp,
    /// When it is to be read again.
    pub due: Timestamp,
    /// Why it was not answered; `None` when it was.
    pub why: Option<String>,
}

#[derive(FromRow)]
struct Row {
    at: i64,
    due: i64,
    why: Option<String>,
}

/// When this was read last.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn last_read(conn: &mut Conn, subject: &str) -> Result<Option<Read>, StorageError> {
    let mut sql = Sql::new("SELECT at, due, why FROM vendor_reads WHERE subject = ");
    sql.bind(subject);
    let row: Option<Row> = sql.optional(conn).await?;
    Ok(row.map(|row| Read {
        at: Timestamp::from_micros(row.at),
        due: Timestamp::from_micros(row.due),
        why: row.why,
    }))
}

/// Notes that this was read, or why it was not.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn note_read(tx: &mut Tx, subject: &str, read: &Read) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO vendor_reads (subject, at, due, why) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (subject) DO UPDATE SET at = excluded.at, due = excluded.due, why = excluded.why",
        )
        .bind(subject)
        .bind(read.at.micros())
        .bind(read.due.micros())
        .bind(read.why.as_deref().map(storable))
    )?;
    exactly(1, rows, "Noting what was read of the vendor")
}

/// Forgets days before this one; the answer is the number of rows.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_older_than(tx: &mut Tx, day: i64) -> Result<u64, StorageError> {
    let mut rows = affected!(tx, sqlx::query("DELETE FROM licence_days WHERE day < $1").bind(day))?;
    rows += affected!(tx, sqlx::query("DELETE FROM vendor_days WHERE day < $1").bind(day))?;
    rows += affected!(tx, sqlx::query("DELETE FROM sign_in_days WHERE day < $1").bind(day))?;
    Ok(rows)
}
