//! Objectives: what the vendor promised, as shares of calls that can be counted.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::minutes::Cell;
use crate::{ObjectiveId, words};

words! {
    /// The vendor's endpoints in groups, as its limits divide them (API.md §4).
    OperationGroup, "group of operations" {
        /// Organizations, bindings, applications, themes.
        Admin = "admin", "Configuration";
        /// Pools and users.
        Identity = "identity", "Pools and users";
        /// The import of users.
        Import = "import", "Import of users";
        /// Passwords checked and users served through the system part of the Identity API.
        Verify = "identity_system", "Passwords";
        /// Tokens revoked, and what else the System API does.
        System = "system", "Sessions and tokens revoked";
        /// Token endpoints and authorize pages.
        OAuth = "oauth", "Tokens and sign-in pages";
        /// Discovery documents and keys of the issuers.
        Discovery = "discovery", "Issuers";
    }
}

words! {
    /// The time over which an objective is held.
    Window, "window" {
        /// A calendar month in the contract's time zone.
        Month = "month", "Calendar month";
        /// The last 30 days.
        Rolling = "rolling_30d", "Last 30 days";
    }
}

/// What share is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Indicator {
    /// Good answers among those that the vendor gave or failed to give.
    Available,
    /// Calls that took no longer than this, among all that were sent.
    Within(Duration),
}

/// The share that is promised, in millionths: 999 000 is 99.9 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Target(u32);

/// A text or number that is no target.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no target: give percent above 0 and below 100 with at most four decimals, e.g. 99.9")]
pub struct InvalidTarget(String);

/// A text that is no threshold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no time limit: give whole milliseconds from 1 to 120000, or nothing for availability")]
pub struct InvalidLimit(String);

const WHOLE: u32 = 1_000_000;

impl Target {
    /// From millionths.
    ///
    /// # Errors
    /// [`InvalidTarget`] for nothing and for everything: neither leaves a budget that can be spent.
    pub fn from_millionths(millionths: u32) -> Result<Self, InvalidTarget> {
        if (1..WHOLE).contains(&millionths) {
            Ok(Self(millionths))
        } else {
            Err(InvalidTarget(f64::from(millionths).to_string()))
        }
    }

    /// The share, between 0 and 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }

    /// The share of calls that may be bad.
    #[must_use]
    pub fn allowed(self) -> f64 {
        f64::from(WHOLE - self.0) / f64::from(WHOLE)
    }

    /// Whether so many good ones of so many are enough. Counted in whole calls: no rounding decides.
    #[must_use]
    pub fn is_met(self, good: u64, valid: u64) -> bool {
        u128::from(good) * u128::from(WHOLE) >= u128::from(valid) * u128::from(self.0)
    }
}

/// In percent, without zeros at the end: `99.9`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let wrong = || InvalidTarget(text.to_owned());
        let bare = text.trim().trim_end_matches('%').trim_end();
        let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 2 || part.len() > 4 || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let part: u32 = format!("{part:0<4}").parse().map_err(|_| wrong())?;
        Self::from_millionths(whole * 10_000 + part).map_err(|_| wrong())
    }
}

impl TryFrom<u32> for Target {
    type Error = InvalidTarget;

    fn try_from(millionths: u32) -> Result<Self, InvalidTarget> {
        Self::from_millionths(millionths)
    }
}

impl From<Target> for u32 {
    fn from(target: Target) -> Self {
        target.0
    }
}

impl Indicator {
    /// From a limit in milliseconds as a form gives it; nothing is availability.
    ///
    /// # Errors
    /// [`InvalidLimit`].
    pub fn from_limit(text: &str) -> Result<Self, InvalidLimit> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::Available);
        }
        let limit = text.parse().ok().filter(|millis| (1..=120_000).contains(millis));
        limit.map(|it| Self::Within(Duration::from_millis(it))).ok_or_else(|| InvalidLimit(text.to_owned()))
    }

    /// What is counted, by ourselves left out what we spoilt: a slow answer counts against the vendor, a request of
    /// ours that was refused does not.
    #[must_use]
    pub fn count(self, cell: &Cell) -> Count {
        match self {
            Self::Available => {
                let good = cell.tally.good();
                Count { good, valid: good.saturating_add(cell.tally.failed()) }
            }
            Self::Within(limit) => {
                let valid = cell.latencies.count();
                Count { good: cell.latencies.within(limit), valid }
            }
        }
    }

    /// What is counted when nothing is left out.
    #[must_use]
    pub fn count_raw(self, cell: &Cell) -> Count {
        match self {
            Self::Available => Count { good: cell.tally.good(), valid: cell.tally.sent() },
            Self::Within(_) => self.count(cell),
        }
    }

    /// The formula in words, as it stands in the report.
    #[must_use]
    pub fn formula(self) -> String {
        match self {
            Self::Available => {
                "good answers ÷ (good answers + calls that SecureAuth failed or did not answer at all)"
                    .to_owned()
            }
            Self::Within(limit) => {
                format!("calls that took at most {} ms ÷ all calls that were sent", limit.as_millis())
            }
        }
    }
}

/// `Available`, `Within 500 ms`.
impl fmt::Display for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Available => f.write_str("Available"),
            Self::Within(limit) => write!(f, "Within {} ms", limit.as_millis()),
        }
    }
}

/// Good calls among those that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Good ones.
    pub good: u64,
    /// All that count.
    pub valid: u64,
}

impl Count {
    /// Takes others in.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { good: self.good.saturating_add(other.good), valid: self.valid.saturating_add(other.valid) }
    }

    /// Bad ones.
    #[must_use]
    pub const fn bad(self) -> u64 {
        self.valid.saturating_sub(self.good)
    }

    /// The share of good ones; `None` when nothing counts: that is unknown.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.valid > 0).then(|| self.good as f64 / self.valid as f64)
    }

    /// How many times faster than allowed the budget is spent: 1 spends it exactly over the window.
    #[must_use]
    pub fn burn(self, target: Target) -> Option<f64> {
        (self.valid > 0).then(|| self.bad() as f64 / self.valid as f64 / target.allowed())
    }
}

/// What the vendor promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// Its id.
    pub id: ObjectiveId,
    /// What people call it.
    pub name: String,
    /// Only operations of this group; `None` is all.
    pub group: Option<OperationGroup>,
    /// The share that is meant.
    pub indicator: Indicator,
    /// How large it has to be.
    pub target: Target,
    /// Over which time.
    pub window: Window,
    /// The clause of the contract it comes from.
    pub clause: Option<String>,
}
