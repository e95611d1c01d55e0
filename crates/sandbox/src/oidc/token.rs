//! The token endpoint: client credentials and authorization codes.

use std::time::Duration;

use serde_json::{Map, json};

use super::{
    client_auth::{self, Authenticated},
    grant,
};
use crate::{
    admin::{organizations, workspaces},
    call::{Call, Payload},
    config::DeactivatedEffect,
    digest::fingerprint,
    duration,
    http_error::Refusal,
    licensing,
    reply::Reply,
    store::{ADMIN_WORKSPACE, Doc, Fields, SYSTEM_WORKSPACE, Table},
};

/// `POST /oauth2/token`.
pub(crate) fn token(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    if !matches!(call.incoming.payload, Payload::Form(_)) {
        return Err(Refusal::oauth(400, "invalid_request", "a form body is required"));
    }
    let client = client_auth::authenticate(call, &workspace)?;
    if blocked(call, &workspace) {
        return Err(Refusal::oauth(400, "unauthorized_client", "the organization is deactivated"));
    }
    let wanted = call.form("grant_type").unwrap_or_default().to_owned();
    if !matches!(wanted.as_str(), "client_credentials" | "authorization_code") {
        let hint = "grant_type must be client_credentials or authorization_code";
        return Err(Refusal::oauth(400, "unsupported_grant_type", hint));
    }
    if !client.grants.contains(&wanted) {
        let hint = format!("the client may not use {wanted}");
        return Err(Refusal::oauth(400, "unauthorized_client", hint));
    }
    if wanted == "client_credentials" {
        let scope = granted(&client, call.form("scope").unwrap_or_default())?;
        return Ok(issue(call, &workspace, &client, None, &scope, None));
    }
    let redeemed = grant::redeem(call, &workspace, &client)?;
    let user = Some(redeemed.user.as_str());
    Ok(issue(call, &workspace, &client, user, &redeemed.scope, redeemed.id_token))
}

/// Whether the workspace is deactivated, and that is switched to have an effect.
fn blocked(call: &Call<'_>, workspace: &str) -> bool {
    call.engine.deactivated_effect() == DeactivatedEffect::BlocksLogin
        && call.store.get(Table::Workspaces, workspace).is_some_and(organizations::is_deactivated)
}

/// The scopes of a request, if the client may have all of them.
fn granted(client: &Authenticated, wanted: &str) -> Result<String, Refusal> {
    let scopes: Vec<&str> = wanted.split_whitespace().collect();
    match scopes.iter().find(|scope| !client.scopes.iter().any(|has| has == *scope)) {
        None => Ok(scopes.join(" ")),
        Some(scope) => {
            Err(Refusal::oauth(400, "invalid_scope", format!("the client may not ask for the scope {scope}")))
        }
    }
}

/// How long a token of this sort lives: as the workspace says. The special workspaces keep to the configuration, so that
/// tests can let the console's own tokens expire.
pub(super) fn lifetime(call: &Call<'_>, workspace: &str, field: &str) -> Duration {
    let configured = call.config().token_ttl;
    if matches!(workspace, ADMIN_WORKSPACE | SYSTEM_WORKSPACE) {
        return configured;
    }
    let doc = call.store.get(Table::Workspaces, workspace);
    doc.and_then(|doc| duration::parse(doc.text(field))).unwrap_or(configured)
}

/// Issues an access token and answers it; expired tokens are forgotten on the way.
fn issue(
    call: &mut Call<'_>,
    workspace: &str,
    client: &Authenticated,
    user: Option<&str>,
    scope: &str,
    id_token: Option<String>,
) -> Reply {
    let now = call.now();
    let ttl = lifetime(call, workspace, "access_token_ttl");
    call.store.remove_where(Table::Tokens, |_, doc| doc.whole("expires_at") <= now.micros());
    let token = call.engine.random_secret();
    let doc = Doc::from_iter([
        ("workspace".to_owned(), json!(workspace)),
        ("client".to_owned(), json!(client.id)),
        ("user".to_owned(), json!(user.unwrap_or_default())),
        ("scope".to_owned(), json!(scope)),
        ("expires_at".to_owned(), json!(now.plus(ttl).micros())),
    ]);
    call.store.put(Table::Tokens, &fingerprint(&token), doc);
    licensing::count_token(call);
    let mut body = Map::from_iter([
        ("access_token".to_owned(), json!(token)),
        ("token_type".to_owned(), json!("Bearer")),
        ("expires_in".to_owned(), json!(ttl.as_secs())),
        ("scope".to_owned(), json!(scope)),
    ]);
    if let Some(id_token) = id_token {
        body.insert("id_token".to_owned(), json!(id_token));
    }
    Reply::data(body)
}
