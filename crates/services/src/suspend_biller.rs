//! Suspend: sign-ins go back to the legacy page, everything at SecureAuth is switched off, nothing is deleted.

use std::time::Duration;

use domain::{
    Bid, RunId,
    access::{self, Refusal},
    actor::{Actor, Capability},
    biller::Biller,
    legacy::ImpactSheet,
    object::ObjectKind,
    run::RunKind,
};
use secureauth::PoolId;
use storage::{logins, objects, runs, users};

use crate::{Console, ServiceError, enable_biller, reach};

/// What a suspension will mean, shown before it is confirmed.
#[derive(Clone, Debug)]
pub struct Impact {
    /// The biller.
    pub biller: Biller,
    /// Users, sign-ins, passwords that no longer fit.
    pub sheet: ImpactSheet,
    /// Whether it may be suspended now, and if not, why.
    pub allowed: Result<(), Refusal>,
}

/// How long the impact sheet waits for the vendor's number of users; without it the sheet says so.
const VENDOR_PATIENCE: Duration = Duration::from_secs(3);

/// Shows what suspending a biller will mean. Changes nothing.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn impact(console: &Console, actor: &Actor, bid: &Bid) -> Result<Impact, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let open = runs::open_of(&mut conn, bid).await?;
    let pool = objects::find(&mut conn, bid, ObjectKind::Pool).await?;
    let passwords = users::legacy_password_counts(&mut conn, bid).await?;
    let day_ago = console.now().minus(Duration::from_secs(24 * 3600));
    let logins_last_day = logins::count_since(&mut conn, bid, day_ago).await?;
    drop(conn);
    let users_at_vendor = match pool.and_then(|pool| PoolId::parse(&pool.vendor_id).ok()) {
        Some(pool) => count_users(console, &pool).await,
        None => None,
    };
    let sheet = ImpactSheet {
        users_at_vendor,
        passwords,
        logins_last_day,
        legacy_login_url: console.settings.legacy_login_url.to_string(),
    };
    let allowed = access::may_start(actor, &biller, open.as_ref(), RunKind::Suspend);
    Ok(Impact { biller, sheet, allowed })
}

async fn count_users(console: &Console, pool: &PoolId) -> Option<u64> {
    let answer = tokio::time::timeout(VENDOR_PATIENCE, console.vendor.get_pool(pool)).await.ok()?;
    u64::try_from(answer.ok()?.number_of_users?).ok()
}

/// Asks for the suspension. `typed_name` must be the biller's name: it is a dangerous act.
///
/// # Errors
/// [`ServiceError::Field`] when the name differs, [`ServiceError::Refused`] when the rules forbid it.
pub async fn suspend(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    typed_name: &str,
    reason: Option<String>,
) -> Result<RunId, ServiceError> {
    actor.may(Capability::SuspendBiller)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    if typed_name.trim() != biller.name().trim() {
        return Err(ServiceError::Field {
            field: "name",
            problem: format!("Type the biller's name exactly as shown: {}", biller.name()),
        });
    }
    let (run, entry) =
        enable_biller::start_in(console, &mut tx, actor, &biller, RunKind::Suspend, reason, None).await?;
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(run)
}
