//! Synthetic probes: the same questions on a schedule, so that the vendor is measured when nobody works, too.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{
    Bid,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    job::{Job, JobKind},
    performance::Minute,
};
use secureauth::{CallError, PageRequest, SecureAuth, Workspace, WorkspaceId};
use url::Url;

use super::watch;
use crate::{Console, ServiceError, worker::After};

/// What is probed, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeSettings {
    /// Minutes between two rounds; `None` where nothing is probed.
    pub every_minutes: Option<u32>,
    /// Issuers of billers asked in a round; the next round goes on with the next ones.
    pub billers_a_round: u32,
    /// Minutes between two requests for tokens: SecureAuth's licence counts tokens.
    pub tokens_every_minutes: u32,
    /// Minutes between two canary rounds; `None` where there are none.
    pub canary_every_minutes: Option<u32>,
}

impl ProbeSettings {
    /// Nothing is probed.
    pub const OFF: Self =
        Self { every_minutes: None, billers_a_round: 0, tokens_every_minutes: 1, canary_every_minutes: None };
}

/// Where the rotation through the billers' issuers stands. Lost at a restart, which only begins it anew.
#[derive(Debug, Default)]
pub struct Rotation(Mutex<Option<Bid>>);

impl Rotation {
    fn after(&self) -> Option<Bid> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, last: Option<Bid>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }
}

/// The subject of the recurring job.
pub(crate) const SCHEDULED: &str = "all";

/// The subject of a round that somebody asked for.
const ASKED: &str = "asked";

/// Asks for a round at once, and for a look at what follows from it. Asking again while one waits or goes on is the
/// same round.
///
/// # Errors
/// [`ServiceError::Refused`] without the right.
pub async fn ask(console: &Console, actor: &Actor) -> Result<(), ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    let mut tx = console.store.begin().await?;
    console.enqueue(&mut tx, JobKind::Probe, ASKED).await?;
    let subject = Subject::new(SubjectKind::Vendor, "probes");
    let entry = AuditEntry::new(console.now(), actor.clone(), AuditAction::ProbesAsked, subject);
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(())
}

/// Carries a job out: the recurring one, or the one that somebody asked for.
///
/// # Errors
/// [`ServiceError::Storage`].
pub(crate) async fn attempt(console: &Console, job: &Job) -> Result<After, ServiceError> {
    if job.subject == ASKED {
        round(console).await?;
        watch::look(console).await?;
        return Ok(After::Finished);
    }
    let begun = console.now();
    let Some(pause) = pause(console.settings.probes.every_minutes) else { return Ok(After::Finished) };
    round(console).await?;
    Ok(After::Again { at: begun.plus(pause), why: "recurring".to_owned() })
}

/// One round. What a probe finds is in its measurement; a failing one does not stop the others.
///
/// # Errors
/// [`ServiceError::Storage`] when the billers cannot be read.
pub(crate) async fn round(console: &Console) -> Result<(), ServiceError> {
    let vendor = console.vendor.clone().for_probes();
    let settings = console.settings.probes;
    let minute = Minute::of(console.now());
    for workspace in [Workspace::Admin, Workspace::System] {
        issuer(&vendor, vendor.issuer(workspace)).await;
        let due = minute.0.rem_euclid(i64::from(settings.tokens_every_minutes.max(1)));
        if due < i64::from(settings.every_minutes.unwrap_or(1)) {
            heard(vendor.check_token(workspace).await);
        }
    }
    reads(console, &vendor).await;
    for address in next_issuers(console, settings.billers_a_round).await? {
        issuer(&vendor, &address).await;
    }
    Ok(())
}

/// A read of each API that has one: the import of users has none (see `docs/vendor-review.md`).
async fn reads(console: &Console, vendor: &SecureAuth) {
    heard(vendor.get_environment().await);
    heard(vendor.probe_system_organizations().await);
    if let Ok(parent) = console.settings.plan.parent_workspace.parse::<WorkspaceId>() {
        heard(vendor.list_pools(&parent, &PageRequest::default()).await);
        heard(vendor.probe_system_pools(&parent).await);
    }
}

/// Discovery and keys, as every application of a biller asks for them.
async fn issuer(vendor: &SecureAuth, issuer: &Url) {
    if let Some(found) = heard(vendor.probe_discovery(issuer).await) {
        heard(vendor.probe_keys(&found.discovery.jwks_uri).await);
    }
}

/// The measurement was taken with the call; the log is for whoever looks for the reason.
fn heard<T>(answer: Result<T, CallError>) -> Option<T> {
    answer.inspect_err(|error| tracing::debug!("a probe failed: {error}")).ok()
}

async fn next_issuers(console: &Console, number: u32) -> Result<Vec<Url>, ServiceError> {
    if number == 0 {
        return Ok(Vec::new());
    }
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    let mut conn = console.store.read().await?;
    let after = console.rotation.after();
    let mut found = storage::billers::issuers_after(&mut conn, after.as_ref(), number).await?;
    if found.len() < number && after.is_some() {
        // The end is reached: the rest of the round begins anew.
        found.extend(storage::billers::issuers_after(&mut conn, None, number - found.len()).await?);
    }
    console.rotation.set(found.last().map(|(bid, _)| bid.clone()));
    Ok(found.into_iter().filter_map(|(_, issuer)| Url::parse(&issuer).ok()).collect())
}

/// The pause between the beginnings of two rounds, from minutes.
pub(crate) fn pause(every_minutes: Option<u32>) -> Option<Duration> {
    every_minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
}
