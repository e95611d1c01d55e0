//! The console's database file, for the peer and for what the benchmark prepares.

use std::{path::Path, time::Duration};

use domain::{
    Bid,
    filter::{Cursor, Side},
};
use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::Outcome;

/// As the console opens it: `storage::Store` has the same pragmas.
fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
}

/// Connections for reading, as many as the console has.
pub(crate) async fn readers(file: &Path) -> Outcome<SqlitePool> {
    Ok(SqlitePoolOptions::new()
        .max_connections(8)
        .test_before_acquire(false)
        .connect_with(options(file).read_only(true).pragma("query_only", "ON"))
        .await?)
}

/// Gives three of ten billers another status than the first one, as if they had been enabled long ago. Doing so
/// through the vendor would take hours, and the page would show the same.
pub(crate) async fn spread_statuses(file: &Path) -> Outcome<()> {
    let mut conn = SqliteConnection::connect_with(&options(file)).await?;
    for statement in [
        "UPDATE billers SET status = 'enabled', status_since = status_since - 86400000000 * (1 + CAST(bid AS BIGINT) % 40) \
         WHERE CAST(bid AS BIGINT) % 10 IN (2, 5)",
        "UPDATE billers SET status = 'suspended' WHERE CAST(bid AS BIGINT) % 10 = 8",
        "DELETE FROM counters WHERE scope = 'status'",
        "INSERT INTO counters (scope, name, n) SELECT 'status', status, COUNT(*) FROM billers GROUP BY status",
    ] {
        sqlx::query(statement).execute(&mut conn).await?;
    }
    conn.close().await?;
    Ok(())
}

/// Places all over the list, sorted by name, at which a page begins.
pub(crate) async fn deep_places(file: &Path, billers: usize) -> Outcome<Vec<Cursor>> {
    let mut conn = SqliteConnection::connect_with(&options(file)).await?;
    let mut places = Vec::new();
    for part in 1..=32 {
        let offset = i64::try_from((billers - billers / 10) * part / 32)?;
        let (key, bid): (String, String) =
            sqlx::query_as("SELECT name_key, bid FROM billers ORDER BY name_key, bid LIMIT 1 OFFSET $1")
                .bind(offset)
                .fetch_one(&mut conn)
                .await?;
        places.push(Cursor { side: Side::After, key, bid: Bid::parse(&bid)? });
    }
    conn.close().await?;
    Ok(places)
}
