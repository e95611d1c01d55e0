//! What is known of billers' users: whether their password at IC still fits.

use domain::{
    Bid,
    legacy::{LegacyPassword, LegacyPasswordCounts},
};

use crate::{
    Conn, StorageError, Tx,
    counters::{self, Counter},
    decode::Place,
    error::exactly,
    sql::Sql,
};

/// A biller's users by the state of their password at IC; kept, not counted.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn legacy_password_counts(
    conn: &mut Conn,
    bid: &Bid,
) -> Result<LegacyPasswordCounts, StorageError> {
    let mut counts = LegacyPasswordCounts::default();
    for state in LegacyPassword::ALL {
        let n = counters::get(conn, &Counter::Users(bid.clone(), *state)).await?;
        match state {
            LegacyPassword::Current => counts.current = n,
            LegacyPassword::Stale => counts.stale = n,
            LegacyPassword::Missing => counts.missing = n,
        }
    }
    Ok(counts)
}

/// Notes the state of a user's password at IC.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn put(
    tx: &mut Tx,
    bid: &Bid,
    user_ref: &str,
    password: LegacyPassword,
) -> Result<(), StorageError> {
    let created = affected!(
        tx,
        sqlx::query(
            "INSERT INTO biller_users (bid, user_ref, legacy_password) VALUES ($1, $2, $3) \
             ON CONFLICT (bid, user_ref) DO NOTHING",
        )
        .bind(bid.as_str())
        .bind(user_ref)
        .bind(password.as_str())
    )?;
    tx.count(Counter::Users(bid.clone(), password), 1);
    if created == 1 {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT legacy_password FROM biller_users WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND user_ref = ").bind(user_ref).push(tx.engine().for_update());
    let Some((old,)): Option<(String,)> = sql.optional(tx).await? else {
        return exactly(1, 0, "Noting a user's password state");
    };
    let old = Place { table: "biller_users", row: user_ref }.word("legacy_password", &old)?;
    tx.count(Counter::Users(bid.clone(), old), -1);
    let rows = affected!(
        tx,
        sqlx::query("UPDATE biller_users SET legacy_password = $3 WHERE bid = $1 AND user_ref = $2")
            .bind(bid.as_str())
            .bind(user_ref)
            .bind(password.as_str())
    )?;
    exactly(1, rows, "Noting a user's password state")
}
