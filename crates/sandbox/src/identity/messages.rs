//! Messages to users and the state of their passwords (vendor contract, passwords, activation, codes). Nothing is
//! sent: what would be is shown on the sandbox's page.

use serde_json::{Value, json};

use super::{
    codes::{self, CodeKind},
    users::{self, items, user_key},
};
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
    let address = own_address(&user, body.text("address"))?;
    codes::send(call, &user, CodeKind::Activation, &address)?;
    Ok(Reply::Empty)
}

/// `POST …/users/{userID}/password/reset/request`.
pub(crate) fn request_reset(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(SEND_RESET)?;
    let user = users::find(call)?.clone();
    if !has_address(&user, body.text("address")) {
        return Err(Refusal::invalid("the user has no such address").at("address"));
    }
    codes::send(call, &user, CodeKind::ResetPassword, body.text("address"))?;
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

/// The address asked for, or the only one that the user has.
///
/// # Errors
/// 422 where it is not the user's, or none was given and there are several or none.
pub(super) fn own_address(user: &Doc, given: &str) -> Result<String, Refusal> {
    let mut all = items(user, "verifiable_addresses").map(|it| it.text("address"));
    let found = match given {
        "" => all.next().filter(|_| all.next().is_none()),
        given => Some(given).filter(|given| has_address(user, given)),
    };
    found.map(str::to_owned).ok_or_else(|| Refusal::invalid("the user has no such address").at("address"))
}

/// Whether an address is one of the user's, verified or not.
pub(super) fn has_address(user: &Doc, wanted: &str) -> bool {
    items(user, "verifiable_addresses").any(|it| it.text("address").eq_ignore_ascii_case(wanted))
}
