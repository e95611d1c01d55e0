//! What an issuer says about itself: the discovery document and its keys.

use serde_json::{Map, Value, json};

use super::keys::SigningKeyPair;
use crate::{admin::workspaces, call::Call, http_error::Refusal, reply::Reply};

/// `GET /.well-known/openid-configuration`.
pub(crate) fn document(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let issuer = call.issuer(&workspace);
    let methods = json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]);
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth2/authorize"),
        "token_endpoint": format!("{issuer}/oauth2/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "authorization_response_iss_parameter_supported": true,
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "amr", "idp", "email", "name"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
    });
    object(document).map(Reply::data)
}

/// `GET /.well-known/jwks.json`.
pub(crate) fn jwks(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let key = SigningKeyPair::of(call, &workspace)?;
    Ok(Reply::data(Map::from_iter([("keys".to_owned(), json!([key.jwk()]))])))
}

fn object(value: Value) -> Result<Map<String, Value>, Refusal> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Refusal::broken("the discovery document is not an object")),
    }
}
