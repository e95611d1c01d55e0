//! Sessions: what is in them is the web layer's business; who is signed in, since when and how, stands beside it.

use domain::{
    Timestamp,
    session::{NOTED_EVERY, OpenSession, SessionKey, SessionLimits, SignIn},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place},
    sql::Sql,
};

/// Who is signed in, and how that came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// [`domain::actor::Actor::id`].
    pub person_id: String,
    /// How that person is called.
    pub person: String,
    /// How the session began.
    pub sign_in: SignIn,
}

/// Stores a new session; `false` when the key is taken.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn create(
    tx: &mut Tx,
    key: &SessionKey,
    data: &str,
    signed_in: Option<&SignedIn>,
    now: Timestamp,
    limits: SessionLimits,
) -> Result<bool, StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO sessions (key, data, opened_at, used_at, expires_at, person_id, person_name, means, browser) \
             VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8) ON CONFLICT (key) DO NOTHING"
        )
        .bind(key.as_str())
        .bind(data)
        .bind(now.micros())
        .bind(limits.end(now, now).micros())
        .bind(signed_in.map(|who| who.person_id.as_str()))
        .bind(signed_in.map(|who| who.person.as_str()))
        .bind(signed_in.map(|who| who.sign_in.means.as_str()))
        .bind(signed_in.map(|who| who.sign_in.browser.as_str()))
    )?;
    Ok(rows == 1)
}

/// Stores what is in a session. One that was ended meanwhile stays ended.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn save(tx: &mut Tx, key: &SessionKey, data: &str) -> Result<(), StorageError> {
    affected!(tx, sqlx::query("UPDATE sessions SET data = $2 WHERE key = $1").bind(key.as_str()).bind(data))?;
    Ok(())
}

/// A session that has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// What is in it.
    pub data: String,
    /// When it ends if nothing more is done in it.
    pub ends_at: Timestamp,
}

/// The session, unless it has expired.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn load(
    conn: &mut Conn,
    key: &SessionKey,
    now: Timestamp,
) -> Result<Option<StoredSession>, StorageError> {
    let found: Option<(String, i64)> = on!(conn, c => {
        sqlx::query_as("SELECT data, expires_at FROM sessions WHERE key = $1 AND expires_at > $2")
            .bind(key.as_str())
            .bind(now.micros())
            .fetch_optional(c)
    })?;
    Ok(found.map(|(data, ends_at)| StoredSession { data, ends_at: Timestamp::from_micros(ends_at) }))
}

/// Whether the session's last use was noted so long ago that it is time to note it again. A session that is
/// not there never is.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn is_use_due(conn: &mut Conn, key: &SessionKey, now: Timestamp) -> Result<bool, StorageError> {
    let due: Option<i64> = on!(conn, c => {
        sqlx::query_scalar("SELECT used_at FROM sessions WHERE key = $1 AND used_at <= $2 AND expires_at > $3")
            .bind(key.as_str())
            .bind(now.minus(NOTED_EVERY).micros())
            .bind(now.micros())
            .fetch_optional(c)
    })?;
    Ok(due.is_some())
}

/// Notes that the session is in use now, which lets it live on as far as the limits go.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn note_use(
    tx: &mut Tx,
    key: &SessionKey,
    now: Timestamp,
    limits: SessionLimits,
) -> Result<(), StorageError> {
    let opened: Option<i64> = on!(tx, c => {
        sqlx::query_scalar("SELECT opened_at FROM sessions WHERE key = $1 AND expires_at > $2")
            .bind(key.as_str())
            .bind(now.micros())
            .fetch_optional(c)
    })?;
    let Some(opened) = opened else { return Ok(()) };
    let end = limits.end(Timestamp::from_micros(opened), now);
    affected!(
        tx,
        sqlx::query("UPDATE sessions SET used_at = $2, expires_at = $3 WHERE key = $1 AND used_at < $2")
            .bind(key.as_str())
            .bind(now.micros())
            .bind(end.micros())
    )?;
    Ok(())
}

fn open_at(now: Timestamp) -> Sql {
    let mut sql = Sql::new(
        "SELECT key, person_id, person_name, means, browser, opened_at, used_at, expires_at FROM sessions \
         WHERE person_id IS NOT NULL AND expires_at > ",
    );
    sql.bind(now.micros());
    sql
}

/// The sessions of one person, the last used first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of_person(
    conn: &mut Conn,
    person_id: &str,
    now: Timestamp,
) -> Result<Vec<OpenSession>, StorageError> {
    let mut sql = open_at(now);
    sql.push(" AND person_id = ").bind(person_id).push(" ORDER BY used_at DESC, key");
    sql.all::<OpenRow>(conn).await?.into_iter().map(OpenRow::session).collect()
}

/// Everybody's sessions, the last used first.
///
/// # Errors
/// As [`of_person`].
pub async fn all_open(
    conn: &mut Conn,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<OpenSession>, StorageError> {
    let mut sql = open_at(now);
    sql.push(" ORDER BY used_at DESC, key LIMIT ").bind(decode::limit(limit));
    sql.all::<OpenRow>(conn).await?.into_iter().map(OpenRow::session).collect()
}

#[derive(FromRow)]
struct OpenRow {
    key: String,
    person_id: String,
    person_name: String,
    means: String,
    browser: String,
    opened_at: i64,
    used_at: i64,
    expires_at: i64,
}

impl OpenRow {
    fn session(self) -> Result<OpenSession, StorageError> {
        let place = Place { table: "sessions", row: &self.key };
        Ok(OpenSession {
            key: place.word("key", &self.key)?,
            person_id: self.person_id,
            person: self.person_name,
            sign_in: SignIn { means: place.word("means", &self.means)?, browser: self.browser },
            opened_at: Timestamp::from_micros(self.opened_at),
            used_at: Timestamp::from_micros(self.used_at),
            expires_at: Timestamp::from_micros(self.expires_at),
        })
    }
}

/// Ends a session, if it is there.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete(tx: &mut Tx, key: &SessionKey) -> Result<(), StorageError> {
    affected!(tx, sqlx::query("DELETE FROM sessions WHERE key = $1").bind(key.as_str()))?;
    Ok(())
}

/// Ends one of a person's sessions; `false` when that person has no such session.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_of_person(tx: &mut Tx, person_id: &str, key: &SessionKey) -> Result<bool, StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("DELETE FROM sessions WHERE key = $1 AND person_id = $2")
            .bind(key.as_str())
            .bind(person_id)
    )?;
    Ok(rows == 1)
}

/// Ends every session of a person but one, or all; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_all_of_person(
    tx: &mut Tx,
    person_id: &str,
    but: Option<&SessionKey>,
) -> Result<u64, StorageError> {
    Ok(affected!(
        tx,
        sqlx::query("DELETE FROM sessions WHERE person_id = $1 AND key <> $2")
            .bind(person_id)
            .bind(but.map_or("", SessionKey::as_str))
    )?)
}

/// Removes every session that has expired; the answer is their number.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StorageError> {
    Ok(affected!(tx, sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now.micros()))?)
}
