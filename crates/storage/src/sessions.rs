//! Sessions of signed-in people. What is in them is the web layer's business.

use domain::Timestamp;

use crate::{Conn, StorageError, Tx};

/// Stores a new session; `false` when the id is taken.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn create(tx: &mut Tx, id: &str, data: &str, expires_at: Timestamp) -> Result<bool, StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
        )
        .bind(id)
        .bind(data)
        .bind(expires_at.micros())
    )?;
    Ok(rows == 1)
}

/// Stores a session, whether or not it is there.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn save(tx: &mut Tx, id: &str, data: &str, expires_at: Timestamp) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query(
            "INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at",
        )
        .bind(id)
        .bind(data)
        .bind(expires_at.micros())
    )?;
    Ok(())
}

/// What is in the session, unless it has expired.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn load(conn: &mut Conn, id: &str, now: Timestamp) -> Result<Option<String>, StorageError> {
    Ok(on!(conn, c => {
        sqlx::query_scalar("SELECT data FROM sessions WHERE id = $1 AND expires_at > $2")
            .bind(id)
            .bind(now.micros())
            .fetch_optional(c)
    })?)
}

/// Removes a session, if it is there.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), StorageError> {
    affected!(tx, sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id))?;
    Ok(())
}

/// Removes every session that has expired; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StorageError> {
    Ok(affected!(tx, sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now.micros()))?)
}
