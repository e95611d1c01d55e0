//! The import of users with their passwords' hashes (vendor contract, bulk import).
//!
//! An entry is replaced whole: a user comes with all identifiers, addresses and credentials, and what it had before is
//! gone. All of a request is taken over, or nothing of it.

use serde_json::{Map, Value, json};

use super::{
    hashes, pools, schemas,
    users::{self, items, user_key},
};
use crate::{
    call::Call,
    fields::TENANT_DUMP,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// The most users a request may bring.
const USERS_MAX: usize = 100;

/// Lists of an import, each with the list of the user it becomes.
const RECORDS: &[(&str, &str)] = &[
    ("user_identifiers", "identifiers"),
    ("user_verifiable_addresses", "verifiable_addresses"),
    ("user_credentials", "credentials"),
];

/// What else a dump may hold; this stand-in plays users only.
const OTHERS: &[&str] = &["pools", "schemas", "groups", "group_members", "codes"];

/// `PUT …/configuration`.
pub(crate) fn import(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(TENANT_DUMP)?;
    if let Some(other) = OTHERS.iter().find(|name| items(&body, name).next().is_some()) {
        return Err(Refusal::invalid(format!("the sandbox imports users only, not {other}")).at(other));
    }
    let users: Vec<Doc> = items(&body, "users").cloned().collect();
    if users.is_empty() {
        return Err(Refusal::invalid("the import holds no users").at("users"));
    }
    if users.len() > USERS_MAX {
        return Err(Refusal::invalid(format!("at most {USERS_MAX} users a request")).at("users"));
    }
    let mut taken = 0;
    for user in users {
        taken += take(call, &body, user)?;
    }
    // A record of somebody who is not in the request would replace an entry in part.
    let given: usize = RECORDS.iter().map(|(list, _)| items(&body, list).count()).sum();
    if taken != given {
        return Err(Refusal::invalid("a record names a user that is not in the request").at("user_id"));
    }
    Ok(Reply::Empty)
}

/// Takes one user over; the answer is how many records it has.
fn take(call: &mut Call<'_>, body: &Map<String, Value>, user: Doc) -> Result<usize, Refusal> {
    call.check_tenant(&user)?;
    let pool_id = user.text("user_pool_id").to_owned();
    let pool = pools::find(call.store, &pool_id)
        .map_err(|_| Refusal::invalid(format!("pool {pool_id} does not exist")).at("user_pool_id"))?
        .clone();
    let id = match user.text("id") {
        "" => uuid::Builder::from_random_bytes(call.engine.random()).into_uuid().to_string(),
        _ => call.chosen_id(&user, "id")?,
    };
    let key = user_key(&pool_id, &id);
    let mut doc = user;
    doc.insert("id".to_owned(), json!(id));
    for name in ["created_at", "updated_at", "status_updated_at"] {
        let stamp = call.stamp();
        doc.entry(name).or_insert(stamp);
    }
    if let Some(before) = call.store.get(Table::Users, &key).cloned() {
        users::release(call.store, &pool, &before);
    }
    schemas::check(call.store, &pool, &doc)?;
    let mut taken = 0;
    for (list, own) in RECORDS {
        let mut records: Vec<Doc> =
            items(body, list).filter(|it| it.text("user_id") == id).cloned().collect();
        taken += records.len();
        for record in &mut records {
            complete(call, &pool_id, record)?;
        }
        match *own {
            "identifiers" => claim(call, &pool, &key, &records, "identifier")?,
            "verifiable_addresses" => claim(call, &pool, &key, &records, "address")?,
            _ => keep_password(&mut doc, &mut records)?,
        }
        doc.insert((*own).to_owned(), records.into_iter().map(Value::Object).collect());
    }
    call.store.put(Table::Users, &key, doc);
    Ok(taken)
}

/// Checks what every record has, and gives it an id.
fn complete(call: &Call<'_>, pool: &str, record: &mut Doc) -> Result<(), Refusal> {
    call.check_tenant(record)?;
    if record.text("user_pool_id") != pool {
        return Err(Refusal::invalid("a record is of another pool than its user").at("user_pool_id"));
    }
    if record.text("id").is_empty() {
        record.insert("id".to_owned(), json!(call.engine.random_hex(16)));
    }
    Ok(())
}

fn claim(call: &mut Call<'_>, pool: &Doc, key: &str, records: &[Doc], field: &str) -> Result<(), Refusal> {
    let folded = format!("{field}_lc");
    for record in records {
        let text = record.text(field);
        if text.trim().is_empty() {
            return Err(Refusal::invalid(format!("{field} is empty")).at(field));
        }
        if record.text(&folded) != text.to_lowercase() {
            return Err(Refusal::invalid(format!("{folded} is not {field} in lower case")).at(&folded));
        }
        users::claim(call.store, pool, key, text)?;
    }
    Ok(())
}

/// Moves the hash from the credential, whose payload is answered masked, to where it is kept.
fn keep_password(user: &mut Doc, records: &mut [Doc]) -> Result<(), Refusal> {
    for record in records {
        if !record.contains_key("state") {
            record.insert("state".to_owned(), json!("valid"));
        }
        let payload = record.insert("payload".to_owned(), json!({})).unwrap_or_default();
        if record.text("type") != "password" {
            continue;
        }
        match payload.get("hashed_password") {
            Some(hash) => {
                hashes::check(hash).map_err(|why| Refusal::invalid(why).at("user_credentials.payload"))?;
                user.insert("_hash".to_owned(), hash.clone());
            }
            // Nobody can sign in with it anyway.
            None if record.text("state") == "must_be_reset" => {}
            None => {
                let message = "a password that need not be reset must have a hashed_password";
                return Err(Refusal::invalid(message).at("user_credentials.payload"));
            }
        }
    }
    Ok(())
}
