//! One measurement per call attempt, handed to whoever keeps them.

use std::time::Duration;

pub use domain::performance::{CallOutcome as OutcomeClass, CallSource};

use crate::operation::{ApiGroup, Operation};

/// One call attempt, measured. Holds no address, body or secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// What was asked.
    pub operation: Operation,
    /// The API group it belongs to.
    pub api: ApiGroup,
    /// Who asked.
    pub source: CallSource,
    /// How it ended.
    pub outcome: OutcomeClass,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// From sending to the last byte; waiting for a permit is not counted. Zero where nothing was sent.
    pub latency: Duration,
    /// The vendor's trace id, where one came.
    pub trace_id: Option<String>,
    /// The correlation id we sent; attempts of one call share it.
    pub correlation_id: String,
}

/// Receives every call attempt. Must return at once: it is called between two awaits.
pub trait CallObserver: Send + Sync {
    /// Takes one measurement.
    fn observe(&self, record: &CallRecord);
}

/// Keeps no measurements.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl CallObserver for NoObserver {
    fn observe(&self, _record: &CallRecord) {}
}
