//! A run and a step as rows.

use domain::{
    Timestamp,
    run::{Run, Step},
};
use sqlx::FromRow;

use crate::{
    StorageError,
    decode::{Place, instant},
};

/// The columns of a [`RunRow`], of the table or subquery `r`.
pub(super) const COLUMNS: &str = "r.id, r.bid, r.kind, r.state, r.reason, r.requested_by, r.wave_id, r.detail, r.created_at, r.started_at, r.finished_at";

#[derive(FromRow)]
pub(super) struct RunRow {
    id: String,
    bid: String,
    kind: String,
    state: String,
    reason: Option<String>,
    requested_by: String,
    wave_id: Option<String>,
    detail: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

impl RunRow {
    pub(super) fn into_run(self) -> Result<Run, StorageError> {
        let at = Place { table: "runs", row: &self.id };
        Ok(Run {
            id: at.word("id", &self.id)?,
            bid: at.word("bid", &self.bid)?,
            kind: at.word("kind", &self.kind)?,
            state: at.word("state", &self.state)?,
            requested_by: at.json("requested_by", &self.requested_by)?,
            wave: at.word_opt("wave_id", self.wave_id.as_deref())?,
            detail: at.json_opt("detail", self.detail.as_deref())?,
            created_at: Timestamp::from_micros(self.created_at),
            started_at: instant(self.started_at),
            finished_at: instant(self.finished_at),
            reason: self.reason,
        })
    }
}

#[derive(FromRow)]
pub(super) struct StepRow {
    run_id: String,
    position: i64,
    kind: String,
    state: String,
    attempts: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    outcome: Option<String>,
    resume_at: Option<String>,
    failure: Option<String>,
}

impl StepRow {
    pub(super) fn into_step(self) -> Result<Step, StorageError> {
        let at = Place { table: "run_steps", row: &self.run_id };
        Ok(Step {
            position: self.position,
            kind: at.word("kind", &self.kind)?,
            state: at.word("state", &self.state)?,
            attempts: self.attempts,
            started_at: instant(self.started_at),
            finished_at: instant(self.finished_at),
            outcome: self.outcome,
            cursor: self.resume_at,
            failure: at.json_opt("failure", self.failure.as_deref())?,
        })
    }
}
