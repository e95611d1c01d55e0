//! Whom IC knows by which id at SecureAuth, over all moves of a biller.

use std::collections::HashMap;

use domain::{Bid, MigrationId, Timestamp};
use uuid::Uuid;

use super::rows::RowIds;
use crate::{
    Conn, StorageError, Tx, adoption,
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

/// Lines of a move whose rows carry the ids of users that were moved before; of these lines only, where some are given.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn lines_of_moved(
    conn: &mut Conn,
    bid: &Bid,
    id: MigrationId,
    lines: Option<&[i64]>,
) -> Result<Vec<i64>, StorageError> {
    let mut sql = Sql::new("SELECT r.line FROM user_migration_rows r WHERE r.migration_id = ");
    sql.bind(id.to_string());
    if let Some(lines) = lines {
        sql.push(" AND r.line IN ").tuple(lines.iter().map(|line| Value::from(*line)));
    }
    sql.push(" AND EXISTS (SELECT 1 FROM moved_users m WHERE m.user_id = r.user_id AND m.bid = ");
    sql.bind(bid.as_str()).push(") ORDER BY r.line");
    Ok(sql.all::<(i64,)>(conn).await?.into_iter().map(|(line,)| line).collect())
}

/// Notes how users were left. Those that were not moved before count in the curve of adoption from now on.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn put_moved(
    tx: &mut Tx,
    bid: &Bid,
    migration: MigrationId,
    users: &[Moved],
    now: Timestamp,
) -> Result<(), StorageError> {
    if users.is_empty() {
        return Ok(());
    }
    let references: Vec<&str> = users.iter().map(|it| it.reference.as_str()).collect();
    let known = find_moved(tx, bid, &references).await?;
    let new: Vec<Uuid> =
        users.iter().filter(|it| !known.contains_key(&it.reference)).map(|it| it.ids.user).collect();
    adoption::users_moved(tx, bid, &new, now).await?;
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
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn forget_moved(
    tx: &mut Tx,
    bid: &Bid,
    users: &[Uuid],
    now: Timestamp,
) -> Result<(), StorageError> {
    if users.is_empty() {
        return Ok(());
    }
    let which = || users.iter().map(|id| Value::from(id.to_string()));
    let mut sql = Sql::new("SELECT user_id FROM moved_users WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND user_id IN ").tuple(which());
    let found: Vec<(String,)> = sql.all(tx).await?;
    let at = Place { table: "moved_users", row: bid.as_str() };
    let gone: Vec<Uuid> =
        found.iter().map(|(id,)| at.word("user_id", id)).collect::<Result<_, StorageError>>()?;
    adoption::users_removed(tx, bid, &gone, now).await?;
    let mut sql = Sql::new("DELETE FROM moved_users WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND user_id IN ").tuple(which());
    sql.run(tx).await?;
    Ok(())
}
