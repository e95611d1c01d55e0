//! How people's sign-ins ended, biller by biller and day by day, as SecureAuth counts them.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Bid,
    actor::{Actor, Capability},
    object::ObjectKind,
    performance::{MINUTES_PER_DAY, Minute, SignInDay, SignIns},
};
use secureauth::{CallError, ErrorKind, WorkspaceId};
use storage::{
    Bookkeeping, objects,
    vendor_numbers::{self, sign_ins},
};

pub use storage::vendor_numbers::sign_ins::OfBiller;

use super::{REST, answered, today, unanswered};
use crate::{Console, ServiceError, reach, worker::After};

/// Billers that are read at the same time and committed together. The client's own limits decide the pace.
const AT_ONCE: usize = 4;

/// Days that are read each time: a day that was missed is made up for, and the present one is complete tomorrow.
const READ: i64 = 7;

/// Billers shown.
const SHOWN: usize = 50;

/// Sign-ins over the last days.
#[derive(Clone, Debug)]
pub struct SignInsView {
    /// How many days, today included.
    pub days: i64,
    /// By day, in order; days without any have none.
    pub by_day: Vec<SignInDay>,
    /// All together.
    pub total: SignIns,
    /// The billers with most failed ones first, 50 at most.
    pub by_biller: Vec<OfBiller>,
}

/// Shows the sign-ins of the last days, of the billers that the actor sees.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor, days: i64) -> Result<SignInsView, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let from = today(console) - days + 1;
    let counted = sign_ins::by_day(&mut conn, from, actor.portfolio(), None).await?;
    let by_biller = sign_ins::by_biller(&mut conn, from, actor.portfolio(), SHOWN).await?;
    Ok(SignInsView { days, total: total(&counted), by_day: filled(from, days, &counted), by_biller })
}

/// The sign-ins of one biller over the last 30 days.
///
/// # Errors
/// [`ServiceError::NotFound`] for a biller that the actor does not see.
pub async fn of_biller(console: &Console, actor: &Actor, bid: &Bid) -> Result<SignIns, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    reach::biller(&mut conn, actor, bid).await?;
    let counted = sign_ins::by_day(&mut conn, today(console) - 29, None, Some(bid)).await?;
    Ok(total(&counted))
}

fn total(days: &[SignInDay]) -> SignIns {
    days.iter().fold(SignIns::default(), |sum, day| sum.plus(day.counted))
}

fn filled(from: i64, days: i64, counted: &[SignInDay]) -> Vec<SignInDay> {
    let of = |day: i64| counted.iter().find(|one| one.day == day).map(|one| one.counted);
    (from..from + days).map(|day| SignInDay { day, counted: of(day).unwrap_or_default() }).collect()
}

/// Reads the next billers whose reading is due. Which were read is committed with what was read, so that
/// a restart goes on where it stopped.
pub(super) async fn tick(console: &Console, every: Duration) -> Result<After, ServiceError> {
    let mut conn = console.store.read().await?;
    let due = sign_ins::due(&mut conn, console.now(), AT_ONCE).await?;
    let mut known = Vec::with_capacity(due.len());
    for bid in due {
        let objects = objects::of_biller(&mut conn, &bid).await?;
        let organization = objects.iter().find(|it| it.kind == ObjectKind::Organization);
        known.push((bid, organization.and_then(|it| WorkspaceId::parse(&it.vendor_id).ok())));
    }
    drop(conn);
    if known.is_empty() {
        // Somebody is enabled now and then: their first reading need not wait for a day.
        let at = console.now().plus(every.min(Duration::from_secs(600)));
        return Ok(After::Again { at, why: "recurring".to_owned() });
    }
    let days = (today(console) - READ + 1, today(console));
    let reads = known.into_iter().map(|(bid, organization)| async move {
        let read = match &organization {
            Some(organization) => ask(console, organization, days).await,
            None => Ok(Vec::new()),
        };
        (bid, read)
    });
    let reads = futures::future::join_all(reads).await;
    keep(console, every, days, reads).await
}

async fn ask(
    console: &Console,
    organization: &WorkspaceId,
    (from, _): (i64, i64),
) -> Result<Vec<SignInDay>, CallError> {
    let from = Minute(from * MINUTES_PER_DAY).begins();
    let mut days: BTreeMap<i64, SignIns> = BTreeMap::new();
    for point in console.vendor.count_sign_ins(organization, from, console.now()).await? {
        let Some(begins) = point.begins else { continue };
        let counted = days.entry(Minute::of(begins).day()).or_default();
        for (result, value) in point.values {
            let number = value.max(0.0).round() as u64;
            // Names of results other than success are not published: whoever did not come in failed.
            if result == "success" {
                counted.succeeded = counted.succeeded.saturating_add(number);
            } else {
                counted.failed = counted.failed.saturating_add(number);
            }
        }
    }
    Ok(days.into_iter().map(|(day, counted)| SignInDay { day, counted }).collect())
}

/// Commits what was read up to the first biller for whom SecureAuth asks to wait.
async fn keep(
    console: &Console,
    every: Duration,
    days: (i64, i64),
    reads: Vec<(Bid, Result<Vec<SignInDay>, CallError>)>,
) -> Result<After, ServiceError> {
    let mut wait = None;
    let mut tx = console.store.begin().await?;
    for (bid, read) in reads {
        let noted = match read {
            Ok(counted) => {
                sign_ins::put(&mut tx, &bid, days, &counted).await?;
                answered(console, every)
            }
            Err(error) if matches!(error.kind, ErrorKind::RateLimited | ErrorKind::CircuitOpen) => {
                wait = Some(error.retry_after.unwrap_or(REST));
                break;
            }
            Err(error) => {
                tracing::info!(%bid, "sign-ins could not be read: {error}");
                unanswered(console, every, &error)
            }
        };
        vendor_numbers::note_read(&mut tx, bid.as_str(), &noted).await?;
    }
    tx.commit_bookkeeping(Bookkeeping::Measurements).await?;
    let (at, why) = match wait {
        Some(pause) => (console.now().plus(pause), "SecureAuth asks to wait".to_owned()),
        None => (console.now(), "more billers to read".to_owned()),
    };
    Ok(After::Again { at, why })
}
