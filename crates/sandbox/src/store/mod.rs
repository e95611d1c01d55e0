//! What the sandbox knows: stored JSON documents in a few tables, with undo.
//!
//! A handler changes the store freely; when it succeeds its changes are committed together (and written
//! to the journal), when it refuses they are all taken back.

mod journal;
mod seed;
mod snapshot;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use journal::Journal;
pub(crate) use seed::{ADMIN_WORKSPACE, SYSTEM_WORKSPACE, seed};
pub(crate) use snapshot::count;
pub use snapshot::{ObjectKind, Snapshot};

/// A stored document. Keys beginning with `_` are ours and never leave the sandbox.
pub(crate) type Doc = Map<String, Value>;

/// The tables of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Table {
    /// Workspaces and organizations, by id.
    Workspaces,
    /// Identity pools, by id.
    Pools,
    /// Schemas of users' free fields, by id.
    Schemas,
    /// Identity-pool providers, by id.
    Bindings,
    /// OAuth clients, by id.
    Clients,
    /// Themes, by id.
    Themes,
    /// Which theme a workspace has, by workspace id.
    ThemeBindings,
    /// Vanity domains, by workspace id; that of the whole tenant under `-`.
    VanityDomains,
    /// Users, by `pool/user`.
    Users,
    /// Who owns an identifier or address, by `pool/identifier`.
    Identifiers,
    /// Signing keys, by workspace id.
    Keys,
    /// Access tokens, by the hash of the token.
    Tokens,
    /// Authorization codes, by the hash of the code.
    Codes,
    /// One-time codes of users, by `pool/user/type` and, for addresses, `/address`.
    UserCodes,
    /// Single-sign-on sessions, by the hash of the cookie's value.
    Sessions,
    /// Messages that would have been sent, by their ids, which grow with time.
    Messages,
    /// Audit events, by their ids, which grow with time.
    AuditEvents,
    /// Tokens issued, by month.
    Usage,
    /// Answers to repeat, by operation, client and idempotency key.
    Replays,
}

/// One change of one document; `None` is absence.
#[derive(Clone, Debug)]
struct Change {
    table: Table,
    id: String,
    before: Option<Doc>,
}

/// One document as a commit left it; `doc: None` says it was removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Written {
    /// Its table.
    #[serde(rename = "t")]
    pub(crate) table: Table,
    /// Its key in that table.
    #[serde(rename = "k")]
    pub(crate) id: String,
    /// The document, or its absence.
    #[serde(rename = "v")]
    pub(crate) doc: Option<Doc>,
}

/// All documents, with the changes made since the last commit.
#[derive(Debug, Default)]
pub(crate) struct Store {
    tables: BTreeMap<Table, BTreeMap<String, Doc>>,
    users_per_pool: BTreeMap<String, i64>,
    changes: Vec<Change>,
}

impl Store {
    /// The document under `id`.
    pub(crate) fn get(&self, table: Table, id: &str) -> Option<&Doc> {
        self.tables.get(&table)?.get(id)
    }

    /// Whether there is a document under `id`.
    pub(crate) fn has(&self, table: Table, id: &str) -> bool {
        self.get(table, id).is_some()
    }

    /// All documents of a table in the order of their ids.
    pub(crate) fn all(&self, table: Table) -> impl Iterator<Item = (&String, &Doc)> {
        self.tables.get(&table).into_iter().flatten()
    }

