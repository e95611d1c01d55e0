//! Change requests: a change on which much depends is proposed by one person and decided by another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Layer, Observed, Proposal, SettingKey};
use crate::{
    ChangeRequestId, Timestamp,
    access::{self, Refusal},
    actor::{Actor, Capability},
    emergency::Review,
    wave::WaveRules,
    words,
};

words! {
    /// Where a change request stands.
    RequestState, "state of a change request" {
        /// Nothing holds yet: a second person decides.
        Waiting = "waiting", "Waits for a second person";
        /// It was made.
        Approved = "approved", "Approved";
        /// It was not made.
        Declined = "declined", "Declined";
        /// Who asked for it does not want it any more.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

words! {
    /// What is decided of a change request.
    RequestDecision, "decision about a change" {
        /// It is made as it stands.
        Approve = "approve", "Approve and make";
        /// It is not made.
        Decline = "decline", "Decline";
        /// Who asked for it takes it away.
        Withdraw = "withdraw", "Withdraw";
    }
}

impl RequestDecision {
    /// Where the request stands then.
    #[must_use]
    pub const fn leads_to(self) -> RequestState {
        match self {
            Self::Approve => RequestState::Approved,
            Self::Decline => RequestState::Declined,
            Self::Withdraw => RequestState::Withdrawn,
        }
    }
}

/// A change that waits for a second person, or that one decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRequest {
    /// Its id.
    pub id: ChangeRequestId,
    /// What is asked for.
    pub body: RequestBody,
    /// Why, in the words of who asks.
    pub reason: String,
    /// Who asks.
    pub requested_by: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// Where it stands.
    pub state: RequestState,
    /// Who decided, when, and what they said.
    pub review: Option<Review>,
}

/// What is asked for, and what SecureAuth showed then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestBody {
    /// The change.
    pub proposal: Proposal,
    /// What SecureAuth showed for the settings concerned when it was asked for, level by level as in the proposal.
    pub observed: Vec<BTreeMap<SettingKey, Observed>>,
    /// How the wave is to go about it, where one is to bring it to many billers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<WaveRules>,
}

/// A value that is another than when a change was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// For whom.
    pub layer: Layer,
    /// Which setting.
    pub key: SettingKey,
    /// What it was and what it is, in words.
    pub told: String,
}

impl ChangeRequest {
    /// Whether the actor may decide so now. Approving and declining is for somebody else than who asked, withdrawing
    /// for who asked.
    ///
    /// # Errors
    /// The [`Refusal`] to show.
    pub fn may_decide(&self, actor: &Actor, decision: RequestDecision) -> Result<(), Refusal> {
        actor.may(Capability::ChangeSettings)?;
        for layer in &self.body.proposal.layers {
            if !matches!(layer.layer, Layer::Biller(_)) {
                access::may_touch_any_biller(actor, Capability::ChangeSettings)?;
            }
        }
        if self.state != RequestState::Waiting {
            return Err(Refusal::RequestDecided { state: self.state });
        }
        let own = actor.id() == self.requested_by.id();
        match decision {
            RequestDecision::Approve | RequestDecision::Decline if own => Err(Refusal::OwnRequest),
            RequestDecision::Withdraw if !own => Err(Refusal::NotOwnRequest),
            _ => Ok(()),
        }
    }
}

impl RequestBody {
    /// What SecureAuth shows otherwise than when the change was asked for, at one level of the proposal. What was not
    /// read then, or is not known now, says nothing.
    #[must_use]
    pub fn moved(&self, level: usize, now: &BTreeMap<SettingKey, Observed>) -> Vec<Moved> {
        let (Some(layer), Some(then)) = (self.proposal.layers.get(level), self.observed.get(level)) else {
            return Vec::new();
        };
        let differs = |key: &SettingKey, was: &Observed| {
            let is = now.get(key).filter(|is| *is != was)?;
            let setting = key.setting();
            Some(Moved {
                layer: layer.layer.clone(),
                key: *key,
                told: format!(
                    "{}: SecureAuth shows {} now; it showed {} when the change was asked for.",
                    setting.label,
                    is.show(setting),
                    was.show(setting)
                ),
            })
        };
        then.iter().filter_map(|(key, was)| differs(key, was)).collect()
    }

    /// What is set otherwise in our records than when the change was asked for, at one level of the proposal.
    #[must_use]
    pub fn reset(&self, level: usize, now: &super::Values) -> Vec<Moved> {
        let Some(layer) = self.proposal.layers.get(level) else { return Vec::new() };
        let shown = |key: SettingKey, value: Option<&super::SettingValue>| {
            value.map_or_else(|| "what is inherited".to_owned(), |value| key.setting().show(value))
        };
        let conflicts = layer.conflicts(now).into_iter();
        conflicts
            .map(|key| Moved {
                layer: layer.layer.clone(),
                key,
                told: format!(
                    "{}: it is set to {} now; it was {} when the change was asked for.",
                    key.setting().label,
                    shown(key, now.get(&key)),
                    shown(key, layer.seen.get(&key).and_then(Option::as_ref)),
                ),
            })
            .collect()
    }
}
