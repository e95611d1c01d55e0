//! Changes that are still to be made at SecureAuth: one a user, the newest, until it is there or a person decided.

use domain::{
    Bid, Portfolio, Timestamp,
    account::{ChangeState, ParkCause, Side},
    actor::Actor,
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, storable, to_json},
    error::fresh,
    live::{self, Topic},
    sql::{Sql, Value},
};

/// Which change is meant: a newer one that took its place is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeKey {
    /// The biller.
    pub bid: Bid,
    /// IC's id of the user.
    pub reference: String,
    /// Counts what took the place of what.
    pub revision: i64,
}

/// A change on its way. Its `Debug` does not show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub key: ChangeKey,
    /// Whether it waits or is parked.
    pub state: ChangeState,
    /// What SecureAuth should have.
    pub wanted: Side,
    /// A password's hash, encrypted.
    pub password: Option<String>,
    /// When that password was set.
    pub password_at: Option<Timestamp>,
    /// Whether the person has to be signed out everywhere.
    pub revoke: bool,
    /// How often it was tried.
    pub attempts: i64,
    /// Since when SecureAuth is behind.
    pub since: Timestamp,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// Why it is parked.
    pub cause: Option<ParkCause>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Who asked last.
    pub actor: Actor,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Change({:?}, {}, {} attempts)", self.key.revision, self.state, self.attempts)
    }
}

/// Which changes are asked for, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct ChangeQuery {
    /// Only in this state.
    pub state: Option<ChangeState>,
    /// Only of this biller.
    pub bid: Option<Bid>,
    /// Only of billers in this portfolio.
    pub within: Option<Portfolio>,
    /// At most so many.
    pub limit: usize,
}

/// How far a biller's accounts lag behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorLag {
    /// The biller.
    pub bid: Bid,
    /// Changes that wait.
    pub waiting: u64,
    /// Changes that are parked.
    pub parked: u64,
    /// Since when the oldest waiting change waits.
    pub oldest: Option<Timestamp>,
}

#[derive(FromRow)]
struct ChangeRow {
    bid: String,
    reference: String,
    state: String,
    wanted: String,
    password: Option<String>,
    password_at: Option<i64>,
    revoke: bool,
    revision: i64,
    attempts: i64,
    since: i64,
    next_at: i64,
    cause: Option<String>,
    last_error: Option<String>,
    actor: String,
}

const COLUMNS: &str = "SELECT c.bid, c.reference, c.state, c.wanted, c.password, c.password_at, c.revoke, c.revision, \
    c.attempts, c.since, c.next_at, c.cause, c.last_error, c.actor FROM account_changes c";

impl ChangeRow {
    fn read(self) -> Result<Change, StorageError> {
        let at = Place { table: "account_changes", row: &self.reference };
        Ok(Change {
            state: at.word("state", &self.state)?,
            wanted: at.json("wanted", &self.wanted)?,
            password_at: instant(self.password_at),
            revoke: self.revoke,
            attempts: self.attempts,
            since: Timestamp::from_micros(self.since),
            next_at: Timestamp::from_micros(self.next_at),
            cause: at.word_opt("cause", self.cause.as_deref())?,
            actor: at.json("actor", &self.actor)?,
            key: ChangeKey {
                bid: decode::bid("account_changes", &self.bid)?,
                revision: self.revision,
                reference: self.reference,
            },
            password: self.password,
            last_error: self.last_error,
        })
    }
}

fn touch(tx: &mut Tx, bid: &Bid) {
    live::touch(tx, Topic::Mirror);
    live::touch(tx, Topic::Biller(bid.clone()));
}

