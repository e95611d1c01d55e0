//! Rows of a move: as they came in, as they were checked, as they ended.

use std::collections::HashMap;

use domain::{
    MigrationId, Timestamp,
    migration::{PasswordKind, Problem, RowState, Verdict},
};
use sqlx::FromRow;
use uuid::Uuid;

use super::counts::Tally;
use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, storable, to_json},
    error::exactly,
    sql::{Sql, Value},
};

/// Rows written by one statement: eight values each stay below what SQLite binds at once.
pub(super) const BATCH: usize = 500;

/// The ids under which a user is sent, minted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowIds {
    /// The user.
    pub user: Uuid,
    /// The password.
    pub credential: Uuid,
    /// The username.
    pub username: Uuid,
    /// The e-mail address as identifier.
    pub email: Uuid,
    /// The e-mail address as address.
    pub address: Uuid,
    /// The phone.
    pub phone: Uuid,
}

impl RowIds {
    /// Ids out of random bytes: UUID version 4.
    #[must_use]
    pub fn mint(random: &[u8; 96]) -> Self {
        let mut chunks = random.chunks_exact(16).map(|chunk| {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(chunk);
            uuid::Builder::from_random_bytes(bytes).into_uuid()
        });
        let mut next = || chunks.next().unwrap_or_default();
        Self {
            user: next(),
            credential: next(),
            username: next(),
            email: next(),
            address: next(),
            phone: next(),
        }
    }

    pub(crate) fn records(&self) -> String {
        [self.credential, self.username, self.email, self.address, self.phone]
            .map(|id| id.simple().to_string())
            .concat()
    }

    pub(crate) fn read(at: Place<'_>, user: &str, records: &str) -> Result<Self, StorageError> {
        let id = |n: usize| at.word("record_ids", records.get(n * 32..n * 32 + 32).unwrap_or_default());
        Ok(Self {
            user: at.word("user_id", user)?,
            credential: id(0)?,
            username: id(1)?,
            email: id(2)?,
            address: id(3)?,
            phone: id(4)?,
        })
    }
}

/// A row as it comes in.
#[derive(Clone, Debug)]
pub struct SealedRow {
    /// Its line in the file.
    pub line: i64,
    /// What stands there, encrypted; nothing where it cannot even be read.
    pub sealed: Option<String>,
    /// Why it cannot be read.
    pub problem: Option<Problem>,
    /// Its ids.
    pub ids: RowIds,
}

/// A row as it is worked with.
#[derive(Clone, Debug)]
pub struct StagedUser {
    /// Its line.
    pub line: i64,
    /// Where it stands.
    pub state: RowState,
    /// What becomes of it.
    pub verdict: Option<Verdict>,
    /// The kind of its password.
    pub kind: Option<PasswordKind>,
    /// What stands there, encrypted.
    pub sealed: Option<String>,
    /// Its ids.
    pub ids: RowIds,
    /// IC's id.
    pub reference: Option<String>,
    /// What both sides are compared by.
    pub digest: Option<String>,
    /// Whether the phone is left out.
    pub without_phone: bool,
    /// The stamp of the user as an earlier move left it.
    pub baseline: Option<Timestamp>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// A row that waits to be sent: of millions of them, only what sending needs is read.
#[derive(Clone, Debug)]
pub struct ReadyUser {
    /// Its line.
    pub line: i64,
    /// What becomes of it.
    pub verdict: Option<Verdict>,
    /// What stands there, encrypted.
    pub sealed: Option<String>,
    /// Its ids.
    pub ids: RowIds,
    /// Whether the phone is left out.
    pub without_phone: bool,
    /// The stamp of the user as an earlier move left it.
    pub baseline: Option<Timestamp>,
}

/// What a check found out of a row.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its line.
    pub line: i64,
    /// Where it stands now.
    pub state: RowState,
    /// What becomes of it.
    pub verdict: Verdict,
    /// The kind of its password.
    pub kind: PasswordKind,
    /// Its ids: an earlier move's where there was one.
    pub ids: RowIds,
    /// IC's id.
    pub reference: Option<String>,
    /// What both sides are compared by.
    pub digest: Option<String>,
    /// Whether the phone is left out.
    pub without_phone: bool,
    /// The stamp of the user as an earlier move left it.
    pub baseline: Option<Timestamp>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

#[derive(FromRow)]
struct UserRow {
    line: i64,
    state: String,
    verdict: Option<String>,
    kind: Option<String>,
    sealed: Option<String>,
    user_id: String,
    record_ids: String,
    reference: Option<String>,
    digest: Option<String>,
    without_phone: bool,
    baseline: Option<i64>,
    problems: Option<String>,
}

impl UserRow {
    fn into_user(self) -> Result<StagedUser, StorageError> {
        let at = Place { table: "user_migration_rows", row: &self.user_id };
        Ok(StagedUser {
            line: self.line,
            state: at.word("state", &self.state)?,
            verdict: at.word_opt("verdict", self.verdict.as_deref())?,
            kind: at.word_opt("kind", self.kind.as_deref())?,
            ids: RowIds::read(at, &self.user_id, &self.record_ids)?,
            without_phone: self.without_phone,
            baseline: instant(self.baseline),
            problems: at.json_opt("problems", self.problems.as_deref())?.unwrap_or_default(),
            sealed: self.sealed,
            reference: self.reference,
            digest: self.digest,
        })
    }
}

#[derive(FromRow)]
struct ReadyRow {
    line: i64,
    verdict: Option<String>,
    sealed: Option<String>,
    user_id: String,
    record_ids: String,
    without_phone: bool,
    baseline: Option<i64>,
}

impl ReadyRow {
    fn into_user(self) -> Result<ReadyUser, StorageError> {
        let at = Place { table: "user_migration_rows", row: &self.user_id };
        Ok(ReadyUser {
            line: self.line,
            verdict: at.word_opt("verdict", self.verdict.as_deref())?,
            ids: RowIds::read(at, &self.user_id, &self.record_ids)?,
            without_phone: self.without_phone,
            baseline: instant(self.baseline),
            sealed: self.sealed,
        })
    }
}

const COLUMNS: &str = "line, state, verdict, kind, sealed, user_id, record_ids, reference, digest, without_phone, \
    baseline, problems";

pub(super) fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM user_migration_rows");
    sql
}

