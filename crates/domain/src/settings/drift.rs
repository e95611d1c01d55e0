//! Drift: what SecureAuth shows is not what is wanted. Found by scans, decided field by field.

use serde::{Deserialize, Serialize};

use super::{Observed, SettingKey, SettingValue};
use crate::{Bid, ScanId, Timestamp, actor::Actor, words};

words! {
    /// What somebody decides about a value that drifted.
    DriftDecision, "decision about drift" {
        /// Theirs is right: it is what is wanted from now on.
        Adopt = "adopt", "Adopt theirs";
        /// Ours is right: it is written again.
        Restore = "restore", "Restore ours";
        /// Neither, for now: it is not shown until a day.
        Ignore = "ignore", "Ignore";
    }
}

words! {
    /// Where a scan stands.
    ScanState, "scan state" {
        /// A worker is at it.
        Running = "running", "Running";
        /// Every biller was read.
        Finished = "finished", "Finished";
    }
}

/// One value of one biller that drifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The biller.
    pub bid: Bid,
    /// The setting.
    pub key: SettingKey,
    /// What is wanted.
    pub wanted: SettingValue,
    /// What SecureAuth shows.
    pub found: Observed,
    /// When it was first seen to show this.
    pub found_at: Timestamp,
    /// Until when it is ignored.
    pub ignored_until: Option<Timestamp>,
    /// Who changed it, as far as the vendor's audit events tell; `None`: they were not asked yet.
    pub changed: Option<Changed>,
}

/// Who changed a value at SecureAuth, as far as the vendor's audit events tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum Changed {
    /// An event shows the object with this value, and the one before it with another.
    Value {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// An event tells that the object was changed, but not which field.
    Object {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// No event tells.
    Nothing,
}

impl Drift {
    /// Whether somebody decided to ignore it, and that still holds.
    #[must_use]
    pub fn is_ignored(&self, now: Timestamp) -> bool {
        self.ignored_until.is_some_and(|until| until > now)
    }
}

/// A scan of all billers that have objects at SecureAuth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its id.
    pub id: ScanId,
    /// Where it stands.
    pub state: ScanState,
    /// Who asked for it.
    pub requested_by: Actor,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The last biller that was read; it goes on after this one.
    pub cursor: Option<Bid>,
    /// Billers to read.
    pub total: u64,
    /// Billers that were read.
    pub done: u64,
    /// Calls that were made.
    pub calls: u64,
    /// Values that were found to differ.
    pub drifted: u64,
    /// Billers that could not be read.
    pub failed: u64,
}

impl Scan {
    /// How long it will still take at the pace so far; `None` before anything is known of the pace.
    #[must_use]
    pub fn rest(&self, now: Timestamp) -> Option<std::time::Duration> {
        let done = u32::try_from(self.done).ok().filter(|done| *done > 0)?;
        let left = u32::try_from(self.total.saturating_sub(self.done)).unwrap_or(u32::MAX);
        Some((now.since(self.started_at) / done).saturating_mul(left))
    }
}

/// Calls for one biller: pool, organization (which names the theme), binding, application.
pub const CALLS_PER_BILLER: u64 = 4;
