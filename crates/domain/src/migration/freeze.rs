//! Freeze: for a time before the cut-over IC changes no users of a biller, so that a delivery of then holds everything.

use std::time::Duration;

use thiserror::Error;

use crate::{Bid, MigrationId, Timestamp, actor::Actor, words};

/// The longest freeze: people need their accounts changed.
pub const LONGEST: Duration = Duration::from_secs(31 * 24 * 3600);

words! {
    /// Where a freeze stands.
    FreezeState, "freeze" {
        /// It has not begun.
        Ahead = "ahead", "Ahead";
        /// It holds now, and no delivery of it was moved yet.
        Running = "running", "Frozen";
        /// It is over, and no delivery of it was moved.
        Missed = "missed", "Over without a delivery";
        /// A delivery of it was moved.
        Done = "done", "Delivery moved";
    }
}

/// A declared freeze of a biller's users at IC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// The biller.
    pub bid: Bid,
    /// From when on IC changes no users.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The zone in which both were given.
    pub zone: String,
    /// Who declared it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why, in their words.
    pub reason: Option<String>,
    /// The delivery that came in during the freeze and was moved.
    pub delta: Option<MigrationId>,
}

impl Freeze {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> FreezeState {
        match self.delta {
            Some(_) => FreezeState::Done,
            None if now < self.from => FreezeState::Ahead,
            None if now < self.until => FreezeState::Running,
            None => FreezeState::Missed,
        }
    }

    /// Whether a delivery that came in then holds everything.
    #[must_use]
    pub fn covers(&self, came_in: Timestamp) -> bool {
        self.from <= came_in && came_in < self.until
    }
}

/// Why a freeze cannot be declared like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FreezeError {
    /// It ends before it begins.
    #[error("The freeze has to end after it begins.")]
    Backwards,
    /// It is over already.
    #[error("The freeze would be over already: choose a later end.")]
    Past,
    /// It is too long.
    #[error("The freeze would be longer than 31 days: choose an earlier end.")]
    Long,
}

/// Whether a freeze may be declared from then until then.
///
/// # Errors
/// The [`FreezeError`] to show.
pub fn may_freeze(from: Timestamp, until: Timestamp, now: Timestamp) -> Result<(), FreezeError> {
    if until <= from {
        Err(FreezeError::Backwards)
    } else if until <= now {
        Err(FreezeError::Past)
    } else if until.since(from) > LONGEST {
        Err(FreezeError::Long)
    } else {
        Ok(())
    }
}
