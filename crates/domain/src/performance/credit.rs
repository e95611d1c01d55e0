//! What the vendor owes when a promise was not kept: the contract's tiers.

use thiserror::Error;

use super::objective::{Count, Indicator, Objective, Target};

/// A tier: below this availability so much of the month's fee comes back.
///
/// Ordered by what comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CreditTier {
    percent: u8,
    below: Target,
}

/// Tiers that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidTiers {
    /// Nothing comes back, or more than all.
    #[error("the tier below {below} % gives {percent} % back: give 1 to 100")]
    Percent {
        /// Below this.
        below: Target,
        /// So much.
        percent: u8,
    },
    /// A lower availability gives less back, or as much.
    #[error(
        "the tier below {lower} % gives no more back than the one below {upper} %: one of the two is wrong"
    )]
    Order {
        /// The lower one.
        lower: Target,
        /// The upper one.
        upper: Target,
    },
}

/// The contract's tiers, the mildest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreditTiers(Vec<CreditTier>);

/// What a result gives. Of several the greatest is what is due: credits are not added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Credit {
    /// No tiers are configured.
    NoTiers,
    /// The contract gives nothing for it: a time limit, or an objective of our own without a clause.
    NotCovered,
    /// Nothing was counted.
    Unknown,
    /// It is not below any tier.
    NotDue,
    /// This is due.
    Due(CreditTier),
}

impl CreditTier {
    /// Below this availability …
    #[must_use]
    pub const fn below(self) -> Target {
        self.below
    }

    /// … so much of the month's fee comes back, in percent.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.percent
    }
}

impl CreditTiers {
    /// The tiers, given in any order as limit and percent.
    ///
    /// # Errors
    /// [`InvalidTiers`].
    pub fn new(tiers: impl IntoIterator<Item = (Target, u8)>) -> Result<Self, InvalidTiers> {
        let mut tiers: Vec<_> =
            tiers.into_iter().map(|(below, percent)| CreditTier { percent, below }).collect();
        tiers.sort_unstable_by_key(|tier| std::cmp::Reverse(tier.below));
        if let Some(wrong) = tiers.iter().find(|tier| !(1..=100).contains(&tier.percent)) {
            return Err(InvalidTiers::Percent { below: wrong.below, percent: wrong.percent });
        }
        for (upper, lower) in tiers.iter().zip(tiers.iter().skip(1)) {
            if lower.percent <= upper.percent || lower.below == upper.below {
                return Err(InvalidTiers::Order { lower: lower.below, upper: upper.below });
            }
        }
        Ok(Self(tiers))
    }

    /// The tiers, the mildest first.
    #[must_use]
    pub fn all(&self) -> &[CreditTier] {
        &self.0
    }

    /// What a month's result gives. Only availability that the contract promises in a clause counts, in whole calls:
    /// no rounding decides.
    #[must_use]
    pub fn of(&self, objective: &Objective, counted: Count) -> Credit {
        if self.0.is_empty() {
            return Credit::NoTiers;
        }
        if objective.indicator != Indicator::Available || objective.clause.is_none() {
            return Credit::NotCovered;
        }
        if counted.valid == 0 {
            return Credit::Unknown;
        }
        let missed = |tier: &&CreditTier| !tier.below.is_met(counted.good, counted.valid);
        self.0.iter().rfind(missed).map_or(Credit::NotDue, |tier| Credit::Due(*tier))
    }
}
