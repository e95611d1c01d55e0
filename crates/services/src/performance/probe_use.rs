//! What the probes use: tokens of the licence and calls within the vendor's rate limits, computed from the schedule.

use std::collections::BTreeMap;

use domain::performance::OperationGroup;

use super::probe::ProbeSettings;

/// Minutes of 30 days.
const MONTH: u64 = 30 * 24 * 60;

/// Tokens that are kept for reading: of the admin workspace, and of two scopes of the system workspace.
const KEPT: u64 = 3;

/// How long the vendor lets a token live unless told otherwise (API.md §2.3), in minutes.
const TOKEN_LIFE: u64 = 60;

/// Discovery documents of the two workspaces that issue those tokens, read again each hour.
const DISCOVERED: u64 = 2;

/// What the probes use in 30 days, at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeUse {
    /// Tokens that are asked for to see whether they are issued.
    pub tokens_tried: u64,
    /// Tokens that the other probes need, where they live for an hour. The console's own work shares them.
    pub tokens_kept: u64,
    /// Calls, by what they are limited by.
    pub calls: BTreeMap<OperationGroup, u64>,
}

impl ProbeUse {
    /// Tokens in all.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.tokens_tried + self.tokens_kept
    }

    /// Calls in all, those for tokens included.
    #[must_use]
    pub fn all_calls(&self) -> u64 {
        self.calls.values().sum()
    }
}

impl ProbeSettings {
    /// What the probes use in 30 days.
    #[must_use]
    pub fn use_a_month(&self) -> ProbeUse {
        let Some(every) = self.every_minutes.map(u64::from) else { return ProbeUse::default() };
        let rounds = MONTH / every.max(1);
        let canaries = self.canary_every_minutes.map_or(0, |every| MONTH / u64::from(every.max(1)));
        let tokens_tried = 2 * (MONTH / u64::from(self.tokens_every_minutes).max(every).max(1));
        let renewals = MONTH / TOKEN_LIFE.max(every);
        let tokens_kept = KEPT * renewals;
        // Both workspaces and so many billers: the document and the keys of each.
        let issuers = 2 * (2 + u64::from(self.billers_a_round));
        let calls = BTreeMap::from([
            (OperationGroup::Discovery, rounds * issuers + DISCOVERED * renewals),
            (OperationGroup::OAuth, tokens_tried + tokens_kept),
            (OperationGroup::Admin, rounds),
            // A round of the canary: the pool, what was left, create, find, delete, gone.
            (OperationGroup::Identity, rounds + 6 * canaries),
            (OperationGroup::Verify, rounds + canaries),
            (OperationGroup::System, rounds),
        ]);
        ProbeUse { tokens_tried, tokens_kept, calls }
    }
}