pub(super) async fn read_all(sql: Sql, conn: &mut Conn) -> Result<Vec<StagedUser>, StorageError> {
    sql.all::<UserRow>(conn).await?.into_iter().map(UserRow::into_user).collect()
}

/// Takes rows in.
///
/// # Errors
/// [`StorageError::Stale`] when the upload was given up meanwhile.
pub async fn add_rows(
    tx: &mut Tx,
    id: MigrationId,
    rows: &[SealedRow],
    tally: Tally,
    now: Timestamp,
) -> Result<(), StorageError> {
    let key = id.to_string();
    for batch in rows.chunks(BATCH) {
        let mut sql = Sql::new(
            "INSERT INTO user_migration_rows (migration_id, line, state, verdict, sealed, user_id, record_ids, \
             without_phone, problems) VALUES ",
        );
        let mut values = Vec::with_capacity(batch.len());
        for row in batch {
            let rejected = row.problem.is_some();
            let state = if rejected { RowState::Rejected } else { RowState::Staged };
            let verdict = rejected.then(|| Verdict::Reject.as_str().to_owned());
            let problems = row.problem.as_ref().map(|problem| to_json(&[problem])).transpose()?;
            values.push([
                Value::from(key.as_str()),
                row.line.into(),
                state.as_str().into(),
                verdict.into(),
                row.sealed.clone().into(),
                row.ids.user.to_string().into(),
                row.ids.records().into(),
                false.into(),
                problems.into(),
            ]);
        }
        sql.tuples(values);
        sql.run(tx).await?;
    }
    let mut sql = Sql::new("UPDATE user_migrations SET rows_in_all = rows_in_all + ");
    sql.bind(decode::limit(rows.len())).push(", moved_on_at = ").bind(now.micros());
    sql.push(" WHERE id = ").bind(key).push(" AND state = 'staging'");
    crate::error::fresh(sql.run(tx).await?, "move of users")?;
    tally.write(tx, id).await
}

/// Rows in a state, after a line, in the order of the file.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn by_state(
    conn: &mut Conn,
    id: MigrationId,
    state: RowState,
    after: i64,
    limit: usize,
) -> Result<Vec<StagedUser>, StorageError> {
    let mut sql = select();
    sql.push(" WHERE migration_id = ").bind(id.to_string());
    sql.push(" AND state = ").bind(state.as_str()).push(" AND line > ").bind(after);
    sql.push(" ORDER BY line LIMIT ").bind(decode::limit(limit));
    read_all(sql, conn).await
}

/// Rows that wait to be sent, after a line, in the order of the file.
///
/// # Errors
/// As [`by_state`].
pub async fn ready_after(
    conn: &mut Conn,
    id: MigrationId,
    after: i64,
    limit: usize,
) -> Result<Vec<ReadyUser>, StorageError> {
    let mut sql = Sql::new(
        "SELECT line, verdict, sealed, user_id, record_ids, without_phone, baseline FROM user_migration_rows \
         WHERE migration_id = ",
    );
    sql.bind(id.to_string()).push(" AND state = ").bind(RowState::Ready.as_str());
    sql.push(" AND line > ").bind(after).push(" ORDER BY line LIMIT ").bind(decode::limit(limit));
    sql.all::<ReadyRow>(conn).await?.into_iter().map(ReadyRow::into_user).collect()
}

