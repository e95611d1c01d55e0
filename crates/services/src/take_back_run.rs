//! Take back: a failed run is given up, and a run the other way brings the biller back to its last good status.
//!
//! A first enablement is undone in reverse order; a failed suspension is resumed; a failed resumption is
//! suspended again; a failed change is changed back.

use domain::{
    RunId, access,
    actor::{Actor, Capability},
    run::{Run, RunDetail, RunState},
};
use storage::runs;

use crate::{Console, ServiceError, biller_settings::confirm, change_use_cases, enable_biller, reach};

/// What was set before may be another biller's by now.
fn taken(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Storage(cause) if cause.is_unique_violation() => ServiceError::Field {
            field: "reason",
            problem: "The vanity domain that was set before belongs to another biller by now: set this biller's as it is to \
                      be, on its settings page, and retry."
                .to_owned(),
        },
        other => other,
    }
}

/// Gives a failed run up. The answer is the run that takes the biller back.
///
/// # Errors
/// [`ServiceError::Refused`] when the run has not failed, cannot be taken back, or the role does not allow it.
pub async fn take_back(
    console: &Console,
    actor: &Actor,
    id: RunId,
    reason: Option<String>,
) -> Result<RunId, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut tx = console.store.begin().await?;
    let failed = runs::find(&mut tx, id).await?.ok_or_else(|| ServiceError::not_found("run", id))?;
    let biller = reach::biller_of(&mut tx, actor, &failed.bid, ("run", id)).await?;
    let kind = access::may_take_back(actor, &failed)?;
    runs::set_state(&mut tx, id, RunState::Failed, RunState::Superseded, console.now()).await?;
    let given_up = failed.clone();
    let run = Run {
        id: RunId::new(console.clock.as_ref(), console.entropy.as_ref()),
        kind,
        state: RunState::Queued,
        reason: reason.filter(|text| !text.trim().is_empty()),
        requested_by: actor.clone(),
        wave: None,
        detail: failed.detail.clone().map(RunDetail::reversed),
        created_at: console.now(),
        started_at: None,
        finished_at: None,
        ..failed
    };
    enable_biller::create_in(console, &mut tx, &biller, &run).await?;
    if let Some(RunDetail::Settings(change)) = &run.detail {
        confirm::set_back(console, &mut tx, actor, &run.bid, &change.set).await.map_err(taken)?;
    }
    change_use_cases::taken_back_in(console, &mut tx, actor, &given_up, &run).await?;
    let entry = enable_biller::requested(console, &biller, &run);
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(run.id)
}
