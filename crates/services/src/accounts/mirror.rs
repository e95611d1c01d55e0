//! The job of a biller that makes the changes of its accounts at SecureAuth, several users at a time, each user's in
//! order.

use std::time::Duration;

use domain::{Bid, audit::AuditAction, biller::CiamStatus, job::backoff};
use futures::{StreamExt as _, stream};
use serde_json::json;
use storage::{
    Bookkeeping, Tx,
    accounts::{self, Account, Change},
    user_migrations::{self, Moved},
};

use super::{
    Ground,
    apply::{End, Made, Work},
    entry, home,
    whole::seen,
};
use crate::{Console, ServiceError, worker::After};

/// How long a worker stays with one biller before others get their turn.
const SLICE: Duration = Duration::from_secs(5);

/// Changes that are taken at a time.
const BATCH: usize = 32;

/// Users that are worked on at a time.
const PARALLEL: usize = 4;

/// The longest pause while SecureAuth does not answer: then it is asked again, by one change.
const OUTAGE_MAX: Duration = Duration::from_secs(30);

/// How long changes wait before it is looked again whether the biller takes them.
const SHUT: Duration = Duration::from_secs(30);

/// Makes what is due for a biller.
///
/// # Errors
/// When the database cannot be read or written.
pub(crate) async fn tick(console: &Console, bid: &Bid) -> Result<After, ServiceError> {
    let until = tokio::time::Instant::now() + SLICE;
    loop {
        let mut conn = console.store.read().await?;
        let Some(biller) = storage::billers::find(&mut conn, bid).await? else { return Ok(After::Finished) };
        let due = accounts::due(&mut conn, bid, console.now(), BATCH).await?;
        if due.is_empty() {
            let next = accounts::next_due(&mut conn, bid).await?;
            return Ok(next.map_or(After::Finished, |at| After::Again { at, why: "changes wait".to_owned() }));
        }
        let ground = Ground::of(&mut conn, biller).await?;
        if ground.biller.status != CiamStatus::Enabled || !ground.hosted {
            let why =
                "The biller takes no changes now: it is not enabled, or user hosting is off.".to_owned();
            return Ok(After::Again { at: console.now().plus(SHUT), why });
        }
        drop(conn);
        if let Some((pause, why)) = work(console, bid, &ground, due).await? {
            return Ok(After::Again { at: console.now().plus(pause), why });
        }
        if tokio::time::Instant::now() >= until {
            return Ok(After::Again { at: console.now(), why: "goes on".to_owned() });
        }
    }
}

/// Makes some changes. The answer is for how long to leave SecureAuth alone, and why.
async fn work(
    console: &Console,
    bid: &Bid,
    ground: &Ground,
    due: Vec<Change>,
) -> Result<Option<(Duration, String)>, ServiceError> {
    let (pool, _) = home(&mut *console.store.read().await?, bid).await?;
    // While SecureAuth fails, one change tries whether it answers again.
    let failing = due.iter().any(|change| change.attempts > 0 && change.last_error.is_some());
    let (first, rest) = {
        let mut first = due;
        let rest = first.split_off(if failing { 1 } else { 0 });
        (first, rest)
    };
    for part in [first, rest] {
        let governs_login = ground.governs_login;
        let mut ends = stream::iter(part)
            .map(|change| {
                let (console, pool) = (console.clone(), pool.clone());
                async move { one(&console, &pool, governs_login, &change).await }
            })
            .buffer_unordered(PARALLEL);
        let mut shut = None;
        while let Some(end) = ends.next().await {
            shut = shut.or(end?);
        }
        if shut.is_some() {
            return Ok(shut);
        }
    }
    Ok(None)
}

async fn one(
    console: &Console,
    pool: &secureauth::PoolId,
    governs_login: bool,
    change: &Change,
) -> Result<Option<(Duration, String)>, ServiceError> {
    let key = &change.key;
    let mut conn = console.store.read().await?;
    let Some(account) = accounts::find(&mut conn, &key.bid, &key.reference).await? else { return Ok(None) };
    drop(conn);
    let work = Work { console, pool, account, change, governs_login };
    match work.apply().await? {
        End::Made(made) => settle(console, change, *made).await.map(|()| None),
        End::Later { why, pause, outage } => {
            let pause = pause.unwrap_or_else(|| backoff(change.attempts + 1));
            let pause = if outage { pause.min(OUTAGE_MAX) } else { pause };
            let mut tx = console.store.begin().await?;
            accounts::later(&mut tx, key, console.now().plus(pause), &why).await?;
            tx.commit_bookkeeping(Bookkeeping::Mirror).await?;
            Ok(outage.then_some((pause, why)))
        }
        End::Parked { cause, why } => {
            let mut tx = console.store.begin().await?;
            if !accounts::park(&mut tx, key, cause, &why).await? {
                tx.commit_bookkeeping(Bookkeeping::Mirror).await?;
                return Ok(None);
            }
            let said = json!({"user": work.account.ids.user, "cause": cause});
            let entry = entry(console.now(), &change.actor, AuditAction::UserParked, &key.bid, said);
            tx.commit_audited(entry).await?;
            Ok(None)
        }
    }
}

/// Writes down that a change was made.
async fn settle(console: &Console, change: &Change, made: Made) -> Result<(), ServiceError> {
    let (key, now) = (&change.key, console.now());
    let mut tx = console.store.begin().await?;
    let Some(account) = accounts::hold(&mut tx, &key.bid, &key.reference).await? else { return Ok(()) };
    let is_new = account.vendor.is_none() && made.record.is_some();
    let account = Account {
        vendor: made.record.as_ref().map(|it| seen(it).side()),
        vendor_at: Some(now),
        password_at: made.password_at.max(account.password_at),
        changed_at: now,
        ..account
    };
    accounts::put(&mut tx, &account).await?;
    for freed in &made.freed {
        accounts::put(&mut tx, freed).await?;
    }
    if is_new {
        note_for_moves(&mut tx, &account, now).await?;
    }
    accounts::finish(&mut tx, change).await?;
    let said = json!({"user": account.ids.user, "standing": account.standing(), "done": made.done,
        "freed": made.freed.iter().map(|it| it.ids.user).collect::<Vec<_>>()});
    let entry = entry(now, &change.actor, AuditAction::UserMirrored, &key.bid, said).traced(made.trace);
    tx.commit_audited(entry).await?;
    Ok(())
}

/// A move that comes later finds the user under these ids, and leaves it alone as newer.
async fn note_for_moves(tx: &mut Tx, account: &Account, now: domain::Timestamp) -> Result<(), ServiceError> {
    let known = user_migrations::find_moved(tx, &account.bid, &[account.reference.as_str()]).await?;
    if known.is_empty() {
        let moved = Moved {
            reference: account.reference.clone(),
            ids: account.ids,
            source: String::new(),
            stamp: domain::Timestamp::from_micros(0),
        };
        user_migrations::put_moved(
            tx,
            &account.bid,
            domain::MigrationId::from_uuid(uuid::Uuid::nil()),
            &[moved],
            now,
        )
        .await?;
    }
    Ok(())
}
