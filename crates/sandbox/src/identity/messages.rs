//! Messages to users and the state of their passwords (vendor contract, passwords, activation, codes). Nothing is
//! sent: what would be is counted with the user.

use serde_json::{Value, json};

use super::users::{self, items, user_key};
use crate::{
    call::Call,
    fields::{PASSWORD_STATE, SEND_ACTIVATION, SEND_RESET},
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// `POST …/users/{userID}/activation/send`: only while the user is `new`.
pub(crate) fn send_activation(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(SEND_ACTIVATION)?;
    let user = users::find(call)?.clone();
    if user.text("status") != "new" {
        return Err(Refusal::invalid("only a new user can be activated").at("status"));
    }
    let address = match (body.text("address"), items(&user, "verifiable_addresses").count()) {
        ("", 1) => items(&user, "verifiable_addresses").next().map(|it| it.text("address").to_owned()),
        ("", _) => None,
        (given, _) => Some(given.to_owned()).filter(|given| has_address(&user, given)),
    };
    let Some(address) = address else {
        return Err(Refusal::invalid("the user has no such address").at("address"));
    };
    note(call, user, "activation", &address);
    Ok(Reply::Empty)
}

/// `POST …/users/{userID}/password/reset/request`.
pub(crate) fn request_reset(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(SEND_RESET)?;
    let user = users::find(call)?.clone();
    if !has_address(&user, body.text("address")) {
        return Err(Refusal::invalid("the user has no such address").at("address"));
    }
    note(call, user, "reset", body.text("address"));
    Ok(Reply::Empty)
}

/// `PUT …/users/{userID}/password/state`.
pub(crate) fn set_password_state(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(PASSWORD_STATE)?;
    let mut user = users::find(call)?.clone();
    let (stamp, state) = (call.stamp(), body.text("state").to_owned());
    let mut found = false;
    for credential in user.get_mut("credentials").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(credential) = credential.as_object_mut().filter(|it| it.text("type") == "password") else {
            continue;
        };
        credential.insert("state".to_owned(), json!(state));
        credential.insert("updated_at".to_owned(), stamp.clone());
        found = true;
    }
    if !found {
        return Err(Refusal::invalid("the user has no password").at("state"));
    }
    user.insert("updated_at".to_owned(), stamp);
    let key = user_key(user.text("user_pool_id"), user.text("id"));
    call.store.put(Table::Users, &key, user);
    Ok(Reply::Empty)
}

fn has_address(user: &Doc, wanted: &str) -> bool {
    items(user, "verifiable_addresses").any(|it| it.text("address").eq_ignore_ascii_case(wanted))
}

/// Notes a message with the user, where no answer shows it.
fn note(call: &mut Call<'_>, mut user: Doc, what: &str, address: &str) {
    let sent = json!({"what": what, "address": address, "at": call.stamp()});
    match user.entry("_sent").or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(all) => all.push(sent),
        other => *other = Value::Array(vec![sent]),
    }
    let key = user_key(user.text("user_pool_id"), user.text("id"));
    call.store.put(Table::Users, &key, user);
}
