//! What vanity domains showed when they were last asked.

use std::collections::BTreeMap;

use domain::{
    Bid, Timestamp,
    settings::{Layer, Observed, SettingKey, SettingValue, vanity::HOST},
};

use crate::{
    Conn, StorageError, Tx,
    decode::{self, limit, to_json},
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

/// Another biller that has this host name: set in our records, or shown by SecureAuth when it was last read.
///
/// # Errors
/// [`StorageError`].
pub async fn holder(conn: &mut Conn, host: &str, but: &Bid) -> Result<Option<Bid>, StorageError> {
    let own = Layer::Biller(but.clone()).to_string();
    let layer: Option<String> = on!(conn, c => {
        sqlx::query_scalar(
            "SELECT layer FROM setting_values WHERE key = $1 AND value = $2 AND layer <> $3 ORDER BY layer LIMIT 1",
        )
        .bind(HOST)
        .bind(host)
        .bind(&own)
        .fetch_optional(c)
    })?;
    if let Some(Layer::Biller(bid)) = layer.and_then(|text| text.parse().ok()) {
        return Ok(Some(bid));
    }
    let shown: Option<String> = on!(conn, c => {
        sqlx::query_scalar(
            "SELECT bid FROM settings_observed WHERE scope = 'vanity_domain' AND observed = $1 AND bid <> $2 \
             ORDER BY bid LIMIT 1",
        )
        .bind(to_json(&shown(host)?)?)
        .bind(but.as_str())
        .fetch_optional(c)
    })?;
    shown.map(|bid| decode::bid("settings_observed", &bid)).transpose()
}

/// What is kept of an organization that shows this host name and nothing else: the scope has one setting.
fn shown(host: &str) -> Result<BTreeMap<SettingKey, Observed>, StorageError> {
    let key = HOST.parse().map_err(|_| StorageError::Inconsistent {
        table: "settings_observed",
        column: "observed",
        row: HOST.to_owned(),
        problem: "the catalogue has no such setting".to_owned(),
    })?;
    Ok(BTreeMap::from([(key, Observed::Value(SettingValue::Text(host.to_owned())))]))
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