/// Asks for a change. It takes the place of one that waits or is parked; a password and a sign-out that were not made
/// yet are still to be made.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown account.
pub async fn ask(tx: &mut Tx, change: &Change) -> Result<(), StorageError> {
    let mut sql = Sql::new(
        "INSERT INTO account_changes (bid, reference, state, wanted, password, password_at, revoke, revision, attempts, \
         since, next_at, actor) VALUES ",
    );
    sql.tuple([
        change.key.bid.as_str().into(),
        change.key.reference.as_str().into(),
        ChangeState::Waiting.as_str().into(),
        to_json(&change.wanted)?.into(),
        change.password.clone().into(),
        change.password_at.map(Timestamp::micros).into(),
        change.revoke.into(),
        change.key.revision.into(),
        Value::from(0_i64),
        change.since.micros().into(),
        change.next_at.micros().into(),
        to_json(&change.actor)?.into(),
    ]);
    sql.push(
        " ON CONFLICT (bid, reference) DO UPDATE SET state = excluded.state, wanted = excluded.wanted, \
         password = COALESCE(excluded.password, account_changes.password), \
         password_at = COALESCE(excluded.password_at, account_changes.password_at), \
         revoke = account_changes.revoke OR excluded.revoke, revision = account_changes.revision + 1, attempts = 0, \
         next_at = excluded.next_at, cause = NULL, last_error = NULL, actor = excluded.actor",
    );
    sql.run(tx).await?;
    touch(tx, &change.key.bid);
    Ok(())
}

/// The change of a user that is on its way.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find_change(
    conn: &mut Conn,
    bid: &Bid,
    reference: &str,
) -> Result<Option<Change>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.bid = ").bind(bid.as_str()).push(" AND c.reference = ").bind(reference);
    sql.optional::<ChangeRow>(conn).await?.map(ChangeRow::read).transpose()
}

/// The change of a user, held until the transaction ends.
///
/// # Errors
/// As [`find_change`].
pub async fn hold_change(tx: &mut Tx, bid: &Bid, reference: &str) -> Result<Option<Change>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.bid = ").bind(bid.as_str()).push(" AND c.reference = ").bind(reference);
    sql.push(tx.engine().for_update());
    sql.optional::<ChangeRow>(tx).await?.map(ChangeRow::read).transpose()
}

/// Changes of a biller that are due, those first that were due first.
///
/// # Errors
/// As [`find_change`].
pub async fn due(
    conn: &mut Conn,
    bid: &Bid,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Change>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.state = 'waiting' AND c.bid = ").bind(bid.as_str());
    sql.push(" AND c.next_at <= ").bind(now.micros());
    sql.push(" ORDER BY c.next_at LIMIT ").bind(decode::limit(limit));
    sql.all::<ChangeRow>(conn).await?.into_iter().map(ChangeRow::read).collect()
}

/// When the next change of a biller is due; nothing where none waits.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn next_due(conn: &mut Conn, bid: &Bid) -> Result<Option<Timestamp>, StorageError> {
    let mut sql = Sql::new("SELECT MIN(next_at) FROM account_changes WHERE state = 'waiting' AND bid = ");
    sql.bind(bid.as_str());
    let found: Option<(Option<i64>,)> = sql.optional(conn).await?;
    Ok(found.and_then(|(at,)| at).map(Timestamp::from_micros))
}

/// It is made. The answer is whether nothing took its place meanwhile; what did is still to be made, but without what
/// was just done.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn finish(tx: &mut Tx, made: &Change) -> Result<bool, StorageError> {
    let key = &made.key;
    let mut sql = super::of_biller(&key.bid, "DELETE FROM account_changes");
    sql.push(" AND reference = ").bind(key.reference.as_str()).push(" AND revision = ").bind(key.revision);
    let last = sql.run(tx).await? == 1;
    if let (false, Some(at)) = (last, made.password_at) {
        let mut sql = Sql::new("UPDATE account_changes SET password = NULL WHERE bid = ");
        sql.bind(key.bid.as_str()).push(" AND reference = ").bind(key.reference.as_str());
        sql.push(" AND password_at = ").bind(at.micros());
        sql.run(tx).await?;
    }
    touch(tx, &key.bid);
    Ok(last)
}

/// It is tried again later.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn later(tx: &mut Tx, key: &ChangeKey, at: Timestamp, why: &str) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE account_changes SET attempts = attempts + 1, next_at = ");
    sql.bind(at.micros()).push(", last_error = ").bind(storable(why));
    sql.push(" WHERE bid = ").bind(key.bid.as_str()).push(" AND reference = ").bind(key.reference.as_str());
    sql.push(" AND state = 'waiting' AND revision = ").bind(key.revision);
    sql.run(tx).await?;
    touch(tx, &key.bid);
    Ok(())
}

