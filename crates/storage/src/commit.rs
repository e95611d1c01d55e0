//! The only ways to commit: with audit entries, or as bookkeeping that is not anyone's act.

use domain::audit::AuditEntry;
use futures::future::BoxFuture;

use crate::{
    Conn, StorageError, Tx, audit,
    conn::{Held, Link, Pending},
    counters,
    live::Topic,
    sql::{Sql, Value},
    use_cases::readiness,
};

/// Changes that are not anyone's act and leave no audit entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bookkeeping {
    /// A worker took, renewed, finished or put back a job.
    JobLease,
    /// A run got on, without having changed anything at the vendor.
    RunProgress,
    /// A session was stored or removed.
    Session,
    /// A sign-in was started.
    LoginAttempt,
    /// Rows of an upload were staged.
    Staging,
    /// A delivery was attempted.
    Delivery,
    /// Expired rows were removed.
    Expiry,
    /// A wave counted or started runs.
    WaveProgress,
    /// What objects at SecureAuth showed was noted.
    Observation,
    /// Calls to the vendor were measured.
    Measurements,
    /// What was measured was judged, or somebody was told of it.
    Watch,
    /// A move of users got on.
    UsersMove,
    /// A change of an account was attempted.
    Mirror,
    /// Made-up data of the sandbox.
    SampleData,
}

impl Bookkeeping {
    const fn word(self) -> &'static str {
        match self {
            Self::JobLease => "job lease",
            Self::RunProgress => "run progress",
            Self::Session => "session",
            Self::LoginAttempt => "login attempt",
            Self::Staging => "staging",
            Self::Delivery => "delivery",
            Self::Expiry => "expiry",
            Self::WaveProgress => "wave progress",
            Self::Observation => "observation",
            Self::Measurements => "measurements",
            Self::Watch => "watch over the vendor",
            Self::UsersMove => "users' move",
            Self::Mirror => "mirror",
            Self::SampleData => "sample data",
        }
    }
}

/// Stands around every commit. Crash tests stop there: before, nothing of the transaction is kept; after, all of it.
pub trait CommitGate: Send + Sync {
    /// Right before the commit.
    fn before_commit(&self) -> BoxFuture<'_, ()>;
    /// Right after the commit.
    fn after_commit(&self) -> BoxFuture<'_, ()>;
}

impl Tx {
    /// Commits together with the entry that tells of it.
    ///
    /// # Errors
    /// [`StorageError::Driver`] or [`StorageError::Busy`]; nothing is kept then.
    pub async fn commit_audited(self, entry: AuditEntry) -> Result<(), StorageError> {
        self.commit_audited_all(vec![entry]).await
    }

    /// Commits together with the entries that tell of it, chained in their order.
    ///
    /// # Errors
    /// [`StorageError::Driver`] or [`StorageError::Busy`]; nothing is kept then.
    pub async fn commit_audited_all(mut self, entries: Vec<AuditEntry>) -> Result<(), StorageError> {
        for entry in &entries {
            self.pending.topics.extend(audit::topics(entry));
        }
        self.commit(entries).await
    }

    /// Commits what is not anyone's act.
    ///
    /// # Errors
    /// [`StorageError::Driver`] or [`StorageError::Busy`]; nothing is kept then.
    pub async fn commit_bookkeeping(self, what: Bookkeeping) -> Result<(), StorageError> {
        tracing::trace!(what = what.word(), "commit");
        self.commit(Vec::new()).await
    }

    async fn commit(self, entries: Vec<AuditEntry>) -> Result<(), StorageError> {
        let (mut conn, store, pending) = self.into_parts();
        let Pending { mut counters, topics, unsettled } = pending;
        // One order for all: billers, counters, topics, the audit log's head.
        readiness::settle(&mut conn, &unsettled, &mut counters).await?;
        counters::apply(&mut conn, counters).await?;
        bump(&mut conn, topics.iter()).await?;
        audit::append(&mut conn, entries).await?;
        if let Some(gate) = &store.gate {
            gate.before_commit().await;
        }
        match conn.into_link() {
            Link::Lite(Held::Open(tx)) => tx.commit().await?,
            Link::Pg(Held::Open(tx)) => tx.commit().await?,
            // A Tx is only ever made with an open transaction; a free connection has nothing to commit.
            Link::Lite(Held::Free(_)) | Link::Pg(Held::Free(_)) => {}
        }
        if let Some(gate) = &store.gate {
            gate.after_commit().await;
        }
        for topic in topics {
            store.announce(topic);
        }
        Ok(())
    }
}

async fn bump(conn: &mut Conn, topics: impl Iterator<Item = &Topic>) -> Result<(), StorageError> {
    let mut keys: Vec<String> = topics.map(ToString::to_string).collect();
    keys.sort_unstable();
    for batch in keys.chunks(200) {
        let mut sql = Sql::new("INSERT INTO topics (key, version) VALUES ");
        sql.tuples(batch.iter().map(|key| [key.as_str().into(), Value::from(1)]));
        sql.push(" ON CONFLICT (key) DO UPDATE SET version = topics.version + 1");
        sql.run(conn).await?;
    }
    Ok(())
}
