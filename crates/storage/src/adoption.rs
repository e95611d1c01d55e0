//! Who of a biller's users has signed in, and the curve of adoption. The curve is kept beside the users by the commit
//! that moves one, removes one or learns of a sign-in: the sum of its days is always their number.

use std::collections::{BTreeMap, HashMap};

use domain::{Bid, Portfolio, Timestamp, migration::AdoptionDay, performance::Minute};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, limit, storable},
    error::exactly,
    live::{self, Topic},
    sql::{Sql, Value},
};

/// A user's sign-ins in some events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserSignIns {
    /// The first one.
    pub first: Timestamp,
    /// The last one.
    pub last: Timestamp,
}

impl UserSignIns {
    /// One sign-in.
    #[must_use]
    pub const fn at(at: Timestamp) -> Self {
        Self { first: at, last: at }
    }

    /// Takes other ones of the same user in.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

/// What changes in the curve of one biller, by day.
type Changes = BTreeMap<i64, AdoptionDay>;

fn day_of(at: Timestamp) -> i64 {
    Minute::of(at).day()
}

fn count(changes: &mut Changes, at: Timestamp, moved: i64, signed_in: i64) {
    let day = day_of(at);
    let one = changes.entry(day).or_insert(AdoptionDay { day, ..AdoptionDay::default() });
    one.moved += moved;
    one.signed_in += signed_in;
}

/// Notes sign-ins of users at a biller; those that are known already change nothing.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn note_sign_ins(
    tx: &mut Tx,
    bid: &Bid,
    users: &BTreeMap<Uuid, UserSignIns>,
) -> Result<(), StorageError> {
    if users.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = users.keys().map(Uuid::to_string).collect();
    let known = sign_ins_of(tx, bid, &ids).await?;
    let mut sql = Sql::new("SELECT user_id FROM moved_users WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND user_id IN ").tuple(ids.iter().map(|id| id.as_str().into()));
    let moved: Vec<(String,)> = sql.all(tx).await?;
    let moved: std::collections::HashSet<String> = moved.into_iter().map(|(id,)| id).collect();
    let (mut rows, mut changes) = (Vec::new(), Changes::new());
    for (user, seen) in users {
        let id = user.to_string();
        let before = known.get(&id).copied();
        let now = before.map_or(*seen, |before| before.with(*seen));
        if before == Some(now) {
            continue;
        }
        if moved.contains(&id) && before.map(|before| before.first) != Some(now.first) {
            if let Some(before) = before {
                count(&mut changes, before.first, 0, -1);
            }
            count(&mut changes, now.first, 0, 1);
        }
        rows.push((id, now));
    }
    put_sign_ins(tx, bid, &rows).await?;
    change(tx, bid, &changes).await
}

/// The sign-ins that are known of users, by their ids.
async fn sign_ins_of(
    conn: &mut Conn,
    bid: &Bid,
    ids: &[String],
) -> Result<HashMap<String, UserSignIns>, StorageError> {
    let mut sql = Sql::new("SELECT user_id, first_at, last_at FROM user_sign_ins WHERE bid = ");
    sql.bind(bid.as_str()).push(" AND user_id IN ").tuple(ids.iter().map(|id| id.as_str().into()));
    let rows: Vec<(String, i64, i64)> = sql.all(conn).await?;
    let read = |(id, first, last)| {
        (id, UserSignIns { first: Timestamp::from_micros(first), last: Timestamp::from_micros(last) })
    };
    Ok(rows.into_iter().map(read).collect())
}

async fn put_sign_ins(tx: &mut Tx, bid: &Bid, rows: &[(String, UserSignIns)]) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("INSERT INTO user_sign_ins (bid, user_id, first_at, last_at) VALUES ");
    sql.tuples(rows.iter().map(|(id, seen)| -> [Value; 4] {
        [bid.as_str().into(), id.as_str().into(), seen.first.micros().into(), seen.last.micros().into()]
    }));
    sql.push(
        " ON CONFLICT (bid, user_id) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at",
    );
    let written = sql.run(tx).await?;
    exactly(rows.len() as u64, written, "Noting sign-ins")
}

