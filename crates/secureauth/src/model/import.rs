//! Users with the hashes of their passwords, as the bulk import takes them (vendor contract, bulk import).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Timestamp, migration::PasswordHash};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{PoolId, UserId, UserStatus, lenient, open_enum::open_enum};

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

/// The body of an import.
pub(crate) fn dump(tenant: &str, pool: &PoolId, users: &[UserImport]) -> Value {
    let mut lists = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for user in users {
        let stamp = user.stamp.rfc3339();
        let record = |id: &str| {
            json!({"id": id, "tenant_id": tenant, "user_pool_id": pool, "user_id": user.id, "created_at": stamp,
                "updated_at": stamp})
        };
        let [all, identifiers, addresses, credentials] = &mut lists;
        all.push(json!({
            "id": user.id, "tenant_id": tenant, "user_pool_id": pool, "status": user.status, "payload": user.payload,
            "metadata": user.metadata, "created_at": stamp, "updated_at": stamp, "status_updated_at": stamp,
        }));
        identifiers.extend(user.identifiers.iter().map(|it| {
            let fields = json!({"identifier": it.identifier, "identifier_lc": it.identifier.to_lowercase(),
                "type": it.kind});
            joined(record(&it.id), fields)
        }));
        addresses.extend(user.addresses.iter().map(|it| {
            let mut fields = json!({"address": it.address, "address_lc": it.address.to_lowercase(), "type": it.kind,
                "status": "active", "verified": it.verified});
            if it.verified {
                fields = joined(fields, json!({ "verified_at": stamp }));
            }
            joined(record(&it.id), fields)
        }));
        credentials.extend(user.password.iter().map(|it| {
            let fields = json!({"type": "password", "state": it.state,
                "payload": {"hashed_password": hash(&it.hash)}});
            joined(record(&it.id), fields)
        }));
    }
    let [users, identifiers, addresses, credentials] = lists;
    json!({"users": users, "user_identifiers": identifiers, "user_verifiable_addresses": addresses,
        "user_credentials": credentials})
}

fn joined(mut record: Value, fields: Value) -> Value {
    if let (Value::Object(record), Value::Object(fields)) = (&mut record, fields) {
        record.extend(fields);
    }
    record
}

/// `Hash` of the contract. How bytes are written is not published; base64 is our reading, which the canary proves on
/// the target tenant before any user is sent.
fn hash(hash: &PasswordHash) -> Value {
    let text = |bytes: &[u8]| STANDARD.encode(bytes);
    let together = |digest: &[u8], salt: &[u8]| text(&[digest, salt].concat());
    let (value, settings) = match hash {
        PasswordHash::Bcrypt { crypt, cost } => (crypt.clone(), json!({ "cost": cost })),
        PasswordHash::Pbkdf2 { function, iterations, salt, key } => (
            text(key),
            json!({"function": function, "number_of_iterations": iterations, "key_length": key.len(),
                "salt": text(salt), "salt_length": salt.len()}),
        ),
        PasswordHash::Argon2id { iterations, memory_kib, parallelism, salt, key } => (
            text(key),
            json!({"iterations": iterations, "memory_in_kb": memory_kib, "parallelism": parallelism,
                "key_length": key.len(), "salt": text(salt), "salt_length": salt.len()}),
        ),
        PasswordHash::Sha { function, digest, salt } => (
            together(digest, salt),
            json!({"function": function, "salt_length": salt.len(), "salt_after_digest_in_hash": true}),
        ),
        PasswordHash::Md5 { digest, salt } => {
            (together(digest, salt), json!({"salt_length": salt.len(), "salt_after_digest_in_hash": true}))
        }
    };
    let method = hash.method();
    json!({"value": value, "config": {"method": method, (method): settings}})
}
