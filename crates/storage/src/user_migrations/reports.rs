//! Reports of moves: written once, never changed.

use domain::{MigrationId, Timestamp, migration::RowState};

use super::rows::{self, StagedUser};
use crate::{Conn, StorageError, Tx, decode::Place, sql::Sql};

/// A report as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReport {
    /// Whose.
    pub migration: MigrationId,
    /// Its number, from 1: every end of the move makes one.
    pub edition: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// The file, byte by byte.
    pub body: String,
    /// SHA-256 of the body, in hex.
    pub digest: String,
}

/// Keeps a report.
///
/// # Errors
/// [`StorageError::Driver`], also for an edition that is there.
pub async fn put_report(tx: &mut Tx, report: &KeptReport) -> Result<(), StorageError> {
    let mut sql =
        Sql::new("INSERT INTO user_migration_reports (migration_id, edition, made_at, body, digest) VALUES ");
    sql.tuple([
        report.migration.to_string().into(),
        i64::try_from(report.edition).unwrap_or(i64::MAX).into(),
        report.made_at.micros().into(),
        report.body.as_str().into(),
        report.digest.as_str().into(),
    ]);
    sql.run(tx).await?;
    Ok(())
}

/// An edition of a move's report; the newest where none is named.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn report(
    conn: &mut Conn,
    id: MigrationId,
    edition: Option<u64>,
) -> Result<Option<KeptReport>, StorageError> {
    let mut sql =
        Sql::new("SELECT edition, made_at, body, digest FROM user_migration_reports WHERE migration_id = ");
    sql.bind(id.to_string());
    if let Some(edition) = edition {
        sql.push(" AND edition = ").bind(i64::try_from(edition).unwrap_or(i64::MAX));
    }
    sql.push(" ORDER BY edition DESC LIMIT 1");
    let Some((edition, made_at, body, digest)) = sql.optional::<(i64, i64, String, String)>(conn).await?
    else {
        return Ok(None);
    };
    let key = id.to_string();
    let at = Place { table: "user_migration_reports", row: &key };
    let edition = at.number("edition", edition)?;
    Ok(Some(KeptReport { migration: id, edition, made_at: Timestamp::from_micros(made_at), body, digest }))
}

/// Whether a report of the move was made.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn has_report(conn: &mut Conn, id: MigrationId) -> Result<bool, StorageError> {
    let mut sql = Sql::new("SELECT edition FROM user_migration_reports WHERE migration_id = ");
    sql.bind(id.to_string()).push(" LIMIT 1");
    Ok(sql.optional::<(i64,)>(conn).await?.is_some())
}

/// Rows in these states, each state in the order of the file, after a place: how lists of differences are read.
///
/// # Errors
/// As [`report`].
pub async fn differing(
    conn: &mut Conn,
    id: MigrationId,
    states: &[RowState],
    after: Option<(RowState, i64)>,
    limit: usize,
) -> Result<Vec<StagedUser>, StorageError> {
    let mut found = Vec::new();
    let from = after.and_then(|(state, _)| states.iter().position(|it| *it == state)).unwrap_or(0);
    for state in states.iter().skip(from) {
        let line = after.filter(|(of, _)| of == state).map_or(0, |(_, line)| line);
        found.extend(rows::by_state(conn, id, *state, line, limit - found.len()).await?);
        if found.len() >= limit {
            break;
        }
    }
    Ok(found)
}
