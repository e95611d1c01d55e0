//! Waves: one action for many billers, which stops itself when too much fails.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Bid, MigrationId, RunId, Timestamp, WaveId,
    actor::Actor,
    migration::MigrationState,
    run::RunState,
    settings::{SettingKey, Values},
    use_case::ChoicePatch,
    words, zone,
};

words! {
    /// Where a wave stands.
    WaveState, "wave state" {
        /// Waits for its time.
        Scheduled = "scheduled", "Waiting for its time";
        /// Starting and watching runs.
        Running = "running", "Running";
        /// The pilot is through: somebody has to look at it before the others follow.
        Held = "held", "Waiting for a look at the pilot";
        /// Too much failed: no further run is started.
        Stopped = "stopped", "Stopped by itself";
        /// Every biller has its result.
        Finished = "finished", "Finished";
        /// It was withdrawn before its time, or its time had passed by too much.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

words! {
    /// Where one biller of a wave stands.
    WaveItemState, "wave line" {
        /// Its run was not started yet.
        Waiting = "waiting", "Waiting";
        /// Its run is under way.
        Running = "running", "Running";
        /// Its run succeeded.
        Succeeded = "succeeded", "Succeeded";
        /// Its run failed.
        Failed = "failed", "Failed";
        /// No run was started, for the reason noted.
        Skipped = "skipped", "Skipped";
    }
}

impl WaveItemState {
    /// The state of a line whose run stands there.
    #[must_use]
    pub const fn of_run(state: RunState) -> Self {
        match state {
            RunState::Queued | RunState::Running => Self::Running,
            RunState::Succeeded => Self::Succeeded,
            RunState::Failed | RunState::Superseded => Self::Failed,
        }
    }

    /// The state of a line whose move of users stands there, when so many of the users that were to be moved arrived
    /// and so many did not. A move that waits for a person after a fault has failed for its wave: what is wrong with
    /// one is likely to be wrong with the next. So has one that left more users behind than the wave bears billers.
    #[must_use]
    pub const fn of_move(state: MigrationState, arrived: u64, left: u64, rules: WaveRules) -> Self {
        match state {
            MigrationState::Held
            | MigrationState::Cancelled
            | MigrationState::Unreadable
            | MigrationState::Undoing
            | MigrationState::Undone => Self::Failed,
            MigrationState::Finished => {
                let all = arrived.saturating_add(left);
                let borne = all.saturating_mul(rules.stop_above_percent as u64);
                if left.saturating_mul(100) > borne { Self::Failed } else { Self::Succeeded }
            }
            MigrationState::Staging
            | MigrationState::Mapping
            | MigrationState::Checking
            | MigrationState::Checked
            | MigrationState::Canary
            | MigrationState::Running
            | MigrationState::Paused
            | MigrationState::Reconciling => Self::Running,
        }
    }
}

/// What a line of a wave is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaveWork {
    /// A run.
    Run(RunId),
    /// A move of users.
    Move(MigrationId),
}

/// How a wave goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveRules {
    /// Runs at the same time, 1 to 8.
    pub parallel: u8,
    /// Stops when more than this share of the finished runs failed, 0 to 100 percent: 0 stops at the first
    /// failure, 100 never.
    pub stop_above_percent: u8,
    /// The first billers, which go before all others; the wave then waits for somebody to look at them. 0 for none.
    #[serde(default)]
    pub pilot: u16,
    /// The others follow in stages of this size, each after the last one is through; 0 for all at once.
    #[serde(default)]
    pub stage: u16,
}

impl Default for WaveRules {
    fn default() -> Self {
        Self { parallel: 4, stop_above_percent: 20, pilot: 0, stage: 0 }
    }
}

/// What a wave does with each of its billers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum WaveAction {
    /// Enables it.
    #[default]
    Enable,
    /// Changes its use cases.
    UseCases(ChoicePatch),
    /// Writes what it inherits of these settings to SecureAuth, where SecureAuth shows something else.
    Defaults {
        /// The settings.
        keys: Vec<SettingKey>,
    },
    /// Sets for it what is set for another biller, and writes it.
    Copy {
        /// The other biller.
        from: Bid,
        /// What was set for that one when the copy was looked at.
        values: Values,
    },
    /// Moves the users of its checked file.
    Migrate,
}

impl WaveAction {
    /// What people read.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Enable => "Enable".to_owned(),
            Self::UseCases(patch) => patch.to_string(),
            Self::Defaults { keys } => {
                let labels: Vec<&str> = keys.iter().map(|key| key.setting().label).collect();
                format!("Write the defaults of {}", labels.join(", "))
            }
            Self::Copy { from, values } => {
                let labels: Vec<&str> = values.keys().map(|key| key.setting().label).collect();
                format!("Copy from {from}: {}", labels.join(", "))
            }
            Self::Migrate => "Move the users of the checked file".to_owned(),
        }
    }
}

/// What a wave does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaveNext {
    /// Start this many runs, perhaps none: others are under way.
    Start(usize),
    /// Let the lines before this one start.
    Release(usize),
    /// Wait for somebody to look at the pilot.
    Hold,
    /// Start no more: too much failed.
    Stop,
    /// Every line has its result.
    Finish,
}

/// Why wave rules are not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidRules {
    /// Parallelism out of range.
    #[error("{0} runs at a time is out of range: choose 1 to 8")]
    Parallel(u8),
    /// Threshold out of range.
    #[error("{0} % is out of range: choose 0 to 100")]
    Percent(u8),
}

/// Below this many finished runs a failure rate says little; only an unbroken row of failures stops then.
const SMALL_SAMPLE: usize = 5;

