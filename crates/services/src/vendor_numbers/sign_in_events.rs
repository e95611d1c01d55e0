//! Who signed in: the audit events of each biller with moved users, read in the background so that it is known who
//! never did.
//!
//! A reading covers a window of time, the newest events first, a hundred a call. Each page is committed with the place
//! where the next one begins: a restart goes on there, and a page read twice changes nothing.

use std::{collections::BTreeMap, time::Duration};

use domain::{Bid, Timestamp, object::ObjectKind};
use secureauth::{AuditEvent, AuditFilter, CallError, ErrorKind, Page, PageRequest, PageSize, WorkspaceId};
use storage::{
    Bookkeeping,
    adoption::{self, Asked, Feed, UserSignIns, Window},
    objects, user_migrations,
};

use super::{REST, SOON};
use crate::{Console, ServiceError, worker::After};

/// Billers that are read at the same time, a page each. The client's own limits decide the pace.
const AT_ONCE: usize = 4;

/// How far a window reaches back into the one before: the vendor does not say how soon an event is visible (API.md,
/// open questions, 9).
const OVERLAP: Duration = Duration::from_secs(15 * 60);

/// How long nobody is due before it is looked again.
const IDLE: Duration = Duration::from_secs(20);

/// What is asked of one biller.
struct Reading {
    bid: Bid,
    feed: Feed,
    /// Nothing where the biller has no organization (any more).
    organization: Option<WorkspaceId>,
    from: Timestamp,
    window: Window,
}

/// What a biller's organization answered.
type Answer = Result<Page<AuditEvent>, CallError>;

/// Reads a page of the next billers whose reading is due.
pub(super) async fn tick(console: &Console, every: Duration) -> Result<After, ServiceError> {
    let readings = due(console).await?;
    if readings.is_empty() {
        let at = console.now().plus(every.min(IDLE));
        return Ok(After::Again { at, why: "recurring".to_owned() });
    }
    let asked = readings.into_iter().map(|reading| async move {
        let answer = ask(console, &reading).await;
        (reading, answer)
    });
    let answers = futures::future::join_all(asked).await;
    keep(console, every, answers).await
}

async fn due(console: &Console) -> Result<Vec<Reading>, ServiceError> {
    let mut conn = console.store.read().await?;
    let now = console.now();
    let mut readings = Vec::new();
    for (bid, feed) in adoption::due(&mut conn, now, AT_ONCE).await? {
        let objects = objects::of_biller(&mut conn, &bid).await?;
        let organization = objects.iter().find(|it| it.kind == ObjectKind::Organization);
        let organization = organization.and_then(|it| WorkspaceId::parse(&it.vendor_id).ok());
        let from = match feed.read_to {
            Some(read_to) => read_to.minus(OVERLAP),
            // Nobody signed in before anybody was moved.
            None => user_migrations::first_began(&mut conn, &bid).await?.unwrap_or(now),
        };
        let window = feed.window.clone().unwrap_or(Window { to: now, after: None });
        readings.push(Reading { bid, feed, organization, from, window });
    }
    Ok(readings)
}

async fn ask(console: &Console, reading: &Reading) -> Answer {
    let filter = AuditFilter {
        subjects: vec!["login"],
        actions: vec!["accepted"],
        from: Some(reading.from),
        to: Some(reading.window.to),
        page: PageRequest { after: reading.window.after.clone(), size: PageSize::MAX },
        ..AuditFilter::default()
    };
    match &reading.organization {
        Some(organization) => console.vendor.list_audit_events(organization, &filter).await,
        None => Ok(Page { items: Vec::new(), next_after: None }),
    }
}

/// Commits what was read up to the first biller for whom SecureAuth asks to wait.
async fn keep(
    console: &Console,
    every: Duration,
    answers: Vec<(Reading, Answer)>,
) -> Result<After, ServiceError> {
    let mut wait = None;
    let now = console.now();
    let mut tx = console.store.begin().await?;
    for (reading, answer) in answers {
        let (feed, asked) = match answer {
            Ok(page) => {
                adoption::note_sign_ins(&mut tx, &reading.bid, &sign_ins(&page.items)).await?;
                went_on(&reading, &page, now, every)
            }
            Err(error) if matches!(error.kind, ErrorKind::RateLimited | ErrorKind::CircuitOpen) => {
                wait = Some(error.retry_after.unwrap_or(REST));
                break;
            }
            Err(error) => {
                tracing::info!(bid = %reading.bid, "sign-ins could not be read: {error}");
                let asked = Asked { at: now, due: now.plus(every.min(SOON)), why: Some(error.to_string()) };
                (reading.feed, asked)
            }
        };
        adoption::save_feed(&mut tx, &reading.bid, &feed, &asked).await?;
    }
    tx.commit_bookkeeping(Bookkeeping::Measurements).await?;
    let (at, why) = match wait {
        Some(pause) => (console.now().plus(pause), "SecureAuth asks to wait".to_owned()),
        None => (console.now(), "more billers to read".to_owned()),
    };
    Ok(After::Again { at, why })
}

/// Where a reading stands after a page: in the middle of its window, or at its end.
fn went_on(reading: &Reading, page: &Page<AuditEvent>, now: Timestamp, every: Duration) -> (Feed, Asked) {
    let request = PageRequest { after: reading.window.after.clone(), size: PageSize::MAX };
    match request.following(page).and_then(|next| next.after) {
        Some(after) => {
            let window = Window { to: reading.window.to, after: Some(after) };
            let feed = Feed { read_to: reading.feed.read_to, window: Some(window) };
            (feed, Asked { at: now, due: now, why: None })
        }
        None => {
            let feed = Feed { read_to: Some(reading.window.to), window: None };
            (feed, Asked { at: now, due: now.plus(every), why: None })
        }
    }
}

/// The sign-ins by user.
fn sign_ins(events: &[AuditEvent]) -> BTreeMap<uuid::Uuid, UserSignIns> {
    let mut users: BTreeMap<uuid::Uuid, UserSignIns> = BTreeMap::new();
    for event in events {
        let Ok(user) = event.metadata.user_id.parse() else { continue };
        let seen = UserSignIns::at(event.timestamp);
        users.entry(user).and_modify(|known| *known = known.with(seen)).or_insert(seen);
    }
    users
}