/// Counts users that are moved now and were not before; who of them has signed in already counts as well.
pub(crate) async fn users_moved(
    tx: &mut Tx,
    bid: &Bid,
    users: &[Uuid],
    now: Timestamp,
) -> Result<(), StorageError> {
    users_changed(tx, bid, users, now, 1).await
}

/// Counts users that were moved and are removed again.
pub(crate) async fn users_removed(
    tx: &mut Tx,
    bid: &Bid,
    users: &[Uuid],
    now: Timestamp,
) -> Result<(), StorageError> {
    users_changed(tx, bid, users, now, -1).await
}

async fn users_changed(
    tx: &mut Tx,
    bid: &Bid,
    users: &[Uuid],
    now: Timestamp,
    each: i64,
) -> Result<(), StorageError> {
    if users.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = users.iter().map(Uuid::to_string).collect();
    let mut changes = Changes::new();
    count(&mut changes, now, each * i64::try_from(ids.len()).unwrap_or(i64::MAX), 0);
    for seen in sign_ins_of(tx, bid, &ids).await?.values() {
        count(&mut changes, seen.first, 0, each);
    }
    change(tx, bid, &changes).await
}

async fn change(tx: &mut Tx, bid: &Bid, changes: &Changes) -> Result<(), StorageError> {
    for one in changes.values().filter(|one| one.moved != 0 || one.signed_in != 0) {
        let rows = affected!(
            tx,
            sqlx::query(
                "INSERT INTO adoption_days (bid, day, moved, signed_in) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (bid, day) DO UPDATE SET moved = adoption_days.moved + excluded.moved, \
                 signed_in = adoption_days.signed_in + excluded.signed_in",
            )
            .bind(bid.as_str())
            .bind(one.day)
            .bind(one.moved)
            .bind(one.signed_in)
        )?;
        exactly(1, rows, "Counting moved users and sign-ins")?;
        live::touch(tx, Topic::Biller(bid.clone()));
        live::touch(tx, Topic::Migrations);
    }
    Ok(())
}

#[derive(FromRow)]
struct DayRow {
    day: i64,
    moved: i64,
    signed_in: i64,
}

/// The changes of all billers, of a portfolio or of one biller, in the order of days.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn days(
    conn: &mut Conn,
    within: Option<&Portfolio>,
    only: Option<&Bid>,
) -> Result<Vec<AdoptionDay>, StorageError> {
    let mut sql = Sql::new(
        "SELECT a.day, CAST(SUM(a.moved) AS BIGINT) AS moved, CAST(SUM(a.signed_in) AS BIGINT) AS signed_in \
         FROM adoption_days a JOIN billers b ON b.bid = a.bid WHERE TRUE",
    );
    if let Some(portfolio) = within {
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    }
    if let Some(bid) = only {
        sql.push(" AND a.bid = ").bind(bid.as_str());
    }
    sql.push(" GROUP BY a.day ORDER BY a.day");
    let rows: Vec<DayRow> = sql.all(conn).await?;
    let read = |row: DayRow| AdoptionDay { day: row.day, moved: row.moved, signed_in: row.signed_in };
    Ok(rows.into_iter().map(read).collect())
}

/// What is known of one user's sign-ins.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn of_user(conn: &mut Conn, bid: &Bid, user: &str) -> Result<Option<UserSignIns>, StorageError> {
    Ok(sign_ins_of(conn, bid, &[user.to_owned()]).await?.remove(user))
}

/// How far the audit events of a biller's organization are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Everything before is read; `None` before the first reading is whole.
    pub read_to: Option<Timestamp>,
    /// What is being read now.
    pub window: Option<Window>,
}

/// A stretch of events that is being read, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its end.
    pub to: Timestamp,
    /// The event after which the next page begins; `None` for the first one.
    pub after: Option<String>,
}

#[derive(FromRow)]
struct FeedRow {
    bid: String,
    read_to: Option<i64>,
    window_to: Option<i64>,
    after_event: Option<String>,
}

impl FeedRow {
    fn read(self) -> Result<(Bid, Feed), StorageError> {
        let window = instant(self.window_to).map(|to| Window { to, after: self.after_event });
        Ok((decode::bid("sign_in_feeds", &self.bid)?, Feed { read_to: instant(self.read_to), window }))
    }
}