/// Failures in a row that stop a wave while the sample is small.
const STOP_AT_ONCE: usize = 3;

impl WaveRules {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`InvalidRules`] names the value and the range.
    pub const fn checked(self) -> Result<Self, InvalidRules> {
        if self.parallel == 0 || self.parallel > 8 {
            return Err(InvalidRules::Parallel(self.parallel));
        }
        if self.stop_above_percent > 100 {
            return Err(InvalidRules::Percent(self.stop_above_percent));
        }
        Ok(self)
    }

    /// The pilot and the stages, in words; `None` where all follow at once.
    #[must_use]
    pub fn staged(self) -> Option<String> {
        let first = (self.pilot > 0).then(|| format!("a pilot of {} first", self.pilot));
        let then = (self.stage > 0).then(|| format!("then {0} by {0}", self.stage));
        let parts: Vec<_> = first.into_iter().chain(then).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// How it goes about it, in words.
    #[must_use]
    pub fn told(self) -> String {
        let staged = self.staged().map(|text| format!("{text}; ")).unwrap_or_default();
        format!("{staged}{} at a time; stops above {} % failed", self.parallel, self.stop_above_percent)
    }

    /// Whether no further run may be started.
    #[must_use]
    pub const fn must_stop(self, succeeded: usize, failed: usize) -> bool {
        if self.stop_above_percent == 0 {
            return failed > 0;
        }
        let finished = succeeded + failed;
        if finished < SMALL_SAMPLE {
            return self.stop_above_percent < 100 && succeeded == 0 && failed >= STOP_AT_ONCE;
        }
        failed * 100 > finished * self.stop_above_percent as usize
    }

    /// How many lines may be started at first.
    #[must_use]
    pub fn first_release(self, total: usize) -> usize {
        match self.pilot {
            0 => self.next_release(0, total),
            pilot => usize::from(pilot).min(total),
        }
    }

    /// How many lines may be started once all of those `released` so far are through.
    #[must_use]
    pub fn next_release(self, released: usize, total: usize) -> usize {
        match self.stage {
            0 => total,
            stage => (released + usize::from(stage)).min(total),
        }
    }

    /// What a running wave does next, when the lines before `released` may be started.
    #[must_use]
    pub fn next(self, counts: WaveCounts, released: usize) -> WaveNext {
        let total = counts.total();
        let begun = total - counts.waiting;
        if self.must_stop(counts.succeeded, counts.failed) {
            WaveNext::Stop
        } else if counts.waiting == 0 && counts.running == 0 {
            WaveNext::Finish
        } else if begun < released || counts.running > 0 {
            WaveNext::Start(self.room(counts.running).min(released.saturating_sub(begun)))
        } else if released == usize::from(self.pilot) {
            WaveNext::Hold
        } else {
            WaveNext::Release(self.next_release(released, total))
        }
    }

    /// How many runs may be started now.
    #[must_use]
    pub fn room(self, running: usize) -> usize {
        usize::from(self.parallel).saturating_sub(running)
    }
}

/// By whose clocks the time of a wave is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum WaveZone {
    /// All of it by those of this zone, an IANA name.
    Of(String),
    /// Each biller by those of its own zone.
    Each,
}

impl WaveZone {
    /// How [`Self::Each`] is written; no zone is called so.
    pub const EACH: &str = "each";
}

impl From<String> for WaveZone {
    fn from(text: String) -> Self {
        if text == Self::EACH { Self::Each } else { Self::Of(text) }
    }
}

impl From<WaveZone> for String {
    fn from(zone: WaveZone) -> Self {
        match zone {
            WaveZone::Of(name) => name,
            WaveZone::Each => WaveZone::EACH.to_owned(),
        }
    }
}

/// When a wave is to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveStart {
    /// The instant; of several the first one.
    pub at: Timestamp,
    /// By whose clocks it was given.
    pub zone: WaveZone,
}

impl WaveStart {
    /// When it is, for people.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.zone {
            WaveZone::Of(name) => zone::told(name, self.at),
            WaveZone::Each => format!(
                "{} for the first biller, and for each at that time of its own zone's clocks",
                zone::told("UTC", self.at)
            ),
        }
    }
}

/// A wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// Its id.
    pub id: WaveId,
    /// Where it stands.
    pub state: WaveState,
    /// How it goes about it.
    pub rules: WaveRules,
    /// What it does with each biller.
    pub action: WaveAction,
    /// Only this many lines, the first ones, may be started so far.
    pub released: usize,
    /// Why someone asked for it.
    pub reason: Option<String>,
    /// Who asked for it.
    pub requested_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When it is to begin; `None` for at once.
    pub start: Option<WaveStart>,
    /// When it stopped or finished.
    pub finished_at: Option<Timestamp>,
    /// Billers by state of their line, kept with every change.
    pub counts: WaveCounts,
}

/// Billers of a wave by state of their line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveCounts {
    /// Not started.
    pub waiting: usize,
    /// Under way.
    pub running: usize,
    /// Succeeded.
    pub succeeded: usize,
    /// Failed.
    pub failed: usize,
    /// Skipped.
    pub skipped: usize,
}

impl WaveCounts {
    /// All billers of the wave.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.waiting + self.running + self.succeeded + self.failed + self.skipped
    }
}

/// One biller of a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveItem {
    /// The biller.
    pub bid: Bid,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: WaveItemState,
    /// Its run, once started.
    pub run: Option<RunId>,
    /// Its move of users, where that is what the wave does.
    pub migration: Option<MigrationId>,
    /// Why it was skipped or failed.
    pub note: Option<String>,
    /// Not before this instant, where the wave goes by each biller's own clocks.
    pub due: Option<Timestamp>,
}
