//! Test sign-ins.

use std::fmt;

use domain::{
    Bid, TestSignInId, Timestamp,
    test_sign_in::{TestSignIn, TestState},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, instant, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::Sql,
};

/// What the authorization request of a test sign-in is made of. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct TestSecrets {
    /// The `state` parameter.
    pub state: String,
    /// The PKCE code verifier.
    pub code_verifier: String,
    /// The nonce that the ID token must carry.
    pub nonce: String,
}

impl fmt::Debug for TestSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestSecrets(…)")
    }
}

#[derive(FromRow)]
struct TestRow {
    id: String,
    bid: String,
    state: String,
    started_by: String,
    started_at: i64,
    finished_at: Option<i64>,
    client_id: Option<String>,
    report: String,
}

const COLUMNS: &str =
    "SELECT id, bid, state, started_by, started_at, finished_at, client_id, report FROM test_sign_ins WHERE ";

impl TestRow {
    fn read(self) -> Result<TestSignIn, StorageError> {
        let at = Place { table: "test_sign_ins", row: &self.id };
        Ok(TestSignIn {
            id: at.word("id", &self.id)?,
            bid: at.word("bid", &self.bid)?,
            state: at.word("state", &self.state)?,
            by: at.json("started_by", &self.started_by)?,
            started_at: Timestamp::from_micros(self.started_at),
            finished_at: instant(self.finished_at),
            report: at.json("report", &self.report)?,
            client_id: self.client_id,
        })
    }
}

/// One test sign-in.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, id: TestSignInId) -> Result<Option<TestSignIn>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<TestRow>(conn).await?.map(TestRow::read).transpose()
}

/// The newest test sign-in of a biller.
///
/// # Errors
/// As [`find`].
pub async fn newest(conn: &mut Conn, bid: &Bid) -> Result<Option<TestSignIn>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("bid = ").bind(bid.as_str()).push(" ORDER BY started_at DESC, id DESC LIMIT 1");
    sql.optional::<TestRow>(conn).await?.map(TestRow::read).transpose()
}

/// The test sign-in that comes back with this `state`.
///
/// # Errors
/// As [`find`].
pub async fn of_state(conn: &mut Conn, state: &str) -> Result<Option<TestSignIn>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("login_state = ").bind(state);
    sql.optional::<TestRow>(conn).await?.map(TestRow::read).transpose()
}

/// What its authorization request is made of; `None` once it came back.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn secrets(conn: &mut Conn, id: TestSignInId) -> Result<Option<TestSecrets>, StorageError> {
    let mut sql = Sql::new("SELECT login_state, code_verifier, nonce FROM test_sign_ins WHERE id = ");
    sql.bind(id.to_string()).push(" AND login_state IS NOT NULL");
    let row: Option<(String, String, String)> = sql.optional(conn).await?;
    Ok(row.map(|(state, code_verifier, nonce)| TestSecrets { state, code_verifier, nonce }))
}

/// Notes a test sign-in that begins.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn add(tx: &mut Tx, test: &TestSignIn, secrets: &TestSecrets) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO test_sign_ins (id, bid, state, started_by, started_at, client_id, login_state, code_verifier, \
             nonce, report) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(test.id.to_string())
        .bind(test.bid.as_str())
        .bind(test.state.as_str())
        .bind(to_json(&test.by)?)
        .bind(test.started_at.micros())
        .bind(test.client_id.as_deref())
        .bind(&secrets.state)
        .bind(&secrets.code_verifier)
        .bind(&secrets.nonce)
        .bind(to_json(&test.report)?)
    )?;
    exactly(1, rows, "Beginning a test sign-in")?;
    live::touch(tx, Topic::Biller(test.bid.clone()));
    Ok(())
}

/// Keeps how far a test sign-in that waited has come.
///
/// # Errors
/// [`StorageError::Stale`] when it is over already.
pub async fn save(tx: &mut Tx, test: &TestSignIn) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE test_sign_ins SET state = $2, finished_at = $3, report = $4 WHERE id = $1 AND state = $5"
        )
        .bind(test.id.to_string())
        .bind(test.state.as_str())
        .bind(test.finished_at.map(Timestamp::micros))
        .bind(to_json(&test.report)?)
        .bind(TestState::Waiting.as_str())
    )?;
    fresh(rows, "test sign-in")?;
    live::touch(tx, Topic::Biller(test.bid.clone()));
    Ok(())
}

/// Uses up what its authorization request was made of, once.
///
/// # Errors
/// [`StorageError::Stale`] when that was done before.
pub async fn use_up(tx: &mut Tx, id: TestSignInId) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE test_sign_ins SET login_state = NULL, code_verifier = NULL, nonce = NULL \
             WHERE id = $1 AND login_state IS NOT NULL",
        )
        .bind(id.to_string())
    )?;
    fresh(rows, "test sign-in")
}

/// Notes that the application made for it is deleted.
///
/// # Errors
/// [`StorageError::RowsAffected`] when there is no such test.
pub async fn client_is_gone(tx: &mut Tx, id: TestSignInId) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE test_sign_ins SET client_id = NULL, login_state = NULL, code_verifier = NULL, nonce = NULL \
             WHERE id = $1",
        )
        .bind(id.to_string())
    )?;
    exactly(1, rows, "Noting that a test's application is gone")
}

/// Removes test sign-ins that began before and left nothing behind; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_older_than(tx: &mut Tx, before: Timestamp) -> Result<u64, StorageError> {
    Ok(affected!(
        tx,
        sqlx::query("DELETE FROM test_sign_ins WHERE started_at < $1 AND client_id IS NULL")
            .bind(before.micros())
    )?)
}
