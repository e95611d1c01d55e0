//! Why a use case did not do what was asked.

use domain::{access::Refusal, import::RowError, settings::Contradiction, text::UnknownWord};
use secureauth::CallError;
use storage::StorageError;
use thiserror::Error;

/// Why a use case did not do what was asked. The text is for the person who asked.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// The rules forbid it, for this reason.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing.
    #[error("There is no {what} {id:?}. It may have been removed, or the address is wrong.")]
    NotFound {
        /// Kind of thing.
        what: &'static str,
        /// The id looked for.
        id: String,
    },
    /// One field of a form is wrong.
    #[error("{field}: {problem}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Several fields are wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Fields(Vec<RowError>),
    /// Values of settings are wrong, or somebody else changed them.
    #[error("{}", .0.iter().map(|it| it.problem.as_str()).collect::<Vec<_>>().join(" "))]
    Settings(Vec<Contradiction>),
    /// Someone else changed it meanwhile.
    #[error("{what} was changed by someone else meanwhile. Look at the present state and try again.")]
    Changed {
        /// What was changed.
        what: &'static str,
    },
    /// A client secret was asked for, and none can be shown.
    #[error("No secret can be shown. {0}")]
    SecretNotMade(String),
    /// The vendor did not do what was asked.
    #[error("SecureAuth: {0}")]
    Vendor(#[from] CallError),
    /// The database did not do what was asked.
    #[error("The console's database could not do this. Nothing was changed. {0}")]
    Storage(StorageError),
}

impl From<StorageError> for ServiceError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Stale { what } => Self::Changed { what },
            other => Self::Storage(other),
        }
    }
}

impl From<UnknownWord> for ServiceError {
    fn from(error: UnknownWord) -> Self {
        Self::Field { field: error.what, problem: error.to_string() }
    }
}

impl ServiceError {
    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }
}
