//! Waves and their lines, with counts kept by every change of a line.

use domain::{
    Bid, MigrationId, Portfolio, RunId, Timestamp, WaveId,
    wave::{Wave, WaveCounts, WaveItem, WaveItemState, WaveRules, WaveStart, WaveState, WaveWork},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, storable, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::{Sql, Value},
};

/// Lines written by one statement.
const BATCH: usize = 500;

const COLUMNS: &str = "w.id, w.state, w.parallel, w.stop_above_percent, w.pilot, w.stage, w.action, w.released, w.reason, w.requested_by, w.created_at, \
    w.starts_at, w.time_zone, w.finished_at, w.waiting, w.running, w.succeeded, w.failed, w.skipped";

#[derive(FromRow)]
struct WaveRow {
    id: String,
    state: String,
    parallel: i64,
    stop_above_percent: i64,
    pilot: i64,
    stage: i64,
    action: Option<String>,
    released: Option<i64>,
    reason: Option<String>,
    requested_by: String,
    created_at: i64,
    starts_at: Option<i64>,
    time_zone: Option<String>,
    finished_at: Option<i64>,
    waiting: i64,
    running: i64,
    succeeded: i64,
    failed: i64,
    skipped: i64,
}

impl WaveRow {
    fn into_wave(self) -> Result<Wave, StorageError> {
        let at = Place { table: "waves", row: &self.id };
        let all = self.waiting + self.running + self.succeeded + self.failed + self.skipped;
        Ok(Wave {
            action: at.json_opt("action", self.action.as_deref())?.unwrap_or_default(),
            released: at.number("released", self.released.unwrap_or(all))?,
            id: at.word("id", &self.id)?,
            state: at.word("state", &self.state)?,
            rules: WaveRules {
                parallel: at.number("parallel", self.parallel)?,
                stop_above_percent: at.number("stop_above_percent", self.stop_above_percent)?,
                pilot: at.number("pilot", self.pilot)?,
                stage: at.number("stage", self.stage)?,
            },
            requested_by: at.json("requested_by", &self.requested_by)?,
            created_at: Timestamp::from_micros(self.created_at),
            start: instant(self.starts_at)
                .zip(self.time_zone)
                .map(|(at, zone)| WaveStart { at, zone: zone.into() }),
            finished_at: instant(self.finished_at),
            counts: WaveCounts {
                waiting: at.number("waiting", self.waiting)?,
                running: at.number("running", self.running)?,
                succeeded: at.number("succeeded", self.succeeded)?,
                failed: at.number("failed", self.failed)?,
                skipped: at.number("skipped", self.skipped)?,
            },
            reason: self.reason,
        })
    }
}

#[derive(FromRow)]
struct ItemRow {
    position: i64,
    bid: String,
    name: String,
    state: String,
    run_id: Option<String>,
    migration_id: Option<String>,
    note: Option<String>,
    due_at: Option<i64>,
}

impl ItemRow {
    fn into_item(self) -> Result<(i64, WaveItem), StorageError> {
        let at = Place { table: "wave_items", row: &self.bid };
        Ok((
            self.position,
            WaveItem {
                bid: at.word("bid", &self.bid)?,
                state: at.word("state", &self.state)?,
                run: at.word_opt("run_id", self.run_id.as_deref())?,
                migration: at.word_opt("migration_id", self.migration_id.as_deref())?,
                name: self.name,
                note: self.note,
                due: instant(self.due_at),
            },
        ))
    }
}

