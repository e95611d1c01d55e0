//! Time that does not count: maintenance that was announced, and approved by a second person.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::window::{Minute, Range};
use crate::{
    MaintenanceId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    emergency::Review,
    words,
};

words! {
    /// Whose maintenance it is.
    Whose, "whose maintenance" {
        /// Announced by SecureAuth.
        Vendor = "vendor", "SecureAuth's";
        /// Our own.
        Ours = "ours", "Ours";
    }
}

words! {
    /// Where a maintenance window stands.
    MaintenanceState, "state of a maintenance window" {
        /// Nobody else has looked at it yet: it counts.
        Proposed = "proposed", "Waits for approval";
        /// A second person approved it: its time is left out.
        Approved = "approved", "Approved";
        /// A second person declined it: its time counts.
        Declined = "declined", "Declined";
    }
}

/// The longest window, in minutes: a typing error must not take a month out of the report.
const LONGEST: i64 = 7 * 24 * 60;

/// A maintenance window. Its minutes are left out of all objectives once it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Its id.
    pub id: MaintenanceId,
    /// Whose.
    pub whose: Whose,
    /// Its first minute.
    pub from: Timestamp,
    /// The first minute after it.
    pub to: Timestamp,
    /// What was announced, and where.
    pub note: String,
    /// Where it stands.
    pub state: MaintenanceState,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// When.
    pub proposed_at: Timestamp,
    /// Who decided, when, and what they said.
    pub review: Option<Review>,
}

/// Why a window cannot be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidWindow {
    /// It ends before it begins.
    #[error("the window ends before it begins: give an end after the beginning")]
    Backwards,
    /// It is too long.
    #[error("the window is longer than a week: give each maintenance a window of its own")]
    TooLong,
}

impl Maintenance {
    /// Its minutes.
    #[must_use]
    pub const fn range(&self) -> Range {
        Range { from: Minute::of(self.from), to: Minute::of(self.to) }
    }

    /// Whether these minutes may be proposed.
    ///
    /// # Errors
    /// [`InvalidWindow`].
    pub fn check(range: Range) -> Result<(), InvalidWindow> {
        match range.len() {
            ..=0 => Err(InvalidWindow::Backwards),
            1..=LONGEST => Ok(()),
            _ => Err(InvalidWindow::TooLong),
        }
    }

    /// Whether the actor may decide on it now: never who proposed it.
    ///
    /// # Errors
    /// The [`Refusal`] to show.
    pub fn may_decide(&self, actor: &Actor) -> Result<(), Refusal> {
        actor.may(Capability::ReviewVendor)?;
        match self.state {
            MaintenanceState::Proposed if actor.id() == self.proposed_by.id() => Err(Refusal::OwnMaintenance),
            MaintenanceState::Proposed => Ok(()),
            MaintenanceState::Approved | MaintenanceState::Declined => Err(Refusal::MaintenanceDecided),
        }
    }
}

/// Minutes that are left out. Windows that overlap or touch are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excluded(Vec<Range>);

impl Excluded {
    /// The minutes of all these windows.
    #[must_use]
    pub fn new(windows: impl IntoIterator<Item = Range>) -> Self {
        let mut windows: Vec<Range> = windows.into_iter().filter(|window| !window.is_empty()).collect();
        windows.sort_unstable_by_key(|window| window.from);
        let mut apart: Vec<Range> = Vec::with_capacity(windows.len());
        for window in windows {
            match apart.last_mut() {
                Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
                _ => apart.push(window),
            }
        }
        Self(apart)
    }

    /// Whether a minute is left out.
    #[must_use]
    pub fn contains(&self, minute: Minute) -> bool {
        let after = self.0.partition_point(|window| window.from <= minute);
        after.checked_sub(1).and_then(|place| self.0.get(place)).is_some_and(|window| minute < window.to)
    }

    /// The windows, one after the other, none touching the next.
    #[must_use]
    pub fn windows(&self) -> &[Range] {
        &self.0
    }

    /// Minutes of a range that are left out.
    #[must_use]
    pub fn minutes_in(&self, range: Range) -> i64 {
        self.0.iter().map(|window| window.overlap(range).len()).sum()
    }
}
