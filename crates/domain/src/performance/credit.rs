//! What a promise that was not kept is worth by the contract.

use serde::{Deserialize, Serialize};

use super::objective::{Count, Target};

/// A step of the contract's credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditTier {
    /// Below this share the credit is due.
    pub below: Target,
    /// The credit, in percent of the month's fee.
    pub credit_percent: u8,
}

/// The credit that is due for a month: of all tiers that apply, the largest. `None` when none applies, or nothing is
/// known.
#[must_use]
pub fn credit(tiers: &[CreditTier], counted: Count) -> Option<CreditTier> {
    let applies = |tier: &&CreditTier| counted.valid > 0 && !tier.below.is_met(counted.good, counted.valid);
    tiers.iter().filter(applies).max_by_key(|tier| tier.credit_percent).copied()
}
