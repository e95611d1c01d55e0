//! Who may do what. The same functions decide in the services and explain on the buttons.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    biller::{Biller, CiamStatus},
    run::{Run, RunKind, RunState},
    words,
};

words! {
    /// What a person comes to the console for.
    Role, "role" {
        /// Enables, suspends and resumes billers and hands over the login URL.
        AccountManager = "account_manager", "Account manager";
        /// Decides which biller is at which stage.
        Product = "product", "Product team";
        /// Moves users, imports billers, watches deliveries.
        Ops = "ops", "Ops";
        /// Watches the vendor's performance.
        VendorReview = "vendor_review", "Vendor review";
        /// Owns the platform and its settings.
        PlatformOwner = "platform_owner", "Platform owner";
        /// Helps single users.
        Support = "support", "Support";
        /// Sees who did what, changes nothing.
        Auditor = "auditor", "Auditor";
    }
}

words! {
    /// One thing that can be allowed.
    Capability, "capability" {
        /// See billers, runs and objects.
        ViewBillers = "view_billers", "see billers";
        /// Bring in billers from a file.
        ImportBillers = "import_billers", "import billers";
        /// Enable a biller; undo a first enablement that failed.
        EnableBiller = "enable_biller", "enable billers";
        /// Suspend and resume a biller.
        SuspendBiller = "suspend_biller", "suspend and resume billers";
        /// Enable many billers at once.
        RunWaves = "run_waves", "enable many billers at once";
        /// Set the go-live date of the handover pack.
        EditHandover = "edit_handover", "change the handover pack";
        /// See outbound events and their deliveries.
        ViewDeliveries = "view_deliveries", "see event deliveries";
        /// Send a delivery again.
        RetryDeliveries = "retry_deliveries", "send deliveries again";
        /// Read the audit log.
        ViewActivity = "view_activity", "see the activity log";
        /// Take the audit log away as a file.
        ExportActivity = "export_activity", "export the activity log";
        /// Announce billers over the API.
        AnnounceBillers = "announce_billers", "announce billers";
        /// Read a biller's OIDC settings over the API.
        ReadOidc = "read_oidc", "read OIDC settings";
        /// Redeem a login attempt over the API.
        RedeemLogin = "redeem_login", "redeem login attempts";
    }
}

impl Role {
    /// What this role may do.
    #[must_use]
    pub const fn capabilities(self) -> &'static [Capability] {
        use Capability::{
            EditHandover, EnableBiller, ExportActivity, ImportBillers, RetryDeliveries, RunWaves,
            SuspendBiller, ViewActivity, ViewBillers, ViewDeliveries,
        };
        match self {
            Self::AccountManager => &[ViewBillers, EnableBiller, SuspendBiller, EditHandover, ViewActivity],
            Self::Product => {
                &[ViewBillers, EnableBiller, SuspendBiller, RunWaves, EditHandover, ViewActivity]
            }
            Self::Ops => &[
                ViewBillers,
                ImportBillers,
                EnableBiller,
                SuspendBiller,
                RunWaves,
                EditHandover,
                ViewDeliveries,
                RetryDeliveries,
                ViewActivity,
            ],
            Self::VendorReview | Self::Support => &[ViewBillers],
            Self::PlatformOwner => &[
                ViewBillers,
                ImportBillers,
                EnableBiller,
                SuspendBiller,
                RunWaves,
                EditHandover,
                ViewDeliveries,
                RetryDeliveries,
                ViewActivity,
                ExportActivity,
            ],
            Self::Auditor => &[ViewBillers, ViewDeliveries, ViewActivity, ExportActivity],
        }
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// Stable id from the identity provider or the launch.
        id: String,
        /// Display name.
        name: String,
        /// In which role.
        role: Role,
    },
    /// A system of IC, known by its API key's name.
    Integration {
        /// The key's name.
        name: String,
    },
    /// The command line on the server itself: whoever runs it already holds the database.
    Operator,
    /// The console acting on a rule, e.g. the policy for new billers.
    Policy,
}

