//! Reports of months that were taken down. An edition never changes; there is no way here to delete one.

use domain::{Timestamp, actor::Actor, performance::Month};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, storable, to_json},
    error::fresh,
    live::{self, Topic},
    sql::Sql,
};

/// An edition of a month's report, without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The month.
    pub month: Month,
    /// Its number, from 1.
    pub edition: i64,
    /// SHA-256 of the document, hex.
    pub digest: String,
    /// What changed since the edition before, in words.
    pub changes: Vec<String>,
    /// Who took it down.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    month: String,
    edition: i64,
    digest: String,
    changes: String,
    taken_by: String,
    taken_at: i64,
}

impl Row {
    fn read(self) -> Result<Edition, StorageError> {
        let at = Place { table: "vendor_reports", row: &self.month };
        Ok(Edition {
            month: at.word("month", &self.month)?,
            edition: self.edition,
            digest: self.digest.clone(),
            changes: at.json("changes", &self.changes)?,
            by: at.json("taken_by", &self.taken_by)?,
            at: Timestamp::from_micros(self.taken_at),
        })
    }
}

/// The editions of a month, the first one first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of(conn: &mut Conn, month: Month) -> Result<Vec<Edition>, StorageError> {
    let mut sql = Sql::new(
        "SELECT month, edition, digest, changes, taken_by, taken_at FROM vendor_reports WHERE month = ",
    );
    sql.bind(month.to_string()).push(" ORDER BY edition");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// The document of an edition, byte by byte as it was taken down.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn document(conn: &mut Conn, month: Month, edition: i64) -> Result<Option<String>, StorageError> {
    text_of(conn, "SELECT document FROM vendor_reports WHERE month = ", month, edition).await
}

/// The report of an edition alone, as JSON.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn report(conn: &mut Conn, month: Month, edition: i64) -> Result<Option<String>, StorageError> {
    text_of(conn, "SELECT report FROM vendor_reports WHERE month = ", month, edition).await
}

async fn text_of(
    conn: &mut Conn,
    select: &str,
    month: Month,
    edition: i64,
) -> Result<Option<String>, StorageError> {
    let mut sql = Sql::new(select);
    sql.bind(month.to_string()).push(" AND edition = ").bind(edition);
    Ok(sql.optional::<(String,)>(conn).await?.map(|(text,)| text))
}

/// Takes an edition down, with its document and the report in it.
///
/// # Errors
/// [`StorageError::Stale`] when somebody else took one of this number down meanwhile.
pub async fn take(tx: &mut Tx, edition: &Edition, document: &str, report: &str) -> Result<(), StorageError> {
    let changes: Vec<String> = edition.changes.iter().map(|change| storable(change)).collect();
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO vendor_reports (month, edition, digest, document, report, changes, taken_by, taken_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (month, edition) DO NOTHING",
        )
        .bind(edition.month.to_string())
        .bind(edition.edition)
        .bind(&*edition.digest)
        .bind(document)
        .bind(report)
        .bind(to_json(&changes)?)
        .bind(to_json(&edition.by)?)
        .bind(edition.at.micros())
    )?;
    fresh(rows, "report")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}