/// Creates a wave with one waiting line for each biller, in this order.
///
/// # Errors
/// [`StorageError::Driver`], also when a biller is not known or stands there twice.
pub async fn create(tx: &mut Tx, wave: &Wave, bids: &[Bid]) -> Result<(), StorageError> {
    let id = wave.id.to_string();
    affected!(
        tx,
        sqlx::query(
            "INSERT INTO waves (id, state, parallel, stop_above_percent, reason, requested_by, created_at, \
             finished_at, waiting, pilot, stage, action, released, starts_at, time_zone, running, succeeded, \
             failed, skipped) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, 0, 0)",
        )
        .bind(&id)
        .bind(wave.state.as_str())
        .bind(i64::from(wave.rules.parallel))
        .bind(i64::from(wave.rules.stop_above_percent))
        .bind(wave.reason.as_deref().map(storable))
        .bind(to_json(&wave.requested_by)?)
        .bind(wave.created_at.micros())
        .bind(wave.finished_at.map(Timestamp::micros))
        .bind(decode::limit(bids.len()))
        .bind(i64::from(wave.rules.pilot))
        .bind(i64::from(wave.rules.stage))
        .bind(to_json(&wave.action)?)
        .bind(decode::limit(wave.released))
        .bind(wave.start.as_ref().map(|start| start.at.micros()))
        .bind(wave.start.as_ref().map(|start| storable(&String::from(start.zone.clone()))))
    )?;
    let lines: Vec<(i64, &Bid)> = (0_i64..).zip(bids).collect();
    for batch in lines.chunks(BATCH) {
        let mut sql = Sql::new("INSERT INTO wave_items (wave_id, position, bid, state) VALUES ");
        sql.tuples(batch.iter().map(|(position, bid)| {
            let state = WaveItemState::Waiting.as_str();
            [id.as_str().into(), (*position).into(), bid.as_str().into(), Value::from(state)]
        }));
        let rows = sql.run(tx).await?;
        exactly(batch.len() as u64, rows, "Creating the lines of a wave")?;
    }
    live::touch(tx, Topic::Wave(wave.id));
    live::touch(tx, Topic::Billers);
    Ok(())
}

/// The wave, if there is one with this id. Within a portfolio it is that portfolio's part of it, counts included, and
/// there is none without such a part.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(
    conn: &mut Conn,
    id: WaveId,
    within: Option<&Portfolio>,
) -> Result<Option<Wave>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM waves w WHERE w.id = ").bind(id.to_string());
    let wave = sql.optional::<WaveRow>(conn).await?.map(WaveRow::into_wave).transpose()?;
    match (wave, within) {
        (Some(wave), Some(portfolio)) => {
            let part = part_of(conn, wave, portfolio).await?;
            Ok(Some(part).filter(|part| part.counts.total() > 0))
        }
        (wave, _) => Ok(wave),
    }
}

/// The newest waves; within a portfolio as in [`find`].
///
/// # Errors
/// As [`find`].
pub async fn list(
    conn: &mut Conn,
    limit: usize,
    within: Option<&Portfolio>,
) -> Result<Vec<Wave>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM waves w");
    if let Some(portfolio) = within {
        // From the portfolio's billers to their waves: CROSS JOIN keeps SQLite from taking the long way round.
        sql.push(
            " WHERE w.id IN (SELECT i.wave_id FROM billers b CROSS JOIN wave_items i WHERE i.bid = b.bid",
        );
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str()).push(")");
    }
    sql.push(" ORDER BY w.created_at DESC, w.id DESC LIMIT ").bind(decode::limit(limit));
    let mut waves = Vec::new();
    for row in sql.all::<WaveRow>(conn).await? {
        let wave = row.into_wave()?;
        waves.push(match within {
            Some(portfolio) => part_of(conn, wave, portfolio).await?,
            None => wave,
        });
    }
    Ok(waves)
}

/// The wave with the counts of this portfolio's billers only.
async fn part_of(conn: &mut Conn, wave: Wave, portfolio: &Portfolio) -> Result<Wave, StorageError> {
    let id = wave.id.to_string();
    let mut sql = Sql::new("SELECT i.state, COUNT(*) FROM wave_items i JOIN billers b ON b.bid = i.bid");
    sql.push(" WHERE i.wave_id = ").bind(id.as_str());
    sql.push(" AND b.portfolio = ").bind(portfolio.as_str()).push(" GROUP BY i.state");
    let rows: Vec<(String, i64)> = sql.all(conn).await?;
    let at = Place { table: "wave_items", row: &id };
    let mut counts = WaveCounts::default();
    for (state, n) in rows {
        let n = at.number("state", n)?;
        match at.word("state", &state)? {
            WaveItemState::Waiting => counts.waiting = n,
            WaveItemState::Running => counts.running = n,
            WaveItemState::Succeeded => counts.succeeded = n,
            WaveItemState::Failed => counts.failed = n,
            WaveItemState::Skipped => counts.skipped = n,
        }
    }
    Ok(Wave { counts, ..wave })
}

