//! From columns to the domain's types; a value that is none of the known ones names its place.

use std::{fmt::Display, str::FromStr};

use domain::{Bid, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use crate::StorageError;

/// Where a value stands, for the error message.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a str,
}

impl Place<'_> {
    fn wrong(self, column: &'static str, problem: impl Display) -> StorageError {
        StorageError::Inconsistent {
            table: self.table,
            column,
            row: self.row.to_owned(),
            problem: problem.to_string(),
        }
    }

    /// A fixed word, an id, a bid.
    pub(crate) fn word<T>(self, column: &'static str, text: &str) -> Result<T, StorageError>
    where
        T: FromStr,
        T::Err: Display,
    {
        text.parse().map_err(|error: T::Err| self.wrong(column, error))
    }

    /// As [`Place::word`], where the column may be empty.
    pub(crate) fn word_opt<T>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StorageError>
    where
        T: FromStr,
        T::Err: Display,
    {
        text.map(|text| self.word(column, text)).transpose()
    }

    /// A value kept as JSON.
    pub(crate) fn json<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StorageError> {
        serde_json::from_str(text).map_err(|error| self.wrong(column, error))
    }

    /// As [`Place::json`], where the column may be empty.
    pub(crate) fn json_opt<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StorageError> {
        text.map(|text| self.json(column, text)).transpose()
    }

    /// A number that is never negative.
    pub(crate) fn number<T: TryFrom<i64>>(
        self,
        column: &'static str,
        number: i64,
    ) -> Result<T, StorageError> {
        T::try_from(number).map_err(|_| self.wrong(column, format!("{number} is out of range")))
    }

    /// A value that is checked by `check`.
    pub(crate) fn checked<T, E: Display>(
        self,
        column: &'static str,
        value: Result<T, E>,
    ) -> Result<T, StorageError> {
        value.map_err(|error| self.wrong(column, error))
    }
}

/// A value as JSON text; the domain's types have no value that JSON cannot say.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::Inconsistent {
        table: "none",
        column: "none",
        row: "not stored yet".to_owned(),
        problem: format!("the value cannot be written as JSON: {error}"),
    })
}

/// An instant that may be missing.
pub(crate) fn instant(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

/// A bid out of a column that only ever held checked bids.
pub(crate) fn bid(table: &'static str, text: &str) -> Result<Bid, StorageError> {
    Place { table, row: text }.word("bid", text)
}

/// Free text that both databases can hold: PostgreSQL has no NUL character.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A number of rows as a parameter.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
