//! What can go wrong with a call, as kinds that a page can explain and a job runner can act on.

use std::{borrow::Cow, fmt, ops::Deref, time::Duration};

use thiserror::Error;

use crate::{
    cure,
    operation::{ApiGroup, Operation},
};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// 401: the token or the client was not accepted.
    Unauthenticated,
    /// 403, or a scope the client was not given.
    Forbidden {
        /// What the client probably lacks.
        missing: &'static str,
    },
    /// 404: no such object, or no such path.
    NotFound,
    /// 409: id, name or identifier is taken.
    Conflict,
    /// 412: someone else changed the object since it was read.
    PreconditionFailed,
    /// 400 or 422: understood, and refused as wrong.
    Invalid,
    /// 429: too fast.
    RateLimited,
    /// 5xx: the vendor failed.
    Server,
    /// No complete answer in time.
    Timeout,
    /// No connection, or a connection that broke.
    Network,
    /// Not sent: calls to this API group failed in a row and rest for a while.
    CircuitOpen,
    /// An answer that cannot be read.
    Decode,
    /// A write was answered as done, but reading back shows other values.
    ReadBackMismatch {
        /// The fields that differ, as paths.
        fields: Vec<String>,
    },
    /// Not sent: the object shows other values than those the change was decided on.
    ChangedMeanwhile {
        /// What differs, in words of the caller.
        fields: Vec<String>,
    },
    /// A discovery document that is missing, foreign or unsafe.
    Discovery,
    /// Our own configuration or request is wrong; nothing was sent, or it went to the wrong place.
    Config,
}

impl ErrorKind {
    /// A short name for logs and counters; never changes.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::PreconditionFailed => "precondition_failed",
            Self::Invalid => "invalid",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::CircuitOpen => "circuit_open",
            Self::Decode => "decode",
            Self::ReadBackMismatch { .. } => "read_back_mismatch",
            Self::ChangedMeanwhile { .. } => "changed_meanwhile",
            Self::Discovery => "discovery",
            Self::Config => "config",
        }
    }

    const fn words(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "SecureAuth did not accept our client or token",
            Self::Forbidden { .. } => "SecureAuth does not allow this to our client",
            Self::NotFound => "SecureAuth does not know this object or path",
            Self::Conflict => "SecureAuth says that something with this id or name exists",
            Self::PreconditionFailed => "the object was changed by someone else at the same time",
            Self::Invalid => "SecureAuth refused the values we sent",
            Self::RateLimited => "SecureAuth asks us to slow down",
            Self::Server => "SecureAuth failed",
            Self::Timeout => "SecureAuth did not answer in time",
            Self::Network => "the connection to SecureAuth failed",
            Self::CircuitOpen => "calls to this part of SecureAuth rest after failures in a row",
            Self::Decode => "SecureAuth's answer cannot be read",
            Self::ReadBackMismatch { .. } => {
                "SecureAuth confirmed a change, but reading back shows other values"
            }
            Self::ChangedMeanwhile { .. } => "somebody changed the object since the change was decided",
            Self::Discovery => "the discovery document is not usable",
            Self::Config => "our SecureAuth configuration does not fit",
        }
    }
}

/// Everything known about a failed call. Reached through [`CallError`], which dereferences to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What was asked.
    pub operation: Operation,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// The vendor's error code; values are undocumented except `invalid_access_token`.
    pub error_code: Option<String>,
    /// The vendor's words or ours, shortened, without secrets.
    pub message: String,
    /// The vendor's trace id: give it to their support.
    pub trace_id: Option<String>,
    /// The correlation id we sent; it stands in the vendor's audit events. Empty where nothing was sent.
    pub correlation_id: String,
    /// When to come back, where the vendor or our breaker said so.
    pub retry_after: Option<Duration>,
    /// Whether this or an earlier attempt may have been carried out although no success was seen.
    pub(crate) unknown: bool,
}

/// A failed call: what happened, whether to repeat, what to do.
#[derive(Clone, PartialEq, Eq, Error)]
#[error("{}", describe(.0))]
pub struct CallError(Box<Failure>);

impl CallError {
    pub(crate) fn new(kind: ErrorKind, operation: Operation, message: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            kind,
            operation,
            status: None,
            error_code: None,
            message: message.into(),
            trace_id: None,
            correlation_id: String::new(),
            retry_after: None,
            unknown: false,
        }))
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Failure)) -> Self {
        change(&mut self.0);
        self
    }

    /// Whether the same call may well succeed later without anyone changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::RateLimited
                | ErrorKind::Server
                | ErrorKind::Timeout
                | ErrorKind::Network
                | ErrorKind::CircuitOpen
                | ErrorKind::PreconditionFailed
        )
    }

    /// Whether the vendor may have carried the request out although we saw no success: read before
    /// anything is sent again.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        self.unknown
    }

    /// In plain English, what to do about it.
    #[must_use]
    pub fn cure(&self) -> Cow<'static, str> {
        cure::of(self)
    }

    /// Whether a new token may help: the vendor's word for an expired or revoked one.
    pub(crate) fn is_stale_token(&self) -> bool {
        self.kind == ErrorKind::Unauthenticated && self.error_code.as_deref() == Some("invalid_access_token")
    }

    /// Whether the failure speaks against the vendor's health (429 does not).
    pub(crate) fn counts_against_health(&self) -> bool {
        matches!(self.kind, ErrorKind::Server | ErrorKind::Timeout | ErrorKind::Network)
    }
}

impl Deref for CallError {
    type Target = Failure;
    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn describe(failure: &Failure) -> String {
    let mut text = format!("{}: {}", failure.operation, failure.kind.words());
    if let Some(status) = failure.status {
        text.push_str(&format!(" (HTTP {status})"));
    }
    if let ErrorKind::ReadBackMismatch { fields } | ErrorKind::ChangedMeanwhile { fields } = &failure.kind {
        text.push_str(&format!(": {}", fields.join(", ")));
    }
    if !failure.message.is_empty() {
        text.push_str(&format!(": {}", failure.message));
    }
    if let Some(trace_id) = &failure.trace_id {
        text.push_str(&format!(" [trace {trace_id}]"));
    }
    text
}

/// What a client lacks when an operation is forbidden to it.
pub(crate) const fn missing_right(operation: Operation) -> &'static str {
    match operation.api() {
        ApiGroup::Admin | ApiGroup::Identity => "a token of a service client in the admin workspace",
        ApiGroup::Import => "the scope manage_configuration",
        ApiGroup::Verify => "the scope identity",
        ApiGroup::System => "the scope revoke_tokens",
        ApiGroup::OAuth | ApiGroup::Discovery => "the scope asked for, or the client-credentials grant",
    }
}
