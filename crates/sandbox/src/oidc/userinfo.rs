//! What is known about the user of a token.

use serde_json::{Map, Value, json};

use crate::{
    call::Call,
    http_error::Refusal,
    identity::users::items,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// Claims a user's payload may hold.
const FROM_PAYLOAD: &[&str] =
    &["name", "given_name", "family_name", "middle_name", "nickname", "locale", "zoneinfo"];

/// `GET /userinfo`.
pub(crate) fn userinfo(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let key = call.principal.as_ref().and_then(|principal| principal.user.clone()).unwrap_or_default();
    let user = call
        .store
        .get(Table::Users, &key)
        .ok_or_else(|| Refusal::unauthorized("invalid_token", "the user of the token is gone"))?;
    Ok(Reply::data(claims(user)))
}

/// The claims about a user: subject, name, username, e-mail.
pub(crate) fn claims(user: &Doc) -> Map<String, Value> {
    let mut claims = Map::from_iter([("sub".to_owned(), json!(user.text("id")))]);
    let payload = user.get("payload").and_then(Value::as_object);
    for name in FROM_PAYLOAD {
        if let Some(value) = payload.and_then(|payload| payload.get(*name)).filter(|value| value.is_string())
        {
            claims.insert((*name).to_owned(), value.clone());
        }
    }
    let identifier = |kind: &str| items(user, "identifiers").find(|item| item.text("type") == kind);
    if let Some(username) = identifier("uid").or_else(|| identifier("email")) {
        claims.insert("preferred_username".to_owned(), json!(username.text("identifier")));
    }
    if let Some(address) = items(user, "verifiable_addresses").find(|item| item.text("type") == "email") {
        claims.insert("email".to_owned(), json!(address.text("address")));
        claims.insert("email_verified".to_owned(), json!(address.flag("verified")));
    }
    claims
}
