//! Incidents: when one begins and ends by rule, and what people write beside it.

use serde::{Deserialize, Serialize};

use super::{call::Tally, objective::OperationGroup, window::Minute};
use crate::{IncidentId, Timestamp, actor::Actor, words};

words! {
    /// Where an incident stands.
    IncidentState, "state of an incident" {
        /// It goes on.
        Open = "open", "Open";
        /// It is over.
        Closed = "closed", "Closed";
    }
}

/// When an incident begins and ends, in minutes in which something was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncidentRule {
    /// So many minutes down one after the other open one.
    pub open_after: usize,
    /// So many minutes up one after the other close it.
    pub close_after: usize,
}

/// Minutes further apart than this do not follow each other: in between nothing is known.
const APART: i64 = 15;

/// What the last minutes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Down since this minute, long enough to open an incident.
    Down(Minute),
    /// Up since this minute, long enough to close one.
    Up(Minute),
    /// Neither.
    Unsure,
}

impl Tally {
    /// Whether the vendor was down: of the calls that count, at least half failed.
    #[must_use]
    pub const fn is_down(&self) -> bool {
        self.failed() > 0 && self.failed() >= self.good()
    }

    /// Whether it says anything about the vendor: it answered, or failed to.
    #[must_use]
    pub const fn says_something(&self) -> bool {
        self.failed() > 0 || self.good() > 0
    }
}

impl IncidentRule {
    /// How long it must be down, in words, e.g. `3 minutes one after the other`.
    #[must_use]
    pub fn opens_after(&self) -> String {
        in_a_row(self.open_after, "minute")
    }

    /// How long it must be up, in words, e.g. `10 good minutes one after the other`.
    #[must_use]
    pub fn closes_after(&self) -> String {
        in_a_row(self.close_after, "good minute")
    }

    /// What these minutes say, given in order; those in which nothing counted are passed over.
    #[must_use]
    pub fn judge(&self, minutes: &[(Minute, Tally)]) -> Health {
        let mut known = minutes.iter().rev().filter(|(_, tally)| tally.says_something());
        let Some((last, tally)) = known.next() else { return Health::Unsure };
        let (down, mut since, mut length) = (tally.is_down(), *last, 1);
        for (minute, tally) in known {
            if tally.is_down() != down || since.0 - minute.0 > APART {
                break;
            }
            (since, length) = (*minute, length + 1);
        }
        match down {
            true if length >= self.open_after => Health::Down(since),
            false if length >= self.close_after => Health::Up(since),
            _ => Health::Unsure,
        }
    }
}

fn in_a_row(number: usize, what: &str) -> String {
    if number == 1 { format!("a {what}") } else { format!("{number} {what}s one after the other") }
}

/// A time during which the vendor did not keep its promise, or seemed not to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What people call it.
    pub title: String,
    /// The operations that were affected.
    pub group: Option<OperationGroup>,
    /// Where it stands.
    pub state: IncidentState,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Who opened it; `None` is the rule.
    pub opened_by: Option<Actor>,
    /// What people know of it.
    pub known: IncidentFacts,
    /// How often it was changed: whoever saves says which version they saw.
    pub version: i64,
}

/// What people know of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentFacts {
    /// Which billers were affected, in words or numbers.
    pub billers: Option<String>,
    /// How many of their users.
    pub users: Option<u64>,
    /// The vendor's ticket.
    pub ticket: Option<String>,
    /// When the vendor was told.
    pub told_at: Option<Timestamp>,
    /// When the vendor answered first.
    pub answered_at: Option<Timestamp>,
    /// When it began by the vendor's own word.
    pub vendor_began: Option<Timestamp>,
    /// When it ended by the vendor's own word.
    pub vendor_ended: Option<Timestamp>,
    /// What caused it, and whatever else is worth keeping.
    pub cause: Option<String>,
}

/// What somebody wrote beside an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentNote {
    /// When.
    pub at: Timestamp,
    /// Who; `None` is the rule.
    pub by: Option<Actor>,
    /// What.
    pub text: String,
}

impl Incident {
    /// How long it took, by our own measurement; `None` while it goes on.
    #[must_use]
    pub fn length(&self) -> Option<std::time::Duration> {
        Some(self.ended?.since(self.began))
    }
}
