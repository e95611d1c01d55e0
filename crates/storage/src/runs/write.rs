//! How runs and steps get on. Every change tells the pages about the biller, and about the wave if there is one.

use domain::{
    Bid, RunId, Timestamp, WaveId,
    run::{Failure, Run, RunState, StepState},
};
use sqlx::FromRow;

use crate::{
    StorageError, Tx, billers,
    decode::{self, Place, storable, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::{Sql, Value},
};

/// Creates a run with its steps, all waiting, and makes it the biller's open run.
///
/// # Errors
/// [`StorageError::RunOpen`] when the biller has an open run already.
pub async fn create(tx: &mut Tx, run: &Run) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO runs (id, bid, kind, state, reason, requested_by, wave_id, detail, \
             created_at, started_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        )
        .bind(run.id.to_string())
        .bind(run.bid.as_str())
        .bind(run.kind.as_str())
        .bind(run.state.as_str())
        .bind(run.reason.as_deref().map(storable))
        .bind(to_json(&run.requested_by)?)
        .bind(run.wave.map(|wave| wave.to_string()))
        .bind(run.detail.as_ref().map(to_json).transpose()?)
        .bind(run.created_at.micros())
        .bind(run.started_at.map(Timestamp::micros))
        .bind(run.finished_at.map(Timestamp::micros))
    )?;
    if rows == 0 {
        return Err(StorageError::RunOpen);
    }
    let id = run.id.to_string();
    let mut sql = Sql::new("INSERT INTO run_steps (run_id, position, kind, state, attempts) VALUES ");
    sql.tuples(run.kind.steps().iter().zip(0_i64..).map(|(step, position)| {
        [
            id.as_str().into(),
            position.into(),
            step.as_str().into(),
            StepState::Pending.as_str().into(),
            Value::from(0),
        ]
    }));
    let rows = sql.run(tx).await?;
    exactly(run.kind.steps().len() as u64, rows, "Creating the steps of a run")?;
    if run.state.is_open() {
        billers::set_open_run(tx, &run.bid, Some(run.id)).await?;
    }
    if run.state == RunState::Failed {
        billers::set_attention(tx, &run.bid, true).await?;
    }
    touch(tx, &run.bid, run.wave);
    Ok(())
}

#[derive(FromRow)]
struct Owner {
    bid: String,
    wave_id: Option<String>,
}

impl Owner {
    fn read(self) -> Result<(Bid, Option<WaveId>), StorageError> {
        let at = Place { table: "runs", row: &self.bid };
        Ok((decode::bid("runs", &self.bid)?, at.word_opt("wave_id", self.wave_id.as_deref())?))
    }
}

fn touch(tx: &mut Tx, bid: &Bid, wave: Option<WaveId>) {
    live::touch(tx, Topic::Biller(bid.clone()));
    if let Some(wave) = wave {
        live::touch(tx, Topic::Wave(wave));
    }
}

/// Moves a run from one state to another; notes when it first started and when it ended, and keeps the biller's
/// open run and need of attention with it.
///
/// # Errors
/// [`StorageError::Stale`] when the run does not stand at `from`; [`StorageError::RunOpen`] when it would be opened
/// again beside another one.
pub async fn set_state(
    tx: &mut Tx,
    id: RunId,
    from: RunState,
    to: RunState,
    now: Timestamp,
) -> Result<(), StorageError> {
    let started = (to == RunState::Running).then_some(now.micros());
    let finished =
        matches!(to, RunState::Failed | RunState::Succeeded | RunState::Superseded).then_some(now.micros());
    let owner: Option<Owner> = on!(tx, c => {
        sqlx::query_as(
            "UPDATE runs SET state = $3, started_at = COALESCE(started_at, $4), finished_at = $5 \
             WHERE id = $1 AND state = $2 RETURNING bid, wave_id",
        )
        .bind(id.to_string())
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(started)
        .bind(finished)
        .fetch_optional(c)
    })
    .map_err(|error| match StorageError::from(error) {
        error if error.is_unique_violation() => StorageError::RunOpen,
        error => error,
    })?;
    let Some(owner) = owner else { return Err(StorageError::Stale { what: "run" }) };
    let (bid, wave) = owner.read()?;
    if from.is_open() != to.is_open() {
        billers::set_open_run(tx, &bid, to.is_open().then_some(id)).await?;
    }
    if (from == RunState::Failed) != (to == RunState::Failed) {
        billers::set_attention(tx, &bid, to == RunState::Failed).await?;
    }
    live::touch(tx, Topic::Billers);
    touch(tx, &bid, wave);
    Ok(())
}

