//! The one-time move of billers' users: executions, their rows, their numbers, and batches on their way.

mod batches;
mod claims;
mod counts;
mod erase;
mod mails;
mod missing;
mod moved;
mod prediction;
mod reports;
mod rows;

use std::fmt;

use domain::{
    Bid, MigrationId, Timestamp,
    actor::Actor,
    migration::{Mapping, MigrationState, PasswordKind},
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

pub use self::{
    batches::{OpenBatch, note_batches, open_batches, settle},
    claims::{claim, holders, release},
    counts::{Count, Tally, counts},
    erase::{erase, erased, give_up, holding, remove_claims, remove_rows, to_erase},
    mails::{
        Mail, MailEnd, Mailing, add_mails, mail_again, mail_problems, mailing, mailing_now, mails,
        mails_to_look_at, next_look, put_mailing, set_mails,
    },
    missing::{Missing, MissingDecision, count_missing, forget_seen, missing_after, note_seen},
    moved::{Moved, find_moved, forget_moved, lines_of_moved, put_moved},
    prediction::{FieldSchema, Prediction},
    reports::{KeptReport, differing, has_report, put_report, report},
    rows::{
        Checked, ReadyUser, RowIds, SealedRow, StagedUser, add_rows, by_state, clear_check, of_lines,
        of_users, put_checked, put_ids, put_states, ready_after, replace_sealed, send_again, set_states,
    },
};
use crate::{
    Conn, StorageError, Tx,
    decode::{Place, instant, storable, to_json},
    error::fresh,
    live::{self, Topic},
    sql::Sql,
};

/// Why a move stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub cure: String,
    /// In which state it was, to go on from there.
    pub during: MigrationState,
}

/// What the canary of one kind of password found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The kind.
    pub kind: PasswordKind,
    /// Why it failed; nothing where the password was accepted and a wrong one was not.
    pub problem: Option<String>,
}

/// What comparing both sides found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Users that were compared.
    pub compared: u64,
    /// Keyed digest over all of them as they were sent; the order does not matter.
    pub ours: String,
    /// The same as SecureAuth has them.
    pub theirs: String,
    /// Users of the pool that are not in the file.
    pub strangers: u64,
    /// Ids of the first of them.
    pub sample: Vec<String>,
}

/// A move as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct UserMigration {
    /// Its id.
    pub id: MigrationId,
    /// Whose users.
    pub bid: Bid,
    /// Where it stands.
    pub state: MigrationState,
    /// The file's own name.
    pub file_name: String,
    /// The columns' names.
    pub header: Vec<String>,
    /// Which column is which.
    pub mapping: Mapping,
    /// How many rows came in.
    pub rows: u64,
    /// What every record sent says of its last change.
    pub stamp: Timestamp,
    /// The pool they go to.
    pub pool: Option<String>,
    /// Where comparing or undoing stands.
    pub cursor: Option<String>,
    /// Requests in flight at a time, now.
    pub parallel: u32,
    /// Why it is slower than it could be.
    pub throttle: Option<String>,
    /// Why it stopped.
    pub stop: Option<Stop>,
    /// What the canaries found.
    pub canaries: Vec<Canary>,
    /// Differences found when both sides were compared.
    pub differences: u64,
    /// Who brought it in.
    pub created_by: Actor,
    /// Why it was started, in their words.
    pub reason: Option<String>,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// Since when it moves without a pause, and how many users it has moved since.
    pub session: Option<(Timestamp, u64)>,
    /// When it last got on.
    pub moved_on_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When everything its rows held was erased.
    pub erased_at: Option<Timestamp>,
    /// What comparing both sides found, so far.
    pub comparison: Option<Comparison>,
    /// What the check knows of the pool, so far.
    pub prediction: Option<Prediction>,
    /// Who of earlier deliveries is missing in this one, as its check found.
    pub missing: Option<Missing>,
}

#[derive(FromRow)]
struct MigrationRow {
    id: String,
    bid: String,
    state: String,
    file_name: String,
    header: String,
    mapping: String,
    rows_in_all: i64,
    stamp: i64,
    pool_id: Option<String>,
    cursor: Option<String>,
    parallel: i64,
    throttle: Option<String>,
    failure: Option<String>,
    canaries: String,
    differences: i64,
    created_by: String,
    reason: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    session_at: Option<i64>,
    session_users: i64,
    moved_on_at: i64,
    finished_at: Option<i64>,
    erased_at: Option<i64>,
    comparison: Option<String>,
    prediction: Option<String>,
    missing: Option<String>,
}

