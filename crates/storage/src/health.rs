//! Whether the database is there and up to date.

use crate::{Conn, Engine, StorageError};

/// Asks the database for an answer.
///
/// # Errors
/// [`StorageError::Driver`] when there is none.
pub async fn ping(conn: &mut Conn) -> Result<(), StorageError> {
    let _: i64 = on!(conn, c => sqlx::query_scalar("SELECT CAST(1 AS BIGINT)").fetch_one(c))?;
    Ok(())
}

/// The number of the newest migration that was applied.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn schema_version(conn: &mut Conn) -> Result<i64, StorageError> {
    Ok(
        on!(conn, c => sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success").fetch_one(c))?,
    )
}

/// Which database this is.
#[must_use]
pub const fn engine(conn: &Conn) -> Engine {
    conn.engine()
}