/// Lines of a wave with their positions, from the one after `after` on; within a portfolio only those of its billers.
///
/// # Errors
/// As [`find`].
pub async fn items(
    conn: &mut Conn,
    id: WaveId,
    within: Option<&Portfolio>,
    limit: usize,
    after: Option<i64>,
) -> Result<Vec<(i64, WaveItem)>, StorageError> {
    let mut sql = Sql::new(
        "SELECT i.position, i.bid, b.name, i.state, i.run_id, i.migration_id, i.note, i.due_at FROM wave_items i \
         JOIN billers b ON b.bid = i.bid WHERE i.wave_id = ",
    );
    sql.bind(id.to_string()).push(" AND i.position > ").bind(after.unwrap_or(-1));
    if let Some(portfolio) = within {
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    }
    sql.push(" ORDER BY i.position LIMIT ").bind(decode::limit(limit));
    sql.all::<ItemRow>(conn).await?.into_iter().map(ItemRow::into_item).collect()
}

/// Lets lines of a wave begin at these instants and not before.
///
/// # Errors
/// [`StorageError::RowsAffected`] when the wave has no such line.
pub async fn set_due(tx: &mut Tx, id: WaveId, lines: &[(Bid, Timestamp)]) -> Result<(), StorageError> {
    for (bid, due) in lines {
        let rows = affected!(
            tx,
            sqlx::query("UPDATE wave_items SET due_at = $3 WHERE wave_id = $1 AND bid = $2")
                .bind(id.to_string())
                .bind(bid.as_str())
                .bind(due.micros())
        )?;
        exactly(1, rows, "Setting when a line of a wave begins")?;
    }
    Ok(())
}

/// Says which move of users each of these lines is about.
///
/// # Errors
/// [`StorageError::RowsAffected`] when the wave has no such line.
pub async fn set_moves(tx: &mut Tx, id: WaveId, moves: &[(Bid, MigrationId)]) -> Result<(), StorageError> {
    for (bid, migration) in moves {
        let rows = affected!(
            tx,
            sqlx::query("UPDATE wave_items SET migration_id = $3 WHERE wave_id = $1 AND bid = $2")
                .bind(id.to_string())
                .bind(bid.as_str())
                .bind(migration.to_string())
        )?;
        exactly(1, rows, "Setting which users a line of a wave moves")?;
    }
    Ok(())
}

/// The move of users that a line is about, if it is about one.
///
/// # Errors
/// As [`find`].
pub async fn move_of(conn: &mut Conn, id: WaveId, bid: &Bid) -> Result<Option<MigrationId>, StorageError> {
    let mut sql = Sql::new("SELECT migration_id FROM wave_items WHERE wave_id = ");
    sql.bind(id.to_string()).push(" AND bid = ").bind(bid.as_str());
    let found: Option<(Option<String>,)> = sql.optional(conn).await?;
    let at = Place { table: "wave_items", row: bid.as_str() };
    at.word_opt("migration_id", found.and_then(|(id,)| id).as_deref())
}

/// When the first line begins whose run was not started yet; `None` where none waits for a time.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn next_due(conn: &mut Conn, id: WaveId) -> Result<Option<Timestamp>, StorageError> {
    let due: Option<i64> = on!(conn, c => {
        sqlx::query_scalar("SELECT MIN(due_at) FROM wave_items WHERE wave_id = $1 AND state = 'waiting'")
            .bind(id.to_string())
            .fetch_one(c)
    })?;
    Ok(instant(due))
}

