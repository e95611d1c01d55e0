//! One measurement per call attempt, handed to whoever keeps them.

use std::time::Duration;

use crate::operation::{ApiGroup, Operation};

/// How a call attempt ended, coarse enough to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeClass {
    /// The vendor did what was asked.
    Ok,
    /// Refused as our fault: 4xx other than the two below, or an answer we cannot use.
    ClientError,
    /// Refused because of the present state: 409 or 412.
    Conflict,
    /// Refused by a rate limit (429), or not sent because one is in force.
    RateLimited,
    /// The vendor failed: 5xx.
    ServerError,
    /// No complete answer in time.
    Timeout,
    /// No connection, or the connection broke.
    Network,
    /// Not sent: the circuit breaker is open.
    CircuitOpen,
}

impl OutcomeClass {
    /// Every class.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::ClientError,
        Self::Conflict,
        Self::RateLimited,
        Self::ServerError,
        Self::Timeout,
        Self::Network,
        Self::CircuitOpen,
    ];

    /// The class's name in measurements; never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ClientError => "client_error",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::CircuitOpen => "circuit_open",
        }
    }
}

/// One call attempt, measured. Holds no address, body or secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// What was asked.
    pub operation: Operation,
    /// The API group it belongs to.
    pub api: ApiGroup,
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