/// Billers with moved users whose events are to be read by now, those that waited longest first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn due(conn: &mut Conn, now: Timestamp, rows: usize) -> Result<Vec<(Bid, Feed)>, StorageError> {
    let mut sql = Sql::new(
        "SELECT b.bid, f.read_to, f.window_to, f.after_event FROM billers b \
         LEFT JOIN sign_in_feeds f ON f.bid = b.bid WHERE b.status = ",
    );
    sql.bind(domain::biller::CiamStatus::Enabled.as_str());
    sql.push(
        " AND EXISTS (SELECT 1 FROM adoption_days a WHERE a.bid = b.bid) AND (f.due IS NULL OR f.due <= ",
    );
    sql.bind(now.micros()).push(") ORDER BY COALESCE(f.due, 0), b.bid LIMIT ").bind(limit(rows));
    sql.all::<FeedRow>(conn).await?.into_iter().map(FeedRow::read).collect()
}

/// When the events of a biller were asked for, when they are to be asked for again, and what kept the vendor from
/// answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When they were.
    pub at: Timestamp,
    /// When they are to be.
    pub due: Timestamp,
    /// Why they were not answered; `None` when they were.
    pub why: Option<String>,
}

/// Keeps how far a biller's events are read.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn save_feed(tx: &mut Tx, bid: &Bid, feed: &Feed, asked: &Asked) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO sign_in_feeds (bid, read_to, window_to, after_event, at, due, why) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bid) DO UPDATE SET read_to = excluded.read_to, \
             window_to = excluded.window_to, after_event = excluded.after_event, at = excluded.at, \
             due = excluded.due, why = excluded.why",
        )
        .bind(bid.as_str())
        .bind(feed.read_to.map(Timestamp::micros))
        .bind(feed.window.as_ref().map(|window| window.to.micros()))
        .bind(feed.window.as_ref().and_then(|window| window.after.as_deref()))
        .bind(asked.at.micros())
        .bind(asked.due.micros())
        .bind(asked.why.as_deref().map(storable))
    )?;
    exactly(1, rows, "Keeping how far sign-ins are read")
}

#[derive(FromRow)]
struct StandRow {
    billers: i64,
    never_read: i64,
    oldest: Option<i64>,
    failing: i64,
    why: Option<String>,
}

/// How up to date the known sign-ins are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedStand {
    /// Billers with moved users.
    pub billers: u64,
    /// Those whose events were never read whole.
    pub never_read: u64,
    /// Every sign-in before is known of the others.
    pub read_to: Option<Timestamp>,
    /// Those whose last reading was not answered, and why one of them was not.
    pub failing: u64,
    /// Why.
    pub why: Option<String>,
}

/// How up to date the known sign-ins are of all billers, of a portfolio or of one biller.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn feed_stand(
    conn: &mut Conn,
    within: Option<&Portfolio>,
    only: Option<&Bid>,
) -> Result<FeedStand, StorageError> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS billers, CAST(COALESCE(SUM(CASE WHEN f.read_to IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) \
         AS never_read, MIN(f.read_to) AS oldest, \
         CAST(COALESCE(SUM(CASE WHEN f.why IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT) AS failing, MAX(f.why) AS why \
         FROM billers b LEFT JOIN sign_in_feeds f ON f.bid = b.bid \
         WHERE EXISTS (SELECT 1 FROM adoption_days a WHERE a.bid = b.bid)",
    );
    if let Some(portfolio) = within {
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    }
    if let Some(bid) = only {
        sql.push(" AND b.bid = ").bind(bid.as_str());
    }
    let row: Option<StandRow> = sql.optional(conn).await?;
    let Some(row) = row else { return Ok(FeedStand::default()) };
    let at = Place { table: "sign_in_feeds", row: "all" };
    Ok(FeedStand {
        billers: at.number("billers", row.billers)?,
        never_read: at.number("never_read", row.never_read)?,
        read_to: instant(row.oldest),
        failing: at.number("failing", row.failing)?,
        why: row.why,
    })
}
