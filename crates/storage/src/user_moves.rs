//! How far billers' users are on their way to SecureAuth.

use domain::{
    Bid, Timestamp,
    user_move::{UserMove, UserMoveState},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::Place,
    error::exactly,
    live::{self, Topic},
};

#[derive(FromRow)]
struct MoveRow {
    state: String,
    users: i64,
    moved: i64,
    changed_at: i64,
}

/// What is known of the move of a biller's users; `None` where nothing is.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of(conn: &mut Conn, bid: &Bid) -> Result<Option<UserMove>, StorageError> {
    let row: Option<MoveRow> = on!(conn, c => {
        sqlx::query_as("SELECT state, users, moved, changed_at FROM user_moves WHERE bid = $1")
            .bind(bid.as_str())
            .fetch_optional(c)
    })?;
    let at = Place { table: "user_moves", row: bid.as_str() };
    row.map(|row| {
        Ok(UserMove {
            state: at.word::<UserMoveState>("state", &row.state)?,
            users: at.number("users", row.users)?,
            moved: at.number("moved", row.moved)?,
            changed_at: Timestamp::from_micros(row.changed_at),
        })
    })
    .transpose()
}

/// Notes what is known of the move of a biller's users.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn put(tx: &mut Tx, bid: &Bid, known: &UserMove) -> Result<(), StorageError> {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO user_moves (bid, state, users, moved, changed_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (bid) DO UPDATE SET state = excluded.state, users = excluded.users, \
             moved = excluded.moved, changed_at = excluded.changed_at",
        )
        .bind(bid.as_str())
        .bind(known.state.as_str())
        .bind(count(known.users))
        .bind(count(known.moved))
        .bind(known.changed_at.micros())
    )?;
    exactly(1, rows, "Noting how far the users of a biller are")?;
    tx.unsettle(bid);
    live::touch(tx, Topic::Biller(bid.clone()));
    Ok(())
}
