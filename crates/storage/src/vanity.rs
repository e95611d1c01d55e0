//! What vanity domains showed when they were last asked.

use domain::{Bid, Timestamp};

use crate::{
    Conn, StorageError, Tx,
    decode::{self, limit},
    error::exactly,
};

/// What one vanity domain showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VanityCheck {
    /// The host name that was asked.
    pub domain: String,
    /// When.
    pub checked_at: Timestamp,
    /// The issuer that its discovery document names.
    pub issuer: Option<String>,
    /// When the certificate that it showed ends.
    pub certificate_until: Option<Timestamp>,
    /// Why one of the two is missing, in words.
    pub problem: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    domain: String,
    checked_at: i64,
    issuer: Option<String>,
    certificate_until: Option<i64>,
    problem: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ListRow {
    bid: String,
    #[sqlx(flatten)]
    check: Row,
}

impl From<Row> for VanityCheck {
    fn from(row: Row) -> Self {
        Self {
            domain: row.domain,
            checked_at: Timestamp::from_micros(row.checked_at),
            issuer: row.issuer,
            certificate_until: row.certificate_until.map(Timestamp::from_micros),
            problem: row.problem,
        }
    }
}

/// What a biller's vanity domain showed last.
///
/// # Errors
/// [`StorageError`].
pub async fn find(conn: &mut Conn, bid: &Bid) -> Result<Option<VanityCheck>, StorageError> {
    let row: Option<Row> = on!(conn, c => {
        sqlx::query_as("SELECT domain, checked_at, issuer, certificate_until, problem FROM vanity_checks WHERE bid = $1")
            .bind(bid.as_str())
            .fetch_optional(c)
    })?;
    Ok(row.map(VanityCheck::from))
}

/// Notes what a biller's vanity domain showed, in place of what it showed before.
///
/// # Errors
/// [`StorageError`].
pub async fn put(tx: &mut Tx, bid: &Bid, check: &VanityCheck) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO vanity_checks (bid, domain, checked_at, issuer, certificate_until, problem) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (bid) DO UPDATE SET domain = excluded.domain, checked_at = excluded.checked_at, \
             issuer = excluded.issuer, certificate_until = excluded.certificate_until, problem = excluded.problem",
        )
        .bind(bid.as_str())
        .bind(&check.domain)
        .bind(check.checked_at.micros())
        .bind(check.issuer.as_deref())
        .bind(check.certificate_until.map(Timestamp::micros))
        .bind(check.problem.as_deref())
    )?;
    exactly(1, rows, "Noting what a vanity domain showed")
}

/// What every vanity domain showed last, the certificate that ends first before the others; those of a portfolio where
/// one is given.
///
/// # Errors
/// [`StorageError`].
pub async fn list(
    conn: &mut Conn,
    within: Option<&str>,
    most: usize,
) -> Result<Vec<(Bid, VanityCheck)>, StorageError> {
    let rows: Vec<ListRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT v.bid, v.domain, v.checked_at, v.issuer, v.certificate_until, v.problem \
             FROM vanity_checks v JOIN billers b ON b.bid = v.bid \
             WHERE CAST($1 AS TEXT) IS NULL OR b.portfolio = $1 \
             ORDER BY CASE WHEN v.certificate_until IS NULL THEN 0 ELSE v.certificate_until END, v.bid LIMIT $2",
        )
        .bind(within)
        .bind(limit(most))
        .fetch_all(c)
    })?;
    let read = |row: ListRow| Ok((decode::bid("vanity_checks", &row.bid)?, row.check.into()));
    rows.into_iter().map(read).collect()
}

/// Forgets what a biller's vanity domain showed; it has none any more.
///
/// # Errors
/// [`StorageError`].
pub async fn forget(tx: &mut Tx, bid: &Bid) -> Result<(), StorageError> {
    affected!(tx, sqlx::query("DELETE FROM vanity_checks WHERE bid = $1").bind(bid.as_str()))?;
    Ok(())
}
