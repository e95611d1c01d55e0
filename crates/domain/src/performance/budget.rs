//! Error budgets: how much of what may go wrong has gone wrong, and how fast it goes.

use std::time::Duration;

use super::{
    objective::{Count, Objective, Target, Window},
    window::{MINUTES_PER_DAY, MINUTES_PER_HOUR},
};
use crate::words;

words! {
    /// How fast a budget is spent, and so how soon somebody must look (the pairs of windows and factors are those of
    /// Google's "Site Reliability Workbook", chapter 5, for a window of 30 days).
    Pace, "pace" {
        /// 2 % of the budget in an hour: somebody must look now.
        Fast = "fast", "Fast";
        /// 5 % in six hours: somebody must look today.
        Steady = "steady", "Steady";
        /// 10 % in three days: somebody must look this week.
        Slow = "slow", "Slow";
    }
}

impl Pace {
    /// Minutes of the longer window.
    #[must_use]
    pub const fn long(self) -> i64 {
        match self {
            Self::Fast => MINUTES_PER_HOUR,
            Self::Steady => 6 * MINUTES_PER_HOUR,
            Self::Slow => 3 * MINUTES_PER_DAY,
        }
    }

    /// Minutes of the shorter window, which lets the alarm end soon after the trouble does.
    #[must_use]
    pub const fn short(self) -> i64 {
        self.long() / 12
    }

    /// The burn rate from which on it is this pace.
    #[must_use]
    pub const fn factor(self) -> f64 {
        match self {
            Self::Fast => 14.4,
            Self::Steady => 6.0,
            Self::Slow => 1.0,
        }
    }
}

/// Fewer calls than this in the long window say nothing about a rate: one bad call of five would be an alarm.
pub const FEWEST_CALLS: u64 = 30;

/// Fewer bad calls than this are no alarm, whatever their share.
pub const FEWEST_BAD: u64 = 3;

/// What the two windows of a pace say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burn {
    /// The pace.
    pub pace: Pace,
    /// In the longer window.
    pub long: Count,
    /// In the shorter window.
    pub short: Count,
}

/// Whether it is an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Both windows burn faster than the factor.
    Burning,
    /// At least one does not.
    Quiet,
    /// Too few calls to say anything.
    TooFew,
}

impl Burn {
    /// Whether it is an alarm.
    #[must_use]
    pub fn alarm(&self, target: Target) -> Alarm {
        if self.long.valid < FEWEST_CALLS {
            return Alarm::TooFew;
        }
        // Against a loose target even a full outage never burns by the factor: there all bad is alarm enough.
        let factor = self.pace.factor().min(1.0 / target.allowed());
        let above = |count: Count| count.burn(target).is_some_and(|rate| rate >= factor);
        let burning = self.long.bad() >= FEWEST_BAD && above(self.long) && above(self.short);
        if burning { Alarm::Burning } else { Alarm::Quiet }
    }
}

/// Whether a promise was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// So far, or finally.
    Met,
    /// Not.
    Missed,
    /// Nothing was counted.
    Unknown,
}

/// How an objective stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// What counts: without approved maintenance and without our own faults.
    pub counted: Count,
    /// The same with nothing left out.
    pub raw: Count,
    /// Minutes of the window that have passed.
    pub elapsed: i64,
    /// Minutes of the whole window.
    pub whole: i64,
}

impl Standing {
    /// Whether the promise is kept.
    #[must_use]
    pub fn verdict(&self, target: Target) -> Verdict {
        match self.counted.valid {
            0 => Verdict::Unknown,
            valid if target.is_met(self.counted.good, valid) => Verdict::Met,
            _ => Verdict::Missed,
        }
    }

    /// The share of the whole window's budget that is spent: over 1 it is overspent. The calls of a month that is not
    /// over are taken to go on as they came so far.
    #[must_use]
    pub fn spent(&self, target: Target) -> Option<f64> {
        let burn = self.counted.burn(target)?;
        Some(burn * self.passed())
    }

    /// The share of the window that has passed.
    #[must_use]
    pub fn passed(&self) -> f64 {
        if self.whole > 0 { (self.elapsed.clamp(0, self.whole) as f64) / self.whole as f64 } else { 0.0 }
    }

    /// How long the budget lasts when it goes on being spent at this rate; `None` when it does not end within the
    /// window's length, or nothing is known.
    #[must_use]
    pub fn lasts(&self, target: Target, rate: Option<f64>) -> Option<Duration> {
        let left = (1.0 - self.spent(target)?).max(0.0);
        let rate = rate.filter(|rate| *rate > 0.0)?;
        let minutes = left * self.whole as f64 / rate;
        (minutes <= self.whole as f64).then(|| Duration::from_secs_f64(minutes * 60.0))
    }
}

/// The share of the budget left after each of these stretches: a burn-down. `expected` is the number of calls in the
/// whole window.
#[must_use]
pub fn burn_down(objective: &Objective, stretches: &[Count], passed: f64) -> Vec<f64> {
    let total = stretches.iter().fold(Count::default(), |sum, count| sum.plus(*count));
    let expected = if passed > 0.0 { total.valid as f64 / passed } else { 0.0 };
    let allowed = expected * objective.target.allowed();
    let mut bad = 0_u64;
    let left = |bad: u64| if allowed > 0.0 { 1.0 - bad as f64 / allowed } else { 1.0 };
    stretches
        .iter()
        .map(|count| {
            bad = bad.saturating_add(count.bad());
            left(bad)
        })
        .collect()
}

impl Window {
    /// Whether the window moves on with the time.
    #[must_use]
    pub const fn rolls(self) -> bool {
        matches!(self, Self::Rolling)
    }
}
