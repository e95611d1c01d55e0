//! A value of a setting, in its one canonical form.

use serde::{Deserialize, Serialize};

use super::duration;

/// A value. Two values are equal exactly when the vendor treats them alike: lists are sorted and without repeats,
/// durations are seconds, colours and domains have one spelling. [`super::Kind`] makes them so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingValue {
    /// On or off.
    Flag(bool),
    /// A whole number.
    Whole(u64),
    /// A duration, in seconds.
    Seconds(u64),
    /// A word, text, colour, address or instant.
    Text(String),
    /// A set of texts.
    List(Vec<String>),
}

impl SettingValue {
    /// The one text that is stored, and that reads back as the same value: `true`, `8`, `1h0m0s`, one line per item.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Flag(on) => on.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Seconds(seconds) => duration::write(*seconds),
            Self::Text(text) => text.clone(),
            Self::List(items) => items.join("\n"),
        }
    }

    /// Whether it says nothing: an empty text or list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Flag(_) | Self::Whole(_) | Self::Seconds(_) => false,
        }
    }
}
