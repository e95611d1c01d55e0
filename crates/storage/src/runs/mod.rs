//! Runs and their steps.

mod row;
mod write;

use domain::{
    Bid, Portfolio, RunId,
    run::{Run, RunState, Step},
};
use sqlx::FromRow;

use self::row::{COLUMNS, RunRow, StepRow};
pub use self::write::{create, fail_step, finish_step, reopen_failed, set_cursor, set_state, start_step};
use crate::{
    Conn, StorageError, decode,
    sql::{Sql, Value},
};

/// The run, if there is one with this id.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, id: RunId) -> Result<Option<Run>, StorageError> {
    let mut sql = select();
    sql.push(" WHERE r.id = ").bind(id.to_string());
    one(conn, sql).await
}

/// The steps of a run, in order.
///
/// # Errors
/// As [`find`].
pub async fn steps(conn: &mut Conn, id: RunId) -> Result<Vec<Step>, StorageError> {
    let rows: Vec<StepRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT run_id, position, kind, state, attempts, started_at, finished_at, outcome, resume_at, failure \
             FROM run_steps WHERE run_id = $1 ORDER BY position",
        )
        .bind(id.to_string())
        .fetch_all(c)
    })?;
    rows.into_iter().map(StepRow::into_step).collect()
}

/// The biller's open run: queued, running, or failed and waiting for a decision.
///
/// # Errors
/// As [`find`].
pub async fn open_of(conn: &mut Conn, bid: &Bid) -> Result<Option<Run>, StorageError> {
    let mut sql = select();
    sql.push(" WHERE r.state IN ('queued', 'running', 'failed') AND r.bid = ").bind(bid.as_str());
    one(conn, sql).await
}

/// The biller's runs, newest first.
///
/// # Errors
/// As [`find`].
pub async fn of_biller(conn: &mut Conn, bid: &Bid, limit: usize) -> Result<Vec<Run>, StorageError> {
    let mut sql = select();
    sql.push(" WHERE r.bid = ").bind(bid.as_str());
    sql.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ").bind(decode::limit(limit));
    sql.all::<RunRow>(conn).await?.into_iter().map(RunRow::into_run).collect()
}

#[derive(FromRow)]
struct NamedRunRow {
    #[sqlx(flatten)]
    run: RunRow,
    biller_name: String,
}

/// Runs in one of these states (in any, when none is given) with their biller's name, newest first: of all billers, or
/// of those of one portfolio.
///
/// # Errors
/// As [`find`].
pub async fn recent(
    conn: &mut Conn,
    states: &[RunState],
    within: Option<&Portfolio>,
    limit: usize,
) -> Result<Vec<(Run, String)>, StorageError> {
    let sql = match within {
        None => recent_of_all(states, limit),
        Some(portfolio) => recent_within(states, portfolio, limit),
    };
    let rows: Vec<NamedRunRow> = sql.all(conn).await?;
    rows.into_iter().map(|row| Ok((row.run.into_run()?, row.biller_name))).collect()
}

/// All runs of the portfolio's billers, then sorted: CROSS JOIN keeps SQLite from walking along every other run.
fn recent_within(states: &[RunState], portfolio: &Portfolio, limit: usize) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(", b.name AS biller_name FROM billers b CROSS JOIN runs r WHERE r.bid = b.bid");
    sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    if !states.is_empty() {
        sql.push(" AND r.state IN ").tuple(states.iter().map(|state| Value::from(state.as_str())));
    }
    sql.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ").bind(decode::limit(limit));
    sql
}

fn recent_of_all(states: &[RunState], limit: usize) -> Sql {
    let newest = |sql: &mut Sql| {
        sql.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ").bind(decode::limit(limit));
    };
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(", b.name AS biller_name FROM (");
    if states.is_empty() {
        sql.push("SELECT * FROM runs r");
        newest(&mut sql);
    }
    // One range of the index per state, merged.
    for (index, state) in states.iter().enumerate() {
        sql.push(if index == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
        sql.push("SELECT * FROM runs r WHERE r.state = ").bind(Value::from(state.as_str()));
        newest(&mut sql);
        sql.push(") AS one");
    }
    sql.push(") AS r JOIN billers b ON b.bid = r.bid");
    newest(&mut sql);
    sql
}

fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM runs r");
    sql
}

async fn one(conn: &mut Conn, sql: Sql) -> Result<Option<Run>, StorageError> {
    sql.optional::<RunRow>(conn).await?.map(RunRow::into_run).transpose()
}
