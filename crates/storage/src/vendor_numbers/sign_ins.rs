//! Sign-ins at billers, by day.

use domain::{
    Bid, Portfolio,
    performance::{SignInDay, SignIns},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, limit},
    sql::Sql,
};

/// Keeps the sign-ins of a biller in these days (days since 1970, UTC; the last one included), whatever was kept of
/// them before.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn put(
    tx: &mut Tx,
    bid: &Bid,
    (from, to): (i64, i64),
    days: &[SignInDay],
) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query("DELETE FROM sign_in_days WHERE bid = $1 AND day >= $2 AND day <= $3")
            .bind(bid.as_str())
            .bind(from)
            .bind(to)
    )?;
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    for one in days.iter().filter(|one| one.counted != SignIns::default()) {
        affected!(
            tx,
            sqlx::query("INSERT INTO sign_in_days (bid, day, succeeded, failed) VALUES ($1, $2, $3, $4)")
                .bind(bid.as_str())
                .bind(one.day)
                .bind(number(one.counted.succeeded))
                .bind(number(one.counted.failed))
        )?;
    }
    Ok(())
}

#[derive(FromRow)]
struct Counted {
    succeeded: i64,
    failed: i64,
}

impl Counted {
    fn read(&self) -> SignIns {
        SignIns { succeeded: self.succeeded.unsigned_abs(), failed: self.failed.unsigned_abs() }
    }
}

#[derive(FromRow)]
struct DayRow {
    day: i64,
    #[sqlx(flatten)]
    counted: Counted,
}

/// The sign-ins of all billers, of a portfolio or of one biller, by day from this day on.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn by_day(
    conn: &mut Conn,
    from: i64,
    within: Option<&Portfolio>,
    only: Option<&Bid>,
) -> Result<Vec<SignInDay>, StorageError> {
    let mut sql = Sql::new(
        "SELECT s.day, CAST(SUM(s.succeeded) AS BIGINT) AS succeeded, CAST(SUM(s.failed) AS BIGINT) AS failed \
         FROM sign_in_days s JOIN billers b ON b.bid = s.bid WHERE s.day >= ",
    );
    sql.bind(from);
    if let Some(portfolio) = within {
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    }
    if let Some(bid) = only {
        sql.push(" AND s.bid = ").bind(bid.as_str());
    }
    sql.push(" GROUP BY s.day ORDER BY s.day");
    let rows: Vec<DayRow> = sql.all(conn).await?;
    Ok(rows.into_iter().map(|row| SignInDay { day: row.day, counted: row.counted.read() }).collect())
}

/// The sign-ins at a biller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfBiller {
    /// Which.
    pub bid: Bid,
    /// Its name.
    pub name: String,
    /// How many.
    pub counted: SignIns,
}

#[derive(FromRow)]
struct BillerRow {
    bid: String,
    name: String,
    #[sqlx(flatten)]
    counted: Counted,
}

/// The billers with sign-ins from this day on; those with most failed ones first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn by_biller(
    conn: &mut Conn,
    from: i64,
    within: Option<&Portfolio>,
    rows: usize,
) -> Result<Vec<OfBiller>, StorageError> {
    let mut sql = Sql::new(
        "SELECT s.bid, b.name, CAST(SUM(s.succeeded) AS BIGINT) AS succeeded, \
         CAST(SUM(s.failed) AS BIGINT) AS failed FROM sign_in_days s JOIN billers b ON b.bid = s.bid \
         WHERE s.day >= ",
    );
    sql.bind(from);
    if let Some(portfolio) = within {
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    }
    sql.push(" GROUP BY s.bid, b.name ORDER BY SUM(s.failed) DESC, SUM(s.succeeded) DESC, s.bid LIMIT ");
    sql.bind(limit(rows));
    let found: Vec<BillerRow> = sql.all(conn).await?;
    found
        .into_iter()
        .map(|row| {
            Ok(OfBiller {
                bid: decode::bid("sign_in_days", &row.bid)?,
                counted: row.counted.read(),
                name: row.name,
            })
        })
        .collect()
}

/// Billers with objects at the vendor whose sign-ins are to be read by now, in the order of their bids.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn due(conn: &mut Conn, now: domain::Timestamp, rows: usize) -> Result<Vec<Bid>, StorageError> {
    let mut sql = Sql::new(
        "SELECT b.bid FROM billers b LEFT JOIN vendor_reads r ON r.subject = b.bid WHERE b.status IN (",
    );
    sql.bind(domain::biller::CiamStatus::Enabled.as_str());
    sql.push(", ").bind(domain::biller::CiamStatus::Suspended.as_str());
    sql.push(") AND (r.due IS NULL OR r.due <= ").bind(now.micros());
    sql.push(") ORDER BY b.bid LIMIT ").bind(limit(rows));
    let found: Vec<(String,)> = sql.all(conn).await?;
    found.into_iter().map(|(bid,)| decode::bid("billers", &bid)).collect()
}
