//! Changes of use cases that wait for their time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Choices, Delta, Layers, OpenRun, Standing, UseCases, plan};
use crate::{
    Bid, RunId, ScheduleId, Timestamp, actor::Actor, biller::CiamStatus, user_move::UserMoveState, words,
};

words! {
    /// Where a scheduled change stands.
    ScheduleState, "state of a scheduled change" {
        /// It waits for its time.
        Waiting = "waiting", "Waiting for its time";
        /// Its time came, and the change was begun.
        Applied = "applied", "Begun";
        /// Its time came, and something stood in the way.
        NotApplied = "not_applied", "Not applied";
        /// Somebody withdrew it before.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// How late a change may still be applied: a change for the night is not one for the next day.
pub const LATEST: Duration = Duration::from_secs(60 * 60);

/// How far ahead a change may be scheduled.
pub const FARTHEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A change of a biller's use cases that is to be made at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledChange {
    /// Its id.
    pub id: ScheduleId,
    /// The biller.
    pub bid: Bid,
    /// Where it stands.
    pub state: ScheduleState,
    /// When it is to be made.
    pub due: Timestamp,
    /// The zone in which the time was given, an IANA name.
    pub zone: String,
    /// What was chosen when it was asked for.
    pub choices_before: Choices,
    /// What is to be chosen.
    pub choices_after: Choices,
    /// What was in effect when it was asked for.
    pub effect_before: UseCases,
    /// What is to be in effect.
    pub effect_after: UseCases,
    /// Why, in the words of who asked for it.
    pub reason: Option<String>,
    /// Who asked for it.
    pub by: Actor,
    /// When they did.
    pub asked_at: Timestamp,
    /// Who withdrew it.
    pub withdrawn_by: Option<Actor>,
    /// When it was applied, found impossible, or withdrawn.
    pub ended_at: Option<Timestamp>,
    /// Why it was not applied.
    pub outcome: Option<String>,
    /// The run that it began; none where nothing had to be brought about.
    pub run: Option<RunId>,
}

/// How a scheduled change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleEnd {
    /// It was begun, by this run where one was needed.
    Applied(Option<RunId>),
    /// It was not applied, for this reason.
    NotApplied(String),
    /// This person withdrew it.
    Withdrawn(Actor),
}

impl ScheduleEnd {
    /// The state that it leads to.
    #[must_use]
    pub const fn state(&self) -> ScheduleState {
        match self {
            Self::Applied(_) => ScheduleState::Applied,
            Self::NotApplied(_) => ScheduleState::NotApplied,
            Self::Withdrawn(_) => ScheduleState::Withdrawn,
        }
    }
}

impl ScheduledChange {
    /// What has changed since it was asked for, so that it must not be applied; `None` if the world is the same.
    #[must_use]
    pub fn overtaken(&self, layers: &Layers, standing: &Standing, now: Timestamp) -> Option<String> {
        if now.since(self.due) > LATEST {
            return Some("Its time had passed by more than an hour when the console got to it.".to_owned());
        }
        if layers.biller != self.choices_before {
            return Some("What is chosen for the biller was changed after this was scheduled.".to_owned());
        }
        if standing.in_effect != self.effect_before {
            return Some(format!(
                "What is in effect has changed since: it was {}, and is {}.",
                self.effect_before.label().to_lowercase(),
                standing.in_effect.label().to_lowercase()
            ));
        }
        let wanted = expected(layers, &standing.in_effect, self.choices_after);
        (wanted != self.effect_after).then(|| {
            format!(
                "A default has changed since: the same choice would now lead to {}, not to {}.",
                wanted.label().to_lowercase(),
                self.effect_after.label().to_lowercase()
            )
        })
    }
}

/// What choosing this leads to once nothing stands in the way: the users are there, no run is open, no emergency.
#[must_use]
pub fn expected(layers: &Layers, in_effect: &UseCases, choices: Choices) -> UseCases {
    plan(&unhindered(in_effect), &layers.choosing(choices)).after
}

/// A biller in whose way nothing stands.
#[must_use]
pub fn unhindered(in_effect: &UseCases) -> Standing {
    Standing {
        status: CiamStatus::Enabled,
        open_run: OpenRun::None,
        users: Some(UserMoveState::Moved),
        in_effect: in_effect.clone(),
        held_off: false,
        delta: Delta::NotAsked,
    }
}

/// What one set of choices says otherwise than another, as people read it: `Hosted login on, old page inherits`.
#[must_use]
pub fn difference(before: &Choices, after: &Choices) -> String {
    let switches =
        after.changed(before).map(|one| format!("{} {}", one.label(), after.of(one).label().to_lowercase()));
    let old_url = (after.old_url != before.old_url)
        .then(|| after.old_url.map_or("old page inherits", super::OldUrlBehaviour::label).to_lowercase());
    let parts: Vec<String> = switches.chain(old_url).collect();
    if parts.is_empty() { "What is chosen, brought about".to_owned() } else { parts.join(", ") }
}
