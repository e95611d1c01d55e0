//! What happens when IC announces a new biller.

use serde::{Deserialize, Serialize};

use crate::biller::BillerDraft;

/// The policy for billers announced over the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum NewBillerPolicy {
    /// Nothing: someone presses Enable.
    #[default]
    Off,
    /// Every new biller is enabled at once.
    On,
    /// New billers of these tiers are enabled at once.
    Tiers {
        /// Tier names; upper and lower case are the same.
        tiers: Vec<String>,
    },
}

impl NewBillerPolicy {
    /// Whether this new biller is to be enabled.
    #[must_use]
    pub fn applies_to(&self, draft: &BillerDraft) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Tiers { tiers } => {
                let plain = |tier: &str| tier.trim().to_lowercase();
                draft.tier.as_ref().is_some_and(|tier| tiers.iter().any(|t| plain(t) == plain(tier)))
            }
        }
    }
}