/// Begins a step, for the first time or again after a crash or a retry.
///
/// # Errors
/// [`StorageError::Stale`] when the step is done already.
pub async fn start_step(tx: &mut Tx, id: RunId, position: i64, now: Timestamp) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE run_steps SET state = 'running', attempts = attempts + 1, started_at = $3, finished_at = NULL \
             WHERE run_id = $1 AND position = $2 AND state IN ('pending', 'running')",
        )
        .bind(id.to_string())
        .bind(position)
        .bind(now.micros())
    )?;
    fresh(rows, "step")?;
    touch_run(tx, id).await
}

/// Ends a step well: done, or skipped because there is nothing to do.
///
/// # Errors
/// [`StorageError::Stale`] when the step has ended already.
pub async fn finish_step(
    tx: &mut Tx,
    id: RunId,
    position: i64,
    state: StepState,
    outcome: Option<&str>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE run_steps SET state = $3, outcome = $4, finished_at = $5, failure = NULL \
             WHERE run_id = $1 AND position = $2 AND state IN ('pending', 'running')",
        )
        .bind(id.to_string())
        .bind(position)
        .bind(state.as_str())
        .bind(outcome.map(storable))
        .bind(now.micros())
    )?;
    fresh(rows, "step")?;
    touch_run(tx, id).await
}

/// Ends a step with a failure.
///
/// # Errors
/// [`StorageError::Stale`] when the step has ended already.
pub async fn fail_step(
    tx: &mut Tx,
    id: RunId,
    position: i64,
    failure: &Failure,
    now: Timestamp,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE run_steps SET state = 'failed', failure = $3, finished_at = $4 \
             WHERE run_id = $1 AND position = $2 AND state IN ('pending', 'running')",
        )
        .bind(id.to_string())
        .bind(position)
        .bind(to_json(failure)?)
        .bind(now.micros())
    )?;
    fresh(rows, "step")?;
    touch_run(tx, id).await
}

/// Notes where a long step goes on after a crash.
///
/// # Errors
/// [`StorageError::RowsAffected`] when there is no such step.
pub async fn set_cursor(
    tx: &mut Tx,
    id: RunId,
    position: i64,
    cursor: Option<&str>,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE run_steps SET resume_at = $3 WHERE run_id = $1 AND position = $2")
            .bind(id.to_string())
            .bind(position)
            .bind(cursor)
    )?;
    exactly(1, rows, "Noting where a step goes on")?;
    touch_run(tx, id).await
}

/// Lets the failed step of a run wait again; the number of its attempts is kept.
///
/// # Errors
/// [`StorageError::RowsAffected`] when no step has failed.
pub async fn reopen_failed(tx: &mut Tx, id: RunId) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE run_steps SET state = 'pending', failure = NULL, finished_at = NULL \
             WHERE run_id = $1 AND state = 'failed'",
        )
        .bind(id.to_string())
    )?;
    exactly(1, rows, "Opening the failed step again")?;
    touch_run(tx, id).await
}

async fn touch_run(tx: &mut Tx, id: RunId) -> Result<(), StorageError> {
    let owner: Option<Owner> = on!(tx, c => {
        sqlx::query_as("SELECT bid, wave_id FROM runs WHERE id = $1").bind(id.to_string()).fetch_optional(c)
    })?;
    if let Some(owner) = owner {
        let (bid, wave) = owner.read()?;
        touch(tx, &bid, wave);
    }
    Ok(())
}
