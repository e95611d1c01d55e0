//! JSON Schemas from the definitions of a Swagger file, made strict: an object with declared properties
//! has no others.

use std::collections::BTreeSet;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::{
    deviations::FREE_MAPS,
    spec::{Contract, File},
};

/// Whether a schema judges a request or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Read-only properties may not be there.
    Request,
    /// They may.
    Response,
}

impl Contract {
    /// What is wrong with `body` by `schema`, a piece of the file with this index.
    pub(crate) fn judge(&mut self, file: usize, schema: &Value, side: Side, body: &Value) -> Vec<String> {
        let key = format!("{} {side:?} {schema}", self.files[file].name);
        let files = &self.files;
        let validator = self.schemas.entry(key).or_insert_with(|| compile(&files[file], schema, side));
        validator
            .iter_errors(body)
            .map(|error| format!("{side:?} body at {:?}: {error}", error.instance_path().to_string()))
            .collect()
    }
}

fn compile(file: &File, schema: &Value, side: Side) -> Validator {
    let mut names = BTreeSet::new();
    collect(file, schema, &mut names);
    let definitions: Map<String, Value> = names
        .into_iter()
        .map(|name| {
            let converted = strict(&file.doc["definitions"][&name], &name, side);
            (name, converted)
        })
        .collect();
    let root = json!({"allOf": [strict(schema, "", side)], "definitions": definitions});
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .build(&root)
        .unwrap()
}

/// Every definition a schema needs.
fn collect(file: &File, schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(name) = reference(fields)
                && names.insert(name.to_owned())
            {
                collect(file, &file.doc["definitions"][name], names);
            }
            fields.values().for_each(|value| collect(file, value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(file, item, names)),
        _ => {}
    }
}

fn reference(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/definitions/"))
}

/// A schema without what JSON Schema does not know, and without room for undeclared properties.
fn strict(schema: &Value, place: &str, side: Side) -> Value {
    let Value::Object(fields) = schema else { return schema.clone() };
    if fields.contains_key("$ref") {
        return json!({ "$ref": fields["$ref"] });
    }
    let mut out = Map::new();
    for name in ["type", "enum", "required", "minimum", "maximum", "minLength", "maxLength", "pattern"] {
        if let Some(value) = fields.get(name) {
            out.insert(name.to_owned(), value.clone());
        }
    }
    // The files put a minimum length on a list of strings; JSON Schema ignores it there.
    match fields.get("format").and_then(Value::as_str) {
        Some("date-time") => drop(out.insert("format".to_owned(), json!("date-time"))),
        Some("uint64" | "uint32" | "uint8") => drop(out.insert("minimum".to_owned(), json!(0))),
        _ => {}
    }
    if let Some(items) = fields.get("items") {
        out.insert("items".to_owned(), strict(items, &format!("{place}[]"), side));
    }
    if let Some(Value::Object(properties)) = fields.get("properties") {
        let kept = properties
            .iter()
            .filter(|(_, property)| side == Side::Response || property["readOnly"] != true)
            .map(|(name, property)| (name.clone(), strict(property, &format!("{place}.{name}"), side)))
            .collect();
        out.insert("properties".to_owned(), Value::Object(kept));
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    if let Some(values) = fields.get("additionalProperties") {
        let free = FREE_MAPS.contains(&place);
        let values = if free { json!({}) } else { strict(values, &format!("{place}{{}}"), side) };
        out.insert("additionalProperties".to_owned(), values);
    }
    Value::Object(out)
}

/// Whether the files have this map, and type its values as objects: only then is the deviation needed.
pub(crate) fn is_object_map(contract: &Contract, place: &str) -> bool {
    let (definition, property) = place.split_once('.').unwrap_or((place, ""));
    contract.files.iter().any(|file| {
        let definition = &file.doc["definitions"][definition];
        let map = if property.is_empty() { definition } else { &definition["properties"][property] };
        map["additionalProperties"]["type"] == "object"
    })
}
