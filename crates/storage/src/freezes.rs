//! Declared freezes of billers' users at IC.

use domain::{Bid, MigrationId, Timestamp, migration::Freeze};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, storable, to_json},
    live::{self, Topic},
    sql::Sql,
};

#[derive(FromRow)]
struct FreezeRow {
    from_at: i64,
    until_at: i64,
    zone: String,
    declared_by: String,
    declared_at: i64,
    reason: Option<String>,
    delta: Option<String>,
}

/// The freeze of a biller.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of(conn: &mut Conn, bid: &Bid) -> Result<Option<Freeze>, StorageError> {
    let mut sql = Sql::new(
        "SELECT from_at, until_at, zone, declared_by, declared_at, reason, delta FROM freezes WHERE bid = ",
    );
    sql.bind(bid.as_str());
    let at = Place { table: "freezes", row: bid.as_str() };
    sql.optional::<FreezeRow>(conn)
        .await?
        .map(|row| {
            Ok(Freeze {
                bid: bid.clone(),
                from: Timestamp::from_micros(row.from_at),
                until: Timestamp::from_micros(row.until_at),
                by: at.json("declared_by", &row.declared_by)?,
                at: Timestamp::from_micros(row.declared_at),
                delta: at.word_opt("delta", row.delta.as_deref())?,
                zone: row.zone,
                reason: row.reason,
            })
        })
        .transpose()
}

/// Declares a freeze, in place of the one before.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn put(tx: &mut Tx, freeze: &Freeze) -> Result<(), StorageError> {
    let mut sql = Sql::new(
        "INSERT INTO freezes (bid, from_at, until_at, zone, declared_by, declared_at, reason, delta) VALUES ",
    );
    sql.tuple([
        freeze.bid.as_str().into(),
        freeze.from.micros().into(),
        freeze.until.micros().into(),
        storable(&freeze.zone).into(),
        to_json(&freeze.by)?.into(),
        freeze.at.micros().into(),
        freeze.reason.as_deref().map(storable).into(),
        freeze.delta.map(|id| id.to_string()).into(),
    ]);
    sql.push(
        " ON CONFLICT (bid) DO UPDATE SET from_at = excluded.from_at, until_at = excluded.until_at, \
         zone = excluded.zone, declared_by = excluded.declared_by, declared_at = excluded.declared_at, \
         reason = excluded.reason, delta = excluded.delta",
    );
    sql.run(tx).await?;
    touched(tx, &freeze.bid);
    Ok(())
}

/// Withdraws the freeze of a biller.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn remove(tx: &mut Tx, bid: &Bid) -> Result<(), StorageError> {
    let mut sql = Sql::new("DELETE FROM freezes WHERE bid = ");
    sql.bind(bid.as_str());
    sql.run(tx).await?;
    touched(tx, bid);
    Ok(())
}

/// Notes that a delivery was moved that came in then; the freeze that covers that waits for no other.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn take_delta(
    tx: &mut Tx,
    bid: &Bid,
    delta: MigrationId,
    came_in: Timestamp,
) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE freezes SET delta = ");
    sql.bind(delta.to_string()).push(" WHERE delta IS NULL AND bid = ").bind(bid.as_str());
    sql.push(" AND from_at <= ").bind(came_in.micros()).push(" AND until_at > ").bind(came_in.micros());
    sql.run(tx).await?;
    touched(tx, bid);
    Ok(())
}

/// Takes back that a delivery was moved: its users are removed again.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn give_back_delta(tx: &mut Tx, bid: &Bid, delta: MigrationId) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE freezes SET delta = NULL WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND delta = ").bind(delta.to_string());
    sql.run(tx).await?;
    touched(tx, bid);
    Ok(())
}

fn touched(tx: &mut Tx, bid: &Bid) {
    tx.unsettle(bid);
    live::touch(tx, Topic::Biller(bid.clone()));
}
