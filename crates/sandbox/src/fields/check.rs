//! Checks a request body against a field table.

use serde_json::{Map, Value};

use super::{Field, Kind};
use crate::http_error::Refusal;

/// A body that passed: the known fields as sent, and the names of those that were dropped.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The known fields, as they were sent; `null` counts as left out.
    pub(crate) fields: Map<String, Value>,
    /// Names of fields the contract does not have, with their place.
    pub(crate) dropped: Vec<String>,
}

/// Checks `body` against `fields`.
///
/// # Errors
/// 400 for a value of the wrong type, 422 for a missing required field or a word not in its list.
pub(crate) fn check(fields: &[Field], body: &Value) -> Result<Checked, Refusal> {
    let mut dropped = Vec::new();
    let fields = check_object(fields, body, "", &mut dropped)?;
    Ok(Checked { fields, dropped })
}

fn check_object(
    fields: &[Field],
    value: &Value,
    place: &str,
    dropped: &mut Vec<String>,
) -> Result<Map<String, Value>, Refusal> {
    let Value::Object(given) = value else {
        return Err(wrong_type(place, "an object"));
    };
    let mut kept = Map::new();
    for (name, value) in given {
        let here = join(place, name);
        match fields.iter().find(|field| field.name == name) {
            None => dropped.push(here),
            Some(_) if value.is_null() => {}
            Some(field) => {
                kept.insert(name.clone(), check_value(field.kind, value, &here, dropped)?);
            }
        }
    }
    match fields.iter().find(|field| field.required && !kept.contains_key(field.name)) {
        Some(missing) => {
            let here = join(place, missing.name);
            Err(Refusal::invalid(format!("{here} is required")).at(&here))
        }
        None => Ok(kept),
    }
}

fn check_value(kind: Kind, value: &Value, place: &str, dropped: &mut Vec<String>) -> Result<Value, Refusal> {
    match kind {
        Kind::Text => expect(value.is_string(), place, "a string")?,
        Kind::Flag => expect(value.is_boolean(), place, "true or false")?,
        Kind::Whole => expect(value.is_i64() || value.is_u64(), place, "a whole number")?,
        Kind::Number => expect(value.is_number(), place, "a number")?,
        Kind::Time => check_time(value, place)?,
        Kind::Choice(words) => check_word(words, value, place)?,
        Kind::Texts => {
            for (index, item) in list(value, place)?.iter().enumerate() {
                expect(item.is_string(), &at(place, index), "a string")?;
            }
        }
        Kind::Choices(words) => {
            for (index, item) in list(value, place)?.iter().enumerate() {
                check_word(words, item, &at(place, index))?;
            }
        }
        Kind::Object(fields) => return check_object(fields, value, place, dropped).map(Value::Object),
        Kind::Objects(fields) => {
            let mut kept = Vec::new();
            for (index, item) in list(value, place)?.iter().enumerate() {
                kept.push(Value::Object(check_object(fields, item, &at(place, index), dropped)?));
            }
            return Ok(Value::Array(kept));
        }
        Kind::Free => expect(value.is_object(), place, "an object")?,
        Kind::FreeList => expect(value.is_array(), place, "a list")?,
        Kind::Any => {}
    }
    Ok(value.clone())
}

fn check_word(words: &[&str], value: &Value, place: &str) -> Result<(), Refusal> {
    let word = value.as_str().ok_or_else(|| wrong_type(place, "a string"))?;
    if words.contains(&word) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("{place} must be one of: {}", words.join(", "))).at(place))
}

fn check_time(value: &Value, place: &str) -> Result<(), Refusal> {
    let text = value.as_str().ok_or_else(|| wrong_type(place, "a string"))?;
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    expect(parsed.is_ok(), place, "an RFC 3339 time such as 2026-01-31T09:00:00Z")
}

fn list<'a>(value: &'a Value, place: &str) -> Result<&'a Vec<Value>, Refusal> {
    value.as_array().ok_or_else(|| wrong_type(place, "a list"))
}

fn expect(holds: bool, place: &str, what: &str) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(wrong_type(place, what)) }
}

fn wrong_type(place: &str, what: &str) -> Refusal {
    let place = if place.is_empty() { "body" } else { place };
    Refusal::malformed(format!("{place} must be {what}")).at(place)
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn at(place: &str, index: usize) -> String {
    format!("{place}[{index}]")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fields::{CLIENT, ORGANIZATION, POOL};

    #[test]
    fn unknown_fields_are_dropped_and_named() {
        let body = json!({"name": "Acme", "nickname": "A", "metadata": {"payload": {"bid": 7}, "x": 1}});
        let checked = check(ORGANIZATION, &body).unwrap();
        assert_eq!(
            Value::Object(checked.fields),
            json!({"name": "Acme", "metadata": {"payload": {"bid": 7}}})
        );
        assert_eq!(checked.dropped, ["metadata.x", "nickname"]);
    }

    #[test]
    fn a_wrong_type_is_malformed_and_a_wrong_word_invalid() {
        assert_eq!(check(ORGANIZATION, &json!({"template": "yes"})).unwrap_err().status(), 400);
        let body = json!({"tenant_id": "t", "authorization_server_id": "o", "client_status": "asleep"});
        assert_eq!(check(CLIENT, &body).unwrap_err().status(), 422);
    }

    #[test]
    fn a_required_field_must_be_there_and_null_is_not_there() {
        let error = check(POOL, &json!({"tenant_id": "t", "name": null})).unwrap_err();
        assert_eq!((error.status(), error.message()), (422, "name is required"));
    }
}
