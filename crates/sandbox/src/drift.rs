//! Somebody changes an object in the vendor's own console: how settings drift, on demand.

use serde_json::{Map, Value};

use crate::{
    audit,
    engine::Engine,
    http_error::Refusal,
    store::{ObjectKind, Store},
};

/// Who changes an object where nobody is named.
pub(crate) const SOMEBODY: &str = "administrator@sandbox.example";

/// Lays fields over an object, as a merge patch: objects are merged, null removes. `by` is who did it, as audit
/// events name people.
///
/// # Errors
/// 404 where there is no such object.
pub(crate) fn drift(
    engine: &Engine,
    kind: ObjectKind,
    id: &str,
    fields: &Map<String, Value>,
    by: &str,
) -> Result<(), Refusal> {
    engine.apply(|store: &mut Store| {
        let table = kind.table();
        let mut doc = store.get(table, id).cloned().ok_or_else(|| Refusal::not_found("object", id))?;
        merge(&mut doc, fields);
        store.put(table, id, doc);
        audit::note_drift(engine, store, kind, id, by);
        Ok(())
    })
}

fn merge(target: &mut Map<String, Value>, fields: &Map<String, Value>) {
    for (name, value) in fields {
        match (target.get_mut(name), value) {
            (_, Value::Null) => {
                target.remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(deeper)) => merge(inner, deeper),
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}
