//! The commits of a run: begun, step started, step done, failed.

use domain::{
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::CiamStatus,
    event::{EventData, EventFailure, EventKind, InEffect},
    job::JobKind,
    run::{Failure, Run, RunState, Step, StepState},
    use_case::UseCases,
};
use serde_json::json;
use storage::{Bookkeeping, Tx, billers, emergencies, objects, runs, use_cases};

use super::{
    Situation,
    step::{ObjectChange, StepReport},
};
use crate::{Console, ServiceError, deliver_events, drift, use_case_news};

/// A worker takes the run.
pub(super) async fn begin(console: &Console, run: &Run) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    runs::set_state(&mut tx, run.id, RunState::Queued, RunState::Running, console.now()).await?;
    tx.commit_bookkeeping(Bookkeeping::RunProgress).await?;
    Ok(())
}

/// A step begins.
pub(super) async fn start(console: &Console, run: &Run, step: &Step) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    runs::start_step(&mut tx, run.id, step.position, console.now()).await?;
    tx.commit_bookkeeping(Bookkeeping::RunProgress).await?;
    Ok(())
}

/// A step is done: its state, what it learned, its audit entries and, if it was the last one, the end of
/// the run are one commit.
pub(super) async fn done(
    console: &Console,
    situation: &Situation,
    step: &Step,
    report: StepReport,
    last: bool,
) -> Result<(), ServiceError> {
    let run = &situation.run;
    let state = if report.skipped { StepState::Skipped } else { StepState::Done };
    let mut told = false;
    let mut tx = console.store.begin().await?;
    runs::finish_step(&mut tx, run.id, step.position, state, Some(&report.outcome), console.now()).await?;
    match &report.object {
        Some(ObjectChange::Put(object)) => objects::put(&mut tx, &run.bid, object).await?,
        Some(ObjectChange::Removed(kind)) => objects::remove(&mut tx, &run.bid, *kind).await?,
        None => {}
    }
    if let Some(issuer) = &report.issuer {
        billers::set_issuer(&mut tx, &run.bid, issuer.as_deref()).await?;
    }
    if let Some(route) = report.route {
        billers::set_login_route(&mut tx, &run.bid, route).await?;
    }
    if !report.observed.is_empty() {
        let reads = report.observed.iter().cloned().collect();
        drift::note(console, &mut tx, situation.biller.clone(), &reads).await?;
    }
    if let Some(in_effect) = report.effect {
        let effect = situation.effect.proven_by(in_effect, run.id, console.now());
        use_cases::effects::put(&mut tx, &run.bid, &effect).await?;
        let held = !emergencies::holding(&mut tx, &run.bid).await?.is_empty();
        let of = |in_effect: &UseCases| InEffect::of(in_effect, held);
        let (before, after) = (of(&situation.effect.in_effect), of(&effect.in_effect));
        use_case_news::changed(console, &mut tx, &situation.biller, before, after).await?;
        told = before != after;
    }
    let mut audit = report.audit;
    let wakes = told || last;
    if last {
        audit.push(succeed(console, &mut tx, situation).await?);
    }
    if audit.is_empty() {
        tx.commit_bookkeeping(Bookkeeping::RunProgress).await?;
    } else {
        tx.commit_audited_all(audit).await?;
    }
    if wakes {
        console.wake_workers();
    }
    Ok(())
}

async fn succeed(console: &Console, tx: &mut Tx, situation: &Situation) -> Result<AuditEntry, ServiceError> {
    let run = &situation.run;
    runs::set_state(tx, run.id, RunState::Running, RunState::Succeeded, console.now()).await?;
    let status = situation.biller.status.after(run.kind);
    set_status(console, tx, situation, status).await?;
    if let Some(event) = EventKind::after(run.kind) {
        let login_url = situation.biller.slug.as_ref().map(|slug| console.settings.login_url(slug));
        let data =
            EventData { bid: run.bid.clone(), login_url, use_cases: None, issuer: None, failure: None };
        deliver_events::record(console, tx, event, &run.bid, data).await?;
    }
    tell_wave(console, tx, run).await?;
    Ok(entry(console, run, AuditAction::RunSucceeded)
        .change(Some(json!({ "status": situation.biller.status })), Some(json!({ "status": status }))))
}

/// A step failed: the run waits for a person, the biller shows its last good status beside it.
pub(super) async fn failed(
    console: &Console,
    situation: &Situation,
    step: &Step,
    failure: &Failure,
) -> Result<(), ServiceError> {
    let run = &situation.run;
    tracing::warn!(run = %run.id, bid = %run.bid, step = step.kind.as_str(), failure = failure.kind.as_str(),
        trace_id = failure.trace_id.as_deref(), "run failed: {}", failure.message);
    let mut tx = console.store.begin().await?;
    runs::fail_step(&mut tx, run.id, step.position, failure, console.now()).await?;
    runs::set_state(&mut tx, run.id, RunState::Running, RunState::Failed, console.now()).await?;
    set_status(console, &mut tx, situation, situation.biller.status.beside_failed(run.kind)).await?;
    let data = EventData {
        bid: run.bid.clone(),
        login_url: None,
        use_cases: None,
        issuer: None,
        failure: Some(EventFailure { run: run.kind, step: step.kind, failure: failure.clone() }),
    };
    deliver_events::record(console, &mut tx, EventKind::Failed, &run.bid, data).await?;
    tell_wave(console, &mut tx, run).await?;
    let told = json!({ "step": step.kind, "failure": failure.kind, "message": failure.message });
    let audit =
        entry(console, run, AuditAction::RunFailed).change(None, Some(told)).traced(failure.trace_id.clone());
    tx.commit_audited(audit).await?;
    console.wake_workers();
    Ok(())
}

async fn set_status(
    console: &Console,
    tx: &mut Tx,
    situation: &Situation,
    to: CiamStatus,
) -> Result<(), ServiceError> {
    let from = situation.biller.status;
    if from != to {
        billers::set_status(tx, &situation.run.bid, from, to, console.now()).await?;
    }
    Ok(())
}

/// The wave counts the result and starts the next biller.
async fn tell_wave(console: &Console, tx: &mut Tx, run: &Run) -> Result<(), ServiceError> {
    match run.wave {
        Some(wave) => console.enqueue(tx, JobKind::Wave, &wave.to_string()).await,
        None => Ok(()),
    }
}

fn entry(console: &Console, run: &Run, action: AuditAction) -> AuditEntry {
    AuditEntry::new(
        console.now(),
        run.requested_by.clone(),
        action,
        Subject::new(SubjectKind::Biller, run.bid.as_str()),
    )
    .because(run.reason.clone())
}
