//! Who acts: people in their roles, IC's systems, the console itself; and what each of them may do at all.
//!
//! What of it is possible with one biller or run now is decided in [`crate::access`].

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Portfolio, words};

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
        /// Turn a biller's use cases on and off.
        ChangeUseCases = "change_use_cases", "change use cases";
        /// Change a biller's settings at SecureAuth, and the defaults they come from.
        ChangeSettings = "change_settings", "change settings";
        /// Have a new client secret made, and see it once.
        HandOverSecret = "hand_over_secret", "hand over client secrets";
        /// Set the go-live date of the handover pack.
        EditHandover = "edit_handover", "change the handover pack";
        /// Move a biller's users to SecureAuth.
        RunMigrations = "run_migrations", "move users";
        /// See a biller's users, their personal data masked.
        ViewUsers = "view_users", "see users";
        /// See a user's personal data, with a reason.
        RevealUsers = "reveal_users", "see users' personal data";
        /// Lock and unlock a user, send activations and resets.
        HelpUsers = "help_users", "lock, unlock and reset users";
        /// Make, change, delete and re-create users.
        EditUsers = "edit_users", "make, change and delete users";
        /// Decide about changes that SecureAuth would not take.
        DecideMirror = "decide_mirror", "decide about parked changes";
        /// See outbound events and their deliveries.
        ViewDeliveries = "view_deliveries", "see event deliveries";
        /// Send a delivery again.
        RetryDeliveries = "retry_deliveries", "send deliveries again";
        /// See how well the vendor performs.
        ViewPerformance = "view_performance", "see the vendor's performance";
        /// Set objectives, approve maintenance windows, keep incidents, take reports.
        ReviewVendor = "review_vendor", "manage objectives, maintenance and incidents";
        /// Read the audit log.
        ViewActivity = "view_activity", "see the activity log";
        /// Take the audit log away as a file.
        ExportActivity = "export_activity", "export the activity log";
        /// See who is signed in, and end all sessions of a person.
        EndSessions = "end_sessions", "end other people's sessions";
        /// Announce billers over the API.
        AnnounceBillers = "announce_billers", "announce billers";
        /// Read a biller's OIDC settings over the API.
        ReadOidc = "read_oidc", "read OIDC settings";
        /// Redeem a login attempt over the API.
        RedeemLogin = "redeem_login", "redeem login attempts";
        /// Tell of a biller's users over the API.
        MirrorUsers = "mirror_users", "mirror users";
    }
}

impl Role {
    /// What this role may do.
    #[must_use]
    pub const fn capabilities(self) -> &'static [Capability] {
        match self {
            Self::AccountManager => roles::ACCOUNT_MANAGER,
            Self::Product => roles::PRODUCT,
            Self::Ops => roles::OPS,
            Self::VendorReview => roles::VENDOR_REVIEW,
            Self::Support => roles::SUPPORT,
            Self::PlatformOwner => roles::PLATFORM_OWNER,
            Self::Auditor => roles::AUDITOR,
        }
    }
}

/// What each role may do.
mod roles {
    use super::Capability::{
        self, ChangeSettings, ChangeUseCases, DecideMirror, EditHandover, EditUsers, EnableBiller,
        EndSessions, ExportActivity, HandOverSecret, HelpUsers, ImportBillers, RetryDeliveries, RevealUsers,
        ReviewVendor, RunMigrations, RunWaves, SuspendBiller, ViewActivity, ViewBillers, ViewDeliveries,
        ViewPerformance, ViewUsers,
    };

    pub(super) const ACCOUNT_MANAGER: &[Capability] =
        &[ViewBillers, EnableBiller, SuspendBiller, EditHandover, HandOverSecret, ViewUsers, ViewActivity];
    pub(super) const PRODUCT: &[Capability] = &[
        ViewBillers,
        EnableBiller,
        SuspendBiller,
        ChangeUseCases,
        ChangeSettings,
        RunWaves,
        EditHandover,
        HandOverSecret,
        ViewUsers,
        ViewActivity,
        ViewPerformance,
    ];
    pub(super) const OPS: &[Capability] = &[
        ViewBillers,
        ImportBillers,
        EnableBiller,
        SuspendBiller,
        ChangeUseCases,
        RunWaves,
        EditHandover,
        HandOverSecret,
        RunMigrations,
        ViewUsers,
        RevealUsers,
        HelpUsers,
        EditUsers,
        DecideMirror,
        ViewDeliveries,
        RetryDeliveries,
        ViewActivity,
        ViewPerformance,
        ReviewVendor,
    ];
    pub(super) const VENDOR_REVIEW: &[Capability] = &[ViewBillers, ViewPerformance, ReviewVendor];
    pub(super) const SUPPORT: &[Capability] = &[ViewBillers, ViewUsers, RevealUsers, HelpUsers];
    pub(super) const PLATFORM_OWNER: &[Capability] = &[
        ViewBillers,
        ImportBillers,
        EnableBiller,
        SuspendBiller,
        ChangeUseCases,
        ChangeSettings,
        RunWaves,
        EditHandover,
        HandOverSecret,
        RunMigrations,
        ViewUsers,
        RevealUsers,
        HelpUsers,
        EditUsers,
        DecideMirror,
        ViewDeliveries,
        RetryDeliveries,
        ViewActivity,
        EndSessions,
        ExportActivity,
        ViewPerformance,
        ReviewVendor,
    ];
    pub(super) const AUDITOR: &[Capability] =
        &[ViewBillers, ViewUsers, ViewDeliveries, ViewPerformance, ViewActivity, ExportActivity];
}