impl MigrationRow {
    fn into_migration(self) -> Result<UserMigration, StorageError> {
        let at = Place { table: "user_migrations", row: &self.id };
        let session_users = at.number("session_users", self.session_users)?;
        Ok(UserMigration {
            id: at.word("id", &self.id)?,
            bid: at.word("bid", &self.bid)?,
            state: at.word("state", &self.state)?,
            header: at.json("header", &self.header)?,
            mapping: at.json("mapping", &self.mapping)?,
            rows: at.number("rows_in_all", self.rows_in_all)?,
            stamp: Timestamp::from_micros(self.stamp),
            parallel: at.number("parallel", self.parallel)?,
            stop: at.json_opt("failure", self.failure.as_deref())?,
            canaries: at.json("canaries", &self.canaries)?,
            differences: at.number("differences", self.differences)?,
            created_by: at.json("created_by", &self.created_by)?,
            created_at: Timestamp::from_micros(self.created_at),
            started_at: instant(self.started_at),
            session: instant(self.session_at).map(|since| (since, session_users)),
            moved_on_at: Timestamp::from_micros(self.moved_on_at),
            finished_at: instant(self.finished_at),
            erased_at: instant(self.erased_at),
            comparison: at.json_opt("comparison", self.comparison.as_deref())?,
            prediction: at.json_opt("prediction", self.prediction.as_deref())?,
            missing: at.json_opt("missing", self.missing.as_deref())?,
            file_name: self.file_name,
            pool: self.pool_id,
            cursor: self.cursor,
            throttle: self.throttle,
            reason: self.reason,
        })
    }
}

const COLUMNS: &str = "m.id, m.bid, m.state, m.file_name, m.header, m.mapping, m.rows_in_all, m.stamp, m.pool_id, \
    m.cursor, m.parallel, m.throttle, m.failure, m.canaries, m.differences, m.created_by, m.reason, m.created_at, \
    m.started_at, m.session_at, m.session_users, m.moved_on_at, m.finished_at, m.erased_at, m.comparison, \
    m.prediction, m.missing";

fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM user_migrations m");
    sql
}

/// One move.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, id: MigrationId) -> Result<Option<UserMigration>, StorageError> {
    let mut sql = select();
    sql.push(" WHERE m.id = ").bind(id.to_string());
    sql.optional::<MigrationRow>(conn).await?.map(MigrationRow::into_migration).transpose()
}

/// The moves of a biller, newest first.
///
/// # Errors
/// As [`find`].
pub async fn of_biller(conn: &mut Conn, bid: &Bid, limit: usize) -> Result<Vec<UserMigration>, StorageError> {
    let mut sql = select();
    sql.push(" WHERE m.bid = ").bind(bid.as_str()).push(" ORDER BY m.created_at DESC, m.id DESC LIMIT ");
    sql.bind(crate::decode::limit(limit));
    all(conn, sql).await
}

/// When the first move of a biller was begun, if there ever was one.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn first_began(conn: &mut Conn, bid: &Bid) -> Result<Option<Timestamp>, StorageError> {
    let mut sql = Sql::new("SELECT MIN(created_at) FROM user_migrations WHERE bid = ");
    sql.bind(bid.as_str());
    let found: Option<(Option<i64>,)> = sql.optional(conn).await?;
    Ok(found.and_then(|(at,)| at).map(Timestamp::from_micros))
}

/// Which moves stand first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The one that got on least lately.
    Stalled,
    /// The one that got on last.
    Newest,
}

/// Moves in any of these states; of one portfolio where one is named.
///
/// # Errors
/// As [`find`].
pub async fn in_states(
    conn: &mut Conn,
    states: &[MigrationState],
    portfolio: Option<&domain::Portfolio>,
    first: First,
    limit: usize,
) -> Result<Vec<UserMigration>, StorageError> {
    let mut sql = select();
    if portfolio.is_some() {
        sql.push(" JOIN billers b ON b.bid = m.bid");
    }
    sql.push(" WHERE m.state IN ").tuple(states.iter().map(|state| state.as_str().into()));
    if let Some(portfolio) = portfolio {
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    }
    sql.push(match first {
        First::Stalled => " ORDER BY m.moved_on_at, m.id LIMIT ",
        First::Newest => " ORDER BY m.moved_on_at DESC, m.id DESC LIMIT ",
    });
    sql.bind(crate::decode::limit(limit));
    all(conn, sql).await
}

async fn all(conn: &mut Conn, sql: Sql) -> Result<Vec<UserMigration>, StorageError> {
    sql.all::<MigrationRow>(conn).await?.into_iter().map(MigrationRow::into_migration).collect()
}

/// Whether a move of the biller is not over.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn is_open(conn: &mut Conn, bid: &Bid) -> Result<bool, StorageError> {
    let over = MigrationState::ALL.iter().filter(|state| state.is_over());
    let mut sql = Sql::new("SELECT COUNT(*) FROM user_migrations WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND state NOT IN ").tuple(over.map(|state| state.as_str().into()));
    Ok(sql.optional::<(i64,)>(conn).await?.is_some_and(|(n,)| n > 0))
}