    /// All documents whose key begins with `prefix`, in the order of their keys.
    pub(crate) fn under<'a>(
        &'a self,
        table: Table,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Doc)> {
        self.between(table, prefix.to_owned(), prefix)
    }

    /// All documents whose key begins with `prefix`, from the key `from` on, in the order of their keys.
    pub(crate) fn between<'a>(
        &'a self,
        table: Table,
        from: String,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Doc)> {
        self.tables
            .get(&table)
            .into_iter()
            .flat_map(move |rows| rows.range(from.clone()..))
            .take_while(move |(id, _)| id.starts_with(prefix))
    }

    /// The greatest id of a table.
    pub(crate) fn last_id(&self, table: Table) -> Option<&str> {
        self.tables.get(&table)?.last_key_value().map(|(id, _)| id.as_str())
    }

    /// How many documents a table has.
    pub(crate) fn count(&self, table: Table) -> usize {
        self.tables.get(&table).map_or(0, BTreeMap::len)
    }

    /// How many users a pool has; kept, not counted.
    pub(crate) fn users_of(&self, pool: &str) -> i64 {
        self.users_per_pool.get(pool).copied().unwrap_or(0)
    }

    /// Puts a document, new or in place of an old one.
    pub(crate) fn put(&mut self, table: Table, id: &str, doc: Doc) {
        let before = self.set(table, id, Some(doc));
        self.changes.push(Change { table, id: id.to_owned(), before });
    }

    /// Removes a document; `false` if there was none.
    pub(crate) fn remove(&mut self, table: Table, id: &str) -> bool {
        let before = self.set(table, id, None);
        let removed = before.is_some();
        if removed {
            self.changes.push(Change { table, id: id.to_owned(), before });
        }
        removed
    }

    /// Removes every document of a table that `gone` says goes; returns how many went.
    pub(crate) fn remove_where(&mut self, table: Table, gone: impl Fn(&str, &Doc) -> bool) -> usize {
        let ids: Vec<String> =
            self.all(table).filter(|(id, doc)| gone(id, doc)).map(|(id, _)| id.clone()).collect();
        ids.iter().filter(|id| self.remove(table, id)).count()
    }

    /// Ends the change set: its changes stay.
    pub(crate) fn commit(&mut self) {
        self.changes.clear();
    }

    /// What the open change set leaves behind; each document once.
    pub(crate) fn pending(&self) -> Vec<Written> {
        let mut touched: Vec<(Table, &String)> =
            self.changes.iter().map(|change| (change.table, &change.id)).collect();
        touched.sort();
        touched.dedup();
        touched
            .into_iter()
            .map(|(table, id)| Written { table, id: id.clone(), doc: self.get(table, id).cloned() })
            .collect()
    }

    /// Takes every change since the last commit back.
    pub(crate) fn rollback(&mut self) {
        for change in std::mem::take(&mut self.changes).into_iter().rev() {
            self.set(change.table, &change.id, change.before);
        }
    }

    /// Applies what a commit wrote, without recording it as a change.
    pub(crate) fn replay(&mut self, written: Written) {
        self.set(written.table, &written.id, written.doc);
    }

    /// Every document as it would be written.
    pub(crate) fn everything(&self) -> impl Iterator<Item = Written> {
        self.tables.iter().flat_map(|(table, rows)| {
            rows.iter().map(|(id, doc)| Written { table: *table, id: id.clone(), doc: Some(doc.clone()) })
        })
    }

    /// How many documents there are in all.
    pub(crate) fn size(&self) -> usize {
        self.tables.values().map(BTreeMap::len).sum()
    }

    fn set(&mut self, table: Table, id: &str, doc: Option<Doc>) -> Option<Doc> {
        let adds = i64::from(doc.is_some());
        let rows = self.tables.entry(table).or_default();
        let before = match doc {
            Some(doc) => rows.insert(id.to_owned(), doc),
            None => rows.remove(id),
        };
        if table == Table::Users {
            let pool = id.split('/').next().unwrap_or_default();
            *self.users_per_pool.entry(pool.to_owned()).or_default() += adds - i64::from(before.is_some());
        }
        before
    }
}

/// Reading fields of a stored document.
pub(crate) trait Fields {
    /// A string field, or the empty string.
    fn text(&self, name: &str) -> &str;
    /// A boolean field, or `false`.
    fn flag(&self, name: &str) -> bool;
    /// A whole number, or 0.
    fn whole(&self, name: &str) -> i64;
    /// The strings of a list field.
    fn texts(&self, name: &str) -> Vec<&str>;
}

impl Fields for Doc {
    fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn whole(&self, name: &str) -> i64 {
        self.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        let items = self.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// A copy of a document without the keys that never leave the sandbox.
pub(crate) fn public(doc: &Doc) -> Doc {
    doc.iter().filter(|(name, _)| !name.starts_with('_')).map(|(k, v)| (k.clone(), v.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn doc(value: Value) -> Doc {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_rollback_takes_everything_back_and_keeps_the_counters_right() {
        let mut store = Store::default();
        store.put(Table::Users, "p/1", doc(json!({"n": 1})));
        store.commit();
        store.put(Table::Users, "p/1", doc(json!({"n": 2})));
        store.put(Table::Users, "p/2", doc(json!({"n": 3})));
        store.remove(Table::Users, "p/1");
        store.rollback();
        assert_eq!(store.get(Table::Users, "p/1"), Some(&doc(json!({"n": 1}))));
        assert_eq!((store.count(Table::Users), store.users_of("p")), (1, 1));
    }

    #[test]
    fn a_change_set_is_written_as_each_document_ended() {
        let mut store = Store::default();
        store.put(Table::Pools, "a", doc(json!({"n": 1})));
        store.put(Table::Pools, "a", doc(json!({"n": 2})));
        store.put(Table::Pools, "b", doc(json!({})));
        store.remove(Table::Pools, "b");
        let written = store.pending();
        assert_eq!(written.len(), 2);
        assert_eq!(written[0].doc, Some(doc(json!({"n": 2}))));
        assert_eq!(written[1].doc, None);
        store.commit();
        assert!(store.pending().is_empty());
    }
}