/// It waits for a person. The answer is whether it does: something newer may have taken its place.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn park(tx: &mut Tx, key: &ChangeKey, cause: ParkCause, why: &str) -> Result<bool, StorageError> {
    let mut sql = Sql::new("UPDATE account_changes SET state = 'parked', attempts = attempts + 1, cause = ");
    sql.bind(cause.as_str()).push(", last_error = ").bind(storable(why));
    sql.push(" WHERE bid = ").bind(key.bid.as_str()).push(" AND reference = ").bind(key.reference.as_str());
    sql.push(" AND state = 'waiting' AND revision = ").bind(key.revision);
    let rows = sql.run(tx).await?;
    touch(tx, &key.bid);
    Ok(rows == 1)
}

/// A parked change is tried again at once.
///
/// # Errors
/// [`StorageError::Stale`] when it is not parked any more.
pub async fn retry(tx: &mut Tx, key: &ChangeKey, now: Timestamp) -> Result<(), StorageError> {
    let mut sql = Sql::new("UPDATE account_changes SET state = 'waiting', attempts = 0, next_at = ");
    sql.bind(now.micros()).push(", cause = NULL WHERE bid = ").bind(key.bid.as_str());
    sql.push(" AND reference = ").bind(key.reference.as_str());
    sql.push(" AND state = 'parked' AND revision = ").bind(key.revision);
    fresh(sql.run(tx).await?, "change")?;
    touch(tx, &key.bid);
    Ok(())
}

/// A parked change is forgotten, with its password.
///
/// # Errors
/// [`StorageError::Stale`] when it is not parked any more.
pub async fn discard(tx: &mut Tx, key: &ChangeKey) -> Result<(), StorageError> {
    let mut sql = super::of_biller(&key.bid, "DELETE FROM account_changes");
    sql.push(" AND reference = ").bind(key.reference.as_str());
    sql.push(" AND state = 'parked' AND revision = ").bind(key.revision);
    fresh(sql.run(tx).await?, "change")?;
    touch(tx, &key.bid);
    Ok(())
}

/// How far accounts lag behind, by biller; billers without a change are not named. Changes on their way are few, so
/// they are counted.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn lag(
    conn: &mut Conn,
    within: Option<&Portfolio>,
    bid: Option<&Bid>,
) -> Result<Vec<MirrorLag>, StorageError> {
    let mut sql = Sql::new("SELECT c.bid, c.state, COUNT(*), MIN(c.since) FROM account_changes c WHERE TRUE");
    narrow(&mut sql, within, bid);
    sql.push(" GROUP BY c.bid, c.state ORDER BY c.bid, c.state");
    let rows: Vec<(String, String, i64, i64)> = sql.all(conn).await?;
    let mut found: Vec<MirrorLag> = Vec::new();
    for (bid, state, n, since) in rows {
        let at = Place { table: "account_changes", row: &bid };
        let (state, n) = (at.word::<ChangeState>("state", &state)?, at.number("state", n)?);
        let bid = decode::bid("account_changes", &bid)?;
        if found.last().is_none_or(|last| last.bid != bid) {
            found.push(MirrorLag { bid, waiting: 0, parked: 0, oldest: None });
        }
        let Some(last) = found.last_mut() else { continue };
        match state {
            ChangeState::Waiting => (last.waiting, last.oldest) = (n, Some(Timestamp::from_micros(since))),
            ChangeState::Parked => last.parked = n,
        }
    }
    Ok(found)
}

fn narrow(sql: &mut Sql, within: Option<&Portfolio>, bid: Option<&Bid>) {
    if let Some(portfolio) = within {
        sql.push(" AND c.bid IN (SELECT bid FROM billers WHERE portfolio = ")
            .bind(portfolio.as_str())
            .push(")");
    }
    if let Some(bid) = bid {
        sql.push(" AND c.bid = ").bind(bid.as_str());
    }
}

/// Changes on their way, the oldest first.
///
/// # Errors
/// As [`find_change`].
pub async fn list_changes(conn: &mut Conn, query: &ChangeQuery) -> Result<Vec<Change>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE TRUE");
    if let Some(state) = query.state {
        sql.push(" AND c.state = ").bind(state.as_str());
    }
    narrow(&mut sql, query.within.as_ref(), query.bid.as_ref());
    sql.push(" ORDER BY c.since, c.bid, c.reference LIMIT ").bind(decode::limit(query.limit));
    sql.all::<ChangeRow>(conn).await?.into_iter().map(ChangeRow::read).collect()
}
