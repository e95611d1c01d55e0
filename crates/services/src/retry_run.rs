//! Retry: a failed run goes on with the step that failed.

use domain::{
    Bid, RunId, access,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    job::JobKind,
    run::RunState,
    wave::WaveItemState,
};
use serde_json::json;
use storage::{billers, runs, waves};

use crate::{Console, ServiceError, reach};

/// Lets a failed run go on. The answer is its biller.
///
/// # Errors
/// [`ServiceError::Refused`] when the run has not failed or the role does not allow it.
pub async fn retry(console: &Console, actor: &Actor, id: RunId) -> Result<Bid, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut tx = console.store.begin().await?;
    let run = runs::find(&mut tx, id).await?.ok_or_else(|| ServiceError::not_found("run", id))?;
    let biller = reach::biller_of(&mut tx, actor, &run.bid, ("run", id)).await?;
    access::may_retry(actor, &run)?;
    runs::reopen_failed(&mut tx, id).await?;
    runs::set_state(&mut tx, id, RunState::Failed, RunState::Queued, console.now()).await?;
    let status = biller.status.during(run.kind);
    if biller.status != status {
        billers::set_status(&mut tx, &run.bid, biller.status, status, console.now()).await?;
    }
    if let Some(wave) = run.wave {
        // The wave's line counts again, and its end is told to the wave.
        waves::set_item(&mut tx, wave, &run.bid, WaveItemState::Running, Some(id), None).await?;
    }
    console.enqueue(&mut tx, JobKind::Run, &id.to_string()).await?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::RunRetried,
        Subject::new(SubjectKind::Biller, run.bid.as_str()),
    )
    .change(None, Some(json!({ "run": id, "kind": run.kind })));
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(run.bid)
}