impl Actor {
    /// How the actor is named in pages and in the audit log.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person { name, .. } | Self::Integration { name } => name,
            Self::Operator => "Server operator",
            Self::Policy => "Policy",
        }
    }

    /// A stable id for the audit log.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Person { id, .. } => format!("person:{id}"),
            Self::Integration { name } => format!("integration:{name}"),
            Self::Operator => "operator".to_owned(),
            Self::Policy => "policy".to_owned(),
        }
    }

    /// The role or kind, as a word for the audit log.
    #[must_use]
    pub const fn role_word(&self) -> &'static str {
        match self {
            Self::Person { role, .. } => role.as_str(),
            Self::Integration { .. } => "integration",
            Self::Operator => "operator",
            Self::Policy => "policy",
        }
    }

    /// Whether the actor may do this at all.
    ///
    /// # Errors
    /// [`Refusal::Role`] names the roles that may.
    pub fn may(&self, capability: Capability) -> Result<(), Refusal> {
        use Capability::{AnnounceBillers, EnableBiller, ImportBillers, ReadOidc, RedeemLogin};
        let allowed = match self {
            Self::Person { role, .. } => role.capabilities().contains(&capability),
            Self::Integration { .. } => matches!(capability, AnnounceBillers | ReadOidc | RedeemLogin),
            Self::Operator => {
                matches!(capability, ImportBillers) || Role::Auditor.capabilities().contains(&capability)
            }
            Self::Policy => matches!(capability, EnableBiller),
        };
        if allowed { Ok(()) } else { Err(Refusal::Role { capability }) }
    }
}

/// Why something cannot be done now; the text is shown on the disabled button.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum Refusal {
    /// The role does not include it.
    #[error("Your role may not {}. These roles may: {}.", .capability.label(), roles_with(*.capability))]
    Role {
        /// What was tried.
        capability: Capability,
    },
    /// A run is under way.
    #[error("{} is under way. Wait until it has finished.", .kind.label())]
    RunOpen {
        /// The run's kind.
        kind: RunKind,
    },
    /// A failed run waits for a decision.
    #[error("{} failed and waits for a decision: {} first.", .kind.label(), ways_on(*.kind))]
    RunFailed {
        /// The run's kind.
        kind: RunKind,
    },
    /// The status does not allow it.
    #[error("{} is possible only when the biller is {}; it is {}.", .kind.label(), needed(*.kind), .status.label().to_lowercase())]
    Status {
        /// What was asked for.
        kind: RunKind,
        /// Where the biller stands.
        status: CiamStatus,
    },
    /// Only a failed run can be retried or taken back.
    #[error("This run is {}; only a failed run can be retried or taken back.", .state.label().to_lowercase())]
    NotFailed {
        /// Where the run stands.
        state: RunState,
    },
    /// There is nothing to retry or take back.
    #[error("No run is open for this biller.")]
    NoRun,
    /// A biller that was never enabled has no OIDC settings.
    #[error("There are no OIDC settings yet: the biller is {}. They exist once it has been enabled.", .status.label().to_lowercase())]
    NoSettings {
        /// Where the biller stands.
        status: CiamStatus,
    },
    /// This kind of run cannot be taken back.
    #[error("{} cannot be taken back; retry it.", .kind.label())]
    NoWayBack {
        /// The run's kind.
        kind: RunKind,
    },
}

fn roles_with(capability: Capability) -> String {
    let roles: Vec<_> = Role::ALL
        .iter()
        .filter(|role| role.capabilities().contains(&capability))
        .map(|role| role.label().to_lowercase())
        .collect();
    if roles.is_empty() { "none; it is for IC's systems".to_owned() } else { roles.join(", ") }
}

const fn ways_on(kind: RunKind) -> &'static str {
    if kind.way_back().is_some() { "retry it or go back" } else { "retry it" }
}

const fn needed(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Enable => "not enabled",
        RunKind::Abandon => "part-way through a first enablement that failed",
        RunKind::Suspend => "enabled",
        RunKind::Resume => "suspended",
    }
}

/// What a run of this kind needs.
#[must_use]
pub const fn capability_for(kind: RunKind) -> Capability {
    match kind {
        RunKind::Enable | RunKind::Abandon => Capability::EnableBiller,
        RunKind::Suspend | RunKind::Resume => Capability::SuspendBiller,
    }
}

/// Whether the actor may start this run on this biller now.
///
/// `open` is the biller's open run, if it has one: a biller with a run in progress takes no second one.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_start(actor: &Actor, biller: &Biller, open: Option<&Run>, kind: RunKind) -> Result<(), Refusal> {
    actor.may(capability_for(kind))?;
    match open {
        Some(run) if run.state == RunState::Failed => return Err(Refusal::RunFailed { kind: run.kind }),
        Some(run) => return Err(Refusal::RunOpen { kind: run.kind }),
        None => {}
    }
    if biller.status.allows(kind) { Ok(()) } else { Err(Refusal::Status { kind, status: biller.status }) }
}

/// Whether the actor may retry this run.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_retry(actor: &Actor, run: &Run) -> Result<(), Refusal> {
    actor.may(capability_for(run.kind))?;
    if run.state == RunState::Failed { Ok(()) } else { Err(Refusal::NotFailed { state: run.state }) }
}

/// Whether the actor may give this run up; the answer is the run that takes the biller back.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_take_back(actor: &Actor, run: &Run) -> Result<RunKind, Refusal> {
    may_retry(actor, run)?;
    run.kind.way_back().ok_or(Refusal::NoWayBack { kind: run.kind })
}
