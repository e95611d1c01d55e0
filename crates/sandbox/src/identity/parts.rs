//! Identifiers and addresses of a user, each by its own call (vendor contract, users).

use serde_json::{Value, json};

use super::{
    pools,
    users::{self, items, user_key},
};
use crate::{
    call::Call,
    fields::{ADD_ADDRESS, ADD_IDENTIFIER, REMOVE_ADDRESS, REMOVE_IDENTIFIER, UPDATE_ADDRESS},
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// `POST …/users/{userID}/identifiers/add`.
pub(crate) fn add_identifier(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(ADD_IDENTIFIER)?;
    add(call, body, "identifiers", "identifier")
}

/// `POST …/users/{userID}/identifiers/remove`.
pub(crate) fn remove_identifier(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(REMOVE_IDENTIFIER)?;
    remove(call, &body, "identifiers", "identifier")
}

/// `POST …/users/{userID}/addresses/add`.
pub(crate) fn add_address(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut body = call.body(ADD_ADDRESS)?;
    body.entry("status").or_insert_with(|| json!("active"));
    add(call, body, "verifiable_addresses", "address")
}

/// `POST …/users/{userID}/addresses/update`.
pub(crate) fn update_address(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(UPDATE_ADDRESS)?;
    let mut user = users::find(call)?.clone();
    let (stamp, wanted) = (call.stamp(), body.text("address").to_lowercase());
    let mut all = take_records(&mut user, "verifiable_addresses");
    let Some(record) = all
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .find(|record| record.text("address").to_lowercase() == wanted)
    else {
        return Err(Refusal::not_found("address", body.text("address")));
    };
    record.extend(body);
    record.insert("updated_at".to_owned(), stamp.clone());
    if record.flag("verified") {
        record.insert("verified_at".to_owned(), stamp);
    } else {
        record.remove("verified_at");
    }
    let shown = record.clone();
    user.insert("verifiable_addresses".to_owned(), Value::Array(all));
    store(call, user);
    Ok(Reply::one(shown))
}

/// `POST …/users/{userID}/addresses/remove`.
pub(crate) fn remove_address(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(REMOVE_ADDRESS)?;
    remove(call, &body, "verifiable_addresses", "address")
}

fn add(call: &mut Call<'_>, body: Doc, list: &str, field: &str) -> Result<Reply, Refusal> {
    let mut user = users::find(call)?.clone();
    let pool = pools::find(call.store, user.text("user_pool_id"))?.clone();
    let key = user_key(user.text("user_pool_id"), user.text("id"));
    let folded = body.text(field).to_lowercase();
    if folded.trim().is_empty() {
        return Err(Refusal::invalid(format!("{field} is empty")).at(field));
    }
    if items(&user, list).any(|record| record.text(field).to_lowercase() == folded) {
        return Err(Refusal::conflict(format!("the user has this {field} already")).at(field));
    }
    users::claim(call.store, &pool, &key, body.text(field))?;
    let (stamp, mut record) = (call.stamp(), body);
    record.insert(format!("{field}_lc"), json!(folded));
    record.insert("id".to_owned(), json!(call.engine.random_hex(16)));
    record.insert("user_id".to_owned(), json!(user.text("id")));
    for name in ["tenant_id", "user_pool_id"] {
        record.insert(name.to_owned(), json!(user.text(name)));
    }
    for name in ["created_at", "updated_at"] {
        record.insert(name.to_owned(), stamp.clone());
    }
    if record.flag("verified") {
        record.insert("verified_at".to_owned(), stamp);
    }
    let mut all = take_records(&mut user, list);
    all.push(Value::Object(record.clone()));
    user.insert(list.to_owned(), Value::Array(all));
    store(call, user);
    Ok(Reply::one(record))
}

fn remove(call: &mut Call<'_>, body: &Doc, list: &str, field: &str) -> Result<Reply, Refusal> {
    let mut user = users::find(call)?.clone();
    let pool = pools::find(call.store, user.text("user_pool_id"))?.clone();
    let wanted = body.text(field).to_lowercase();
    let before = user.clone();
    let mut kept = take_records(&mut user, list);
    let had = kept.len();
    kept.retain(|record| record.as_object().is_none_or(|record| record.text(field).to_lowercase() != wanted));
    if kept.len() == had {
        return Err(Refusal::not_found(field, body.text(field)));
    }
    user.insert(list.to_owned(), Value::Array(kept));
    // What it still has, as identifier or as address, stays its own.
    users::release(call.store, &pool, &before);
    let key = user_key(user.text("user_pool_id"), user.text("id"));
    let rest: Vec<String> = items(&user, "identifiers")
        .map(|it| it.text("identifier").to_owned())
        .chain(items(&user, "verifiable_addresses").map(|it| it.text("address").to_owned()))
        .collect();
    for text in rest {
        users::claim(call.store, &pool, &key, &text)?;
    }
    store(call, user);
    Ok(Reply::Empty)
}

/// A list of a user taken out, to be changed and put back.
fn take_records(user: &mut Doc, list: &str) -> Vec<Value> {
    match user.remove(list) {
        Some(Value::Array(records)) => records,
        _ => Vec::new(),
    }
}

/// Keeps a user as changed now.
pub(super) fn store(call: &mut Call<'_>, mut user: Doc) {
    user.insert("updated_at".to_owned(), call.stamp());
    let key = user_key(user.text("user_pool_id"), user.text("id"));
    call.store.put(Table::Users, &key, user);
}
