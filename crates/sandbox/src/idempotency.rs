//! Repeating the answer of a POST under the same key (vendor contract, idempotency): within a minute.

use std::time::Duration;

use axum::http::HeaderMap;
use domain::Timestamp;
use serde_json::{Value, json};

use crate::{
    digest::fingerprint,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Store, Table},
};

/// How long an answer is repeated.
const WINDOW: Duration = Duration::from_secs(60);

/// The place of one keyed request: the same caller asking the same of the same resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    id: String,
    body: String,
}

impl Slot {
    /// The slot of a request, or `None` without a key.
    ///
    /// # Errors
    /// 400 for a key that is not 32 to 255 characters long.
    pub(crate) fn of(
        headers: &HeaderMap,
        client: &str,
        path: &str,
        body: &Value,
    ) -> Result<Option<Self>, Refusal> {
        let Some(key) = headers.get("x-idempotency-key") else {
            return Ok(None);
        };
        let key =
            key.to_str().ok().filter(|key| (32..=255).contains(&key.chars().count())).ok_or_else(|| {
                Refusal::malformed("x-idempotency-key must be 32 to 255 characters").at("x-idempotency-key")
            })?;
        Ok(Some(Self {
            id: fingerprint(&format!("{client}\n{path}\n{key}")),
            body: fingerprint(&body.to_string()),
        }))
    }

    /// The answer to repeat, if this was asked within the window.
    ///
    /// # Errors
    /// 422 when the key was used for another body: the vendor is silent on this, and repeating an answer
    /// to another question would hide a mistake.
    pub(crate) fn recall(&self, store: &Store, now: Timestamp) -> Result<Option<Reply>, Refusal> {
        let Some(doc) = store.get(Table::Replays, &self.id).filter(|doc| fresh(doc, now)) else {
            return Ok(None);
        };
        if doc.text("asked") != self.body {
            return Err(
                Refusal::invalid("x-idempotency-key was used for another body").at("x-idempotency-key")
            );
        }
        let status = u16::try_from(doc.whole("status")).unwrap_or(204);
        Ok(Some(match doc.get("body") {
            Some(body) => Reply::Json { status, body: body.clone(), tagged: doc.flag("tagged") },
            None => Reply::Empty,
        }))
    }

    /// Keeps the answer for the window, and forgets answers whose window is over.
    pub(crate) fn remember(&self, store: &mut Store, reply: &Reply, now: Timestamp) {
        store.remove_where(Table::Replays, |_, doc| !fresh(doc, now));
        let mut doc = Doc::new();
        doc.insert("asked".to_owned(), json!(self.body));
        doc.insert("at".to_owned(), json!(now.micros()));
        if let Reply::Json { status, body, tagged } = reply {
            doc.insert("status".to_owned(), json!(status));
            doc.insert("body".to_owned(), body.clone());
            doc.insert("tagged".to_owned(), json!(tagged));
        }
        store.put(Table::Replays, &self.id, doc);
    }
}

fn fresh(doc: &Doc, now: Timestamp) -> bool {
    now.since(Timestamp::from_micros(doc.whole("at"))) < WINDOW
}
