//! What a pool demands of users' fields is judged before anything is sent.

use domain::migration::schema::{breaches, unjudged};
use serde_json::json;

#[test]
fn every_breach_is_named_without_the_value() {
    let schema = json!({
        "type": "object",
        "title": "Customers",
        "required": ["family_name"],
        "additionalProperties": false,
        "properties": {
            "given_name": {"type": "string", "minLength": 2, "maxLength": 5},
            "family_name": {"type": "string"},
        },
    });
    let of = |value: serde_json::Value| breaches(&schema, &value);
    assert!(of(json!({"given_name": "Ann", "family_name": "Lee"})).is_empty());
    assert_eq!(of(json!({})), ["family_name is missing"]);
    assert_eq!(
        of(json!({"given_name": "Secretly", "family_name": 7, "x": 1})),
        [
            "family_name must be of type string",
            "given_name may have at most 5 characters and has 8",
            "x is not allowed"
        ]
    );
    assert_eq!(of(json!({"given_name": "A", "family_name": "Lee"})).len(), 1);
    assert_eq!(of(json!([])), ["the user must be of type object"]);
    assert!(unjudged(&schema).is_empty());
}

#[test]
fn alternatives_and_dependencies_are_judged() {
    let schema = json!({
        "allOf": [{"minProperties": 1}, {"maxProperties": 2}],
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        "not": {"required": ["bad"]},
        "dependentRequired": {"a": ["b"]},
        "properties": {"b": {"enum": ["x", "y"]}, "c": {"const": "z"}},
    });
    let of = |value: serde_json::Value| breaches(&schema, &value);
    assert!(of(json!({"b": "x"})).is_empty());
    assert_eq!(of(json!({"a": "1"})), ["b is missing beside a"]);
    assert_eq!(of(json!({"b": "no", "c": "no"})).len(), 2);
    assert_eq!(of(json!({"b": "x", "bad": "1"})), ["the user has a form that is ruled out"]);
    assert_eq!(of(json!({})), ["the user has too few fields", "the user fits none of the alternatives"]);
    assert_eq!(of(json!({"b": "x", "c": "z", "d": "1"})), ["the user has too many fields"]);
}

#[test]
fn what_only_secureauth_judges_is_named() {
    let schema = json!({"properties": {"a": {"pattern": "^x", "if": {}}}, "anyOf": [{"contains": {}}]});
    let names: Vec<String> = unjudged(&schema).into_iter().collect();
    assert_eq!(names, ["contains", "if", "pattern"]);
    assert!(breaches(&schema, &json!({"a": "y"})).is_empty());
}
