//! The body of a bulk import (`TenantDump` of the vendor contract, bulk import): written straight as text, since a move
//! of users makes millions of these records.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::migration::PasswordHash;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    AddressKind, IdentifierKind, PasswordState, PoolId, UserId, UserStatus,
    import::{AddressImport, IdentifierImport, PasswordImport, UserImport},
};

/// The body of an import.
#[derive(Default, Serialize)]
pub(crate) struct TenantDump<'a> {
    users: Vec<User<'a>>,
    user_identifiers: Vec<Record<'a, Identifier<'a>>>,
    user_verifiable_addresses: Vec<Record<'a, Address<'a>>>,
    user_credentials: Vec<Record<'a, Credential<'a>>>,
}

#[derive(Serialize)]
struct User<'a> {
    id: &'a UserId,
    tenant_id: &'a str,
    user_pool_id: &'a PoolId,
    status: &'a UserStatus,
    payload: &'a Map<String, Value>,
    metadata: &'a Map<String, Value>,
    created_at: &'a str,
    updated_at: &'a str,
    status_updated_at: &'a str,
}

/// What every record of a user begins with.
#[derive(Serialize)]
struct Record<'a, F> {
    id: &'a str,
    tenant_id: &'a str,
    user_pool_id: &'a PoolId,
    user_id: &'a UserId,
    created_at: &'a str,
    updated_at: &'a str,
    #[serde(flatten)]
    fields: F,
}

#[derive(Serialize)]
struct Identifier<'a> {
    identifier: &'a str,
    identifier_lc: String,
    #[serde(rename = "type")]
    kind: &'a IdentifierKind,
}

#[derive(Serialize)]
struct Address<'a> {
    address: &'a str,
    address_lc: String,
    #[serde(rename = "type")]
    kind: &'a AddressKind,
    status: &'static str,
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<&'a str>,
}

#[derive(Serialize)]
struct Credential<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    state: &'a PasswordState,
    payload: CredentialPayload,
}

#[derive(Serialize)]
struct CredentialPayload {
    hashed_password: Value,
}

impl<'a> TenantDump<'a> {
    /// The body that brings `users` into a pool. `stamps` are their stamps as the API writes instants, one for each.
    pub(crate) fn new(
        tenant: &'a str,
        pool: &'a PoolId,
        users: &'a [UserImport],
        stamps: &'a [String],
    ) -> Self {
        let mut dump = Self::default();
        for (user, stamp) in users.iter().zip(stamps) {
            let of = Owner { tenant_id: tenant, user_pool_id: pool, user_id: &user.id, stamp };
            dump.users.push(User {
                id: &user.id,
                tenant_id: tenant,
                user_pool_id: pool,
                status: &user.status,
                payload: &user.payload,
                metadata: &user.metadata,
                created_at: stamp,
                updated_at: stamp,
                status_updated_at: stamp,
            });
            dump.user_identifiers.extend(user.identifiers.iter().map(|it| of.record(&it.id, identifier(it))));
            dump.user_verifiable_addresses
                .extend(user.addresses.iter().map(|it| of.record(&it.id, address(it, stamp))));
            dump.user_credentials.extend(user.password.iter().map(|it| of.record(&it.id, credential(it))));
        }
        dump
    }
}

/// Whose records these are.
struct Owner<'a> {
    tenant_id: &'a str,
    user_pool_id: &'a PoolId,
    user_id: &'a UserId,
    stamp: &'a str,
}

impl<'a> Owner<'a> {
    const fn record<F>(&self, id: &'a str, fields: F) -> Record<'a, F> {
        let Self { tenant_id, user_pool_id, user_id, stamp } = *self;
        Record { id, tenant_id, user_pool_id, user_id, created_at: stamp, updated_at: stamp, fields }
    }
}

fn identifier(it: &IdentifierImport) -> Identifier<'_> {
    Identifier { identifier: &it.identifier, identifier_lc: it.identifier.to_lowercase(), kind: &it.kind }
}

fn address<'a>(it: &'a AddressImport, stamp: &'a str) -> Address<'a> {
    Address {
        address: &it.address,
        address_lc: it.address.to_lowercase(),
        kind: &it.kind,
        status: "active",
        verified: it.verified,
        verified_at: it.verified.then_some(stamp),
    }
}

fn credential(it: &PasswordImport) -> Credential<'_> {
    let payload = CredentialPayload { hashed_password: hash(&it.hash) };
    Credential { kind: "password", state: &it.state, payload }
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