/// Begins to take a file in.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn begin(tx: &mut Tx, new: &UserMigration) -> Result<(), StorageError> {
    let mut sql = Sql::new(
        "INSERT INTO user_migrations (id, bid, state, file_name, header, mapping, rows_in_all, stamp, parallel, \
         canaries, differences, created_by, created_at, session_users, moved_on_at) VALUES ",
    );
    sql.tuple([
        new.id.to_string().into(),
        new.bid.as_str().into(),
        new.state.as_str().into(),
        storable(&new.file_name).into(),
        to_json(&new.header)?.into(),
        to_json(&new.mapping)?.into(),
        0.into(),
        new.stamp.micros().into(),
        i64::from(new.parallel).into(),
        "[]".into(),
        0.into(),
        to_json(&new.created_by)?.into(),
        new.created_at.micros().into(),
        0.into(),
        new.moved_on_at.micros().into(),
    ]);
    sql.run(tx).await?;
    touch(tx, &new.bid);
    Ok(())
}

/// Writes what may change of a move, if it is still in the state in which it was read.
///
/// # Errors
/// [`StorageError::Stale`] when somebody changed its state meanwhile.
pub async fn save(tx: &mut Tx, known: MigrationState, it: &UserMigration) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE user_migrations SET state = ");
    sql.bind(it.state.as_str()).push(", header = ").bind(to_json(&it.header)?);
    sql.push(", mapping = ").bind(to_json(&it.mapping)?).push(", pool_id = ").bind(it.pool.clone());
    sql.push(", cursor = ").bind(it.cursor.clone()).push(", parallel = ").bind(i64::from(it.parallel));
    sql.push(", throttle = ").bind(it.throttle.as_deref().map(storable));
    sql.push(", failure = ").bind(it.stop.as_ref().map(to_json).transpose()?);
    sql.push(", canaries = ").bind(to_json(&it.canaries)?);
    sql.push(", differences = ").bind(i64::try_from(it.differences).unwrap_or(i64::MAX));
    sql.push(", comparison = ").bind(it.comparison.as_ref().map(to_json).transpose()?);
    sql.push(", prediction = ").bind(it.prediction.as_ref().map(to_json).transpose()?);
    sql.push(", missing = ").bind(it.missing.as_ref().map(to_json).transpose()?);
    sql.push(", reason = ").bind(it.reason.as_deref().map(storable));
    sql.push(", started_at = ").bind(it.started_at.map(Timestamp::micros));
    sql.push(", session_at = ").bind(it.session.map(|(since, _)| since.micros()));
    let users = it.session.map_or(0, |(_, users)| i64::try_from(users).unwrap_or(i64::MAX));
    sql.push(", session_users = ").bind(users);
    sql.push(", moved_on_at = ").bind(it.moved_on_at.micros());
    sql.push(", finished_at = ").bind(it.finished_at.map(Timestamp::micros));
    sql.push(" WHERE id = ").bind(it.id.to_string()).push(" AND state = ").bind(known.as_str());
    fresh(sql.run(tx).await?, "move of users")?;
    touch(tx, &it.bid);
    Ok(())
}

/// Notes that a move got on, whatever state it is in.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn got_on(
    tx: &mut Tx,
    it: &UserMigration,
    users: usize,
    parallel: usize,
    throttle: Option<&str>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE user_migrations SET moved_on_at = ");
    sql.bind(now.micros()).push(", session_users = session_users + ").bind(crate::decode::limit(users));
    sql.push(", parallel = ").bind(crate::decode::limit(parallel));
    sql.push(", throttle = ").bind(throttle.map(storable)).push(" WHERE id = ").bind(it.id.to_string());
    fresh(sql.run(tx).await?, "move of users")?;
    touch(tx, &it.bid);
    Ok(())
}

/// The state as it was committed last: to look in passing, without keeping anybody from changing it.
///
/// # Errors
/// As [`find`].
pub async fn state(conn: &mut Conn, id: MigrationId) -> Result<Option<MigrationState>, StorageError> {
    let mut sql = Sql::new("SELECT state FROM user_migrations WHERE id = ");
    sql.bind(id.to_string());
    read_state(sql, conn, id).await
}

async fn read_state(
    sql: Sql,
    conn: &mut Conn,
    id: MigrationId,
) -> Result<Option<MigrationState>, StorageError> {
    let key = id.to_string();
    let at = Place { table: "user_migrations", row: &key };
    sql.optional::<(String,)>(conn).await?.map(|(state,)| at.word("state", &state)).transpose()
}

/// The state now, locked until the end of the transaction where the database can lock rows.
///
/// # Errors
/// As [`find`].
pub async fn state_now(tx: &mut Tx, id: MigrationId) -> Result<Option<MigrationState>, StorageError> {
    // An update that changes nothing takes the lock on both databases.
    let mut sql = Sql::new("UPDATE user_migrations SET state = state WHERE id = ");
    sql.bind(id.to_string()).push(" RETURNING state");
    read_state(sql, tx, id).await
}

fn touch(tx: &mut Tx, bid: &Bid) {
    live::touch(tx, Topic::Biller(bid.clone()));
    live::touch(tx, Topic::Migrations);
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.message, self.cure)
    }
}
