//! What a suspension means for people: can they still sign in with their old password?

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// How good a user's password at IC still is.
    LegacyPassword, "legacy password" {
        /// The same as at SecureAuth.
        Current = "current", "Current";
        /// Changed at SecureAuth since the move: the old one is out of date.
        Stale = "stale", "Out of date";
        /// The user was created after the move and has none at IC.
        Missing = "missing", "Missing";
    }
}

/// Users of a biller by the state of their password at IC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyPasswordCounts {
    /// Sign in as before.
    pub current: u64,
    /// Have to know their old password.
    pub stale: u64,
    /// Cannot sign in at all until they reset.
    pub missing: u64,
}

impl LegacyPasswordCounts {
    /// Users who cannot simply sign in on the legacy page.
    #[must_use]
    pub const fn locked_out(&self) -> u64 {
        self.stale + self.missing
    }

    /// All users known for the biller.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.current + self.stale + self.missing
    }
}

/// What a suspension will do, shown before it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpactSheet {
    /// Users in the pool as SecureAuth counts them; `None` when it did not answer.
    pub users_at_vendor: Option<u64>,
    /// Users by the state of their legacy password.
    pub passwords: LegacyPasswordCounts,
    /// Sign-ins started at the login URL in the last 24 hours.
    pub logins_last_day: u64,
    /// Where sign-ins will go.
    pub legacy_login_url: String,
}
