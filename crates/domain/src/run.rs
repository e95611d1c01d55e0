//! Runs: durable, resumable executions with steps.

use serde::{Deserialize, Serialize};

use crate::{
    Bid, RunId, Timestamp, WaveId,
    actor::Actor,
    settings::{SettingsChange, vanity::IssuerSwitch},
    use_case::UseCases,
    words,
};

words! {
    /// What a run does.
    RunKind, "run" {
        /// Makes a biller's objects at SecureAuth and proves that its login works.
        Enable = "enable", "Enable";
        /// Takes back a first enablement that did not finish.
        Abandon = "abandon", "Undo enablement";
        /// Routes sign-ins to the legacy page and switches everything off, deleting nothing.
        Suspend = "suspend", "Suspend";
        /// Reverses a suspension.
        Resume = "resume", "Resume";
        /// Turns use cases on and off; the CIAM status stays as it is.
        ChangeUseCases = "change_use_cases", "Change use cases";
        /// Writes settings; the CIAM status stays as it is.
        ApplySettings = "apply_settings", "Apply settings";
        /// Lets sign-ins go to the biller's other issuer; the CIAM status stays as it is.
        SwitchIssuer = "switch_issuer", "Switch issuer";
    }
}

words! {
    /// Where a run stands.
    RunState, "run state" {
        /// Waits for a worker.
        Queued = "queued", "Queued";
        /// A worker is at it.
        Running = "running", "Running";
        /// A step failed; the run waits for a retry or a decision.
        Failed = "failed", "Failed";
        /// Every step is done.
        Succeeded = "succeeded", "Succeeded";
        /// Given up; another run took over from here.
        Superseded = "superseded", "Superseded";
    }
}

impl RunState {
    /// Whether the biller is still taken by this run.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Failed)
    }
}

words! {
    /// One step of a run. The same word is used for doing and for undoing; the run's kind tells which.
    StepKind, "step" {
        /// Where sign-ins go.
        LoginRoute = "login_route", "Sign-in routing";
        /// The organization.
        Organization = "organization", "Organization";
        /// The identity pool.
        Pool = "pool", "Identity pool";
        /// The pool's binding to the organization.
        Binding = "binding", "Binding";
        /// The OIDC client.
        Application = "application", "Application";
        /// The shared theme.
        Theme = "theme", "Theme";
        /// The organization's host name of its own.
        VanityDomain = "vanity_domain", "Vanity domain";
        /// What is set for the biller beside what every enablement writes.
        Settings = "settings", "Settings";
        /// Everything is read back and compared.
        ReadBack = "read_back", "Read back";
        /// Tokens and sessions of the pool's users.
        Tokens = "tokens", "Revoke tokens";
        /// Use cases go off, and sign-ins with them.
        TurnOff = "turn_off", "Turn off";
        /// The password of a test user is checked.
        PasswordCheck = "password_check", "Password check";
        /// Use cases go on, and sign-ins with them.
        TurnOn = "turn_on", "Turn on";
        /// Discovery and the authorize page are asked from outside.
        Proof = "proof", "Proof";
    }
}

words! {
    /// Where a step stands.
    StepState, "step state" {
        /// Not begun.
        Pending = "pending", "Waiting";
        /// Begun; after a crash it is begun again, which is safe.
        Running = "running", "Running";
        /// Done and recorded.
        Done = "done", "Done";
        /// Nothing to do here.
        Skipped = "skipped", "Not needed";
        /// Failed; see the error.
        Failed = "failed", "Failed";
    }
}

