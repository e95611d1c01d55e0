//! What a write came to, with what the audit log needs.

use serde_json::Value;

/// A created object.
#[derive(Clone, Debug, PartialEq)]
pub struct Created<T> {
    /// The object as the vendor answered it.
    pub object: T,
    /// The whole answer, secrets redacted.
    pub answer: Value,
    /// The vendor's trace id.
    pub trace_id: Option<String>,
    /// Whether the vendor replayed an earlier creation with the same idempotency key.
    pub replayed: bool,
}

/// What an update came to.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateOutcome {
    /// The object before, secrets redacted.
    pub before: Value,
    /// The object as read back, secrets redacted; the same as `before` when nothing was to change.
    pub after: Value,
    /// Whether the object was not yet as wanted.
    pub changed: bool,
    /// The trace ids of the writes.
    pub trace_ids: Vec<String>,
}

/// What a deletion came to. Deleting what is gone is not an error: the wish is fulfilled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It was there and is now gone.
    Now {
        /// The vendor's trace id.
        trace_id: Option<String>,
    },
    /// It was gone before, or an earlier attempt of this call removed it.
    Already,
}

/// What a revocation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// How many users it named.
    pub users: usize,
    /// The vendor's trace id.
    pub trace_id: Option<String>,
}
