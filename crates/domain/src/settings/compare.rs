//! Whether SecureAuth agrees.

use super::{Observed, SettingValue};
use crate::words;

words! {
    /// How what is wanted compares with what SecureAuth shows.
    Agreement, "agreement" {
        /// The same.
        InSync = "in_sync", "In sync";
        /// Different.
        Drifted = "drifted", "Drifted";
        /// Not read yet, or not readable.
        Unknown = "unknown", "Unknown";
        /// Nobody here wants anything: SecureAuth's own default holds.
        Unmanaged = "unmanaged", "Left to SecureAuth";
    }
}

/// Compares. Both sides are canonical, so that spelling and order never count.
#[must_use]
pub fn agreement(desired: Option<&SettingValue>, observed: Option<&Observed>) -> Agreement {
    match (desired, observed) {
        (_, None) => Agreement::Unknown,
        (None, Some(_)) => Agreement::Unmanaged,
        (Some(desired), Some(Observed::Value(value))) if desired == value => Agreement::InSync,
        (Some(_), Some(_)) => Agreement::Drifted,
    }
}
