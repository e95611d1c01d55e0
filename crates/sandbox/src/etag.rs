//! ETags: a fingerprint of what a resource answers, and the check of `if-match`.

use axum::http::{HeaderMap, header::IF_MATCH};
use serde_json::Value;

use crate::{digest::fingerprint, http_error::Refusal, operation::Operation};

/// The ETag of a body, in quotes.
pub(crate) fn of(body: &Value) -> String {
    let mut text = fingerprint(&body.to_string());
    text.truncate(20);
    format!("\"{text}\"")
}

/// Checks `if-match` against the resource as it stands. Only some operations of the contract declare
/// 412; at all others the header is ignored, as a hint.
///
/// # Errors
/// 412 when no listed tag is the resource's.
pub(crate) fn check(operation: &Operation, headers: &HeaderMap, current: &Value) -> Result<(), Refusal> {
    if !operation.declares(412) {
        return Ok(());
    }
    let Some(wanted) = headers.get(IF_MATCH).and_then(|value| value.to_str().ok()) else {
        return Ok(());
    };
    let current = of(current);
    let bare = current.trim_matches('"');
    let matches = wanted
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|tag| tag == "*" || tag == bare);
    if matches { Ok(()) } else { Err(Refusal::stale()) }
}
