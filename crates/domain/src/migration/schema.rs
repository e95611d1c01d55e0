//! What a pool demands of its users' fields (API.md §6, schemas): a part of JSON Schema, judged before anything is sent.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Keywords that say nothing about a value.
const SILENT: [&str; 6] = ["title", "description", "hidden", "$schema", "$id", "readOnly"];

/// Keywords that are judged here.
const JUDGED: [&str; 14] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "enum",
    "const",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "allOf",
    "anyOf",
    "not",
    "dependentRequired",
];

/// Everything about `value` that breaks `schema`, each naming the field, without the value itself.
#[must_use]
pub fn breaches(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    judge(schema, value, "", &mut found);
    found
}

/// Keywords of a schema that only SecureAuth judges: a user may be refused for them all the same.
#[must_use]
pub fn unjudged(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_unjudged(schema, &mut found);
    found
}

fn collect_unjudged(schema: &Value, found: &mut BTreeSet<String>) {
    let Value::Object(rules) = schema else { return };
    for (keyword, rule) in rules {
        match keyword.as_str() {
            "properties" => {
                for rule in rule.as_object().into_iter().flat_map(Map::values) {
                    collect_unjudged(rule, found);
                }
            }
            "allOf" | "anyOf" => {
                for rule in rule.as_array().into_iter().flatten() {
                    collect_unjudged(rule, found);
                }
            }
            "not" => collect_unjudged(rule, found),
            known if JUDGED.contains(&known) || SILENT.contains(&known) => {}
            other => {
                found.insert(other.to_owned());
            }
        }
    }
}

fn judge(schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    let Value::Object(rules) = schema else { return };
    let name = if place.is_empty() { "the user" } else { place };
    let rule = |keyword: &str| rules.get(keyword);
    if let Some(kinds) = rule("type").filter(|kinds| !is_any(kinds, value)) {
        found.push(format!("{name} must be of type {}", words(kinds)));
        return;
    }
    if let Some(allowed) = rule("enum").and_then(Value::as_array).filter(|it| !it.contains(value)) {
        found.push(format!("{name} must be one of {} values", allowed.len()));
    }
    if rule("const").is_some_and(|only| only != value) {
        found.push(format!("{name} must have a certain value"));
    }
    match value {
        Value::String(text) => judge_text(rules, text, name, found),
        Value::Object(fields) => judge_fields(rules, fields, place, name, found),
        _ => {}
    }
    for part in rule("allOf").and_then(Value::as_array).into_iter().flatten() {
        judge(part, value, place, found);
    }
    let passes = |schema: &Value| breaches(schema, value).is_empty();
    if rule("anyOf").and_then(Value::as_array).is_some_and(|parts| !parts.iter().any(passes)) {
        found.push(format!("{name} fits none of the alternatives"));
    }
    if rule("not").is_some_and(passes) {
        found.push(format!("{name} has a form that is ruled out"));
    }
}

fn judge_text(rules: &Map<String, Value>, text: &str, name: &str, found: &mut Vec<String>) {
    let length = text.chars().count() as u64;
    let limit = |keyword: &str| rules.get(keyword).and_then(Value::as_u64);
    if let Some(least) = limit("minLength").filter(|least| length < *least) {
        found.push(format!("{name} must have at least {least} characters and has {length}"));
    }
    if let Some(most) = limit("maxLength").filter(|most| length > *most) {
        found.push(format!("{name} may have at most {most} characters and has {length}"));
    }
}

fn judge_fields(
    rules: &Map<String, Value>,
    fields: &Map<String, Value>,
    place: &str,
    name: &str,
    found: &mut Vec<String>,
) {
    let inside = |field: &str| if place.is_empty() { field.to_owned() } else { format!("{place}.{field}") };
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let missing = |list: &Value| texts(list).into_iter().filter(|field| !fields.contains_key(field));
    for field in rules.get("required").into_iter().flat_map(missing) {
        found.push(format!("{} is missing", inside(&field)));
    }
    for (field, others) in rules.get("dependentRequired").and_then(Value::as_object).into_iter().flatten() {
        if fields.contains_key(field) {
            found
                .extend(missing(others).map(|other| format!("{} is missing beside {field}", inside(&other))));
        }
    }
    let known = rules.get("properties").and_then(Value::as_object);
    for (field, value) in fields {
        match known.and_then(|known| known.get(field)) {
            Some(schema) => judge(schema, value, &inside(field), found),
            None if rules.get("additionalProperties") == Some(&Value::Bool(false)) => {
                found.push(format!("{} is not allowed", inside(field)));
            }
            None => {}
        }
    }
    let (count, limit) = (fields.len() as u64, |keyword: &str| rules.get(keyword).and_then(Value::as_u64));
    if limit("minProperties").is_some_and(|least| count < least) {
        found.push(format!("{name} has too few fields"));
    }
    if limit("maxProperties").is_some_and(|most| count > most) {
        found.push(format!("{name} has too many fields"));
    }
}

fn is_any(kinds: &Value, value: &Value) -> bool {
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        // A type of the vendor's own: SecureAuth judges it.
        _ => true,
    };
    match kinds {
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn words(kinds: &Value) -> String {
    match kinds {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}
