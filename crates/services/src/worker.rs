//! Works off the jobs: takes one, keeps its lease alive, carries it on, records the end.

use std::time::Duration;

use domain::{
    Timestamp,
    job::{Job, JobKind, LEASE, backoff},
};
use storage::{Bookkeeping, Engine, jobs};
use tokio_util::sync::CancellationToken;

use crate::{
    Console, ServiceError, clean_up, deliver_events, drift,
    engine::{self, Carried},
    performance::{alerts, canary, probe, watch},
    run_wave, schedule_use_cases, test_sign_in, use_case_news, vendor_numbers,
};

/// How long an idle worker waits at most before it looks again: other servers' jobs do not wake it.
const IDLE: Duration = Duration::from_secs(1);

/// How often expired things are removed.
const CLEAN_UP_EVERY: Duration = Duration::from_secs(15 * 60);

/// Works until `shutdown`. `name` tells the workers apart in the database.
pub async fn run(console: Console, name: String, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        let woken = console.wake.notified();
        match work_one(&console, &name).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(worker = name, "the job queue cannot be read: {error}"),
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(IDLE) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Works off every job that is due, then returns: for tests and the command line.
///
/// # Errors
/// When the job queue cannot be read.
pub async fn run_until_idle(console: &Console) -> Result<(), ServiceError> {
    while work_one(console, "until-idle").await? {}
    Ok(())
}

/// Called once when a server starts: frees what a process that died still held, where nobody else can hold
/// anything, and makes sure that the recurring jobs are in the queue.
///
/// # Errors
/// When the database cannot be written.
pub async fn prepare(console: &Console) -> Result<(), ServiceError> {
    if console.store.engine() == Engine::Sqlite {
        let released = jobs::release_all(&console.store, console.now()).await?;
        if released > 0 {
            tracing::info!(released, "jobs of a process that died go on");
        }
    }
    let mut tx = console.store.begin().await?;
    console.enqueue(&mut tx, JobKind::Cleanup, "all").await?;
    if console.settings.probes.every_minutes.is_some() {
        console.enqueue(&mut tx, JobKind::Probe, probe::SCHEDULED).await?;
    }
    if console.settings.probes.canary_every_minutes.is_some() {
        console.enqueue(&mut tx, JobKind::Canary, "all").await?;
    }
    if console.settings.numbers.every_minutes.is_some() {
        console.enqueue(&mut tx, JobKind::VendorNumbers, vendor_numbers::HOURLY).await?;
    }
    if console.settings.numbers.sign_ins_every_hours.is_some() {
        console.enqueue(&mut tx, JobKind::VendorNumbers, vendor_numbers::SIGN_INS).await?;
    }
    if console.settings.numbers.sign_in_events_every_minutes.is_some() {
        console.enqueue(&mut tx, JobKind::VendorNumbers, vendor_numbers::SIGN_IN_EVENTS).await?;
    }
    console.enqueue(&mut tx, JobKind::Watch, "all").await?;
    drift::scan::prepare(console, &mut tx).await?;
    tx.commit_bookkeeping(Bookkeeping::Expiry).await?;
    Ok(())
}

/// What to do with a job after an attempt.
pub(crate) enum After {
    /// Nothing is left to do.
    Finished,
    /// Go on at this time; not a fault.
    Again { at: Timestamp, why: String },
}

async fn work_one(console: &Console, name: &str) -> Result<bool, ServiceError> {
    let Some(job) = jobs::take(&console.store, name, console.now(), LEASE).await? else { return Ok(false) };
    let attempt = tokio::select! {
        done = carry(console, &job) => done,
        () = lease_lost(console, &job) => {
            tracing::warn!(job = %job.id, kind = job.kind.as_str(), subject = job.subject, "another worker took this job over");
            return Ok(true);
        }
    };
    let mut tx = console.store.begin().await?;
    match attempt {
        Ok(After::Finished) => jobs::finish(&mut tx, &job).await?,
        Ok(After::Again { at, why }) => jobs::put_back(&mut tx, &job, at, &why).await?,
        Err(error) => {
            tracing::error!(job = %job.id, kind = job.kind.as_str(), subject = job.subject, "job failed: {error}");
            let at = console.now().plus(backoff(job.attempts));
            jobs::put_back(&mut tx, &job, at, &error.to_string()).await?;
        }
    }
    tx.commit_bookkeeping(Bookkeeping::JobLease).await?;
    Ok(true)
}

async fn carry(console: &Console, job: &Job) -> Result<After, ServiceError> {
    let unknown = || ServiceError::not_found("job subject", &job.subject);
    match job.kind {
        JobKind::Run => {
            let id = job.subject.parse().map_err(|_| unknown())?;
            Ok(match engine::carry_on(console, id, job.attempts).await? {
                Carried::Ended => After::Finished,
                Carried::Later { at, why } => After::Again { at, why },
            })
        }
        JobKind::Delivery => deliver_events::attempt(console, job).await,
        JobKind::Wave => run_wave::tick(console, job.subject.parse().map_err(|_| unknown())?).await,
        JobKind::Schedule => {
            schedule_use_cases::carry_out(console, job.subject.parse().map_err(|_| unknown())?).await
        }
        JobKind::TestSignIn => {
            test_sign_in::clean_up(console, job.subject.parse().map_err(|_| unknown())?).await
        }
        JobKind::EmergencyNews => {
            use_case_news::tell(console, job.subject.parse().map_err(|_| unknown())?).await
        }
        JobKind::Probe => probe::attempt(console, job).await,
        JobKind::Canary => {
            let begun = console.now();
            let Some(pause) = probe::pause(console.settings.probes.canary_every_minutes) else {
                return Ok(After::Finished);
            };
            canary::round(console).await?;
            Ok(After::Again { at: begun.plus(pause), why: "recurring".to_owned() })
        }
        JobKind::VendorNumbers => vendor_numbers::tick(console, job).await,
        JobKind::Watch => {
            watch::look(console).await?;
            Ok(After::Again { at: console.now().plus(watch::EVERY), why: "recurring".to_owned() })
        }
        JobKind::AlertMessage => alerts::attempt(console, job).await,
        JobKind::Migration => {
            crate::migration::carry_on(console, job.subject.parse().map_err(|_| unknown())?).await
        }
        JobKind::Mirror => crate::accounts::tick(console, &job.subject.parse().map_err(|_| unknown())?).await,
        JobKind::DriftScan => drift::scan::tick(console, &job.subject).await,
        JobKind::Cleanup => {
            clean_up::expired(console).await?;
            let at = console.now().plus(CLEAN_UP_EVERY);
            Ok(After::Again { at, why: "recurring".to_owned() })
        }
    }
}

/// Renews the lease while the job is worked on; returns only when it was lost.
async fn lease_lost(console: &Console, job: &Job) {
    let mut every = tokio::time::interval(LEASE / 3);
    every.tick().await;
    loop {
        every.tick().await;
        match jobs::renew(&console.store, job, console.now(), LEASE).await {
            Ok(true) => {}
            Ok(false) => return,
            // The lease still runs; if the database stays away, the commits will fail on their own.
            Err(error) => tracing::warn!(job = %job.id, "the lease cannot be renewed: {error}"),
        }
    }
}
