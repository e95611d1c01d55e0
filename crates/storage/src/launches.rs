//! Launches from the CRM that were used, until they would be refused as too old anyway.

use domain::{Timestamp, launch::LaunchId};

use crate::{StorageError, Tx};

/// Uses a launch up; `false` when it was used before. Of several who try at the same time, on any server, one
/// succeeds.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn use_up(tx: &mut Tx, id: &LaunchId, expires_at: Timestamp) -> Result<bool, StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("INSERT INTO used_launches (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(id.as_str())
            .bind(expires_at.micros())
    )?;
    Ok(rows == 1)
}

/// Forgets launches that expired before; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_expired(tx: &mut Tx, before: Timestamp) -> Result<u64, StorageError> {
    Ok(affected!(tx, sqlx::query("DELETE FROM used_launches WHERE expires_at < $1").bind(before.micros()))?)
}
