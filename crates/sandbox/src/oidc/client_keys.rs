//! The keys that an application publishes at its `jwks_uri`: fetched when it proves itself with an assertion, before
//! the store is locked.

use jsonwebtoken::jwk::Jwk;
use serde_json::Value;

use super::client_auth;
use crate::{
    call::Incoming,
    engine::Engine,
    operation::{Api, Operation},
    store::{Fields, Table},
};

/// What was found at the address; `None` where nothing was to be fetched.
pub(crate) type Fetched = Option<Result<Vec<Jwk>, String>>;

/// Fetches the keys of the application that a token request is about, if it has an address for them.
pub(crate) async fn fetch(engine: &Engine, operation: &Operation, incoming: &Incoming) -> Fetched {
    if operation.api != Api::OAuth2 || operation.id != "token" {
        return None;
    }
    let client = client_auth::subject(incoming.form("client_assertion")?)?;
    let uri = engine.read(|store| {
        let doc = store.get(Table::Clients, &client)?;
        (doc.text("token_endpoint_auth_method") == "private_key_jwt").then(|| doc.text("jwks_uri").to_owned())
    })?;
    if uri.is_empty() {
        return None;
    }
    Some(keys_at(engine, &uri).await.map_err(|why| format!("the keys at {uri} cannot be fetched: {why}")))
}

async fn keys_at(engine: &Engine, uri: &str) -> Result<Vec<Jwk>, String> {
    let answer = engine.http()?.get(uri).send().await.map_err(|error| error.to_string())?;
    let answer = answer.error_for_status().map_err(|error| error.to_string())?;
    let set: Value = answer.json().await.map_err(|_| "the answer is not JSON".to_owned())?;
    let keys = set.get("keys").and_then(Value::as_array).ok_or("the answer has no keys")?;
    // A key of a kind that is not known here is somebody else's business.
    Ok(keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect())
}