/// The next billers whose run was not started yet and whose time has come, in order.
///
/// # Errors
/// As [`find`].
pub async fn waiting(
    conn: &mut Conn,
    id: WaveId,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Bid>, StorageError> {
    let bids: Vec<String> = on!(conn, c => {
        sqlx::query_scalar(
            "SELECT bid FROM wave_items WHERE wave_id = $1 AND state = 'waiting' \
             AND (due_at IS NULL OR due_at <= $3) ORDER BY position LIMIT $2",
        )
        .bind(id.to_string())
        .bind(decode::limit(limit))
        .bind(now.micros())
        .fetch_all(c)
    })?;
    bids.iter().map(|bid| decode::bid("wave_items", bid)).collect()
}

/// Lines that are under way, and with what.
///
/// # Errors
/// As [`find`].
pub async fn running_items(conn: &mut Conn, id: WaveId) -> Result<Vec<(Bid, WaveWork)>, StorageError> {
    let rows: Vec<(String, Option<String>, Option<String>)> = on!(conn, c => {
        sqlx::query_as(
            "SELECT bid, run_id, migration_id FROM wave_items WHERE wave_id = $1 AND state = 'running' \
             ORDER BY position",
        )
        .bind(id.to_string())
        .fetch_all(c)
    })?;
    let mut lines = Vec::with_capacity(rows.len());
    for (bid, run, migration) in rows {
        let at = Place { table: "wave_items", row: &bid };
        let run = at.word_opt("run_id", run.as_deref())?.map(WaveWork::Run);
        let migration = at.word_opt("migration_id", migration.as_deref())?.map(WaveWork::Move);
        lines.extend(run.or(migration).map(|work| Ok((at.word("bid", &bid)?, work))));
    }
    lines.into_iter().collect()
}

/// Sets the line of one biller and keeps the wave's counts with it.
///
/// # Errors
/// [`StorageError::RowsAffected`] when the wave has no such line.
pub async fn set_item(
    tx: &mut Tx,
    id: WaveId,
    bid: &Bid,
    state: WaveItemState,
    run: Option<RunId>,
    note: Option<&str>,
) -> Result<(), StorageError> {
    let mut sql = Sql::new("SELECT state FROM wave_items WHERE wave_id = ");
    sql.bind(id.to_string()).push(" AND bid = ").bind(bid.as_str()).push(tx.engine().for_update());
    let Some((old,)): Option<(String,)> = sql.optional(tx).await? else {
        return exactly(1, 0, "Setting the line of a wave");
    };
    let old: WaveItemState = Place { table: "wave_items", row: bid.as_str() }.word("state", &old)?;
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE wave_items SET state = $3, run_id = $4, note = $5 WHERE wave_id = $1 AND bid = $2"
        )
        .bind(id.to_string())
        .bind(bid.as_str())
        .bind(state.as_str())
        .bind(run.map(|run| run.to_string()))
        .bind(note.map(storable))
    )?;
    exactly(1, rows, "Setting the line of a wave")?;
    if old != state {
        let by = |counted: WaveItemState| i64::from(counted == state) - i64::from(counted == old);
        let rows = affected!(
            tx,
            sqlx::query(
                "UPDATE waves SET waiting = waiting + $2, running = running + $3, succeeded = succeeded + $4, \
                 failed = failed + $5, skipped = skipped + $6 WHERE id = $1",
            )
            .bind(id.to_string())
            .bind(by(WaveItemState::Waiting))
            .bind(by(WaveItemState::Running))
            .bind(by(WaveItemState::Succeeded))
            .bind(by(WaveItemState::Failed))
            .bind(by(WaveItemState::Skipped))
        )?;
        exactly(1, rows, "Counting the lines of a wave")?;
    }
    live::touch(tx, Topic::Wave(id));
    Ok(())
}

/// Lets the lines before this one start.
///
/// # Errors
/// [`StorageError::RowsAffected`] when there is no such wave, or it lets as many start already.
pub async fn release(tx: &mut Tx, id: WaveId, released: usize) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE waves SET released = $2 WHERE id = $1 AND released < $2")
            .bind(id.to_string())
            .bind(decode::limit(released))
    )?;
    exactly(1, rows, "Letting more lines of a wave start")?;
    live::touch(tx, Topic::Wave(id));
    Ok(())
}

/// Moves a wave from one state to another and notes when it ended.
///
/// # Errors
/// [`StorageError::Stale`] when it does not stand at `from`.
pub async fn set_state(
    tx: &mut Tx,
    id: WaveId,
    from: WaveState,
    to: WaveState,
    now: Timestamp,
) -> Result<(), StorageError> {
    let ended = matches!(to, WaveState::Stopped | WaveState::Finished | WaveState::Withdrawn);
    let finished = ended.then_some(now.micros());
    let rows = affected!(
        tx,
        sqlx::query("UPDATE waves SET state = $3, finished_at = $4 WHERE id = $1 AND state = $2")
            .bind(id.to_string())
            .bind(from.as_str())
            .bind(to.as_str())
            .bind(finished)
    )?;
    fresh(rows, "wave")?;
    live::touch(tx, Topic::Wave(id));
    live::touch(tx, Topic::Billers);
    Ok(())
}
