//! An audit entry as a row.

use domain::{
    Timestamp,
    audit::{AuditEntry, ChainedEntry, Subject},
};
use sqlx::FromRow;

use crate::{StorageError, decode::Place};

pub(super) const COLUMNS: &str = "seq, at, actor, action, subject_kind, subject_id, reason, state_before, state_after, \
    trace_id, prev_hash, hash";

#[derive(FromRow)]
pub(super) struct EntryRow {
    seq: i64,
    at: i64,
    actor: String,
    action: String,
    subject_kind: String,
    subject_id: String,
    reason: Option<String>,
    state_before: Option<String>,
    state_after: Option<String>,
    trace_id: Option<String>,
    prev_hash: String,
    hash: String,
}

impl EntryRow {
    pub(super) const fn seq(&self) -> i64 {
        self.seq
    }

    pub(super) fn into_entry(self) -> Result<ChainedEntry, StorageError> {
        let seq = self.seq.to_string();
        let at = Place { table: "audit_entries", row: &seq };
        Ok(ChainedEntry {
            seq: self.seq,
            entry: AuditEntry {
                at: Timestamp::from_micros(self.at),
                actor: at.json("actor", &self.actor)?,
                action: at.word("action", &self.action)?,
                subject: Subject::new(at.word("subject_kind", &self.subject_kind)?, self.subject_id),
                reason: self.reason,
                before: at.json_opt("state_before", self.state_before.as_deref())?,
                after: at.json_opt("state_after", self.state_after.as_deref())?,
                trace_id: self.trace_id,
            },
            prev_hash: self.prev_hash,
            hash: self.hash,
        })
    }
}
