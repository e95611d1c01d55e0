//! Who may look at whose personal data, until when.

use domain::{Bid, Timestamp};

use crate::{Conn, StorageError, Tx, sql::Sql};

/// Lets somebody look until then.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn reveal(
    tx: &mut Tx,
    actor: &str,
    bid: &Bid,
    user: &str,
    until: Timestamp,
) -> Result<(), StorageError> {
    let mut sql = Sql::new("INSERT INTO account_reveals (actor, bid, user_id, until) VALUES ");
    sql.tuple([actor.into(), bid.as_str().into(), user.into(), until.micros().into()]);
    sql.push(" ON CONFLICT (actor, bid, user_id) DO UPDATE SET until = excluded.until");
    sql.run(tx).await?;
    Ok(())
}

/// Until when somebody may look; nothing where they may not.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn revealed(
    conn: &mut Conn,
    actor: &str,
    bid: &Bid,
    user: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, StorageError> {
    let mut sql = Sql::new("SELECT until FROM account_reveals WHERE actor = ");
    sql.bind(actor).push(" AND bid = ").bind(bid.as_str()).push(" AND user_id = ").bind(user);
    sql.push(" AND until > ").bind(now.micros());
    let found: Option<(i64,)> = sql.optional(conn).await?;
    Ok(found.map(|(until,)| Timestamp::from_micros(until)))
}

/// Removes what is over.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn remove_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StorageError> {
    let mut sql = Sql::new("DELETE FROM account_reveals WHERE until <= ");
    sql.bind(now.micros());
    sql.run(tx).await
}
