//! What people do for themselves: register, become active, reset a password, verify an address (vendor contract,
//! self-registration, activation, passwords). The pool decides what is allowed.

use serde_json::{Map, Value, json};

use super::{
    codes::{self, CodeKind},
    messages, parts, passwords, pools, schemas,
    users::{self, items, user_key},
};
use crate::{
    call::Call,
    fields::{ACTIVATE, COMPLETE_RESET, COMPLETE_VERIFICATION, REGISTER, REQUEST_RESET, VERIFY_ADDRESS},
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

/// What is said of any code that does not fit.
const WRONG: &str = "the code is wrong or has expired";

/// The code of that answer where it must not tell whom it concerns.
const UNAUTHORIZED: &str = "unauthorized";

/// The refusal of a code that does not fit.
pub(crate) fn wrong_code() -> Refusal {
    Refusal::invalid(WRONG).at("code")
}

/// Whether people may make accounts in this pool.
pub(crate) fn may_register(pool: &Doc) -> bool {
    pool.flag("public_registration_allowed")
}

/// Whether people may ask for a new password themselves.
pub(crate) fn may_reset(pool: &Doc) -> bool {
    let settings = pool.get("reset_credentials_settings").and_then(Value::as_object);
    !settings.is_some_and(|it| it.flag("do_not_allow_users_to_self_reset_credentials"))
}

/// `POST …/pools/{ipID}/user/register`.
pub(crate) fn register(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let pool = pools::find(call.store, &call.param("ipID"))?.clone();
    let body = call.body(REGISTER)?;
    let send = call.query_flag("send_activation_message")?.unwrap_or(false);
    let id = new_user(call, &pool, &body, send)?;
    let body = Map::from_iter([("id".to_owned(), json!(id))]);
    Ok(Reply::Json { status: 201, body: Value::Object(body), tagged: false })
}

/// `POST …/users/{userID}/activate`.
pub(crate) fn activate(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(ACTIVATE)?;
    let user = users::find(call)?.clone();
    let user = make_active(call, user, &body)?;
    Ok(Reply::created(public(&user)))
}

/// `POST …/pools/{ipID}/user/password/reset/request`: always 204, so that nobody learns who is there.
pub(crate) fn request_reset(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(REQUEST_RESET)?;
    if let Some(pool) = call.store.get(Table::Pools, &call.param("ipID")).cloned() {
        send_reset(call, &pool, &body)?;
    }
    Ok(Reply::Empty)
}

/// `POST …/pools/{ipID}/user/password/reset/complete`: one answer to everything that does not fit.
pub(crate) fn complete_reset(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(COMPLETE_RESET)?;
    let pool = call.store.get(Table::Pools, &call.param("ipID")).cloned();
    let pool = pool.ok_or_else(|| Refusal::unauthorized(UNAUTHORIZED, WRONG))?;
    set_password(call, &pool, &body)?;
    Ok(Reply::Empty)
}

/// `POST …/users/{userID}/address/verification/request`.
pub(crate) fn request_verification(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(VERIFY_ADDRESS)?;
    let user = users::find(call)?.clone();
    if !messages::has_address(&user, body.text("address")) {
        return Err(Refusal::invalid("the user has no such address").at("address"));
    }
    codes::send(call, &user, CodeKind::VerifyAddress, body.text("address"))?;
    Ok(Reply::Empty)
}

/// `POST …/users/{userID}/address/verification/complete`.
pub(crate) fn complete_verification(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(COMPLETE_VERIFICATION)?;
    let mut user = users::find(call)?.clone();
    let used = codes::redeem(call, &user, CodeKind::VerifyAddress, body.text("address"), body.text("code"));
    let address = used.ok_or_else(wrong_code)?;
    verify(call, &mut user, &address);
    parts::store(call, user);
    Ok(Reply::Empty)
}

/// Makes a user who is not active yet; whoever has the identifier already is answered instead, so that nobody learns
/// that he is there.
pub(crate) fn new_user(
    call: &mut Call<'_>,
    pool: &Doc,
    body: &Map<String, Value>,
    send: bool,
) -> Result<String, Refusal> {
    if !may_register(pool) {
        return Err(Refusal::invalid("self-registration is not allowed in this pool"));
    }
    let identifier = body.text("identifier").trim().to_owned();
    if identifier.is_empty() {
        return Err(Refusal::invalid("identifier is empty").at("identifier"));
    }
    if let Some(known) = users::by_identifier(call.store, pool, &identifier) {
        return Ok(known.text("id").to_owned());
    }
    let id = uuid::Builder::from_random_bytes(call.engine.random()).into_uuid().to_string();
    let key = user_key(pool.text("id"), &id);
    let mut user = Doc::from_iter([
        ("id".to_owned(), json!(id)),
        ("tenant_id".to_owned(), json!(call.tenant())),
        ("user_pool_id".to_owned(), json!(pool.text("id"))),
        ("status".to_owned(), json!("new")),
        ("payload".to_owned(), body.get("payload").cloned().unwrap_or_else(|| json!({}))),
    ]);
    for name in ["created_at", "updated_at", "status_updated_at"] {
        user.insert(name.to_owned(), call.stamp());
    }
    let address = match body.text("otp_address") {
        "" => identifier.clone(),
        address => address.to_owned(),
    };
    let kind = if identifier.contains('@') { "email" } else { "uid" };
    let given = json!({
        "identifiers": [{"identifier": identifier, "type": kind}],
        "verifiable_addresses": [{"address": address, "type": "email", "status": "active", "verified": false}],
    });
    for (list, field) in [("identifiers", "identifier"), ("verifiable_addresses", "address")] {
        let records = users::records(call, &user, given.as_object().unwrap_or(&Map::new()), list, field);
        for record in &records {
            users::claim(call.store, pool, &key, record.text(field))?;
        }
        user.insert(list.to_owned(), records.into_iter().map(Value::Object).collect());
    }
    let password = body.get("password").map(|password| json!([{"type": "password", "password": password}]));
    let credentials = Map::from_iter([("credentials".to_owned(), password.unwrap_or_else(|| json!([])))]);
    schemas::check(call.store, pool, &user)?;
    passwords::give(call, pool, &mut user, &credentials)?;
    call.store.put(Table::Users, &key, user.clone());
    if send {
        codes::send(call, &user, CodeKind::Activation, &address)?;
    }
    Ok(id)
}

/// Makes a new user active, if the code is right; his address is verified by it.
pub(crate) fn make_active(
    call: &mut Call<'_>,
    mut user: Doc,
    body: &Map<String, Value>,
) -> Result<Doc, Refusal> {
    if user.text("status") != "new" {
        return Err(Refusal::invalid("only a new user can be activated").at("status"));
    }
    let has_password = items(&user, "credentials").any(|it| it.text("type") == "password");
    if has_password && body.contains_key("password") {
        return Err(Refusal::invalid("the user has a password").at("password"));
    }
    let used = codes::redeem(call, &user, CodeKind::Activation, "", body.text("code"));
    let address = used.ok_or_else(wrong_code)?;
    verify(call, &mut user, &address);
    if let Some(password) = body.get("password") {
        let pool = pools::find(call.store, user.text("user_pool_id"))?.clone();
        let credentials =
            Map::from_iter([("credentials".to_owned(), json!([{"type": "password", "password": password}]))]);
        passwords::give(call, &pool, &mut user, &credentials)?;
    }
    user.insert("status".to_owned(), json!("active"));
    user.insert("status_updated_at".to_owned(), call.stamp());
    parts::store(call, user.clone());
    Ok(user)
}

/// Sends the code for a new password to a verified address, where people may ask for it and the address is somebody's.
pub(crate) fn send_reset(call: &mut Call<'_>, pool: &Doc, body: &Map<String, Value>) -> Result<(), Refusal> {
    let named = !(body.text("identifier").is_empty() && body.text("userID").is_empty());
    let address = body.text("address").to_owned();
    let Some(user) = whose(call.store, pool, body).cloned().filter(|_| may_reset(pool)) else {
        return Ok(());
    };
    let known = items(&user, "verifiable_addresses")
        .any(|it| it.text("address").eq_ignore_ascii_case(&address) && (named || it.flag("verified")));
    if known { codes::send(call, &user, CodeKind::ResetPassword, &address) } else { Ok(()) }
}

/// Sets a new password, if the code is right.
///
/// # Errors
/// 401 for whatever does not fit about person and code, 422 for a password against the pool's policy.
pub(crate) fn set_password(
    call: &mut Call<'_>,
    pool: &Doc,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let wrong = || Refusal::unauthorized(UNAUTHORIZED, WRONG);
    let mut user = whose(call.store, pool, body).cloned().ok_or_else(wrong)?;
    codes::redeem(call, &user, CodeKind::ResetPassword, "", body.text("code")).ok_or_else(wrong)?;
    let password = json!([{"type": "password", "password": body.text("new_password")}]);
    passwords::replace(call, pool, &mut user, password)?;
    parts::store(call, user);
    Ok(())
}

/// Whom a request means: by id, identifier, address, or the user that an extended code names.
fn whose<'a>(store: &'a Store, pool: &Doc, body: &Map<String, Value>) -> Option<&'a Doc> {
    let by_id = |id: &str| store.get(Table::Users, &user_key(pool.text("id"), id));
    match (body.text("userID"), body.text("identifier"), body.text("address")) {
        ("", "", "") => body.text("code").split_once('.').and_then(|(id, _)| by_id(id)),
        ("", "", address) => users::by_identifier(store, pool, address),
        ("", identifier, _) => users::by_identifier(store, pool, identifier),
        (id, _, _) => by_id(id),
    }
}

/// Marks an address of the user as his.
fn verify(call: &Call<'_>, user: &mut Doc, address: &str) {
    let stamp = call.stamp();
    let all = user.get_mut("verifiable_addresses").and_then(Value::as_array_mut);
    for record in all.into_iter().flatten().filter_map(Value::as_object_mut) {
        if record.text("address").eq_ignore_ascii_case(address) {
            record.insert("verified".to_owned(), json!(true));
            record.insert("verified_at".to_owned(), stamp.clone());
        }
    }
}
