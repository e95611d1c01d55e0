//! How far a biller's users are on their way from IC to SecureAuth, as the other parts of the console need to know it.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, words};

words! {
    /// Where the users of a biller are.
    UserMoveState, "state of the users' move" {
        /// Somebody said that there are no users to move.
        NothingToMove = "nothing_to_move", "Nothing to move";
        /// The users are known here, and none was moved yet.
        Staged = "staged", "Staged";
        /// They are being moved.
        Moving = "moving", "Being moved";
        /// They are at SecureAuth.
        Moved = "moved", "Moved";
    }
}

impl UserMoveState {
    /// Whether everyone who is to sign in at SecureAuth is there.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::NothingToMove | Self::Moved)
    }
}

/// How far a biller's users are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMove {
    /// Where they are.
    pub state: UserMoveState,
    /// How many are to be moved.
    pub users: u64,
    /// How many have been moved.
    pub moved: u64,
    /// Since when this is known.
    pub changed_at: Timestamp,
}
