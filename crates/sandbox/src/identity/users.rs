//! Users of a pool (vendor contract, users).

use serde_json::{Map, Value, json};

use super::{codes, passwords, pools, schemas};
use crate::{
    call::Call,
    etag,
    fields::{NEW_USER, UPDATE_USER},
    http_error::Refusal,
    paging::Page,
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

/// Fields of a new user that are stored as they are sent.
const PLAIN: &[&str] = &[
    "business_metadata",
    "business_metadata_schema_id",
    "metadata",
    "metadata_schema_id",
    "payload",
    "payload_schema_id",
    "preferences",
    "status",
];

/// `GET …/pools/{ipID}/users`, always in the order of user ids.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let pool = call.param("ipID");
    pools::find(call.store, &pool)?;
    let page = Page::read(call, "user", &[])?;
    let wanted = match call.query("query") {
        None => Map::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|_| Refusal::malformed("query must be a JSON object").at("query"))?,
    };
    let prefix = format!("{pool}/");
    if let Some((after, limit)) = page.following_ids().filter(|_| wanted.is_empty()) {
        // The usual walk through a pool: each page costs what it holds, however large the pool.
        let from = after.map_or_else(|| prefix.clone(), |id| format!("{prefix}{id}\0"));
        let users = call.store.between(Table::Users, from, &prefix).take(limit).map(|(_, doc)| short(doc));
        return Ok(Reply::list("users", users.collect()));
    }
    let rows = call
        .store
        .under(Table::Users, &prefix)
        .filter(|(_, doc)| fits(doc, &wanted))
        .map(|(_, doc)| (doc.text("id").to_owned(), doc.text("id").to_owned(), doc))
        .collect();
    Ok(Reply::list("users", page.cut(rows).into_iter().map(short).collect()))
}

/// `POST …/pools/{ipID}/users`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let pool_id = call.param("ipID");
    let pool = pools::find(call.store, &pool_id)?.clone();
    let body = call.body(NEW_USER)?;
    let id = match body.text("id") {
        "" => uuid::Builder::from_random_bytes(call.engine.random()).into_uuid().to_string(),
        _ => call.chosen_id(&body, "id")?,
    };
    let key = user_key(&pool_id, &id);
    if call.store.has(Table::Users, &key) {
        return Err(Refusal::conflict(format!("user {id} exists")).at("id"));
    }
    let mut doc: Doc =
        PLAIN.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone()))).collect();
    for (name, value) in [("id", id.as_str()), ("tenant_id", call.tenant()), ("user_pool_id", &pool_id)] {
        doc.insert(name.to_owned(), json!(value));
    }
    for name in ["created_at", "updated_at", "status_updated_at"] {
        doc.insert(name.to_owned(), call.stamp());
    }
    for (list, field) in [("identifiers", "identifier"), ("verifiable_addresses", "address")] {
        let records = records(call, &doc, &body, list, field);
        for record in &records {
            claim(call.store, &pool, &key, record.text(field))?;
        }
        doc.insert(list.to_owned(), records.into_iter().map(Value::Object).collect());
    }
    schemas::check(call.store, &pool, &doc)?;
    passwords::give(call, &pool, &mut doc, &body)?;
    call.store.put(Table::Users, &key, doc.clone());
    Ok(Reply::created(public(&doc)))
}

/// `GET …/pools/{ipID}/users/{userID}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let doc = find(call)?;
    guard(call, doc)?;
    Ok(Reply::one(public(doc)))
}

/// `PUT …/pools/{ipID}/users/{userID}`: fields left out stay, fields sent are replaced whole.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut doc = find(call)?.clone();
    guard(call, &doc)?;
    let body = call.body(UPDATE_USER)?;
    if body.get("status").is_some_and(|status| Some(status) != doc.get("status")) {
        doc.insert("status_updated_at".to_owned(), call.stamp());
    }
    doc.extend(body);
    schemas::check(call.store, pools::find(call.store, doc.text("user_pool_id"))?, &doc)?;
    doc.insert("updated_at".to_owned(), call.stamp());
    let key = user_key(doc.text("user_pool_id"), doc.text("id"));
    call.store.put(Table::Users, &key, doc.clone());
    Ok(Reply::one(public(&doc)))
}

/// `DELETE …/pools/{ipID}/users/{userID}`: for good.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let doc = find(call)?;
    guard(call, doc)?;
    let pool = doc.text("user_pool_id").to_owned();
    let key = user_key(&pool, doc.text("id"));
    let doc = doc.clone();
    call.store.remove(Table::Users, &key);
    let pool = pools::find(call.store, &pool)?.clone();
    release(call.store, &pool, &doc);
    for table in [Table::Tokens, Table::Codes, Table::Sessions] {
        call.store.remove_where(table, |_, doc| doc.text("user") == key);
    }
    codes::forget(call.store, &format!("{key}/"));
    Ok(Reply::Empty)
}

/// The key of a user: `pool/user`.
pub(crate) fn user_key(pool: &str, user: &str) -> String {
    format!("{pool}/{user}")
}

/// The user of a pool who has this identifier or address.
pub(crate) fn by_identifier<'a>(store: &'a Store, pool: &Doc, identifier: &str) -> Option<&'a Doc> {
    let owner = store.get(Table::Identifiers, &identifier_key(pool, identifier))?;
    store.get(Table::Users, owner.text("user"))
}

