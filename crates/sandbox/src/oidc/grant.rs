//! Redeeming an authorization code.

use serde_json::{Map, Value, json};

use super::{client_auth::Authenticated, keys::SigningKeyPair, token::lifetime, userinfo::claims};
use crate::{
    call::Call,
    digest::{challenge, fingerprint},
    http_error::Refusal,
    store::{Doc, Fields, Table},
};

/// What a code is redeemed for.
pub(crate) struct Redeemed {
    /// The user, as `pool/user`.
    pub(crate) user: String,
    /// The scopes asked for.
    pub(crate) scope: String,
    /// The signed ID token, if the scope `openid` was asked for.
    pub(crate) id_token: Option<String>,
}

/// Redeems the code of a request, once.
///
/// # Errors
/// 400 `invalid_grant` when anything about the code does not fit.
pub(crate) fn redeem(
    call: &mut Call<'_>,
    workspace: &str,
    client: &Authenticated,
) -> Result<Redeemed, Refusal> {
    let code = call.form("code").ok_or_else(|| Refusal::oauth(400, "invalid_request", "code is required"))?;
    let key = fingerprint(code);
    let doc = call
        .store
        .get(Table::Codes, &key)
        .cloned()
        .filter(|doc| doc.text("workspace") == workspace && doc.text("client") == client.id)
        .ok_or_else(|| invalid("the code is unknown, was redeemed, or belongs to another client"))?;
    check(call, &doc)?;
    let user = call
        .store
        .get(Table::Users, doc.text("user"))
        .filter(|user| user.text("status") == "active")
        .cloned()
        .ok_or_else(|| invalid("the user is gone or not active"))?;
    call.store.remove(Table::Codes, &key);
    let id_token = if doc.text("scope").split(' ').any(|scope| scope == "openid") {
        Some(id_token(call, workspace, client, &doc, &user)?)
    } else {
        None
    };
    Ok(Redeemed { user: doc.text("user").to_owned(), scope: doc.text("scope").to_owned(), id_token })
}

fn check(call: &Call<'_>, doc: &Doc) -> Result<(), Refusal> {
    if doc.whole("expires_at") <= call.now().micros() {
        return Err(invalid("the code has expired"));
    }
    if call.form("redirect_uri").is_some_and(|uri| uri != doc.text("redirect_uri")) {
        return Err(invalid("the redirect_uri is not the one the code was issued for"));
    }
    match (doc.text("code_challenge"), call.form("code_verifier")) {
        ("", None) => Ok(()),
        ("", Some(_)) => {
            Err(invalid("a code_verifier was sent, but the code was issued without a challenge"))
        }
        (_, None) => Err(invalid("code_verifier is required")),
        (wanted, Some(verifier)) if challenge(verifier) == wanted => Ok(()),
        (_, Some(_)) => Err(invalid("the code_verifier does not fit the code_challenge")),
    }
}

fn id_token(
    call: &mut Call<'_>,
    workspace: &str,
    client: &Authenticated,
    code: &Doc,
    user: &Doc,
) -> Result<String, Refusal> {
    let now = call.now();
    let mut all: Map<String, Value> = claims(user);
    for (name, value) in [
        ("iss", json!(call.issuer(workspace))),
        ("aud", json!([client.id])),
        ("iat", json!(now.seconds())),
        ("exp", json!(now.plus(lifetime(call, workspace, "id_token_ttl")).seconds())),
        ("auth_time", code.get("auth_time").cloned().unwrap_or_default()),
        ("amr", json!(["pwd"])),
        ("idp", json!(code.text("idp"))),
        ("tid", json!(call.tenant())),
        ("aid", json!(workspace)),
    ] {
        all.insert(name.to_owned(), value);
    }
    if let Some(nonce) = code.get("nonce") {
        all.insert("nonce".to_owned(), nonce.clone());
    }
    Ok(SigningKeyPair::of(call, workspace)?.sign(&all))
}

fn invalid(hint: &str) -> Refusal {
    Refusal::oauth(400, "invalid_grant", hint)
}
