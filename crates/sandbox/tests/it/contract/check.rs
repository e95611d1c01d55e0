//! Checks one exchange against the contract.

use axum::http::{HeaderMap, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::{
    deviations::{FAULT_MARKER, STALE},
    recorder::Exchange,
    schema::Side,
    spec::{Contract, Found},
};

/// Which half of an exchange has to keep the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Request and answer.
    Both,
    /// The answer: the request is wrong on purpose.
    Answer,
}

/// Every way in which the exchange does not keep the contract.
pub(crate) fn check(contract: &mut Contract, exchange: &Exchange, strictness: Strictness) -> Vec<String> {
    let Some(found) = contract.find(exchange.method.as_str(), exchange.uri.path()) else {
        return vec!["no operation has this method and path".to_owned()];
    };
    let mut violations = Vec::new();
    if strictness == Strictness::Both {
        request(contract, &found, exchange, &mut violations);
    }
    if !exchange.headers.contains_key(FAULT_MARKER) {
        response(contract, &found, exchange, &mut violations);
    }
    violations
}

fn request(contract: &mut Contract, found: &Found, exchange: &Exchange, violations: &mut Vec<String>) {
    let declared = found.operation["parameters"].as_array().cloned().unwrap_or_default();
    let of = |place: &'static str| declared.iter().filter(move |parameter| parameter["in"] == place);
    values("path", of("path"), &found.path_values, true, violations);
    let query = pairs(exchange.uri.query().unwrap_or_default().as_bytes());
    values("query", of("query"), &query, true, violations);
    let headers: Vec<(String, String)> = exchange
        .request_headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    values("header", of("header"), &headers, false, violations);
    if let Some(key) = exchange.request_headers.get("x-idempotency-key") {
        let length = key.to_str().unwrap().chars().count();
        if exchange.method != "POST" || !(32..=255).contains(&length) {
            violations.push("x-idempotency-key is for POST, with 32 to 255 characters".to_owned());
        }
    }
    let secured = found.operation["security"].as_array().is_some_and(|security| !security.is_empty());
    if secured && !header(&exchange.request_headers, "authorization").starts_with("Bearer ") {
        violations.push("the operation is secured, but no bearer token was sent".to_owned());
    }
    let form: Vec<&Value> = of("formData").collect();
    match (of("body").next(), form.is_empty()) {
        (Some(body), _) => request_body(contract, found, body, exchange, violations),
        (None, false) => {
            content_type(
                "request",
                &exchange.request_headers,
                "application/x-www-form-urlencoded",
                violations,
            );
            values("form", form.into_iter(), &pairs(&exchange.request_body), true, violations);
        }
        (None, true) if !exchange.request_body.is_empty() => {
            violations.push("a body was sent, but none is declared".to_owned());
        }
        (None, true) => {}
    }
}

fn request_body(
    contract: &mut Contract,
    found: &Found,
    declared: &Value,
    exchange: &Exchange,
    violations: &mut Vec<String>,
) {
    if exchange.request_body.is_empty() {
        return violations.push("a body is declared, but none was sent".to_owned());
    }
    content_type("request", &exchange.request_headers, "application/json", violations);
    match serde_json::from_slice(&exchange.request_body) {
        Ok(body) => violations.extend(contract.judge(found.file, &declared["schema"], Side::Request, &body)),
        Err(error) => violations.push(format!("the request body is not JSON: {error}")),
    }
}

fn response(contract: &mut Contract, found: &Found, exchange: &Exchange, violations: &mut Vec<String>) {
    if header(&exchange.headers, "x-trace-id").is_empty() {
        violations.push("the answer has no x-trace-id".to_owned());
    }
    let status = exchange.status.as_u16();
    let Some(declared) = contract.response(found, status) else {
        let stale = if status == STALE { " (412 without a fault)" } else { "" };
        return violations.push(format!("status {status} is not declared for {}{stale}", found.name));
    };
    let etag = header(&exchange.headers, "etag");
    let quoted = etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"');
    if !etag.is_empty() && !quoted {
        violations.push(format!("the etag {etag} is not quoted"));
    }
    if status == 429 && header(&exchange.headers, "retry-after").parse::<u64>().is_err() {
        violations.push("a 429 has no retry-after in seconds".to_owned());
    }
    if status == 302 && header(&exchange.headers, "location").is_empty() {
        violations.push("a redirect has no location".to_owned());
    }
    let schema = &declared["schema"];
    if schema.is_null() {
        if !exchange.body.is_empty() {
            violations.push("an answer without a declared body has one".to_owned());
        }
        return;
    }
    content_type("response", &exchange.headers, "application/json", violations);
    match serde_json::from_slice(&exchange.body) {
        Ok(body) => violations.extend(contract.judge(found.file, schema, Side::Response, &body)),
        Err(error) => violations.push(format!("the answer is not JSON: {error}")),
    }
}

/// Checks values against the parameters declared for their place.
fn values<'a>(
    place: &str,
    declared: impl Iterator<Item = &'a Value>,
    given: &[(String, String)],
    closed: bool,
    violations: &mut Vec<String>,
) {
    let mut known = Vec::new();
    for parameter in declared {
        let name = parameter["name"].as_str().unwrap();
        known.push(name.to_lowercase());
        let value = given.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        match value {
            None if parameter["required"] == true => {
                violations.push(format!("the {place} parameter {name} is required"));
            }
            Some((_, value)) if !fits(parameter, value) => {
                violations.push(format!("the {place} parameter {name} may not be {value:?}"));
            }
            _ => {}
        }
    }
    if closed {
        for (name, _) in given.iter().filter(|(name, _)| !known.contains(&name.to_lowercase())) {
            violations.push(format!("the {place} parameter {name} is not declared"));
        }
    }
}

/// Whether a parameter's text is of its type, its range and its list of words.
fn fits(parameter: &Value, text: &str) -> bool {
    let typed = match parameter["type"].as_str() {
        Some("integer") => text.parse::<i64>().map(Value::from).ok(),
        Some("boolean") => text.parse::<bool>().map(Value::from).ok(),
        _ => Some(json!(text)),
    };
    let Some(value) = typed else { return false };
    let in_range = value.as_i64().is_none_or(|number| {
        parameter["minimum"].as_i64().is_none_or(|minimum| number >= minimum)
            && parameter["maximum"].as_i64().is_none_or(|maximum| number <= maximum)
    });
    in_range && parameter["enum"].as_array().is_none_or(|words| words.contains(&value))
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn content_type(side: &str, headers: &HeaderMap, wanted: &str, violations: &mut Vec<String>) {
    let given = header(headers, CONTENT_TYPE.as_str());
    let bare = given.split(';').next().unwrap_or_default().trim();
    if bare != wanted {
        violations.push(format!("the {side}'s content-type is {given:?}, not {wanted}"));
    }
}