/// The user that the path names.
///
/// # Errors
/// 404.
pub(super) fn find<'a>(call: &'a Call<'_>) -> Result<&'a Doc, Refusal> {
    let (pool, user) = (call.param("ipID"), call.param("userID"));
    call.store.get(Table::Users, &user_key(&pool, &user)).ok_or_else(|| Refusal::not_found("user", &user))
}

/// Only the system part of the contract promises 412 for users.
fn guard(call: &Call<'_>, doc: &Doc) -> Result<(), Refusal> {
    etag::check(call.operation, &call.incoming.headers, &Value::Object(public(doc)))
}

/// Gives up every identifier and address of a user.
pub(super) fn release(store: &mut Store, pool: &Doc, user: &Doc) {
    let key = user_key(pool.text("id"), user.text("id"));
    let identifiers = items(user, "identifiers").map(|item| item.text("identifier"));
    let addresses = items(user, "verifiable_addresses").map(|item| item.text("address"));
    for claimed in identifiers.chain(addresses).map(|text| identifier_key(pool, text)) {
        if store.get(Table::Identifiers, &claimed).is_some_and(|owner| owner.text("user") == key) {
            store.remove(Table::Identifiers, &claimed);
        }
    }
}

/// Makes an identifier or address this user's, unless somebody else in the pool has it.
pub(super) fn claim(store: &mut Store, pool: &Doc, user: &str, identifier: &str) -> Result<(), Refusal> {
    let key = identifier_key(pool, identifier);
    match store.get(Table::Identifiers, &key) {
        Some(owner) if owner.text("user") != user => {
            Err(Refusal::conflict("the identifier or address belongs to another user of the pool"))
        }
        Some(_) => Ok(()),
        None => {
            let owner = Doc::from_iter([("user".to_owned(), json!(user))]);
            store.put(Table::Identifiers, &key, owner);
            Ok(())
        }
    }
}

fn identifier_key(pool: &Doc, identifier: &str) -> String {
    let folded = if pool.flag("identifier_case_insensitive") {
        identifier.to_lowercase()
    } else {
        identifier.to_owned()
    };
    format!("{}/{folded}", pool.text("id"))
}

/// The full records of the identifiers or addresses in a creation's body.
pub(super) fn records(
    call: &Call<'_>,
    user: &Doc,
    body: &Map<String, Value>,
    list: &str,
    field: &str,
) -> Vec<Doc> {
    let given = body.get(list).and_then(Value::as_array).into_iter().flatten();
    given
        .filter_map(Value::as_object)
        .map(|item| {
            let mut record = item.clone();
            let folded = item.text(field).to_lowercase();
            record.insert(format!("{field}_lc"), json!(folded));
            record.insert("id".to_owned(), json!(call.engine.random_hex(16)));
            record.insert("user_id".to_owned(), json!(user.text("id")));
            for name in ["tenant_id", "user_pool_id", "created_at", "updated_at"] {
                record.insert(name.to_owned(), json!(user.text(name)));
            }
            if item.flag("verified") {
                record.insert("verified_at".to_owned(), json!(user.text("created_at")));
            }
            record
        })
        .collect()
}

/// Whether a user fits a list's `query`: all of its parts.
fn fits(user: &Doc, wanted: &Map<String, Value>) -> bool {
    wanted.iter().all(|(part, value)| match (part.as_str(), value) {
        ("user_key", Value::String(key)) => {
            user.text("id") == key
                || keys(user).any(|has| has.starts_with(key.as_str()) || has.ends_with(key.as_str()))
        }
        ("payload" | "metadata", Value::Object(fields)) => {
            let has = user.get(part).and_then(Value::as_object);
            fields.iter().all(|(name, value)| match has.and_then(|has| has.get(name)) {
                Some(Value::Array(items)) if !value.is_array() => items.contains(value),
                found => found == Some(value),
            })
        }
        _ => false,
    })
}

/// Identifiers and verified addresses.
fn keys(user: &Doc) -> impl Iterator<Item = &str> {
    let identifiers = items(user, "identifiers").map(|item| item.text("identifier"));
    let addresses = items(user, "verifiable_addresses").filter(|item| item.flag("verified"));
    identifiers.chain(addresses.map(|item| item.text("address")))
}

/// A user as lists answer it: strings instead of records, no credentials.
fn short(user: &Doc) -> Map<String, Value> {
    let mut view = public(user);
    for name in ["identifiers", "verifiable_addresses", "credentials"] {
        view.remove(name);
    }
    let identifiers: Vec<&str> = items(user, "identifiers").map(|item| item.text("identifier")).collect();
    let detailed: Vec<Value> = items(user, "identifiers")
        .map(|item| json!({"type": item.text("type"), "value": item.text("identifier")}))
        .collect();
    let addresses: Vec<Value> = items(user, "verifiable_addresses")
        .map(|item| json!({"address": item.text("address"), "verified": item.flag("verified")}))
        .collect();
    let verified: Vec<&str> = items(user, "verifiable_addresses")
        .filter(|item| item.flag("verified"))
        .map(|item| item.text("address"))
        .collect();
    view.insert("identifiers".to_owned(), json!(identifiers));
    view.insert("identifiers_with_details".to_owned(), json!(detailed));
    view.insert("addresses".to_owned(), json!(addresses));
    view.insert("verified addresses".to_owned(), json!(verified));
    view
}

/// The objects of a user's list.
pub(crate) fn items<'a>(user: &'a Doc, list: &str) -> impl Iterator<Item = &'a Doc> {
    user.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
