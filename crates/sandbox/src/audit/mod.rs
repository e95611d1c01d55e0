//! Audit events: who changed what, and who signed in (vendor contract, audit events).
//!
//! What the contract leaves open and is decided here: changes by API are kept under the workspace whose token made
//! them, changes in the vendor's own console under `admin`, sign-ins under the workspace signed in to. Providers and
//! themes have no event, because the contract names none for them.

mod changes;
mod list;

use domain::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) use changes::{before, note_change, note_drift};
pub(crate) use list::list;

use crate::{
    engine::Engine,
    store::{Doc, Store, Table},
};

/// How many events are kept; the oldest go.
const KEPT: usize = 20_000;

/// Something that happened.
pub(crate) struct Event {
    /// The workspace it is kept under.
    pub(crate) server: String,
    /// What it is about: a word of the contract.
    pub(crate) subject: &'static str,
    /// What happened: a word of the contract.
    pub(crate) action: &'static str,
    /// Who, where from, whom it concerns.
    pub(crate) metadata: Map<String, Value>,
    /// What the contract gives this pair of subject and action; `None` where it gives nothing.
    pub(crate) payload: Option<Map<String, Value>>,
}

/// Keeps an event.
pub(crate) fn record(engine: &Engine, store: &mut Store, event: Event) {
    let now: Timestamp = engine.clock.now();
    let id = next_id(store);
    let mut payload = Map::new();
    if let Some(inner) = event.payload {
        payload.insert(format!("{}_{}", event.subject, event.action), Value::Object(inner));
    }
    let doc = Doc::from_iter([
        ("event_id".to_owned(), json!(id)),
        ("timestamp".to_owned(), json!(now.rfc3339())),
        ("tenant_id".to_owned(), json!(engine.config.tenant_id)),
        ("server_id".to_owned(), json!(event.server)),
        ("event_subject".to_owned(), json!(event.subject)),
        ("action".to_owned(), json!(event.action)),
        ("context".to_owned(), json!({})),
        ("metadata".to_owned(), Value::Object(event.metadata)),
        ("payload".to_owned(), Value::Object(payload)),
        ("_at".to_owned(), json!(now.micros())),
    ]);
    store.put(Table::AuditEvents, &id, doc);
    if store.count(Table::AuditEvents) > KEPT {
        let oldest = store.all(Table::AuditEvents).next().map(|(id, _)| id.clone());
        store.remove(Table::AuditEvents, &oldest.unwrap_or_default());
    }
}

/// Ids grow with time, so that the order of ids is the order of events.
fn next_id(store: &Store) -> String {
    let newest = store.last_id(Table::AuditEvents).and_then(|id| u64::from_str_radix(id, 16).ok());
    format!("{:016x}", newest.map_or(1, |newest| newest + 1))
}
