//! Scans: every biller with objects at SecureAuth is read once and compared, a few at a time, inside our own pace of
//! calls. A scan survives a restart: what was read is committed together with the place to go on from.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Bid, ScanId, access,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::{Biller, CiamStatus},
    job::JobKind,
    object::VendorObject,
    settings::{
        Scope,
        drift::{CALLS_PER_BILLER, Scan, ScanState},
    },
};
use secureauth::{CallError, ErrorKind};
use serde_json::json;
use storage::{Bookkeeping, Conn, Tx, billers, drift, settings::ObservedScope};

use super::who;
use crate::{
    Console, ServiceError,
    biller_settings::{Standing, read, vanity},
    worker::After,
};

/// Billers that are read at the same time and committed together. The client's own limits decide the pace.
const AT_ONCE: usize = 4;
/// How long a scan rests when SecureAuth asks for it without saying how long.
const REST: Duration = Duration::from_secs(15);
/// The subject of the job that begins scans by itself.
pub(crate) const SCHEDULE: &str = "schedule";

/// Where scanning stands, and what a scan would cost.
#[derive(Clone, Debug)]
pub struct ScanView {
    /// The newest scan.
    pub newest: Option<Scan>,
    /// Billers that a scan would read.
    pub billers: u64,
    /// Calls that it would make.
    pub calls: u64,
}

/// Where scanning stands.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn show(console: &Console, actor: &Actor) -> Result<ScanView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let billers = to_read(&mut conn).await?;
    let newest = drift::newest_scan(&mut conn).await?;
    Ok(ScanView { newest, billers, calls: billers * CALLS_PER_BILLER })
}

async fn to_read(conn: &mut Conn) -> Result<u64, ServiceError> {
    let counts = billers::counts(conn, None).await?;
    let standing = |status: &CiamStatus| matches!(status, CiamStatus::Enabled | CiamStatus::Suspended);
    Ok(counts.by_status.iter().filter(|(status, _)| standing(status)).map(|(_, n)| n).sum())
}

/// Asks for a scan of all billers.
///
/// # Errors
/// [`ServiceError::Changed`] when one is running; [`ServiceError::Refused`] without the right.
pub async fn start(console: &Console, actor: &Actor) -> Result<ScanId, ServiceError> {
    access::may_touch_any_biller(actor, Capability::ChangeSettings)?;
    let mut tx = console.store.begin().await?;
    let begun = begin(console, &mut tx, actor).await?;
    let scan = begun.ok_or(ServiceError::Changed { what: "A scan is running already: it" })?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::DriftScanAsked,
        Subject::new(SubjectKind::Settings, "all"),
    )
    .change(
        None,
        Some(json!({ "scan": scan.id, "billers": scan.total, "calls": scan.total * CALLS_PER_BILLER })),
    );
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(scan.id)
}

/// Puts a scan into the transaction; `None` when one is running.
async fn begin(console: &Console, tx: &mut Tx, actor: &Actor) -> Result<Option<Scan>, ServiceError> {
    let scan = Scan {
        id: ScanId::new(console.clock.as_ref(), console.entropy.as_ref()),
        state: ScanState::Running,
        requested_by: actor.clone(),
        started_at: console.now(),
        finished_at: None,
        cursor: None,
        total: to_read(tx).await?,
        done: 0,
        calls: 0,
        drifted: 0,
        failed: 0,
    };
    if !drift::begin_scan(tx, &scan).await? {
        return Ok(None);
    }
    console.enqueue(tx, JobKind::DriftScan, &scan.id.to_string()).await?;
    Ok(Some(scan))
}

/// One turn of a scan, or of the schedule that begins them.
pub(crate) async fn tick(console: &Console, subject: &str) -> Result<After, ServiceError> {
    if subject == SCHEDULE {
        return schedule(console).await;
    }
    let id: ScanId = subject.parse().map_err(|_| ServiceError::not_found("drift scan", subject))?;
    let mut conn = console.store.read().await?;
    let scan = drift::find_scan(&mut conn, id).await?;
    let Some(scan) = scan.filter(|scan| scan.state == ScanState::Running) else { return Ok(After::Finished) };
    let batch = billers::standing_after(&mut conn, scan.cursor.as_ref(), AT_ONCE).await?;
    if batch.is_empty() {
        drop(conn);
        return finish(console, &scan).await;
    }
    let mut known = Vec::with_capacity(batch.len());
    for biller in batch {
        known.push(Standing::load(console, &mut conn, biller).await?);
    }
    drop(conn);
    let reads = known.into_iter().map(|standing| async move {
        let read = of_biller(console, &standing).await;
        (standing.biller, standing.objects, read)
    });
    let reads = futures::future::join_all(reads).await;
    keep(console, &scan, reads).await
}

/// What one biller's objects show, with the number of calls; or what kept SecureAuth from answering.
type Read = Result<(BTreeMap<Scope, ObservedScope>, u64), CallError>;