/// The roles of a person: at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Role>", into = "BTreeSet<Role>")]
pub struct Roles(BTreeSet<Role>);

/// A person without a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no role is given: give at least one")]
pub struct NoRole;

impl Roles {
    /// Checks and wraps roles; order and repetition do not matter.
    ///
    /// # Errors
    /// [`NoRole`] when there is none.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Result<Self, NoRole> {
        let roles: BTreeSet<Role> = roles.into_iter().collect();
        if roles.is_empty() { Err(NoRole) } else { Ok(Self(roles)) }
    }

    /// The roles, in their fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }

    /// Whether this role is among them.
    #[must_use]
    pub fn contains(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether any of the roles may do this.
    #[must_use]
    pub fn have(&self, capability: Capability) -> bool {
        self.iter().any(|role| role.capabilities().contains(&capability))
    }

    /// What people read.
    #[must_use]
    pub fn label(&self) -> String {
        self.joined(Role::label, ", ")
    }

    fn joined(&self, text: fn(Role) -> &'static str, between: &str) -> String {
        self.iter().map(text).collect::<Vec<_>>().join(between)
    }
}

/// The stable words, separated by spaces.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.joined(Role::as_str, " "))
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self(BTreeSet::from([role]))
    }
}

impl TryFrom<BTreeSet<Role>> for Roles {
    type Error = NoRole;
    fn try_from(roles: BTreeSet<Role>) -> Result<Self, NoRole> {
        Self::new(roles)
    }
}

impl From<Roles> for BTreeSet<Role> {
    fn from(roles: Roles) -> Self {
        roles.0
    }
}

/// Who acts. Its JSON is hashed into the audit log, so what was written once must read and write the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// Stable id from the identity provider or the launch.
        id: String,
        /// Display name.
        name: String,
        /// In which roles; may do what any of them may.
        #[serde(rename = "role", with = "one_or_many")]
        roles: Roles,
        /// The only billers the person works with; `None` is all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        portfolio: Option<Portfolio>,
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

    /// The roles or the kind as stable words, separated by spaces.
    #[must_use]
    pub fn role_words(&self) -> String {
        match self {
            Self::Person { roles, .. } => roles.to_string(),
            Self::Integration { .. } => "integration".to_owned(),
            Self::Operator => "operator".to_owned(),
            Self::Policy => "policy".to_owned(),
        }
    }

    /// The roles or the kind as people read them.
    #[must_use]
    pub fn role_label(&self) -> String {
        match self {
            Self::Person { roles, .. } => roles.label(),
            Self::Integration { .. } => "Integration".to_owned(),
            Self::Operator => "Operator".to_owned(),
            Self::Policy => "Policy".to_owned(),
        }
    }

    /// The only billers the actor works with; `None` is all of them.
    #[must_use]
    pub const fn portfolio(&self) -> Option<&Portfolio> {
        match self {
            Self::Person { portfolio, .. } => portfolio.as_ref(),
            Self::Integration { .. } | Self::Operator | Self::Policy => None,
        }
    }

    /// Whether the role or kind of the actor includes this at all.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        use Capability::{
            AnnounceBillers, EnableBiller, HelpUsers, ImportBillers, MirrorUsers, ReadOidc, RedeemLogin,
            RunMigrations,
        };
        match self {
            Self::Person { roles, .. } => roles.have(capability),
            Self::Integration { .. } => {
                matches!(capability, AnnounceBillers | ReadOidc | RedeemLogin | MirrorUsers)
            }
            Self::Operator => {
                matches!(capability, ImportBillers | RunMigrations | HelpUsers)
                    || Role::Auditor.capabilities().contains(&capability)
            }
            Self::Policy => matches!(capability, EnableBiller),
        }
    }
}

/// One role stands as a word, several as a list.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Role, Roles};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(Role),
        Many(Roles),
    }

    pub(super) fn serialize<S: Serializer>(roles: &Roles, serializer: S) -> Result<S::Ok, S::Error> {
        let mut each = roles.iter();
        match (each.next(), each.next()) {
            (Some(role), None) => role.serialize(serializer),
            _ => roles.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Roles, D::Error> {
        Ok(match OneOrMany::deserialize(deserializer)? {
            OneOrMany::One(role) => role.into(),
            OneOrMany::Many(roles) => roles,
        })
    }
}
