//! The queue of background work: leases, repeats, and the time of the next try.

use std::time::Duration;

use domain::{
    JobId, Timestamp,
    job::{Job, JobKind},
};
use sqlx::FromRow;

use crate::{
    Bookkeeping, Conn, StorageError, Store, Tx,
    decode::{Place, storable},
    sql::Sql,
};

/// How far the workers lag behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobLag {
    /// Jobs that are due and not taken.
    pub due: u64,
    /// Jobs that a worker holds.
    pub leased: u64,
    /// Jobs that are due later.
    pub later: u64,
    /// Since when the oldest due job waits.
    pub oldest_due: Option<Timestamp>,
}

#[derive(FromRow)]
struct JobRow {
    id: String,
    kind: String,
    subject: String,
    attempts: i64,
    due_at: i64,
}

impl JobRow {
    fn into_job(self) -> Result<Job, StorageError> {
        let at = Place { table: "jobs", row: &self.id };
        Ok(Job {
            id: at.word("id", &self.id)?,
            kind: at.word("kind", &self.kind)?,
            attempts: self.attempts,
            leased_until: Timestamp::from_micros(self.due_at),
            subject: self.subject,
        })
    }
}

/// Asks for work. There is one job per kind and subject: asking again makes it due earlier, never later; and if a
/// worker is at it right now, it is done once more afterwards, because the worker may have looked too early.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn enqueue(
    tx: &mut Tx,
    id: JobId,
    kind: JobKind,
    subject: &str,
    run_at: Timestamp,
) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query(
            "INSERT INTO jobs (id, kind, subject, attempts, due_at) VALUES ($1, $2, $3, 0, $4) \
             ON CONFLICT (kind, subject) DO UPDATE SET \
             due_at = CASE WHEN jobs.leased_by IS NULL AND excluded.due_at < jobs.due_at \
                      THEN excluded.due_at ELSE jobs.due_at END, \
             again_at = CASE WHEN jobs.leased_by IS NULL THEN NULL \
                        WHEN jobs.again_at < excluded.due_at THEN jobs.again_at ELSE excluded.due_at END",
        )
        .bind(id.to_string())
        .bind(kind.as_str())
        .bind(subject)
        .bind(run_at.micros())
    )?;
    Ok(())
}

/// Takes the job that has been due for longest, if any is: one that is free, or one whose worker let its lease run
/// out. Each job is taken by one worker only.
///
/// # Errors
/// [`StorageError::Driver`], [`StorageError::Busy`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn take(
    store: &Store,
    worker: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<Option<Job>, StorageError> {
    // Looking first keeps idle workers from taking the write lock every second.
    let due = next_due(&mut *store.read().await?).await?;
    if due.is_none_or(|due| due > now) {
        return Ok(None);
    }
    let mut tx = store.begin().await?;
    let mut sql = Sql::new("UPDATE jobs SET attempts = attempts + 1, again_at = NULL, leased_by = ");
    sql.bind(worker).push(", due_at = ").bind(now.plus(lease).micros());
    sql.push(" WHERE id = (SELECT id FROM jobs WHERE due_at <= ").bind(now.micros());
    sql.push(" ORDER BY due_at, id LIMIT 1").push(tx.engine().skip_locked());
    sql.push(") RETURNING id, kind, subject, attempts, due_at");
    let Some(row) = sql.optional::<JobRow>(&mut tx).await? else { return Ok(None) };
    tx.commit_bookkeeping(Bookkeeping::JobLease).await?;
    row.into_job().map(Some)
}

/// Keeps the lease alive; `false` when another worker has taken the job over.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn renew(store: &Store, job: &Job, now: Timestamp, lease: Duration) -> Result<bool, StorageError> {
    let mut tx = store.begin().await?;
    let rows = affected!(
        tx,
        sqlx::query("UPDATE jobs SET due_at = $3 WHERE id = $1 AND attempts = $2 AND leased_by IS NOT NULL")
            .bind(job.id.to_string())
            .bind(job.attempts)
            .bind(now.plus(lease).micros())
    )?;
    if rows == 0 {
        return Ok(false);
    }
    tx.commit_bookkeeping(Bookkeeping::JobLease).await?;
    Ok(true)
}

