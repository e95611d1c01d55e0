//! Sign-ins that were started at a login URL, until IC redeems them.

use std::{fmt, time::Duration};

use domain::{Bid, Timestamp};
use sqlx::FromRow;

use crate::{Conn, StorageError, Tx, decode};

/// A sign-in under way.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginAttempt {
    /// The `state` of the authorization request; it comes back with the code.
    pub state: String,
    /// The biller.
    pub bid: Bid,
    /// The PKCE code verifier.
    pub code_verifier: String,
    /// The nonce that the ID token must carry.
    pub nonce: String,
    /// Where it comes back; `None` when it was started before this was kept.
    pub redirect_uri: Option<String>,
    /// The issuer at which it was started: its tokens name this one, whatever is in effect by then. `None` when it was
    /// started before this was kept.
    pub issuer: Option<String>,
    /// When it was started.
    pub created_at: Timestamp,
}

impl fmt::Debug for LoginAttempt {
    /// Without what must stay secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAttempt")
            .field("bid", &self.bid)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

#[derive(FromRow)]
struct AttemptRow {
    state: String,
    bid: String,
    code_verifier: String,
    nonce: String,
    redirect_uri: Option<String>,
    issuer: Option<String>,
    created_at: i64,
}

/// Notes a sign-in that was started.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller or a `state` that was used before.
pub async fn start(tx: &mut Tx, attempt: &LoginAttempt) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query(
            "INSERT INTO login_attempts (state, bid, code_verifier, nonce, redirect_uri, issuer, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&attempt.state)
        .bind(attempt.bid.as_str())
        .bind(&attempt.code_verifier)
        .bind(&attempt.nonce)
        .bind(&attempt.redirect_uri)
        .bind(&attempt.issuer)
        .bind(attempt.created_at.micros())
    )?;
    Ok(())
}

/// Hands out a sign-in, once; `None` when it is unknown, was redeemed before, or is older than `life`.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn redeem(
    tx: &mut Tx,
    state: &str,
    now: Timestamp,
    life: Duration,
) -> Result<Option<LoginAttempt>, StorageError> {
    let row: Option<AttemptRow> = on!(tx, c => {
        sqlx::query_as(
            "UPDATE login_attempts SET redeemed_at = $2 WHERE state = $1 AND redeemed_at IS NULL AND created_at > $3 \
             RETURNING state, bid, code_verifier, nonce, redirect_uri, issuer, created_at",
        )
        .bind(state)
        .bind(now.micros())
        .bind(now.minus(life).micros())
        .fetch_optional(c)
    })?;
    row.map(|row| {
        Ok(LoginAttempt {
            bid: decode::bid("login_attempts", &row.bid)?,
            state: row.state,
            code_verifier: row.code_verifier,
            nonce: row.nonce,
            redirect_uri: row.redirect_uri,
            issuer: row.issuer,
            created_at: Timestamp::from_micros(row.created_at),
        })
    })
    .transpose()
}

/// Removes a sign-in that nobody will come back from.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn forget(tx: &mut Tx, bid: &Bid, state: &str) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query("DELETE FROM login_attempts WHERE state = $1 AND bid = $2 AND redeemed_at IS NULL")
            .bind(state)
            .bind(bid.as_str())
    )?;
    Ok(())
}

/// How many sign-ins were started at the biller's login URL since then.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn count_since(conn: &mut Conn, bid: &Bid, since: Timestamp) -> Result<u64, StorageError> {
    let n: i64 = on!(conn, c => {
        sqlx::query_scalar("SELECT COUNT(*) FROM login_attempts WHERE bid = $1 AND created_at >= $2")
            .bind(bid.as_str())
            .bind(since.micros())
            .fetch_one(c)
    })?;
    Ok(u64::try_from(n).unwrap_or(0))
}

/// Removes sign-ins that were started before; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_older_than(tx: &mut Tx, before: Timestamp) -> Result<u64, StorageError> {
    Ok(affected!(tx, sqlx::query("DELETE FROM login_attempts WHERE created_at < $1").bind(before.micros()))?)
}
