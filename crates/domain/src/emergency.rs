//! Emergency off: sign-ins go to the legacy page at once, and a second person looks at it afterwards.

use serde::{Deserialize, Serialize};

use crate::{
    Bid, EmergencyId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    words,
};

words! {
    /// Where an emergency stands.
    EmergencyState, "state of an emergency" {
        /// Sign-ins are held off; nobody else has looked at it yet.
        Active = "active", "Waits for a second person";
        /// A second person found it right: sign-ins stay held off.
        Kept = "kept", "Upheld";
        /// Sign-ins go again where the use cases say.
        Lifted = "lifted", "Lifted";
    }
}

words! {
    /// What is decided of an emergency.
    Decision, "decision" {
        /// It was right and goes on.
        Keep = "keep", "Keep it";
        /// It is over.
        Lift = "lift", "Lift it";
    }
}

/// What has to be typed before everyone's sign-ins are held off.
pub const EVERYONE: &str = "everyone";

/// Sign-ins of one biller, or of everyone, sent to the legacy page at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// Its id.
    pub id: EmergencyId,
    /// The biller; `None` is everyone.
    pub bid: Option<Bid>,
    /// Where it stands.
    pub state: EmergencyState,
    /// Why, in the words of who started it.
    pub reason: String,
    /// Who started it.
    pub started_by: Actor,
    /// When.
    pub started_at: Timestamp,
    /// The second person who looked at it, when, and what they said.
    pub review: Option<Review>,
}

/// What a second person found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What they said.
    pub note: Option<String>,
}

impl Emergency {
    /// What it takes to start or to decide on an emergency of this reach.
    #[must_use]
    pub const fn capability(bid: Option<&Bid>) -> Capability {
        match bid {
            Some(_) => Capability::SuspendBiller,
            None => Capability::RunWaves,
        }
    }

    /// Whether the actor may start one of this reach.
    ///
    /// # Errors
    /// The [`Refusal`] to show; everyone's sign-ins are no matter of who works with one portfolio.
    pub fn may_start(actor: &Actor, bid: Option<&Bid>) -> Result<(), Refusal> {
        let capability = Self::capability(bid);
        actor.may(capability)?;
        match (bid, actor.portfolio()) {
            (None, Some(portfolio)) => Err(Refusal::Portfolio { capability, portfolio: portfolio.clone() }),
            _ => Ok(()),
        }
    }

    /// Whether the actor may decide on it now: the first to do so is not who started it.
    ///
    /// # Errors
    /// The [`Refusal`] to show.
    pub fn may_decide(&self, actor: &Actor) -> Result<(), Refusal> {
        Self::may_start(actor, self.bid.as_ref())?;
        match self.state {
            EmergencyState::Lifted => Err(Refusal::EmergencyOver),
            EmergencyState::Active if actor.id() == self.started_by.id() => Err(Refusal::OwnEmergency),
            EmergencyState::Active | EmergencyState::Kept => Ok(()),
        }
    }
}