/// Gives every leased job free at once. Only for a database that no other process uses: right after a start on
/// SQLite, leases can only be those of a process that died.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn release_all(store: &Store, now: Timestamp) -> Result<u64, StorageError> {
    let mut tx = store.begin().await?;
    let released = affected!(
        tx,
        sqlx::query(
            "UPDATE jobs SET due_at = $1, leased_by = NULL WHERE leased_by IS NOT NULL AND due_at > $1"
        )
        .bind(now.micros())
    )?;
    tx.commit_bookkeeping(Bookkeeping::JobLease).await?;
    Ok(released)
}

/// The job is done: it is removed, or due once more if it was asked for meanwhile.
///
/// # Errors
/// [`StorageError::Stale`] when another worker has taken it over.
pub async fn finish(tx: &mut Tx, job: &Job) -> Result<(), StorageError> {
    let id = job.id.to_string();
    let again = affected!(
        tx,
        sqlx::query(
            "UPDATE jobs SET due_at = again_at, again_at = NULL, leased_by = NULL, last_error = NULL \
             WHERE id = $1 AND attempts = $2 AND leased_by IS NOT NULL AND again_at IS NOT NULL",
        )
        .bind(&id)
        .bind(job.attempts)
    )?;
    if again == 1 {
        return Ok(());
    }
    let removed = affected!(
        tx,
        sqlx::query(
            "DELETE FROM jobs WHERE id = $1 AND attempts = $2 AND leased_by IS NOT NULL AND again_at IS NULL",
        )
        .bind(&id)
        .bind(job.attempts)
    )?;
    if removed == 1 {
        return Ok(());
    }
    // Asked for again between the two statements, which PostgreSQL allows; nobody can do so twice.
    let again = affected!(
        tx,
        sqlx::query(
            "UPDATE jobs SET due_at = again_at, again_at = NULL, leased_by = NULL, last_error = NULL \
             WHERE id = $1 AND attempts = $2 AND leased_by IS NOT NULL AND again_at IS NOT NULL",
        )
        .bind(&id)
        .bind(job.attempts)
    )?;
    crate::error::fresh(again, "job")
}

/// Gives the job back, to be tried at `run_at`, or earlier if it was asked for meanwhile.
///
/// # Errors
/// [`StorageError::Stale`] when another worker has taken it over.
pub async fn put_back(tx: &mut Tx, job: &Job, run_at: Timestamp, error: &str) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE jobs SET due_at = CASE WHEN again_at < $3 THEN again_at ELSE $3 END, again_at = NULL, \
             leased_by = NULL, last_error = $4 WHERE id = $1 AND attempts = $2 AND leased_by IS NOT NULL",
        )
        .bind(job.id.to_string())
        .bind(job.attempts)
        .bind(run_at.micros())
        .bind(storable(error))
    )?;
    crate::error::fresh(rows, "job")
}

/// When the next job is due or the next lease runs out.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>, StorageError> {
    let due: Option<i64> = on!(conn, c => sqlx::query_scalar("SELECT MIN(due_at) FROM jobs").fetch_one(c))?;
    Ok(due.map(Timestamp::from_micros))
}

/// How far the workers lag behind.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn lag(conn: &mut Conn, now: Timestamp) -> Result<JobLag, StorageError> {
    let (due, leased, later, oldest): (i64, i64, i64, Option<i64>) = on!(conn, c => {
        sqlx::query_as(
            "SELECT COUNT(CASE WHEN due_at <= $1 THEN 1 END), \
             COUNT(CASE WHEN due_at > $1 AND leased_by IS NOT NULL THEN 1 END), \
             COUNT(CASE WHEN due_at > $1 AND leased_by IS NULL THEN 1 END), \
             MIN(CASE WHEN due_at <= $1 THEN due_at END) FROM jobs",
        )
        .bind(now.micros())
        .fetch_one(c)
    })?;
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(JobLag {
        due: count(due),
        leased: count(leased),
        later: count(later),
        oldest_due: oldest.map(Timestamp::from_micros),
    })
}
