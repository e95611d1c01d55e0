//! The licence and what it meters (vendor contract, licence).
//!
//! What the contract leaves open and is decided here: every access token counts, a month is a calendar month (UTC), and
//! nothing is refused when the limit is reached.

use serde_json::{Map, Value, json};

use crate::{
    call::Call,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// Tokens a month.
const TOKENS: i64 = 100_000;

/// Enterprise identity providers.
const PROVIDERS: i64 = 10;

/// `GET /admin/license`: a year that ends with the present one.
pub(crate) fn license(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let month = month(call);
    let year: i64 = month.get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026);
    Ok(Reply::data(Map::from_iter([
        ("start_date".to_owned(), json!(format!("{year}-01-01T00:00:00Z"))),
        ("end_date".to_owned(), json!(format!("{}-01-01T00:00:00Z", year + 1))),
        ("enforcement_enabled".to_owned(), json!(false)),
        ("has_enterprise_idps_capability".to_owned(), json!(true)),
        ("has_risk_engine_capability".to_owned(), json!(false)),
    ])))
}

/// `GET /admin/usage`.
pub(crate) fn usage(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let used = call.store.get(Table::Usage, &month(call)).map_or(0, |doc| doc.whole("tokens"));
    let metered = |limit: i64, used: i64| -> Value { json!({ "limit": limit, "used": used }) };
    Ok(Reply::data(Map::from_iter([
        ("monthly_tokens_issued".to_owned(), metered(TOKENS, used)),
        ("enterprise_idps".to_owned(), metered(PROVIDERS, 0)),
    ])))
}

/// Counts a token that was issued.
pub(crate) fn count_token(call: &mut Call<'_>) {
    let month = month(call);
    let before = call.store.get(Table::Usage, &month).map_or(0, |doc| doc.whole("tokens"));
    call.store.put(Table::Usage, &month, Doc::from_iter([("tokens".to_owned(), json!(before + 1))]));
}

/// The present month, e.g. `2026-11`.
fn month(call: &Call<'_>) -> String {
    call.now().rfc3339().chars().take(7).collect()
}
