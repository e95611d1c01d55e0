//! Who changed a biller's use cases, when, why, and to what.

use serde::{Deserialize, Serialize};

use super::{Choices, UseCases};
use crate::{Bid, ChangeId, RunId, Timestamp, actor::Actor, login::LoginRoute, words};

words! {
    /// How a change came about.
    Cause, "cause" {
        /// Somebody chose it on the biller's page.
        Chosen = "chosen", "Chosen";
        /// A bulk change.
        Wave = "wave", "Bulk change";
        /// A failed change was taken back.
        TakenBack = "taken_back", "Taken back";
        /// An emergency was upheld.
        Emergency = "emergency", "Emergency";
        /// Its time came.
        Scheduled = "scheduled", "Scheduled";
    }
}

/// One change of a biller's use cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// The biller.
    pub bid: Bid,
    /// How it came about.
    pub cause: Cause,
    /// Who changed it.
    pub by: Actor,
    /// Why, in their words.
    pub reason: Option<String>,
    /// The run that brings it about; `None` where nothing had to be.
    pub run: Option<RunId>,
    /// What was chosen for the biller before.
    pub choices_before: Choices,
    /// What is chosen since.
    pub choices_after: Choices,
    /// What was in effect before.
    pub effect_before: UseCases,
    /// What was to be in effect.
    pub effect_after: UseCases,
    /// When.
    pub at: Timestamp,
}

/// What is in effect for a biller, as the last run that proved it left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// What is on.
    pub in_effect: UseCases,
    /// Hosted login was on at least once: from then on it decides where the login URL leads.
    pub governs_login: bool,
    /// The run that proved it, and when; `None` where nothing ever was in effect.
    pub proven: Option<(RunId, Timestamp)>,
}

impl Effect {
    /// Where the login URL of an enabled biller leads: once hosted login was on, it decides.
    #[must_use]
    pub fn route(&self) -> LoginRoute {
        if self.governs_login && !self.in_effect.has(super::UseCase::HostedLogin) {
            LoginRoute::Legacy
        } else {
            LoginRoute::SecureAuth
        }
    }

    /// What is in effect once this run has proven it.
    #[must_use]
    pub fn proven_by(&self, in_effect: UseCases, run: RunId, at: Timestamp) -> Self {
        let hosted = in_effect.has(super::UseCase::HostedLogin);
        Self { governs_login: self.governs_login || hosted, in_effect, proven: Some((run, at)) }
    }
}
