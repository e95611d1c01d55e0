//! Outbound events: what IC's systems are told.

use serde::{Deserialize, Serialize};

use crate::{
    Bid, EventId, Timestamp,
    run::{Failure, RunKind},
    use_case::{OldUrlBehaviour, UseCase, UseCases},
    words,
};

words! {
    /// What happened.
    EventKind, "event" {
        /// A biller can sign in with SecureAuth.
        Enabled = "biller.enabled", "Biller enabled";
        /// Sign-ins of a biller go to the legacy page again.
        Suspended = "biller.suspended", "Biller suspended";
        /// A suspended biller is back.
        Resumed = "biller.resumed", "Biller resumed";
        /// What is in effect for a biller has changed: its use cases, or whether its sign-ins are held off.
        UseCasesChanged = "biller.use_cases_changed", "Use cases changed";
        /// Sign-ins of a biller go to another issuer, which IC has to trust.
        IssuerChanged = "biller.issuer_changed", "Issuer changed";
        /// A run of a biller failed.
        Failed = "biller.failed", "Run failed";
    }
}

impl EventKind {
    /// The event that tells of a finished run; undoing an enablement nobody heard of tells nothing.
    #[must_use]
    pub const fn after(kind: RunKind) -> Option<Self> {
        match kind {
            RunKind::Enable => Some(Self::Enabled),
            RunKind::Suspend => Some(Self::Suspended),
            RunKind::Resume => Some(Self::Resumed),
            RunKind::Abandon | RunKind::ChangeUseCases | RunKind::ApplySettings | RunKind::SwitchIssuer => {
                None
            }
        }
    }
}

/// The body of an outbound event (Standard Webhooks: `type`, `timestamp`, `data`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventBody {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When it happened, RFC 3339.
    pub timestamp: String,
    /// The details.
    pub data: EventData,
}

/// The details of an outbound event. Secrets are never in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventData {
    /// The biller.
    pub bid: Bid,
    /// The biller-specific address that people bookmark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_url: Option<String>,
    /// What was in effect and what is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_cases: Option<EventUseCases>,
    /// Under which issuer people signed in, and under which they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<EventIssuer>,
    /// Which run failed, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<EventFailure>,
}

/// Under which issuer a biller's people signed in, and under which they do since this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventIssuer {
    /// Before; tokens of then name it until they expire.
    pub before: Option<String>,
    /// Since; its discovery document names every endpoint.
    pub after: String,
}

/// What was in effect for a biller, and what is since this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventUseCases {
    /// Before.
    pub before: InEffect,
    /// Since.
    pub after: InEffect,
}

/// What is in effect for a biller, as IC is told of it: every switch by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InEffect {
    /// Accounts are mirrored.
    pub user_hosting: bool,
    /// Passwords are checked at SecureAuth.
    pub delegated_login: bool,
    /// People sign in at SecureAuth.
    pub hosted_login: bool,
    /// What the old login page does.
    pub old_url: OldUrlBehaviour,
    /// Sign-ins go to the legacy page in an emergency, whatever the switches say.
    pub held_off: bool,
}

impl InEffect {
    /// These use cases, held off or not.
    #[must_use]
    pub fn of(use_cases: &UseCases, held_off: bool) -> Self {
        Self {
            user_hosting: use_cases.has(UseCase::UserHosting),
            delegated_login: use_cases.has(UseCase::DelegatedLogin),
            hosted_login: use_cases.has(UseCase::HostedLogin),
            old_url: use_cases.old_url,
            held_off,
        }
    }
}

/// A failed run, as IC is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFailure {
    /// What the run was to do.
    pub run: RunKind,
    /// At which step it failed.
    pub step: crate::run::StepKind,
    /// Why.
    #[serde(flatten)]
    pub failure: Failure,
}

words! {
    /// Where a delivery stands.
    DeliveryState, "delivery state" {
        /// Waits for its next attempt.
        Pending = "pending", "Waiting";
        /// Accepted by the receiver with a 2xx answer.
        Delivered = "delivered", "Delivered";
        /// Given up after the last attempt; a person decides.
        GaveUp = "gave_up", "Gave up";
    }
}

/// One delivery of one event to one receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id.
    pub id: crate::DeliveryId,
    /// The event; the same for every attempt, so that receivers can drop repeats.
    pub event: EventId,
    /// What happened.
    pub kind: EventKind,
    /// The biller.
    pub bid: Bid,
    /// The receiver's name in the configuration.
    pub endpoint: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: i64,
    /// When the next attempt is due.
    pub next_at: Option<Timestamp>,
    /// The last answer's HTTP status.
    pub last_status: Option<i64>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When the event happened.
    pub created_at: Timestamp,
    /// When it was accepted.
    pub delivered_at: Option<Timestamp>,
}

/// Pauses before the second and each later attempt, in seconds: 27 hours in all, then a person decides.
pub const RETRY_AFTER: [u64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/// The pause after `attempts` failed attempts; `None` when that was the last.
#[must_use]
pub fn retry_pause(attempts: i64) -> Option<std::time::Duration> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    RETRY_AFTER.get(index).map(|seconds| std::time::Duration::from_secs(*seconds))
}
