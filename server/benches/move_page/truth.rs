//! What was committed when, and how far what was shown is behind it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::Outcome;

/// So often the database is looked at: the figures are not finer.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A number of users, and since when it is so.
pub(crate) type Moment = (Instant, u64);

/// Opens the console's database for reading.
pub(crate) async fn open(file: &Path) -> Outcome<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    Ok(SqliteConnection::connect_with(&options).await?)
}

/// Records how many users have arrived, until so many have.
pub(crate) async fn record(database: &Path, enough: usize) -> Outcome<Vec<Moment>> {
    let mut conn = open(database).await?;
    let mut moments: Vec<Moment> = Vec::new();
    loop {
        let arrived: i64 = sqlx::query_scalar(
            "SELECT COALESCE(SUM(n), 0) FROM user_migration_counts WHERE scope = 'state' \
             AND name IN ('imported', 'verified', 'unchanged')",
        )
        .fetch_one(&mut conn)
        .await?;
        let arrived = u64::try_from(arrived)?;
        if moments.last().is_none_or(|(_, known)| *known != arrived) {
            moments.push((Instant::now(), arrived));
        }
        if arrived >= enough as u64 {
            return Ok(moments);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// How old what was shown had become each time before something newer was shown, in order of length.
pub(crate) fn behind(truth: &[Moment], seen: &[Moment]) -> Vec<Duration> {
    let mut behind: Vec<Duration> = seen
        .windows(2)
        .filter_map(|pair| {
            let [(_, shown), (replaced, _)] = pair else { return None };
            let (outdated, _) = truth.iter().find(|(_, arrived)| arrived > shown)?;
            Some(replaced.saturating_duration_since(*outdated))
        })
        .collect();
    behind.sort_unstable();
    behind
}
