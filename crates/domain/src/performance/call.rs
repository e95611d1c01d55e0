//! What is counted of a call.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{CallId, Timestamp, words};

words! {
    /// How a call attempt ended, coarse enough to count.
    CallOutcome, "outcome" {
        /// The vendor did what was asked.
        Ok = "ok", "Answered";
        /// Refused as our fault: 4xx other than the two below, or an answer we cannot use.
        ClientError = "client_error", "Refused: our request";
        /// Refused because of the present state: 404, 409 or 412. The vendor works as it should.
        Conflict = "conflict", "Answered: not there, or in conflict";
        /// Refused by a rate limit (429).
        RateLimited = "rate_limited", "Refused: rate limit";
        /// The vendor failed: 5xx.
        ServerError = "server_error", "Vendor failed";
        /// No complete answer within our own limit.
        Timeout = "timeout", "No answer in our time";
        /// No connection, or the connection broke.
        Network = "network", "No connection";
        /// Not sent: the circuit breaker is open, or the vendor asked for a pause.
        CircuitOpen = "circuit_open", "Not sent";
    }
}

words! {
    /// Who made a call.
    CallSource, "source" {
        /// The console's own work: runs, migrations, pages.
        Work = "work", "Console's own calls";
        /// The synthetic probes.
        Probe = "probe", "Probes";
    }
}

/// Which calls a number is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallKey {
    /// The operation's name in measurements.
    pub operation: String,
    /// Who called.
    pub source: CallSource,
}

/// A call that failed, with what the vendor's support asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCall {
    /// Its id.
    pub id: CallId,
    /// When it ended.
    pub at: Timestamp,
    /// What was called, and by whom.
    pub key: CallKey,
    /// How it ended.
    pub outcome: CallOutcome,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// How long it took.
    pub latency: Duration,
    /// The vendor's trace id, where one came.
    pub trace_id: Option<String>,
    /// Our own id of the call, which the vendor's audit events name.
    pub correlation_id: String,
}

/// Calls by how they ended. Merging two is adding them up, in whichever order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([u64; CallOutcome::ALL.len()]);

impl CallOutcome {
    /// Whether the vendor answered as it should.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Ok | Self::Conflict)
    }
}

impl Tally {
    /// Counts so many calls that ended like this.
    pub fn add(&mut self, outcome: CallOutcome, calls: u64) {
        let place = &mut self.0[outcome as usize];
        *place = place.saturating_add(calls);
    }

    /// Takes another tally in.
    pub fn merge(&mut self, other: &Self) {
        for outcome in CallOutcome::ALL {
            self.add(*outcome, other.of(*outcome));
        }
    }

    /// Calls that ended like this.
    #[must_use]
    pub const fn of(&self, outcome: CallOutcome) -> u64 {
        self.0[outcome as usize]
    }

    /// Calls that were answered as they should be. A conflict is such an answer.
    #[must_use]
    pub const fn good(&self) -> u64 {
        self.of(CallOutcome::Ok).saturating_add(self.of(CallOutcome::Conflict))
    }

    /// Calls in which the vendor failed: 5xx, or not to be reached.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.of(CallOutcome::ServerError).saturating_add(self.of(CallOutcome::Network))
    }

    /// Calls that may have failed by our own fault: our request, our rate, our patience.
    #[must_use]
    pub const fn ours(&self) -> u64 {
        self.of(CallOutcome::ClientError)
            .saturating_add(self.of(CallOutcome::RateLimited))
            .saturating_add(self.of(CallOutcome::Timeout))
    }

    /// Calls that were sent.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.good().saturating_add(self.failed()).saturating_add(self.ours())
    }

    /// The share of good calls among all that were sent, whoever's fault the others are. `None` when none was sent:
    /// that is unknown, not available.
    #[must_use]
    pub fn availability_raw(&self) -> Option<f64> {
        share(self.good(), self.sent())
    }

    /// The share of good calls among those that were not spoilt by ourselves.
    #[must_use]
    pub fn availability(&self) -> Option<f64> {
        share(self.good(), self.good().saturating_add(self.failed()))
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
