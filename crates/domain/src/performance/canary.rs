//! The canary round: a user made, found, signed in with and removed in a pool of the console's own, so that what people
//! depend on is tried when nobody works, too.

use std::time::Duration;

use crate::{CanaryId, Timestamp, words};

words! {
    /// What is done in a round, in this order.
    CanaryStep, "step of the canary round" {
        /// Finds the pool, or makes it.
        Pool = "pool", "Find the pool, or make it";
        /// Deletes users that a round left which was interrupted.
        Leftovers = "leftovers", "Delete what an interrupted round left";
        /// Makes a user with a password.
        Create = "create", "Create a user";
        /// Reads the user back.
        Find = "find", "Find the user";
        /// Has the password checked.
        Verify = "verify", "Verify the password";
        /// Deletes the user.
        Delete = "delete", "Delete the user";
        /// Sees that the user is gone.
        Gone = "gone", "See that the user is gone";
    }
}

/// A round that came to its end, well or not. One that was interrupted is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanaryRound {
    /// Its id.
    pub id: CanaryId,
    /// When it began.
    pub began: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What went wrong; `None` for a whole round.
    pub failed: Option<CanaryFailure>,
}

/// Where a round ended before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanaryFailure {
    /// At which step.
    pub step: CanaryStep,
    /// What went wrong, in words.
    pub why: String,
    /// The vendor's trace id, where one came.
    pub trace_id: Option<String>,
}
