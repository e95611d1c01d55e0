//! Events as they are answered: filtered and paged.

use crate::{
    admin::workspaces,
    call::Call,
    http_error::Refusal,
    paging::Page,
    reply::Reply,
    store::{Doc, Fields, Table, public},
};
use serde_json::Value;

/// Filters that must equal a field of the metadata.
const EQUAL: &[&str] = &[
    "affected_user_id",
    "affected_user_pool_id",
    "authorization_correlation_id",
    "client_id",
    "group_id",
    "idp_id",
    "idp_method",
    "idp_subject",
    "ip",
    "organization_id",
    "result",
    "session_id",
    "subject",
    "user_id",
    "user_pool_id",
];

/// `GET /servers/{wid}/audit-events`, in the order of time; `order=desc` begins with the newest.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let server = call.param("wid");
    workspaces::find(call.store, &server)?;
    let page = Page::read(call, "event", &[])?;
    let from = instant(call, "timestamp_from")?;
    let to = instant(call, "timestamp_to")?;
    let words = |name: &str| -> Option<Vec<&str>> { Some(call.query(name)?.split(',').collect()) };
    let (subjects, actions) = (words("event_subject"), words("event_action"));
    let rows = call
        .store
        .all(Table::AuditEvents)
        .filter(|(_, doc)| doc.text("server_id") == server)
        .filter(|(_, doc)| subjects.as_ref().is_none_or(|words| words.contains(&doc.text("event_subject"))))
        .filter(|(_, doc)| actions.as_ref().is_none_or(|words| words.contains(&doc.text("action"))))
        .filter(|(_, doc)| from.is_none_or(|from| doc.whole("_at") >= from))
        .filter(|(_, doc)| to.is_none_or(|to| doc.whole("_at") <= to))
        .filter(|(_, doc)| fits(call, doc))
        .map(|(id, doc)| (id.clone(), id.clone(), doc))
        .collect();
    Ok(Reply::list("audit_events", page.cut(rows).into_iter().map(public).collect()))
}

fn fits(call: &Call<'_>, doc: &Doc) -> bool {
    let metadata = doc.get("metadata").and_then(Value::as_object);
    let of = |name: &str| metadata.map_or("", |metadata| metadata.text(name));
    EQUAL.iter().all(|name| call.query(name).is_none_or(|wanted| of(name) == wanted))
}

fn instant(call: &Call<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.query(name) else { return Ok(None) };
    let read: Result<jiff::Timestamp, _> = text.parse();
    match read {
        Ok(instant) => Ok(Some(instant.as_microsecond())),
        Err(_) => Err(Refusal::malformed(format!("{name} must be an RFC 3339 time")).at(name)),
    }
}