/// The rows of these lines.
///
/// # Errors
/// As [`by_state`].
pub async fn of_lines(
    conn: &mut Conn,
    id: MigrationId,
    lines: &[i64],
) -> Result<Vec<StagedUser>, StorageError> {
    let mut sql = select();
    sql.push(" WHERE migration_id = ").bind(id.to_string());
    sql.push(" AND line IN ").tuple(lines.iter().map(|line| Value::from(*line))).push(" ORDER BY line");
    read_all(sql, conn).await
}

/// The rows of these users, by their ids at SecureAuth.
///
/// # Errors
/// As [`by_state`].
pub async fn of_users(
    conn: &mut Conn,
    id: MigrationId,
    users: &[&str],
) -> Result<HashMap<String, StagedUser>, StorageError> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = select();
    sql.push(" WHERE migration_id = ").bind(id.to_string());
    sql.push(" AND user_id IN ").tuple(users.iter().map(|user| Value::from(*user)));
    let rows = sql.all::<UserRow>(conn).await?;
    rows.into_iter().map(|row| Ok((row.user_id.clone(), row.into_user()?))).collect()
}

/// Writes what a check found out, with the numbers.
///
/// # Errors
/// [`StorageError::RowsAffected`] when a row is not there.
pub async fn put_checked(
    tx: &mut Tx,
    id: MigrationId,
    rows: &[Checked],
    tally: Tally,
) -> Result<(), StorageError> {
    for batch in rows.chunks(BATCH) {
        let mut values = Vec::with_capacity(batch.len());
        for row in batch {
            let problems = (!row.problems.is_empty()).then(|| to_json(&row.problems)).transpose()?;
            values.push([
                Value::from(row.line),
                row.state.as_str().into(),
                row.verdict.as_str().into(),
                row.kind.as_str().into(),
                row.ids.user.to_string().into(),
                row.ids.records().into(),
                row.reference.as_deref().map(storable).into(),
                row.digest.clone().into(),
                row.without_phone.into(),
                row.baseline.map(Timestamp::micros).into(),
                problems.into(),
            ]);
        }
        let mut sql = Sql::new(
            "UPDATE user_migration_rows SET state = v.column2, verdict = v.column3, kind = v.column4, \
             user_id = v.column5, record_ids = v.column6, reference = v.column7, digest = v.column8, \
             without_phone = v.column9, baseline = v.column10, problems = v.column11 FROM (VALUES ",
        );
        sql.tuples(values);
        sql.push(") AS v WHERE user_migration_rows.line = v.column1 AND migration_id = ")
            .bind(id.to_string());
        exactly(batch.len() as u64, sql.run(tx).await?, "Writing what a check found out")?;
    }
    tally.write(tx, id).await
}

/// Puts rows into a state; erases what they hold where `erase` says so.
///
/// # Errors
/// [`StorageError::RowsAffected`] when a row is not there.
pub async fn set_states(
    tx: &mut Tx,
    id: MigrationId,
    lines: &[i64],
    state: RowState,
    erase: bool,
) -> Result<(), StorageError> {
    for batch in lines.chunks(BATCH) {
        let mut sql = Sql::new("UPDATE user_migration_rows SET state = ");
        sql.bind(state.as_str());
        if erase {
            sql.push(", sealed = NULL, reference = NULL");
        }
        sql.push(" WHERE migration_id = ").bind(id.to_string()).push(" AND line IN ");
        sql.tuple(batch.iter().map(|line| Value::from(*line)));
        exactly(batch.len() as u64, sql.run(tx).await?, "Putting rows of a move into a state")?;
    }
    Ok(())
}

/// Rows that failed wait to be sent again. What an attempt may have left at SecureAuth carries this stamp.
///
/// # Errors
/// [`StorageError::RowsAffected`] when a row is not there.
pub async fn send_again(
    tx: &mut Tx,
    id: MigrationId,
    lines: &[i64],
    stamp: Timestamp,
) -> Result<(), StorageError> {
    for batch in lines.chunks(BATCH) {
        let mut sql =
            Sql::new("UPDATE user_migration_rows SET state = 'ready', problems = NULL, baseline = ");
        sql.push("COALESCE(baseline, ").bind(stamp.seconds() * 1_000_000).push(") WHERE migration_id = ");
        sql.bind(id.to_string()).push(" AND line IN ");
        sql.tuple(batch.iter().map(|line| Value::from(*line)));
        exactly(batch.len() as u64, sql.run(tx).await?, "Sending rows of a move again")?;
    }
    Ok(())
}

