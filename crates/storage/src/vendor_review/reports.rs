//! Reports of months, as they were taken down.

use domain::{Timestamp, actor::Actor, performance::Month};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, to_json},
    error::exactly,
    live::{self, Topic},
    sql::Sql,
};

/// A report as it was taken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its month.
    pub month: Month,
    /// 1 for the first of the month, then 2, …
    pub edition: i64,
    /// SHA-256 of all that it says, in hex.
    pub digest: String,
    /// The document as JSON, without the minutes.
    pub document: String,
    /// Who took it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    month: String,
    edition: i64,
    digest: String,
    document: String,
    taken_by: String,
    taken_at: i64,
}

impl Row {
    fn read(self) -> Result<Taken, StorageError> {
        let at = Place { table: "reports", row: &self.month };
        Ok(Taken {
            month: at.word("month", &self.month)?,
            edition: self.edition,
            by: at.json("taken_by", &self.taken_by)?,
            at: Timestamp::from_micros(self.taken_at),
            digest: self.digest,
            document: self.document,
        })
    }
}

/// The editions of a month, the first one first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of(conn: &mut Conn, month: Month) -> Result<Vec<Taken>, StorageError> {
    let mut sql =
        Sql::new("SELECT month, edition, digest, document, taken_by, taken_at FROM reports WHERE month = ");
    sql.bind(month.to_string()).push(" ORDER BY edition");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// Takes a report down for good.
///
/// # Errors
/// [`StorageError::Driver`], also when this edition was taken meanwhile.
pub async fn take(tx: &mut Tx, report: &Taken) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO reports (month, edition, digest, document, taken_by, taken_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(report.month.to_string())
        .bind(report.edition)
        .bind(&*report.digest)
        .bind(&*report.document)
        .bind(to_json(&report.by)?)
        .bind(report.at.micros())
    )?;
    exactly(1, rows, "Taking a report down")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}
