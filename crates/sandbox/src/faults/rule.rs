//! One rule: which requests it hits, and what it does to them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Cut, Plan};
use crate::http_error::Refusal;

/// A fault with the requests it hits.
///
/// As JSON: `{"operation": "admin.*", "kind": "error", "status": 500, "count": 2}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    /// The operations it hits: a name such as `admin.createClient`, in which `*` stands for anything.
    #[serde(default = "every_operation")]
    pub operation: String,
    /// What it does.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many matching requests pass before it begins.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it hits at most. `None`: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// How likely it hits a matching request, from 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
}

/// What a rule does to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Waits before anything else.
    Latency {
        /// Milliseconds.
        millis: u64,
    },
    /// Refuses without applying.
    Error {
        /// The HTTP status, 400 to 599.
        status: u16,
        /// The `error_code` of the body, e.g. `invalid_access_token`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error_code: Option<String>,
    },
    /// Answers 429 without applying.
    TooManyRequests {
        /// The `retry-after` header, in seconds.
        retry_after_seconds: u64,
    },
    /// Resets the TCP connection.
    Reset {
        /// Before or after the request takes effect.
        phase: Phase,
    },
    /// Sends the answer's body in small pieces.
    SlowBody {
        /// Milliseconds from the first piece to the last.
        millis: u64,
    },
    /// Answers 503 to everything it covers.
    Outage,
}

/// Before or after a request takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing has changed.
    BeforeApplying,
    /// The change is made and kept, but the caller gets no answer.
    AfterApplying,
}

/// Why a rule cannot be meant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidRule {
    /// The probability is not one.
    #[error("probability is {0}; give a number from 0 to 1")]
    Probability(f64),
    /// The status is not an error.
    #[error("status is {0}; give an HTTP error status, 400 to 599")]
    Status(u16),
    /// No operation can match.
    #[error("operation is empty; give a name such as admin.createClient, or * for all")]
    Operation,
}

impl FaultRule {
    /// A rule that hits every request of `operation` (`*` stands for anything).
    #[must_use]
    pub fn new(operation: impl Into<String>, fault: Fault) -> Self {
        Self { operation: operation.into(), fault, skip: 0, count: None, probability: 1.0 }
    }

    /// The same rule, hitting at most `count` requests.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { count: Some(count), ..self }
    }

    /// The same rule, letting `skip` matching requests pass first.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// The same rule, hitting with this probability.
    #[must_use]
    pub fn with_probability(self, probability: f64) -> Self {
        Self { probability, ..self }
    }

    /// Whether it hits this operation at all.
    pub(crate) fn covers(&self, operation: &str) -> bool {
        matches(&self.operation, operation)
    }

    pub(crate) fn check(&self) -> Result<(), InvalidRule> {
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(InvalidRule::Probability(self.probability));
        }
        if self.operation.is_empty() {
            return Err(InvalidRule::Operation);
        }
        match self.fault {
            Fault::Error { status, .. } if !(400..=599).contains(&status) => Err(InvalidRule::Status(status)),
            _ => Ok(()),
        }
    }
}

impl Fault {
    /// Its name on the page and in the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::Error { .. } => "error",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Reset { .. } => "reset",
            Self::SlowBody { .. } => "slow_body",
            Self::Outage => "outage",
        }
    }

    /// What it does, in words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Latency { millis } => format!("waits {millis} ms"),
            Self::Error { status, error_code: None } => format!("answers {status}"),
            Self::Error { status, error_code: Some(code) } => format!("answers {status} ({code})"),
            Self::TooManyRequests { retry_after_seconds } => {
                format!("answers 429, retry after {retry_after_seconds} s")
            }
            Self::Reset { phase: Phase::BeforeApplying } => "resets before applying".to_owned(),
            Self::Reset { phase: Phase::AfterApplying } => "resets after applying".to_owned(),
            Self::SlowBody { millis } => format!("sends the body over {millis} ms"),
            Self::Outage => "answers 503".to_owned(),
        }
    }

    /// Adds what it does to a request's plan; the first fault that cuts a request short wins.
    pub(super) fn enter(&self, plan: &mut Plan) {
        match self {
            Self::Latency { millis } => plan.delay += Duration::from_millis(*millis),
            Self::SlowBody { millis } => plan.slow = Some(Duration::from_millis(*millis)),
            Self::Error { status, error_code } => {
                let code = error_code.as_deref().unwrap_or("sandbox_fault");
                cut(plan, Cut::Answer(Refusal::new(*status, code, "A fault was asked for")));
            }
            Self::TooManyRequests { retry_after_seconds } => {
                cut(plan, Cut::Answer(Refusal::too_many(*retry_after_seconds)));
            }
            Self::Reset { phase } => cut(plan, Cut::Reset(*phase)),
            Self::Outage => {
                cut(plan, Cut::Answer(Refusal::new(503, "service_unavailable", "Service unavailable")));
            }
        }
    }
}

fn cut(plan: &mut Plan, cut: Cut) {
    plan.cut.get_or_insert(cut);
}

fn every_operation() -> String {
    "*".to_owned()
}

fn always() -> f64 {
    1.0
}

/// Whether `name` fits `pattern`, in which `*` stands for anything, also nothing.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(tail) = name.strip_prefix(head) else {
        return false;
    };
    (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| matches(rest, &tail[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, fits) in [
            ("*", "admin.createClient", true),
            ("admin.*", "admin.createClient", true),
            ("*.create*", "admin.createClient", true),
            ("*Client", "admin.createClient", true),
            ("admin.create", "admin.createClient", false),
            ("system.*", "admin.createClient", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn a_rule_reads_back_as_it_was_written() {
        let rule = FaultRule::new("admin.*", Fault::Reset { phase: Phase::AfterApplying }).times(1).after(2);
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<FaultRule>(&text).unwrap(), rule);
    }
}
