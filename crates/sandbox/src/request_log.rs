//! The last requests, for the page and for tests.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use domain::Timestamp;
use serde::Serialize;

/// How many requests are kept in full; beyond that only their number is.
const KEPT: usize = 500;

/// One request to the API, as it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRecord {
    /// When it came.
    pub at: Timestamp,
    /// Method and path; the query is left out, it may carry secrets.
    pub request: String,
    /// The operation, e.g. `admin.createClient`.
    pub operation: String,
    /// The status answered; `None` when the connection was reset.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// The trace id answered in `x-trace-id`.
    pub trace_id: String,
    /// The caller's `x-correlation-id`.
    pub correlation_id: Option<String>,
    /// Whether an earlier answer was repeated for the same idempotency key.
    pub replayed: bool,
    /// The faults that hit it.
    pub faults: Vec<&'static str>,
    /// Fields of the body that the contract does not have, and that were dropped.
    pub dropped: Vec<String>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    total: u64,
    per_operation: BTreeMap<String, u64>,
    last: VecDeque<RequestRecord>,
}

impl RequestLog {
    /// Adds a request.
    pub(crate) fn push(&self, record: RequestRecord) {
        let mut inner = self.lock();
        inner.total += 1;
        *inner.per_operation.entry(record.operation.clone()).or_default() += 1;
        if inner.last.len() == KEPT {
            inner.last.pop_front();
        }
        inner.last.push_back(record);
    }

    /// How many requests there were.
    pub(crate) fn total(&self) -> u64 {
        self.lock().total
    }

    /// How many requests there were of each operation.
    pub(crate) fn per_operation(&self) -> BTreeMap<String, u64> {
        self.lock().per_operation.clone()
    }

    /// The last requests, the newest first.
    pub(crate) fn last(&self, count: usize) -> Vec<RequestRecord> {
        self.lock().last.iter().rev().take(count).cloned().collect()
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
