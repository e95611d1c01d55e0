//! Removes what has expired: sessions, login attempts, uploads nobody applied.

use std::time::Duration;

use storage::{Bookkeeping, imports, logins, sessions};

use crate::{Console, ServiceError};

/// Login attempts are kept this long, for the count of the last day.
const LOGINS_KEPT: Duration = Duration::from_secs(48 * 3600);

/// Uploads are kept this long.
const UPLOADS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Removes everything that has expired by now.
///
/// # Errors
/// When the database cannot be written; nothing is removed then.
pub(crate) async fn expired(console: &Console) -> Result<(), ServiceError> {
    let now = console.now();
    let mut tx = console.store.begin().await?;
    sessions::delete_expired(&mut tx, now).await?;
    logins::delete_older_than(&mut tx, now.minus(LOGINS_KEPT)).await?;
    imports::delete_older_than(&mut tx, now.minus(UPLOADS_KEPT)).await?;
    tx.commit_bookkeeping(Bookkeeping::Expiry).await?;
    Ok(())
}
