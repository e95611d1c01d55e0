//! A user with all that can be changed one by one: what a change is planned from, and read back against.

use std::fmt;

use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{AddressKind, IdentifierKind, PasswordState, UserId, UserStatus, lenient};

/// An address of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRecord {
    /// The address.
    pub address: String,
    /// What it is.
    pub kind: AddressKind,
    /// Whether it was verified.
    pub verified: bool,
}

/// A user as its own call shows it. Its `Debug` shows id and status only.
#[derive(Clone, PartialEq)]
pub struct UserRecord {
    /// The id.
    pub id: UserId,
    /// The status.
    pub status: UserStatus,
    /// Profile fields.
    pub payload: Map<String, Value>,
    /// Fields for administrators.
    pub metadata: Map<String, Value>,
    /// Identifiers with what they are.
    pub identifiers: Vec<(String, IdentifierKind)>,
    /// Addresses.
    pub addresses: Vec<AddressRecord>,
    /// The state of the password and when it was last changed; nothing where the user has none.
    pub password: Option<(PasswordState, Option<Timestamp>)>,
    /// When the user was last changed, where the vendor says so.
    pub updated_at: Option<Timestamp>,
}

impl fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserRecord({}, {})", self.id, self.status)
    }
}

#[derive(Deserialize)]
pub(crate) struct Recorded {
    id: UserId,
    status: UserStatus,
    #[serde(default, deserialize_with = "lenient::or_default")]
    payload: Map<String, Value>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    metadata: Map<String, Value>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    identifiers: Vec<Identifier>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    verifiable_addresses: Vec<Address>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    credentials: Vec<Credential>,
    #[serde(default, deserialize_with = "lenient::optional")]
    updated_at: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
struct Identifier {
    identifier: String,
    #[serde(rename = "type")]
    kind: IdentifierKind,
}

#[derive(Deserialize)]
struct Address {
    address: String,
    #[serde(rename = "type")]
    kind: AddressKind,
    #[serde(default, deserialize_with = "lenient::or_default")]
    verified: bool,
}

#[derive(Deserialize)]
struct Credential {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "lenient::optional")]
    state: Option<PasswordState>,
    #[serde(default, deserialize_with = "lenient::optional")]
    updated_at: Option<jiff::Timestamp>,
}

impl From<Recorded> for UserRecord {
    fn from(user: Recorded) -> Self {
        let instant = |at: jiff::Timestamp| Timestamp::from_micros(at.as_microsecond());
        let password = user.credentials.into_iter().find(|it| it.kind == "password");
        Self {
            id: user.id,
            status: user.status,
            payload: user.payload,
            metadata: user.metadata,
            identifiers: user.identifiers.into_iter().map(|it| (it.identifier, it.kind)).collect(),
            addresses: user
                .verifiable_addresses
                .into_iter()
                .map(|it| AddressRecord { address: it.address, kind: it.kind, verified: it.verified })
                .collect(),
            password: password
                .map(|it| (it.state.unwrap_or(PasswordState::Valid), it.updated_at.map(instant))),
            updated_at: user.updated_at.map(instant),
        }
    }
}
