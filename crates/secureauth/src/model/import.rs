//! Users with the hashes of their passwords, as the bulk import takes them (vendor contract, bulk import).

use std::fmt;

use domain::{Timestamp, migration::PasswordHash};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{UserId, UserStatus, lenient, open_enum::open_enum};

open_enum! {
    /// What an identifier is.
    IdentifierKind {
        /// An e-mail address.
        Email = "email",
        /// A mobile number.
        Mobile = "mobile",
        /// A plain username.
        Uid = "uid",
    }
}

open_enum! {
    /// What an address is.
    AddressKind {
        /// An e-mail address.
        Email = "email",
        /// A mobile number.
        Mobile = "mobile",
    }
}

open_enum! {
    /// Whether a password may be used.
    PasswordState {
        /// It may.
        Valid = "valid",
        /// Not until it was reset.
        MustBeReset = "must_be_reset",
        /// Once more, then it must be changed.
        MustBeChanged = "must_be_changed",
    }
}

open_enum! {
    /// What a check of a password gave.
    PasswordResult {
        /// It is right.
        Correct = "password_correct",
        /// It is wrong.
        Incorrect = "password_incorrect",
        /// It is right, and expired.
        Expired = "password_expired",
        /// The user has none.
        NoPassword = "no_password",
        /// No such user.
        NoUser = "user_not_found",
    }
}

/// An identifier to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentifierImport {
    /// Our id of the record.
    pub id: String,
    /// The identifier.
    pub identifier: String,
    /// What it is.
    pub kind: IdentifierKind,
}

/// An address to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressImport {
    /// Our id of the record.
    pub id: String,
    /// The address.
    pub address: String,
    /// What it is.
    pub kind: AddressKind,
    /// Whether it was verified.
    pub verified: bool,
}

/// A password to be imported. Its `Debug` shows the state only.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordImport {
    /// Our id of the record.
    pub id: String,
    /// The hash.
    pub hash: PasswordHash,
    /// Whether it may be used.
    pub state: PasswordState,
}

impl fmt::Debug for PasswordImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordImport({})", self.state)
    }
}

/// A user to be imported whole: what it had before is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct UserImport {
    /// Our id of the user.
    pub id: UserId,
    /// Whether the person may sign in.
    pub status: UserStatus,
    /// Profile fields, as the pool's schema has them.
    pub payload: Map<String, Value>,
    /// Fields for administrators.
    pub metadata: Map<String, Value>,
    /// The identifiers.
    pub identifiers: Vec<IdentifierImport>,
    /// The addresses.
    pub addresses: Vec<AddressImport>,
    /// The password.
    pub password: Option<PasswordImport>,
    /// What the records say of their making and last change: whoever changes the user later leaves another instant.
    pub stamp: Timestamp,
}

/// A user of a pool with its identifiers, addresses and times; profile and credentials are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    /// The id.
    pub id: UserId,
    /// The status.
    pub status: UserStatus,
    /// Identifiers, sorted.
    pub identifiers: Vec<String>,
    /// Addresses and whether they are verified, sorted.
    pub addresses: Vec<(String, bool)>,
    /// When it was last changed, where the vendor says so.
    pub updated_at: Option<Timestamp>,
}

/// What a check of a password came to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PasswordCheck {
    /// The result.
    pub result: PasswordResult,
    /// Whether the password may be used.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub state: Option<PasswordState>,
}

/// A user as a list shows it.
#[derive(Deserialize)]
pub(crate) struct Listed {
    id: UserId,
    status: UserStatus,
    #[serde(default, deserialize_with = "lenient::or_default")]
    identifiers: Vec<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    addresses: Vec<ListedAddress>,
    #[serde(default, deserialize_with = "lenient::optional")]
    updated_at: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
struct ListedAddress {
    address: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    verified: bool,
}

/// A user as its own call shows it.
#[derive(Deserialize)]
pub(crate) struct Whole {
    id: UserId,
    status: UserStatus,
    #[serde(default, deserialize_with = "lenient::or_default")]
    identifiers: Vec<WholeIdentifier>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    verifiable_addresses: Vec<ListedAddress>,
    #[serde(default, deserialize_with = "lenient::optional")]
    updated_at: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
struct WholeIdentifier {
    identifier: String,
}

impl From<Listed> for UserView {
    fn from(user: Listed) -> Self {
        view(user.id, user.status, user.identifiers, user.addresses, user.updated_at)
    }
}

impl From<Whole> for UserView {
    fn from(user: Whole) -> Self {
        let identifiers = user.identifiers.into_iter().map(|it| it.identifier).collect();
        view(user.id, user.status, identifiers, user.verifiable_addresses, user.updated_at)
    }
}

fn view(
    id: UserId,
    status: UserStatus,
    mut identifiers: Vec<String>,
    addresses: Vec<ListedAddress>,
    updated_at: Option<jiff::Timestamp>,
) -> UserView {
    let mut addresses: Vec<_> = addresses.into_iter().map(|it| (it.address, it.verified)).collect();
    identifiers.sort_unstable();
    addresses.sort_unstable();
    let updated_at = updated_at.map(|at| Timestamp::from_micros(at.as_microsecond()));
    UserView { id, status, identifiers, addresses, updated_at }
}
