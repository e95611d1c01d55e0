//! Users, as far as enabling and suspending need them.

use serde::Deserialize;

use super::{id::UserId, open_enum::open_enum};

open_enum! {
    /// A user's status; only `active` users sign in.
    UserStatus {
        /// Not activated yet.
        New = "new",
        /// May sign in.
        Active = "active",
        /// May not sign in.
        Inactive = "inactive",
        /// Softly deleted.
        Deleted = "deleted",
    }
}

/// A user in a list: nothing personal, only what a revocation needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UserSummary {
    /// The id.
    pub id: UserId,
    /// The status.
    pub status: UserStatus,
}
