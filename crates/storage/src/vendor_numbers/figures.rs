//! How the vendor itself measured the requests it served.

use std::time::Duration;

use domain::performance::VendorFigures;
use sqlx::FromRow;

use crate::{Conn, StorageError, Tx, decode::Place, error::exactly, sql::Sql};

/// Keeps the figures of a day and API; what was kept of them before is replaced.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn put(tx: &mut Tx, of: &VendorFigures) -> Result<(), StorageError> {
    let micros = |it: Option<Duration>| it.map(|it| i64::try_from(it.as_micros()).unwrap_or(i64::MAX));
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO vendor_days (day, api, requests, p50, p95, p99) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (day, api) DO UPDATE SET requests = excluded.requests, p50 = excluded.p50, \
             p95 = excluded.p95, p99 = excluded.p99",
        )
        .bind(of.day)
        .bind(crate::decode::storable(&of.api))
        .bind(of.requests.map(|it| i64::try_from(it).unwrap_or(i64::MAX)))
        .bind(micros(of.p50))
        .bind(micros(of.p95))
        .bind(micros(of.p99))
    )?;
    exactly(1, rows, "Keeping how the vendor measured a day")
}

#[derive(FromRow)]
struct Row {
    day: i64,
    api: String,
    requests: Option<i64>,
    p50: Option<i64>,
    p95: Option<i64>,
    p99: Option<i64>,
}

impl Row {
    fn read(self) -> Result<VendorFigures, StorageError> {
        let at = Place { table: "vendor_days", row: &self.api };
        let micros = |name: &'static str, value: Option<i64>| -> Result<Option<Duration>, StorageError> {
            value.map(|it| at.number(name, it).map(Duration::from_micros)).transpose()
        };
        Ok(VendorFigures {
            day: self.day,
            requests: self.requests.map(|it| at.number("requests", it)).transpose()?,
            p50: micros("p50", self.p50)?,
            p95: micros("p95", self.p95)?,
            p99: micros("p99", self.p99)?,
            api: self.api,
        })
    }
}

/// The figures of these days (days since 1970, UTC; the last one included), the latest day first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn within(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<VendorFigures>, StorageError> {
    let mut sql = Sql::new("SELECT day, api, requests, p50, p95, p99 FROM vendor_days WHERE day >= ");
    sql.bind(from).push(" AND day <= ").bind(to).push(" ORDER BY day DESC, api");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}
