//! Whom IC knows by which id at SecureAuth, over all moves of a biller.

use std::collections::HashMap;

use domain::{Bid, MigrationId, Timestamp};

use super::rows::RowIds;
use crate::{
    Conn, StorageError, Tx,
    decode::Place,
    sql::{Sql, Value},
};

/// A user as a move left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// IC's id.
    pub reference: String,
    /// The ids at SecureAuth.
    pub ids: RowIds,
    /// Keyed hash of the row that was moved.
    pub source: String,
    /// What SecureAuth said of its last change then.
    pub stamp: Timestamp,
}

/// Users that were moved before, by IC's ids.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find_moved(
    conn: &mut Conn,
    bid: &Bid,
    references: &[&str],
) -> Result<HashMap<String, Moved>, StorageError> {
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql =
        Sql::new("SELECT reference, user_id, record_ids, source, stamp FROM moved_users WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND reference IN ").tuple(references.iter().map(|it| Value::from(*it)));
    let rows: Vec<(String, String, String, String, i64)> = sql.all(conn).await?;
    rows.into_iter()
        .map(|(reference, user, records, source, stamp)| {
            let at = Place { table: "moved_users", row: &reference };
            let ids = RowIds::read(at, &user, &records)?;
            let stamp = Timestamp::from_micros(stamp);
            Ok((reference.clone(), Moved { reference, ids, source, stamp }))
        })
        .collect()
}

/// Notes how users were left.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn put_moved(
    tx: &mut Tx,
    bid: &Bid,
    migration: MigrationId,
    users: &[Moved],
) -> Result<(), StorageError> {
    if users.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(
        "INSERT INTO moved_users (bid, reference, user_id, record_ids, source, stamp, migration_id, seen_in) VALUES ",
    );
    sql.tuples(users.iter().map(|it| -> [Value; 8] {
        [
            bid.as_str().into(),
            it.reference.as_str().into(),
            it.ids.user.to_string().into(),
            it.ids.records().into(),
            it.source.as_str().into(),
            it.stamp.micros().into(),
            migration.to_string().into(),
            migration.to_string().into(),
        ]
    }));
    sql.push(
        " ON CONFLICT (bid, reference) DO UPDATE SET user_id = excluded.user_id, record_ids = excluded.record_ids, \
         source = excluded.source, stamp = excluded.stamp, migration_id = excluded.migration_id, \
         seen_in = excluded.seen_in",
    );
    sql.run(tx).await?;
    Ok(())
}

/// Forgets users that were removed again.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn forget_moved(tx: &mut Tx, bid: &Bid, users: &[uuid::Uuid]) -> Result<(), StorageError> {
    if users.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("DELETE FROM moved_users WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND user_id IN ").tuple(users.iter().map(|id| id.to_string().into()));
    sql.run(tx).await?;
    Ok(())
}
