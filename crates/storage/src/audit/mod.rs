//! The audit log: a chain of entries without gaps, written only by commits.

mod chain;
mod row;

use domain::{
    Portfolio, Timestamp,
    audit::{AuditAction, ChainedEntry, Subject, SubjectKind},
    search,
};

pub use self::chain::{BrokenChain, verify};
pub(crate) use self::chain::{append, topics};
use self::row::{COLUMNS, EntryRow};
use crate::{Conn, StorageError, decode, sql::Sql};

/// Which entries are asked for, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only about this.
    pub subject: Option<Subject>,
    /// Only by this actor: a stable id ([`domain::actor::Actor::id`]) or a name.
    pub actor: Option<String>,
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only about billers that are in this portfolio now.
    pub within: Option<Portfolio>,
    /// Only from this instant on.
    pub from: Option<Timestamp>,
    /// Only before this instant.
    pub to: Option<Timestamp>,
    /// Only before this entry: the last one of the page before.
    pub before_seq: Option<i64>,
    /// Rows at most.
    pub limit: usize,
}

/// Entries, newest first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn list(conn: &mut Conn, query: &AuditQuery) -> Result<Vec<ChainedEntry>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM audit_entries WHERE TRUE");
    if let Some(subject) = &query.subject {
        sql.push(" AND subject_kind = ").bind(subject.kind.as_str());
        sql.push(" AND subject_id = ").bind(subject.id.as_str());
    }
    if let Some(actor) = &query.actor {
        if is_actor_id(actor) {
            sql.push(" AND actor_id = ").bind(actor.as_str());
        } else {
            sql.push(" AND actor_key = ").bind(search::fold(actor));
        }
    }
    if let Some(action) = query.action {
        sql.push(" AND action = ").bind(action.as_str());
    }
    if let Some(portfolio) = &query.within {
        sql.push(" AND subject_kind = ").bind(SubjectKind::Biller.as_str());
        sql.push(" AND subject_id IN (SELECT bid FROM billers WHERE portfolio = ");
        sql.bind(portfolio.as_str()).push(")");
    }
    if let Some(from) = query.from {
        sql.push(" AND at >= ").bind(from.micros());
    }
    if let Some(to) = query.to {
        sql.push(" AND at < ").bind(to.micros());
    }
    if let Some(seq) = query.before_seq {
        sql.push(" AND seq < ").bind(seq);
    }
    sql.push(" ORDER BY seq DESC LIMIT ").bind(decode::limit(query.limit));
    entries(conn, sql).await
}

/// Whether the text has the form of [`domain::actor::Actor::id`].
fn is_actor_id(text: &str) -> bool {
    matches!(text, "operator" | "policy") || text.starts_with("person:") || text.starts_with("integration:")
}

/// Entries from `seq` on, oldest first: an export reads batch after batch.
///
/// # Errors
/// As [`list`].
pub async fn from_seq(conn: &mut Conn, seq: i64, limit: usize) -> Result<Vec<ChainedEntry>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM audit_entries WHERE seq >= ").bind(seq);
    sql.push(" ORDER BY seq LIMIT ").bind(decode::limit(limit));
    entries(conn, sql).await
}

async fn entries(conn: &mut Conn, sql: Sql) -> Result<Vec<ChainedEntry>, StorageError> {
    sql.all::<EntryRow>(conn).await?.into_iter().map(EntryRow::into_entry).collect()
}

/// The hash of an entry; none when there is no such entry.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn hash_of(conn: &mut Conn, seq: i64) -> Result<Option<String>, StorageError> {
    Ok(on!(conn, c => {
        sqlx::query_scalar("SELECT hash FROM audit_entries WHERE seq = $1").bind(seq).fetch_optional(c)
    })?)
}

/// The number of the last entry and its hash.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn head(conn: &mut Conn) -> Result<(i64, String), StorageError> {
    Ok(on!(conn, c => sqlx::query_as("SELECT seq, hash FROM audit_head WHERE one = 1").fetch_one(c))?)
}
