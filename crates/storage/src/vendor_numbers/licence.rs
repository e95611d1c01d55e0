//! The licence, day by day.

use domain::{
    Timestamp,
    performance::{LicenceReading, Metered, Minute},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::Place,
    error::exactly,
    live::{self, Topic},
    sql::Sql,
};

/// Keeps a reading as that of its day; the last one of a day stays.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn put(tx: &mut Tx, reading: &LicenceReading) -> Result<(), StorageError> {
    let number = |number: Option<u64>| number.map(|it| i64::try_from(it).unwrap_or(i64::MAX));
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO licence_days (day, at, starts, ends, enforced, tokens_limit, tokens_used, \
             providers_limit, providers_used, users) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (day) DO UPDATE SET at = excluded.at, starts = excluded.starts, ends = excluded.ends, \
             enforced = excluded.enforced, tokens_limit = excluded.tokens_limit, \
             tokens_used = excluded.tokens_used, providers_limit = excluded.providers_limit, \
             providers_used = excluded.providers_used, users = excluded.users",
        )
        .bind(Minute::of(reading.at).day())
        .bind(reading.at.micros())
        .bind(reading.starts.map(Timestamp::micros))
        .bind(reading.ends.map(Timestamp::micros))
        .bind(reading.enforced)
        .bind(number(reading.tokens.limit))
        .bind(number(reading.tokens.used))
        .bind(number(reading.providers.limit))
        .bind(number(reading.providers.used))
        .bind(number(reading.users))
    )?;
    exactly(1, rows, "Keeping what the licence says")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

#[derive(FromRow)]
struct Row {
    at: i64,
    starts: Option<i64>,
    ends: Option<i64>,
    enforced: Option<bool>,
    tokens_limit: Option<i64>,
    tokens_used: Option<i64>,
    providers_limit: Option<i64>,
    providers_used: Option<i64>,
    users: Option<i64>,
}

impl Row {
    fn read(self) -> Result<LicenceReading, StorageError> {
        let row = self.at.to_string();
        let at = Place { table: "licence_days", row: &row };
        let number = |name: &'static str, value: Option<i64>| value.map(|it| at.number(name, it)).transpose();
        Ok(LicenceReading {
            at: Timestamp::from_micros(self.at),
            starts: self.starts.map(Timestamp::from_micros),
            ends: self.ends.map(Timestamp::from_micros),
            enforced: self.enforced,
            tokens: Metered {
                limit: number("tokens_limit", self.tokens_limit)?,
                used: number("tokens_used", self.tokens_used)?,
            },
            providers: Metered {
                limit: number("providers_limit", self.providers_limit)?,
                used: number("providers_used", self.providers_used)?,
            },
            users: number("users", self.users)?,
        })
    }
}

/// The readings from this day (days since 1970, UTC) on, in order.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn since(conn: &mut Conn, day: i64) -> Result<Vec<LicenceReading>, StorageError> {
    let mut sql = Sql::new(
        "SELECT at, starts, ends, enforced, tokens_limit, tokens_used, providers_limit, providers_used, users \
         FROM licence_days WHERE day >= ",
    );
    sql.bind(day).push(" ORDER BY day");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}
