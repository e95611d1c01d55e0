//! Changes of use cases that wait for their time, and how they ended.

use std::collections::BTreeMap;

use domain::{
    Bid, ScheduleId, Timestamp,
    actor::Actor,
    use_case::{ScheduleEnd, ScheduleState, ScheduledChange},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, storable, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::{Sql, Value},
};

#[derive(FromRow)]
struct ScheduledRow {
    id: String,
    bid: String,
    state: String,
    due_at: i64,
    time_zone: String,
    choices_before: String,
    choices_after: String,
    effect_before: String,
    effect_after: String,
    reason: Option<String>,
    asked_by: String,
    asked_at: i64,
    withdrawn_by: Option<String>,
    ended_at: Option<i64>,
    outcome: Option<String>,
    run_id: Option<String>,
}

const COLUMNS: &str = "SELECT id, bid, state, due_at, time_zone, choices_before, choices_after, effect_before, \
    effect_after, reason, asked_by, asked_at, withdrawn_by, ended_at, outcome, run_id FROM scheduled_changes WHERE ";

impl ScheduledRow {
    fn read(self) -> Result<ScheduledChange, StorageError> {
        let at = Place { table: "scheduled_changes", row: &self.id };
        let withdrawn_by: Option<Actor> = at.json_opt("withdrawn_by", self.withdrawn_by.as_deref())?;
        Ok(ScheduledChange {
            id: at.word("id", &self.id)?,
            bid: at.word("bid", &self.bid)?,
            state: at.word("state", &self.state)?,
            due: Timestamp::from_micros(self.due_at),
            choices_before: at.json("choices_before", &self.choices_before)?,
            choices_after: at.json("choices_after", &self.choices_after)?,
            effect_before: at.json("effect_before", &self.effect_before)?,
            effect_after: at.json("effect_after", &self.effect_after)?,
            by: at.json("asked_by", &self.asked_by)?,
            asked_at: Timestamp::from_micros(self.asked_at),
            ended_at: instant(self.ended_at),
            run: at.word_opt("run_id", self.run_id.as_deref())?,
            withdrawn_by,
            zone: self.time_zone,
            reason: self.reason,
            outcome: self.outcome,
        })
    }
}

/// One scheduled change.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, id: ScheduleId) -> Result<Option<ScheduledChange>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<ScheduledRow>(conn).await?.map(ScheduledRow::read).transpose()
}

/// The change that waits for its time; there is one at most.
///
/// # Errors
/// As [`find`].
pub async fn waiting(conn: &mut Conn, bid: &Bid) -> Result<Option<ScheduledChange>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("state = 'waiting' AND bid = ").bind(bid.as_str());
    sql.optional::<ScheduledRow>(conn).await?.map(ScheduledRow::read).transpose()
}

/// The changes of these billers that wait for their time.
///
/// # Errors
/// As [`find`].
pub async fn waiting_of(
    conn: &mut Conn,
    bids: &[Bid],
) -> Result<BTreeMap<Bid, ScheduledChange>, StorageError> {
    let mut found = BTreeMap::new();
    for batch in bids.chunks(200) {
        let mut sql = Sql::new(COLUMNS);
        sql.push("state = 'waiting' AND bid IN ").tuple(batch.iter().map(|bid| Value::from(bid.as_str())));
        for row in sql.all::<ScheduledRow>(conn).await? {
            let scheduled = row.read()?;
            found.insert(scheduled.bid.clone(), scheduled);
        }
    }
    Ok(found)
}

/// The scheduled changes of a biller, newest first.
///
/// # Errors
/// As [`find`].
pub async fn of_biller(
    conn: &mut Conn,
    bid: &Bid,
    limit: usize,
) -> Result<Vec<ScheduledChange>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("bid = ").bind(bid.as_str());
    sql.push(" ORDER BY asked_at DESC, id DESC LIMIT ").bind(decode::limit(limit));
    sql.all::<ScheduledRow>(conn).await?.into_iter().map(ScheduledRow::read).collect()
}

/// Notes a change that waits for its time.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller or one for which another change waits
/// ([`StorageError::is_unique_violation`]).
pub async fn add(tx: &mut Tx, scheduled: &ScheduledChange) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO scheduled_changes (id, bid, state, due_at, time_zone, choices_before, choices_after, \
             effect_before, effect_after, reason, asked_by, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(scheduled.id.to_string())
        .bind(scheduled.bid.as_str())
        .bind(scheduled.state.as_str())
        .bind(scheduled.due.micros())
        .bind(storable(&scheduled.zone))
        .bind(to_json(&scheduled.choices_before)?)
        .bind(to_json(&scheduled.choices_after)?)
        .bind(to_json(&scheduled.effect_before)?)
        .bind(to_json(&scheduled.effect_after)?)
        .bind(scheduled.reason.as_deref().map(storable))
        .bind(to_json(&scheduled.by)?)
        .bind(scheduled.asked_at.micros())
    )?;
    exactly(1, rows, "Scheduling a change")?;
    touch(tx, &scheduled.bid);
    Ok(())
}

/// Notes how a change that waited has ended.
///
/// # Errors
/// [`StorageError::Stale`] when it does not wait any more.
pub async fn end(
    tx: &mut Tx,
    scheduled: &ScheduledChange,
    end: &ScheduleEnd,
    now: Timestamp,
) -> Result<(), StorageError> {
    let (run, outcome, withdrawn_by) = match end {
        ScheduleEnd::Applied(run) => (*run, None, None),
        ScheduleEnd::NotApplied(why) => (None, Some(why.as_str()), None),
        ScheduleEnd::Withdrawn(by) => (None, None, Some(to_json(by)?)),
    };
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE scheduled_changes SET state = $2, ended_at = $3, run_id = $4, outcome = $5, withdrawn_by = $6 \
             WHERE id = $1 AND state = $7",
        )
        .bind(scheduled.id.to_string())
        .bind(end.state().as_str())
        .bind(now.micros())
        .bind(run.map(|run| run.to_string()))
        .bind(outcome.map(storable))
        .bind(withdrawn_by)
        .bind(ScheduleState::Waiting.as_str())
    )?;
    fresh(rows, "scheduled change")?;
    touch(tx, &scheduled.bid);
    Ok(())
}

fn touch(tx: &mut Tx, bid: &Bid) {
    live::touch(tx, Topic::Biller(bid.clone()));
    live::touch(tx, Topic::Billers);
}
