//! Users, as far as enabling, suspending and the check of passwords need them.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

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

/// A user to be made who is known by a username and a password only. The password is never shown.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The id, chosen by us so that the user can be removed whatever happened.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// The password, in clear text as the vendor takes it.
    pub password: SecretString,
    /// Free fields that only administrators see.
    pub metadata: Map<String, Value>,
}

/// A user in a list: nothing personal, only what a revocation needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UserSummary {
    /// The id.
    pub id: UserId,
    /// The status.
    pub status: UserStatus,
}
