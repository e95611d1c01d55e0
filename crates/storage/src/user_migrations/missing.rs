//! Users of earlier deliveries that are missing in a later one.

use domain::{Bid, MigrationId, Timestamp, actor::Actor, migration::RowState};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place},
    sql::{Sql, Value},
};

/// How many are missing, and what was decided about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Users that were moved before, may still sign in, and stand in no row of this delivery.
    pub users: u64,
    /// Rows of this delivery that name no user.
    pub unnamed: u64,
    /// That they are to be locked; nothing while they are left alone.
    pub decision: Option<MissingDecision>,
}

/// That missing users are locked, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingDecision {
    /// Who decided.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// After which of IC's ids it goes on.
    pub cursor: Option<String>,
    /// Users that were locked.
    pub locked: u64,
    /// Whether all were looked at, or a newer delivery came in.
    pub ended: bool,
}

/// Notes that a delivery has rows for these users.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn note_seen(
    tx: &mut Tx,
    bid: &Bid,
    id: MigrationId,
    references: &[&str],
) -> Result<(), StorageError> {
    for batch in references.chunks(super::rows::BATCH) {
        let mut sql = Sql::new("UPDATE moved_users SET seen_in = ");
        sql.bind(id.to_string()).push(" WHERE bid = ").bind(bid.as_str());
        sql.push(" AND reference IN ").tuple(batch.iter().map(|it| Value::from(*it)));
        sql.run(tx).await?;
    }
    Ok(())
}

/// Takes back that a delivery has rows for users: it is checked anew, as a whole or for these alone.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn forget_seen(
    tx: &mut Tx,
    bid: &Bid,
    id: MigrationId,
    only: Option<&[&str]>,
) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE moved_users SET seen_in = NULL WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND seen_in = ").bind(id.to_string());
    let Some(references) = only else { return sql.run(tx).await.map(drop) };
    for batch in references.chunks(super::rows::BATCH) {
        let mut sql = Sql::new("UPDATE moved_users SET seen_in = NULL WHERE bid = ");
        sql.bind(bid.as_str()).push(" AND seen_in = ").bind(id.to_string());
        sql.push(" AND reference IN ").tuple(batch.iter().map(|it| Value::from(*it)));
        sql.run(tx).await?;
    }
    Ok(())
}

/// Whoever was moved, may still sign in, and stands in no row of this delivery.
fn missing_in(sql: &mut Sql, bid: &Bid, id: MigrationId) {
    sql.push(" FROM moved_users m WHERE m.bid = ").bind(bid.as_str());
    sql.push(" AND (m.seen_in IS NULL OR m.seen_in <> ").bind(id.to_string());
    sql.push(
        ") AND EXISTS (SELECT 1 FROM accounts a WHERE a.bid = m.bid AND a.reference = m.reference \
         AND a.hold IS NULL AND a.standing IN ('active', 'new'))",
    );
}

/// How many are missing in a delivery, and how many of its rows name nobody.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn count_missing(conn: &mut Conn, bid: &Bid, id: MigrationId) -> Result<(u64, u64), StorageError> {
    let mut sql = Sql::new("SELECT COUNT(*)");
    missing_in(&mut sql, bid, id);
    let users = sql.optional::<(i64,)>(conn).await?.map_or(0, |(n,)| n);
    let mut sql = Sql::new("SELECT COUNT(*) FROM user_migration_rows WHERE migration_id = ");
    sql.bind(id.to_string()).push(" AND state = ").bind(RowState::Rejected.as_str());
    sql.push(" AND reference IS NULL");
    let unnamed = sql.optional::<(i64,)>(conn).await?.map_or(0, |(n,)| n);
    let count = |n| u64::try_from(n).unwrap_or(0);
    Ok((count(users), count(unnamed)))
}

/// The next who are missing in a delivery, by IC's ids: each with its id at SecureAuth.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn missing_after(
    conn: &mut Conn,
    bid: &Bid,
    id: MigrationId,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Uuid)>, StorageError> {
    let mut sql = Sql::new("SELECT m.reference, m.user_id");
    missing_in(&mut sql, bid, id);
    sql.push(" AND m.reference > ").bind(after.unwrap_or_default());
    sql.push(" ORDER BY m.reference LIMIT ").bind(decode::limit(limit));
    let rows: Vec<(String, String)> = sql.all(conn).await?;
    rows.into_iter()
        .map(|(reference, user)| {
            let at = Place { table: "moved_users", row: &reference };
            let user = at.word("user_id", &user)?;
            Ok((reference.clone(), user))
        })
        .collect()
}
