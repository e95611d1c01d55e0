//! Alerts: told once when something begins, and once when it is over.

use serde::{Deserialize, Serialize};

use super::{budget::Pace, objective::OperationGroup};
use crate::{AlertId, ObjectiveId, Timestamp, words};

words! {
    /// Where an alert stands.
    AlertState, "state of an alert" {
        /// It goes on.
        Firing = "firing", "Firing";
        /// It is over.
        Resolved = "resolved", "Resolved";
    }
}

/// What an alert is about. At any time one alert of each is open at most.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AlertKey {
    /// The vendor is down for a group of operations.
    Incident(OperationGroup),
    /// An objective's budget is spent at this pace.
    Burn(ObjectiveId, Pace),
    /// The probes have stopped: what happens is not known.
    ProberStopped,
}

impl std::fmt::Display for AlertKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Incident(group) => write!(f, "incident:{group}"),
            Self::Burn(objective, pace) => write!(f, "burn:{objective}:{pace}"),
            Self::ProberStopped => f.write_str("prober"),
        }
    }
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id, the same when it is told of and when it is over.
    pub id: AlertId,
    /// What it is about, as text.
    pub key: String,
    /// Where it stands.
    pub state: AlertState,
    /// What people read.
    pub text: String,
    /// When it began.
    pub began: Timestamp,
    /// When it was over.
    pub ended: Option<Timestamp>,
}

/// The body of a webhook that tells of an alert (Standard Webhooks: `type`, `timestamp`, `data`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertBody {
    /// `alert.firing` or `alert.resolved`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, RFC 3339.
    pub timestamp: String,
    /// The alert.
    pub data: AlertData,
}

/// What a webhook says of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertData {
    /// Its id: the receiver folds what has the same one.
    pub id: AlertId,
    /// What it is about.
    pub key: String,
    /// What people read.
    pub text: String,
    /// Which console it comes from.
    pub environment: String,
    /// Where to look.
    pub url: String,
}