impl RunKind {
    /// The steps, in order.
    ///
    /// Suspension routes sign-ins away before anything is switched off, and revokes tokens last; resuming
    /// brings sign-ins back only after the proof. Undoing goes backwards through the objects. A change of use cases
    /// turns off before it asks anybody, and turns on only what was proven.
    #[must_use]
    pub const fn steps(self) -> &'static [StepKind] {
        use StepKind::{
            Application, Binding, LoginRoute, Organization, PasswordCheck, Pool, Proof, ReadBack, Settings,
            Theme, Tokens, TurnOff, TurnOn, VanityDomain,
        };
        match self {
            Self::Enable => {
                &[Organization, Pool, Binding, Application, Theme, Settings, ReadBack, Proof, LoginRoute]
            }
            Self::Abandon => &[LoginRoute, Application, Binding, Pool, Organization],
            Self::Suspend => &[LoginRoute, Application, Binding, Organization, Tokens, Proof],
            Self::Resume => &[Organization, Binding, Application, Proof, LoginRoute],
            Self::ChangeUseCases => &[TurnOff, Binding, Application, PasswordCheck, ReadBack, Proof, TurnOn],
            Self::ApplySettings => &[Organization, Pool, Binding, Application, Theme, VanityDomain],
            Self::SwitchIssuer => &[Proof, LoginRoute],
        }
    }

    /// Whether a run of this kind takes over from a failed one of another kind, which is given up then. A suspension
    /// must not wait for a decision about settings or the issuer: it switches everything off, whatever they are.
    #[must_use]
    pub const fn supersedes(self, failed: Self) -> bool {
        matches!((self, failed), (Self::Suspend, Self::ApplySettings | Self::SwitchIssuer))
    }

    /// The run that takes the biller back when this one failed and is not to be retried.
    #[must_use]
    pub const fn way_back(self) -> Option<Self> {
        match self {
            Self::Enable => Some(Self::Abandon),
            Self::Suspend => Some(Self::Resume),
            Self::Resume => Some(Self::Suspend),
            Self::ChangeUseCases => Some(Self::ChangeUseCases),
            Self::ApplySettings => Some(Self::ApplySettings),
            Self::SwitchIssuer => Some(Self::SwitchIssuer),
            Self::Abandon => None,
        }
    }
}

words! {
    /// Why a step failed: decides what the page offers.
    FailureKind, "failure" {
        /// The vendor or the network did not answer; trying again may help.
        Temporary = "temporary", "Vendor did not answer";
        /// The vendor refused the call; someone has to change something first.
        Refused = "refused", "Vendor refused";
        /// An object under our id is not ours; it was left untouched.
        Foreign = "foreign", "Not ours";
        /// What was read back differs from what was written.
        Mismatch = "mismatch", "Read-back differs";
        /// The proof from outside did not succeed.
        Unproven = "unproven", "Proof failed";
        /// In use: deleting would hurt someone.
        InUse = "in_use", "In use";
        /// Our own fault.
        Internal = "internal", "Internal error";
    }
}

/// A failed step, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What sort.
    pub kind: FailureKind,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub cure: String,
    /// The vendor's trace id, for a ticket.
    pub trace_id: Option<String>,
}

/// What a run is to do, where its kind alone does not say it. Kept with the run, so that it does the same after a
/// crash whatever was chosen since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum RunDetail {
    /// Use cases are turned on and off.
    UseCases {
        /// What was in effect.
        before: UseCases,
        /// What is to be in effect.
        after: UseCases,
    },
    /// Settings are written.
    Settings(SettingsChange),
    /// Sign-ins go to another issuer.
    Issuer(IssuerSwitch),
}

impl RunDetail {
    /// What the run that takes this one back is to do.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::UseCases { before, after } => Self::UseCases { before: after, after: before },
            Self::Settings(change) => Self::Settings(change.reversed()),
            Self::Issuer(switch) => Self::Issuer(switch.reversed()),
        }
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The biller it works on.
    pub bid: Bid,
    /// What it does.
    pub kind: RunKind,
    /// Where it stands.
    pub state: RunState,
    /// Why someone asked for it, in their words.
    pub reason: Option<String>,
    /// Who asked for it; what the run does is written down in the audit log under their name.
    pub requested_by: Actor,
    /// The wave it belongs to.
    pub wave: Option<WaveId>,
    /// What it is to do, where its kind alone does not say it.
    pub detail: Option<RunDetail>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a worker first took it.
    pub started_at: Option<Timestamp>,
    /// When it succeeded, failed or was superseded.
    pub finished_at: Option<Timestamp>,
}

/// One step of a run, as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its place in the run, from 0.
    pub position: i64,
    /// What it is about.
    pub kind: StepKind,
    /// Where it stands.
    pub state: StepState,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was last begun.
    pub started_at: Option<Timestamp>,
    /// When it was done or failed.
    pub finished_at: Option<Timestamp>,
    /// What it did, in words for people.
    pub outcome: Option<String>,
    /// Where a long step stands, so that it can go on after a crash (e.g. the last user whose tokens were revoked).
    pub cursor: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// How far a run is: steps done or skipped, and steps in all.
#[must_use]
pub fn progress(steps: &[Step]) -> (usize, usize) {
    let done = steps.iter().filter(|s| matches!(s.state, StepState::Done | StepState::Skipped)).count();
    (done, steps.len())
}
