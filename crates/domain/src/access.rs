//! Who may do what, with which biller and run. The same functions decide in the services and explain on the buttons.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Portfolio, Timestamp,
    actor::{Actor, Capability, Role},
    biller::{Biller, CiamStatus},
    event::{Delivery, DeliveryState},
    oidc::ClientAuth,
    run::{Run, RunKind, RunState},
    settings::RequestState,
};

impl Actor {
    /// Whether the actor may do this at all.
    ///
    /// # Errors
    /// [`Refusal::Role`] names the roles that may; [`Refusal::Portfolio`] for what touches any biller, to a person who
    /// works with one portfolio only.
    pub fn may(&self, capability: Capability) -> Result<(), Refusal> {
        match self.portfolio() {
            _ if !self.has(capability) => Err(Refusal::Role { capability }),
            Some(portfolio) if touches_any_biller(capability) => {
                Err(Refusal::Portfolio { capability, portfolio: portfolio.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Whether this biller is there for the actor. A biller of another portfolio is not: to whoever asks for it, it
    /// must look like one that nobody ever heard of.
    #[must_use]
    pub fn sees(&self, biller: &Biller) -> bool {
        self.portfolio().is_none_or(|own| biller.portfolio() == Some(own))
    }
}

/// A file may hold any biller, and put it into any portfolio.
const fn touches_any_biller(capability: Capability) -> bool {
    matches!(capability, Capability::ImportBillers)
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
    /// The role includes it, but not for a person who works with one portfolio only.
    #[error(
        "You work with the portfolio {portfolio} only, and this may touch any biller. Ask somebody without that limit to {}.",
        .capability.label()
    )]
    Portfolio {
        /// What was tried.
        capability: Capability,
        /// The person's portfolio.
        portfolio: Portfolio,
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
    /// A secret is of no use now.
    #[error("A secret can be made only while the biller is enabled or suspended; it is {}.", .status.label().to_lowercase())]
    SecretStatus {
        /// Where the biller stands.
        status: CiamStatus,
    },
    /// The form is sent a second time, or somebody else was faster.
    #[error(
        "A secret was made since this page was opened. It was shown then and cannot be shown again. Open the page anew, and make another one only if it was lost."
    )]
    SecretSince,
    /// The application has no secret.
    #[error(
        "There is no secret to hand over: IC proves itself to SecureAuth with its own key (private_key_jwt)."
    )]
    NoSecret,
    /// This kind of run cannot be taken back.
    #[error("{} cannot be taken back; retry it.", .kind.label())]
    NoWayBack {
        /// The run's kind.
        kind: RunKind,
    },
    /// The move of users is somewhere else.
    #[error("{} is not possible now: the move is {:?}.", .act.label(), .state.label())]
    MigrationState {
        /// What was asked for.
        act: crate::migration::MigrationAct,
        /// Where the move stands.
        state: crate::migration::MigrationState,
    },
    /// There is no pool to move users to.
    #[error("Users can be moved only while the biller is enabled; it is {}.", .status.label().to_lowercase())]
    MigrationBiller {
        /// Where the biller stands.
        status: CiamStatus,
    },
    /// One move at a time.
    #[error("A move of this biller's users is under way. Wait for its end, or cancel it first.")]
    MigrationOpen,
    /// People sign in at SecureAuth.
    #[error(
        "Hosted login was turned on: people sign in at SecureAuth and may have changed their passwords there. Removing users would lock them out."
    )]
    NoReturn,
    /// There is nothing to send again.
    #[error("No row of this move has failed.")]
    NothingFailed,
    /// Nothing can be decided about missing users now.
    #[error("{}", .stand.label())]
    Missing {
        /// Where they stand.
        stand: crate::migration::MissingStand,
    },
    /// Something cannot be done with a user now.
    #[error("{}", .bar.label())]
    Account {
        /// Why.
        bar: crate::account::AccountBar,
    },
    /// Two contents under one number.
    #[error(
        "Version {version} of this user was told before with another content. Count every change of a user."
    )]
    SameVersion {
        /// The number.
        version: i64,
    },
    /// Only a parked change waits for a decision.
    #[error("This change is not parked: it is sent as soon as SecureAuth takes it.")]
    NotParked,
    /// Whoever held sign-ins off is not the one to look at it.
    #[error("You held these sign-ins off yourself: a second person has to look at it.")]
    OwnEmergency,
    /// Whoever asked for a change is not the one to approve it.
    #[error("You asked for this change yourself: a second person has to decide it.")]
    OwnRequest,
    /// Only who asked for a change takes it away.
    #[error("Only who asked for this change can withdraw it. You can decline it.")]
    NotOwnRequest,
    /// It was decided.
    #[error("This change was decided already: {}.", .state.label().to_lowercase())]
    RequestDecided {
        /// Where it stands.
        state: RequestState,
    },
    /// It is over.
    #[error("This emergency is over: sign-ins go again where the use cases say.")]
    EmergencyOver,
    /// Whoever proposed a maintenance window is not the one to approve it.
    #[error("You proposed this window yourself: a second person has to look at it.")]
    OwnMaintenance,
    /// It was decided.
    #[error("This window was decided already. Propose another one if it was wrong.")]
    MaintenanceDecided,
    /// The receiver has it.
    #[error("It was delivered at {at}: nothing has to be done.")]
    Delivered {
        /// When it was accepted.
        at: Timestamp,
    },
    /// An attempt is under way, or about to be.
    #[error(
        "It is being sent right now, or as soon as a worker is free. Wait for what the receiver answers."
    )]
    BeingSent,
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
        RunKind::Suspend | RunKind::ChangeUseCases => "enabled",
        RunKind::ApplySettings | RunKind::SwitchIssuer => "enabled or suspended",
        RunKind::Resume => "suspended",
    }
}