async fn of_biller(console: &Console, standing: &Standing) -> Read {
    let scopes = read::scopes_of(standing);
    let calls = scopes.iter().map(|scope| read::one(console, &standing.objects, *scope));
    let mut seen = BTreeMap::new();
    let mut made = 0;
    for read in futures::future::join_all(calls).await {
        match read {
            Ok(Some(found)) => {
                made += 1;
                seen.extend(found);
            }
            Ok(None) => {}
            // An object that is gone is nothing to wait for: it stays unknown.
            Err(error) if error.kind == ErrorKind::NotFound => made += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((seen, made))
}

/// Commits what was read up to the first biller for whom SecureAuth asks to wait.
async fn keep(
    console: &Console,
    scan: &Scan,
    reads: Vec<(Biller, Vec<VendorObject>, Read)>,
) -> Result<After, ServiceError> {
    let mut after = scan.clone();
    let mut drifted = Vec::new();
    let mut hosts = Vec::new();
    let mut wait = None;
    let mut tx = console.store.begin().await?;
    for (biller, objects, read) in reads {
        let bid = biller.bid().clone();
        match read {
            Ok((seen, calls)) => {
                after.calls += calls;
                hosts.extend(vanity::seen_in(&seen).map(|host| (bid.clone(), host)));
                let differing = super::note(console, &mut tx, biller, &seen).await?;
                after.drifted += differing;
                if differing > 0 {
                    drifted.push((bid.clone(), objects));
                }
            }
            Err(error) if matches!(error.kind, ErrorKind::RateLimited | ErrorKind::CircuitOpen) => {
                wait = Some(error.retry_after.unwrap_or(REST));
                break;
            }
            Err(error) => {
                tracing::warn!(%bid, "a scan could not read this biller: {error}");
                after.failed += 1;
            }
        }
        after.done += 1;
        after.cursor = Some(bid);
    }
    after.total = after.total.max(after.done);
    if after == *scan {
        drop(tx);
    } else {
        drift::save_scan(&mut tx, scan, &after).await?;
        tx.commit_bookkeeping(Bookkeeping::Observation).await?;
        tell(console, &after, &drifted).await?;
        // What the vendor does not tell: whether they answer, and when their certificates end.
        for (bid, host) in hosts {
            vanity::note(console, &bid, host).await?;
        }
    }
    let (at, why) = match wait {
        Some(pause) => (console.now().plus(pause), "SecureAuth asks to wait".to_owned()),
        None => (console.now(), "more billers to read".to_owned()),
    };
    Ok(After::Again { at, why })
}

/// Asks who changed what newly drifted, and counts the calls it took.
async fn tell(
    console: &Console,
    scan: &Scan,
    drifted: &[(Bid, Vec<VendorObject>)],
) -> Result<(), ServiceError> {
    let mut told = Vec::new();
    for (bid, objects) in drifted {
        told.extend(who::ask(console, bid, objects).await?);
    }
    if told.is_empty() {
        return Ok(());
    }
    let calls: u64 = told.iter().map(|one| one.calls).sum();
    let mut tx = console.store.begin().await?;
    for one in &told {
        one.keep(&mut tx).await?;
    }
    drift::save_scan(&mut tx, scan, &Scan { calls: scan.calls + calls, ..scan.clone() }).await?;
    tx.commit_bookkeeping(Bookkeeping::Observation).await?;
    Ok(())
}

async fn finish(console: &Console, scan: &Scan) -> Result<After, ServiceError> {
    let after = Scan {
        state: ScanState::Finished,
        finished_at: Some(console.now()),
        total: scan.done,
        ..scan.clone()
    };
    let mut tx = console.store.begin().await?;
    drift::save_scan(&mut tx, scan, &after).await?;
    tx.commit_bookkeeping(Bookkeeping::Observation).await?;
    Ok(After::Finished)
}

/// Begins a scan when the last one is old enough.
async fn schedule(console: &Console) -> Result<After, ServiceError> {
    let Some(every) = console.settings.drift_scan_every else { return Ok(After::Finished) };
    let newest = drift::newest_scan(&mut *console.store.read().await?).await?;
    let due = newest.map_or_else(|| console.now(), |scan| scan.started_at.plus(every));
    if due > console.now() {
        return Ok(After::Again { at: due, why: "recurring".to_owned() });
    }
    let mut tx = console.store.begin().await?;
    // One that people asked for does as well.
    if begin(console, &mut tx, &Actor::Policy).await?.is_some() {
        tx.commit_bookkeeping(Bookkeeping::Observation).await?;
        console.wake_workers();
    }
    Ok(After::Again { at: console.now().plus(every), why: "recurring".to_owned() })
}

/// Puts the schedule into the queue, where there is one.
pub(crate) async fn prepare(console: &Console, tx: &mut Tx) -> Result<(), ServiceError> {
    if console.settings.drift_scan_every.is_some() {
        console.enqueue(tx, JobKind::DriftScan, SCHEDULE).await?;
    }
    Ok(())
}

/// Reads one biller now.
///
/// # Errors
/// [`ServiceError::Vendor`] when SecureAuth does not answer, [`ServiceError::NotFound`].
pub async fn one(console: &Console, actor: &Actor, bid: &Bid) -> Result<u64, ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut conn = console.store.read().await?;
    let standing = Standing::of(console, &mut conn, actor, bid).await?;
    drop(conn);
    let (seen, _) = of_biller(console, &standing).await?;
    let Standing { biller, objects, .. } = standing;
    let mut tx = console.store.begin().await?;
    let differing = super::note(console, &mut tx, biller, &seen).await?;
    tx.commit_bookkeeping(Bookkeeping::Observation).await?;
    who::note(console, bid, &objects).await?;
    if let Some(host) = vanity::seen_in(&seen) {
        vanity::note(console, bid, host).await?;
    }
    Ok(differing)
}
