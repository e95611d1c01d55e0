//! Schemas: what pools demand of their users' free fields (vendor contract, schemas).
//!
//! Played are the keywords of [`PLAYED`]; a schema with another one is refused, so that nobody relies on what is not
//! checked here.

use serde_json::{Value, json};

use crate::{
    call::Call,
    fields::SCHEMA,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

/// Keywords that are checked, or say nothing about values.
const PLAYED: &[&str] = &[
    "type",
    "properties",
    "required",
    "additionalProperties",
    "enum",
    "minLength",
    "maxLength",
    "title",
    "description",
    "hidden",
];

/// Fields of a user with the field, of the user or else of its pool, that names their schema.
const FREE_FIELDS: &[(&str, &str)] = &[
    ("payload", "payload_schema_id"),
    ("metadata", "metadata_schema_id"),
    ("business_metadata", "business_metadata_schema_id"),
];

/// `POST …/schemas`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut body = call.body(SCHEMA)?;
    call.check_tenant(&body)?;
    if let Some(other) = unplayed(body.get("schema").unwrap_or(&Value::Null)) {
        return Err(Refusal::invalid(format!("the sandbox does not play {other}")).at("schema"));
    }
    let id = match body.text("id") {
        "" => call.engine.random_hex(16),
        _ => call.chosen_id(&body, "id")?,
    };
    if call.store.has(Table::Schemas, &id) {
        return Err(Refusal::conflict(format!("schema {id} exists")).at("id"));
    }
    body.insert("id".to_owned(), json!(id));
    for name in ["created_at", "updated_at"] {
        body.insert(name.to_owned(), call.stamp());
    }
    call.store.put(Table::Schemas, &id, body.clone());
    Ok(Reply::created(public(&body)))
}

/// `GET …/schemas/{schID}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("schID");
    let found = call.store.get(Table::Schemas, &id).ok_or_else(|| Refusal::not_found("schema", &id))?;
    Ok(Reply::one(public(found)))
}

/// Checks a user's free fields against the schemas that it or its pool names.
///
/// # Errors
/// 422 at the field that does not fit.
pub(crate) fn check(store: &Store, pool: &Doc, user: &Doc) -> Result<(), Refusal> {
    for (field, names) in FREE_FIELDS {
        let id = [user.text(names), pool.text(names)].into_iter().find(|id| !id.is_empty());
        let Some(schema) = id.and_then(|id| store.get(Table::Schemas, id)) else { continue };
        let empty = json!({});
        let value = user.get(*field).unwrap_or(&empty);
        if let Some(why) = schema.get("schema").and_then(|schema| misfit(schema, value, field)) {
            return Err(Refusal::invalid(why).at(field));
        }
    }
    Ok(())
}

fn unplayed(schema: &Value) -> Option<String> {
    let keywords = schema.as_object()?;
    let own = keywords.keys().find(|name| !PLAYED.contains(&name.as_str())).cloned();
    own.or_else(|| schema["properties"].as_object()?.values().find_map(unplayed))
}

/// The first way in which a value does not fit.
fn misfit(schema: &Value, value: &Value, place: &str) -> Option<String> {
    let right_type = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("object") => value.is_object(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !right_type {
        return Some(format!("{place} has the wrong type"));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Some(format!("{place} is none of the listed words"));
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as u64;
        let short = schema["minLength"].as_u64().is_some_and(|least| length < least);
        if short || schema["maxLength"].as_u64().is_some_and(|most| length > most) {
            return Some(format!("{place} has the wrong length"));
        }
    }
    let fields = value.as_object()?;
    let lacking = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(name) = lacking.into_iter().find(|name| !fields.contains_key(*name)) {
        return Some(format!("{place}.{name} is required"));
    }
    fields.iter().find_map(|(name, value)| match schema["properties"].get(name) {
        Some(inner) => misfit(inner, value, &format!("{place}.{name}")),
        None if schema["additionalProperties"] == false => Some(format!("{place}.{name} is not known")),
        None => None,
    })
}