/// What a run of this kind needs.
#[must_use]
pub const fn capability_for(kind: RunKind) -> Capability {
    match kind {
        RunKind::Enable | RunKind::Abandon => Capability::EnableBiller,
        RunKind::Suspend | RunKind::Resume => Capability::SuspendBiller,
        RunKind::ChangeUseCases => Capability::ChangeUseCases,
        RunKind::ApplySettings | RunKind::SwitchIssuer => Capability::ChangeSettings,
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
        Some(run) if run.state == RunState::Failed && kind.supersedes(run.kind) => {}
        Some(run) if run.state == RunState::Failed => return Err(Refusal::RunFailed { kind: run.kind }),
        Some(run) => return Err(Refusal::RunOpen { kind: run.kind }),
        None => {}
    }
    if biller.status.allows(kind) { Ok(()) } else { Err(Refusal::Status { kind, status: biller.status }) }
}

/// Whether the actor may do what touches any biller, not only those of a portfolio.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_touch_any_biller(actor: &Actor, capability: Capability) -> Result<(), Refusal> {
    actor.may(capability)?;
    match actor.portfolio() {
        Some(portfolio) => Err(Refusal::Portfolio { capability, portfolio: portfolio.clone() }),
        None => Ok(()),
    }
}

/// Whether the actor may change the biller's settings now: with a run where there is something to write to, and at
/// once where nothing is at SecureAuth yet.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_change_settings(actor: &Actor, biller: &Biller, open: Option<&Run>) -> Result<(), Refusal> {
    actor.may(Capability::ChangeSettings)?;
    if biller.status == CiamStatus::NotEnabled && open.is_none() {
        return Ok(());
    }
    may_start(actor, biller, open, RunKind::ApplySettings)
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

/// Whether the actor may have a delivery sent again now: one that was given up, or one that waits for a later try.
///
/// What is due belongs to a worker until it has noted the answer, so sending it again would double it.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_send_again(actor: &Actor, delivery: &Delivery, now: Timestamp) -> Result<(), Refusal> {
    actor.may(Capability::RetryDeliveries)?;
    match (delivery.state, delivery.next_at) {
        (DeliveryState::GaveUp, _) => Ok(()),
        (DeliveryState::Pending, Some(at)) if at > now => Ok(()),
        (DeliveryState::Pending, _) => Err(Refusal::BeingSent),
        (DeliveryState::Delivered, _) => {
            Err(Refusal::Delivered { at: delivery.delivered_at.unwrap_or(delivery.created_at) })
        }
    }
}

/// Whether the actor may have a new secret made for the biller's application, which proves itself like this.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_hand_over_secret(
    actor: &Actor,
    status: CiamStatus,
    client_auth: Option<&ClientAuth>,
) -> Result<(), Refusal> {
    actor.may(Capability::HandOverSecret)?;
    match (status, client_auth) {
        (CiamStatus::Enabled | CiamStatus::Suspended, Some(ClientAuth::ClientSecret)) => Ok(()),
        (CiamStatus::Enabled | CiamStatus::Suspended, Some(ClientAuth::PrivateKeyJwt { .. })) => {
            Err(Refusal::NoSecret)
        }
        _ => Err(Refusal::SecretStatus { status }),
    }
}
