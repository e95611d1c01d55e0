//! Appends to the chain and proves that it holds.

use domain::{
    Bid, WaveId,
    audit::{AuditEntry, ChainedEntry, GENESIS, SubjectKind, chain_hash},
    search,
};
use serde_json::Value as Json;
use sqlx::FromRow;
use thiserror::Error;

use super::{
    head,
    row::{COLUMNS, EntryRow},
};
use crate::{
    Conn, StorageError,
    decode::{Place, storable, to_json},
    error::exactly,
    live::Topic,
    sql::Sql,
};

/// Entries checked at a time.
const BATCH: i64 = 1_000;

/// The chain does not hold.
#[derive(Debug, Error)]
pub enum BrokenChain {
    /// An entry was changed, removed or put in.
    #[error("The audit log does not hold at entry {seq}: {problem}. Compare it with the last export.")]
    At {
        /// The first entry that does not fit.
        seq: i64,
        /// What does not fit.
        problem: String,
    },
    /// It could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The pages on which an entry shows.
pub(crate) fn topics(entry: &AuditEntry) -> Vec<Topic> {
    let subject = &entry.subject;
    let own = match subject.kind {
        SubjectKind::Biller => Bid::parse(&subject.id).ok().map(Topic::Biller),
        SubjectKind::Wave => subject.id.parse::<WaveId>().ok().map(Topic::Wave),
        SubjectKind::Import
        | SubjectKind::Delivery
        | SubjectKind::Session
        | SubjectKind::Settings
        | SubjectKind::UseCaseDefault
        | SubjectKind::Emergency
        | SubjectKind::Vendor
        | SubjectKind::Activity => None,
    };
    own.into_iter().chain([Topic::Activity]).collect()
}

/// Appends entries. The lock on the chain's end puts commits in a line, so that numbers have no gaps.
pub(crate) async fn append(conn: &mut Conn, entries: Vec<AuditEntry>) -> Result<(), StorageError> {
    if entries.is_empty() {
        return Ok(());
    }
    let (mut seq, mut hash): (i64, String) = on!(conn, c => {
        sqlx::query_as("UPDATE audit_head SET seq = seq WHERE one = 1 RETURNING seq, hash").fetch_one(c)
    })?;
    for entry in entries {
        let entry = as_stored(entry)?;
        seq += 1;
        let next = chain_hash(&hash, seq, &entry);
        insert(conn, seq, &entry, &hash, &next).await?;
        hash = next;
    }
    let rows = affected!(
        conn,
        sqlx::query("UPDATE audit_head SET seq = $1, hash = $2 WHERE one = 1").bind(seq).bind(&hash)
    )?;
    exactly(1, rows, "Moving the end of the audit log")
}

/// The entry as it will be read back, so that the hash fits: a number may change its last digit on the way
/// through text, and PostgreSQL has no NUL character.
fn as_stored(mut entry: AuditEntry) -> Result<AuditEntry, StorageError> {
    let again = |value: Json| {
        let text = to_json(&value)?;
        Place { table: "audit_entries", row: "not stored yet" }.json::<Json>("state", &text)
    };
    entry.before = entry.before.map(again).transpose()?;
    entry.after = entry.after.map(again).transpose()?;
    entry.reason = entry.reason.as_deref().map(storable);
    entry.trace_id = entry.trace_id.as_deref().map(storable);
    entry.subject.id = storable(&entry.subject.id);
    Ok(entry)
}

async fn insert(
    conn: &mut Conn,
    seq: i64,
    entry: &AuditEntry,
    prev_hash: &str,
    hash: &str,
) -> Result<(), StorageError> {
    let mut sql = Sql::new(
        "INSERT INTO audit_entries (seq, at, actor, actor_id, actor_key, action, subject_kind, subject_id, reason, \
         state_before, state_after, trace_id, prev_hash, hash) VALUES ",
    );
    sql.tuple([
        seq.into(),
        entry.at.micros().into(),
        to_json(&entry.actor)?.into(),
        storable(&entry.actor.id()).into(),
        search::fold(entry.actor.name()).into(),
        entry.action.as_str().into(),
        entry.subject.kind.as_str().into(),
        entry.subject.id.as_str().into(),
        entry.reason.clone().into(),
        entry.before.as_ref().map(to_json).transpose()?.into(),
        entry.after.as_ref().map(to_json).transpose()?.into(),
        entry.trace_id.clone().into(),
        prev_hash.into(),
        hash.into(),
    ]);
    exactly(1, sql.run(conn).await?, "Writing an audit entry")
}

/// Checks the whole chain, batch by batch; the answer is its number of entries.
///
/// # Errors
/// [`BrokenChain::At`] names the first entry that was changed, removed or put in.
pub async fn verify(conn: &mut Conn) -> Result<i64, BrokenChain> {
    // In this order: entries that are appended meanwhile are legitimate and lie beyond what is checked.
    let (oldest, newest): (Option<i64>, Option<i64>) =
        on!(conn, c => sqlx::query_as("SELECT MIN(seq), MAX(seq) FROM audit_entries").fetch_one(c))
            .map_err(StorageError::from)?;
    let (last, head_hash) = head(conn).await?;
    if let Some(oldest) = oldest.filter(|oldest| *oldest < 1) {
        return Err(broken(oldest, "the log begins at entry 1, this one was put in".to_owned()));
    }
    if let Some(newest) = newest.filter(|newest| *newest > last) {
        return Err(broken(newest, format!("the log ends at entry {last}, this one was put in")));
    }
    let mut hash = GENESIS.to_owned();
    let mut seq = 0;
    while seq < last {
        for row in batch(conn, seq, last).await? {
            seq += 1;
            hash = check(row, seq, &hash)?;
        }
    }
    if hash == head_hash {
        Ok(last)
    } else {
        Err(broken(last, "its hash is not that of the log's end".to_owned()))
    }
}

/// An entry with what it is looked up by.
#[derive(FromRow)]
struct Link {
    #[sqlx(flatten)]
    entry: EntryRow,
    actor_id: String,
    actor_key: String,
}

async fn batch(conn: &mut Conn, after: i64, last: i64) -> Result<Vec<Link>, BrokenChain> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(", actor_id, actor_key FROM audit_entries WHERE seq > ").bind(after);
    sql.push(" AND seq <= ").bind(last).push(" ORDER BY seq LIMIT ").bind(BATCH);
    let rows: Vec<Link> = sql.all(conn).await?;
    if rows.is_empty() {
        Err(broken(after + 1, format!("it is missing; the log ends at entry {last}")))
    } else {
        Ok(rows)
    }
}

/// Checks that the row is the next link; the answer is its hash.
fn check(link: Link, seq: i64, prev_hash: &str) -> Result<String, BrokenChain> {
    let Link { entry, actor_id, actor_key } = link;
    if entry.seq() != seq {
        return Err(broken(seq, "it is missing".to_owned()));
    }
    let ChainedEntry { entry, prev_hash: noted, hash, .. } =
        entry.into_entry().map_err(|error| broken(seq, error.to_string()))?;
    if noted != prev_hash {
        return Err(broken(seq, "it does not follow the entry before".to_owned()));
    }
    if chain_hash(prev_hash, seq, &entry) != hash {
        return Err(broken(seq, "its content does not fit its hash".to_owned()));
    }
    // The hash covers the actor; an entry that is looked up under another one would not be found.
    if actor_id != storable(&entry.actor.id()) || actor_key != search::fold(entry.actor.name()) {
        return Err(broken(seq, "it is looked up under another actor than its own".to_owned()));
    }
    Ok(hash)
}

const fn broken(seq: i64, problem: String) -> BrokenChain {
    BrokenChain::At { seq, problem }
}
