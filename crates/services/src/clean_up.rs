//! Removes what has expired: sessions, login attempts, used launches, uploads that broke off or that nobody decided on,
//! proposed changes that nobody confirmed, files of users that nobody needs any more.

use std::time::Duration;

use domain::performance::Minute;
use storage::{
    Bookkeeping, accounts, calls, imports, launches, logins, sessions, settings, test_sign_ins,
    vendor_numbers, vendor_review::canary,
};

use crate::{Console, ServiceError, migration};

/// Login attempts are kept this long, for the count of the last day.
const LOGINS_KEPT: Duration = Duration::from_secs(48 * 3600);

/// Used launches are kept this long after they have expired: the clocks of several servers may differ.
const LAUNCHES_KEPT: Duration = Duration::from_secs(3600);

/// A file that has not come in completely after this long never will: the longest takes a quarter of an hour.
const UPLOAD_TAKES: Duration = Duration::from_secs(3600);

/// Uploads are kept this long, for somebody to decide on them and to look at what became of them.
pub(crate) const UPLOADS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Proposed changes of settings are kept this long for somebody to confirm them.
const PROPOSALS_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Test sign-ins are kept this long: their claims tell of a person.
const TESTS_KEPT: Duration = Duration::from_secs(24 * 3600);

/// What is said of an upload that was given up.
const BROKE_OFF: &str =
    "The upload broke off before the file was complete. Nothing of it was kept: upload it again.";

/// Measurements are kept this long: two years and a month, so that a year can be compared with the one before.
const CALLS_KEPT: Duration = Duration::from_secs(761 * 24 * 3600);

/// Removes everything that has expired by now.
///
/// # Errors
/// When the database cannot be written; nothing is removed then.
pub(crate) async fn expired(console: &Console) -> Result<(), ServiceError> {
    let now = console.now();
    let mut tx = console.store.begin().await?;
    sessions::delete_expired(&mut tx, now).await?;
    accounts::remove_expired(&mut tx, now).await?;
    logins::delete_older_than(&mut tx, now.minus(LOGINS_KEPT)).await?;
    launches::delete_expired(&mut tx, now.minus(LAUNCHES_KEPT)).await?;
    let broken = imports::give_up(&mut tx, now.minus(UPLOAD_TAKES), BROKE_OFF).await?;
    if broken > 0 {
        tracing::info!(broken, "uploads that had broken off were given up");
    }
    migration::expired(console, &mut tx, now).await?;
    calls::delete_older_than(&mut tx, now.minus(CALLS_KEPT)).await?;
    canary::delete_older_than(&mut tx, now.minus(CALLS_KEPT)).await?;
    vendor_numbers::delete_older_than(&mut tx, Minute::of(now.minus(CALLS_KEPT)).day()).await?;
    imports::delete_older_than(&mut tx, now.minus(UPLOADS_KEPT)).await?;
    test_sign_ins::delete_older_than(&mut tx, now.minus(TESTS_KEPT)).await?;
    settings::forget_proposals(&mut tx, now.minus(PROPOSALS_KEPT)).await?;
    tx.commit_bookkeeping(Bookkeeping::Expiry).await?;
    console.wake_workers();
    Ok(())
}
