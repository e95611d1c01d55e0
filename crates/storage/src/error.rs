//! Why the database did not do what was asked, and what to do about it.

use thiserror::Error;

/// Why the database did not do what was asked. Nothing of the transaction was kept.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The database answered with an error, or not at all.
    #[error(
        "The database answered with an error: {0}. Look at the database's own log; try again once it is healthy."
    )]
    Driver(#[source] sqlx::Error),
    /// Other transactions were in the way for too long.
    #[error(
        "The database was busy for too long. Try again; if it happens often, look for a long-running writer."
    )]
    Busy,
    /// A stored value is none of those that the console knows.
    #[error(
        "Table {table}, column {column}, row {row}: {problem}. The row was changed by hand or by a newer version: \
         correct the value or start the newer version."
    )]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with the value.
        problem: String,
    },
    /// A write touched another number of rows than it must.
    #[error(
        "{what}: {actual} rows were touched instead of {expected}. What was to be changed is gone or in another \
         state: load it again."
    )]
    RowsAffected {
        /// What was to be done.
        what: &'static str,
        /// Rows that must be touched.
        expected: u64,
        /// Rows that were touched.
        actual: u64,
    },
    /// Someone else changed it since it was read.
    #[error("The {what} was changed since it was read: load it again.")]
    Stale {
        /// What was to be changed.
        what: &'static str,
    },
    /// The biller has an open run already.
    #[error(
        "The biller has an open run already: wait until it has finished, or retry it or take it back if it failed."
    )]
    RunOpen,
    /// The schema could not be brought up to date, or is not.
    #[error("The database schema is not usable: {0}")]
    Migration(String),
    /// The address of the database is not usable.
    #[error(
        "The database address {url:?} is not usable: {problem}. Use sqlite:/path/to/file.db or postgres://user@host/name."
    )]
    Address {
        /// The address, without a password.
        url: String,
        /// What is wrong.
        problem: String,
    },
}

impl StorageError {
    /// Whether a row with this key is there already.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Database(error)) => error.is_unique_violation(),
            _ => false,
        }
    }

    /// Whether trying the same again may help.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let busy = match &error {
            sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(database) => database.code().is_some_and(|code| is_busy_code(&code)),
            _ => false,
        };
        if busy { Self::Busy } else { Self::Driver(error) }
    }
}

/// PostgreSQL: serialization failure, deadlock, lock not available. SQLite: SQLITE_BUSY and SQLITE_LOCKED, which
/// carry more in their upper bits.
fn is_busy_code(code: &str) -> bool {
    matches!(code, "40001" | "40P01" | "55P03")
        || (code.len() <= 4 && code.parse::<u32>().is_ok_and(|number| matches!(number & 0xff, 5 | 6)))
}

/// Turns the number of rows touched into an error unless it is as expected.
pub(crate) const fn exactly(expected: u64, actual: u64, what: &'static str) -> Result<(), StorageError> {
    if actual == expected { Ok(()) } else { Err(StorageError::RowsAffected { what, expected, actual }) }
}

/// For updates that name the version or state they expect: no row means that someone was faster.
pub(crate) const fn fresh(actual: u64, what: &'static str) -> Result<(), StorageError> {
    if actual == 1 { Ok(()) } else { Err(StorageError::Stale { what }) }
}
