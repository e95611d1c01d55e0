//! A biller and its CIAM status.

use serde::{Deserialize, Serialize};

use crate::{
    Bid, Portfolio, RunId, Slug, Timestamp,
    login::{LoginEntry, LoginRoute},
    run::RunKind,
    words,
};

words! {
    /// Where a biller stands with CIAM. A failure is a property of a run, not a status: the last good
    /// status stays shown beside it.
    CiamStatus, "CIAM status" {
        /// Nothing was made at SecureAuth yet.
        NotEnabled = "not_enabled", "Not enabled";
        /// A first enablement is under way.
        Enabling = "enabling", "Enabling";
        /// Organization, pool, binding and application are made and proven.
        Enabled = "enabled", "Enabled";
        /// A suspension is under way.
        Suspending = "suspending", "Suspending";
        /// Sign-ins go to the legacy page; everything at SecureAuth is kept but switched off.
        Suspended = "suspended", "Suspended";
        /// A suspension is being reversed.
        Resuming = "resuming", "Resuming";
    }
}

impl CiamStatus {
    /// The status while a run of this kind works that was asked for at this one.
    #[must_use]
    pub const fn during(self, kind: RunKind) -> Self {
        match kind {
            RunKind::Enable => Self::Enabling,
            RunKind::Abandon => Self::NotEnabled,
            RunKind::Suspend => Self::Suspending,
            RunKind::Resume => Self::Resuming,
            RunKind::ChangeUseCases | RunKind::ApplySettings | RunKind::SwitchIssuer => self,
        }
    }

    /// The last good status, beside which the failure of a run of this kind is shown, when it fails at this one.
    #[must_use]
    pub const fn beside_failed(self, kind: RunKind) -> Self {
        match kind {
            RunKind::Enable | RunKind::Abandon => Self::NotEnabled,
            RunKind::Suspend => Self::Enabled,
            RunKind::Resume => Self::Suspended,
            RunKind::ChangeUseCases | RunKind::ApplySettings | RunKind::SwitchIssuer => self,
        }
    }

    /// The status once a run of this kind has finished that worked at this one.
    #[must_use]
    pub const fn after(self, kind: RunKind) -> Self {
        match kind {
            RunKind::Enable | RunKind::Resume => Self::Enabled,
            RunKind::Suspend => Self::Suspended,
            RunKind::Abandon => Self::NotEnabled,
            RunKind::ChangeUseCases | RunKind::ApplySettings | RunKind::SwitchIssuer => self,
        }
    }

    /// Whether a run may start from this status when none is open.
    #[must_use]
    pub const fn allows(self, kind: RunKind) -> bool {
        matches!(
            (self, kind),
            (Self::NotEnabled, RunKind::Enable)
                | (Self::Enabled, RunKind::Suspend | RunKind::ChangeUseCases)
                | (Self::Suspended, RunKind::Resume)
                | (Self::Enabled | Self::Suspended, RunKind::ApplySettings | RunKind::SwitchIssuer)
        )
    }

    /// Whether work is under way.
    #[must_use]
    pub const fn is_moving(self) -> bool {
        matches!(self, Self::Enabling | Self::Suspending | Self::Resuming)
    }
}

/// What is said of a biller's portfolio. Systems and files that do not know of portfolios say nothing, and the biller
/// stays where it is: nobody loses sight of it by accident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<Portfolio>", into = "Option<Portfolio>")]
pub enum PortfolioSaid {
    /// Nothing: it stays where it is.
    #[default]
    Nothing,
    /// It is in none.
    InNone,
    /// It is in this one.
    In(Portfolio),
}

impl PortfolioSaid {
    /// The portfolio that is named.
    #[must_use]
    pub const fn named(&self) -> Option<&Portfolio> {
        match self {
            Self::In(portfolio) => Some(portfolio),
            Self::Nothing | Self::InNone => None,
        }
    }

    /// Whether nothing is said.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Where a biller is afterwards that was in `before`.
    #[must_use]
    pub const fn after<'a>(&'a self, before: Option<&'a Portfolio>) -> Option<&'a Portfolio> {
        match self {
            Self::Nothing => before,
            Self::InNone | Self::In(_) => self.named(),
        }
    }
}

/// What was said, be it none: a field that is not there is for `#[serde(default)]`.
impl From<Option<Portfolio>> for PortfolioSaid {
    fn from(said: Option<Portfolio>) -> Self {
        said.map_or(Self::InNone, Self::In)
    }
}

impl From<PortfolioSaid> for Option<Portfolio> {
    fn from(said: PortfolioSaid) -> Self {
        match said {
            PortfolioSaid::In(portfolio) => Some(portfolio),
            PortfolioSaid::Nothing | PortfolioSaid::InNone => None,
        }
    }
}

/// What IC says of a biller: the fields that an import or the API may set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillerDraft {
    /// IC's id.
    pub bid: Bid,
    /// The true name, as on the biller's bills.
    pub name: String,
    /// Region, e.g. a US state code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Kind of owner, e.g. "Municipal".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<String>,
    /// Number of customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<i64>,
    /// Contract tier, as the CRM calls it; lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// IANA time zone of the biller, e.g. `America/Chicago`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The portfolio it is in.
    #[serde(default, skip_serializing_if = "PortfolioSaid::is_nothing")]
    pub portfolio: PortfolioSaid,
}

/// A biller as the console knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Biller {
    /// What IC says.
    #[serde(flatten)]
    pub draft: BillerDraft,
    /// Where it stands.
    pub status: CiamStatus,
    /// Since when it stands there.
    pub status_since: Timestamp,
    /// Last part of its login URL; chosen once, at the first enablement, then kept for ever.
    pub slug: Option<Slug>,
    /// Where the login URL leads now.
    pub login_route: LoginRoute,
    /// Its issuer at SecureAuth (technical; never a login link).
    pub issuer: Option<String>,
    /// Day on which the biller goes live, ISO 8601 (`2026-12-01`).
    pub go_live: Option<String>,
    /// The run that is open for it: queued, running, or failed and waiting for a decision.
    pub open_run: Option<RunId>,
    /// When we first heard of it.
    pub created_at: Timestamp,
    /// When IC's fields last changed.
    pub updated_at: Timestamp,
    /// Counts every change of this row, for lost-update checks.
    pub version: i64,
}

impl Biller {
    /// The bid.
    #[must_use]
    pub const fn bid(&self) -> &Bid {
        &self.draft.bid
    }

    /// The true name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.draft.name
    }

    /// The portfolio it is in.
    #[must_use]
    pub const fn portfolio(&self) -> Option<&Portfolio> {
        self.draft.portfolio.named()
    }

    /// What its login URL does now.
    #[must_use]
    pub const fn login_entry(&self) -> LoginEntry {
        match (self.login_route, &self.issuer) {
            (LoginRoute::SecureAuth, Some(_)) => LoginEntry::Authorize,
            _ => LoginEntry::Legacy,
        }
    }
}