/// Puts rows into a state, each with the problem that put it there.
///
/// # Errors
/// [`StorageError::RowsAffected`] when a row is not there.
pub async fn put_states(
    tx: &mut Tx,
    id: MigrationId,
    rows: &[(i64, RowState, Problem)],
) -> Result<(), StorageError> {
    for (line, state, problem) in rows {
        let mut sql = Sql::new("UPDATE user_migration_rows SET state = ");
        sql.bind(state.as_str()).push(", problems = ").bind(storable(&to_json(&[problem])?));
        sql.push(" WHERE migration_id = ").bind(id.to_string()).push(" AND line = ").bind(*line);
        exactly(1, sql.run(tx).await?, "Putting a row of a move into a state")?;
    }
    Ok(())
}

/// Replaces what rows hold: an encrypted password by its hash, a failed row by its correction.
///
/// # Errors
/// [`StorageError::RowsAffected`] when a row is not there.
pub async fn replace_sealed(
    tx: &mut Tx,
    id: MigrationId,
    rows: &[(i64, String)],
) -> Result<(), StorageError> {
    for batch in rows.chunks(BATCH) {
        let mut sql = Sql::new("UPDATE user_migration_rows SET sealed = v.column2 FROM (VALUES ");
        sql.tuples(batch.iter().map(|(line, sealed)| [Value::from(*line), sealed.as_str().into()]));
        sql.push(") AS v WHERE user_migration_rows.line = v.column1 AND migration_id = ")
            .bind(id.to_string());
        exactly(batch.len() as u64, sql.run(tx).await?, "Replacing what rows of a move hold")?;
    }
    Ok(())
}

/// Gives rows other ids.
///
/// # Errors
/// [`StorageError::RowsAffected`] when a row is not there.
pub async fn put_ids(tx: &mut Tx, id: MigrationId, rows: &[(i64, RowIds)]) -> Result<(), StorageError> {
    for batch in rows.chunks(BATCH) {
        let mut sql = Sql::new(
            "UPDATE user_migration_rows SET user_id = v.column2, record_ids = v.column3 FROM (VALUES ",
        );
        sql.tuples(batch.iter().map(|(line, ids)| -> [Value; 3] {
            [(*line).into(), ids.user.to_string().into(), ids.records().into()]
        }));
        sql.push(") AS v WHERE user_migration_rows.line = v.column1 AND migration_id = ")
            .bind(id.to_string());
        exactly(batch.len() as u64, sql.run(tx).await?, "Giving rows of a move other ids")?;
    }
    Ok(())
}

/// Takes every finding of a check back: the columns were chosen anew. Rows that cannot be read stay rejected.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn clear_check(tx: &mut Tx, id: MigrationId) -> Result<(), StorageError> {
    let key = id.to_string();
    for table in ["user_migration_claims", "user_migration_counts"] {
        let mut sql = Sql::new("DELETE FROM ");
        sql.push(table).push(" WHERE migration_id = ").bind(key.as_str());
        sql.run(tx).await?;
    }
    let mut sql = Sql::new(
        "UPDATE user_migration_rows SET state = 'staged', verdict = NULL, kind = NULL, reference = NULL, \
         digest = NULL, without_phone = FALSE, baseline = NULL, problems = NULL \
         WHERE sealed IS NOT NULL AND migration_id = ",
    );
    sql.bind(key.as_str());
    sql.run(tx).await?;
    let mut sql =
        Sql::new("SELECT line, problems FROM user_migration_rows WHERE sealed IS NULL AND migration_id = ");
    sql.bind(key.as_str());
    let unread: Vec<(i64, Option<String>)> = sql.all(tx).await?;
    let mut sql =
        Sql::new("SELECT COUNT(*) FROM user_migration_rows WHERE sealed IS NOT NULL AND migration_id = ");
    sql.bind(key.as_str());
    let staged = sql.optional::<(i64,)>(tx).await?.map_or(0, |(n,)| n);
    let mut tally = Tally::default();
    tally.by(super::Count::State(RowState::Staged), staged);
    for (line, problems) in unread {
        tally.by(super::Count::State(RowState::Rejected), 1);
        tally.by(super::Count::Verdict(Verdict::Reject), 1);
        let at = Place { table: "user_migration_rows", row: &key };
        let problems: Vec<Problem> = at.json_opt("problems", problems.as_deref())?.unwrap_or_default();
        for problem in problems {
            tally.add(super::Count::Cause(problem.cause), line);
        }
    }
    tally.write(tx, id).await
}
