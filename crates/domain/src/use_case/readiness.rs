//! What stands in the way of a use case.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{UseCase, UseCases};
use crate::{
    biller::{Biller, CiamStatus},
    run::{Run, RunState},
    user_move::{UserMove, UserMoveState},
    words,
};

words! {
    /// How far a biller is for one use case. Kept with the biller, so that lists filter by it.
    Readiness, "readiness" {
        /// It is on.
        InEffect = "in_effect", "In effect";
        /// It can be turned on now.
        Ready = "ready", "Ready";
        /// The users are not at SecureAuth yet.
        UsersNotMoved = "users_not_moved", "Users not moved";
        /// A freeze was declared and no delivery of it was moved.
        DeltaOutstanding = "delta_outstanding", "Last delivery outstanding";
        /// A run is open.
        Busy = "busy", "Run in progress";
        /// The biller is suspended.
        Suspended = "suspended", "Suspended";
        /// The biller is not enabled.
        NotEnabled = "not_enabled", "Not enabled";
    }
}

/// The run that is open for a biller, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpenRun {
    /// None.
    None,
    /// One is under way.
    UnderWay,
    /// One failed and waits for a decision.
    Failed,
}

impl OpenRun {
    /// Of a biller's open run.
    #[must_use]
    pub fn of(run: Option<&Run>) -> Self {
        match run {
            None => Self::None,
            Some(run) if run.state == RunState::Failed => Self::Failed,
            Some(_) => Self::UnderWay,
        }
    }
}

words! {
    /// Whether a delivery of a declared freeze has to be moved before the cut-over to hosted login.
    Delta, "last delivery" {
        /// No freeze was declared.
        NotAsked = "not_asked", "Not asked for";
        /// None was moved yet.
        Outstanding = "outstanding", "Outstanding";
        /// One was moved.
        Moved = "moved", "Moved";
    }
}

/// Everything about a biller on which its use cases depend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where it stands with CIAM.
    pub status: CiamStatus,
    /// Its open run.
    pub open_run: OpenRun,
    /// Where its users are; `None` where nothing is known.
    pub users: Option<UserMoveState>,
    /// What is in effect.
    pub in_effect: UseCases,
    /// Whether sign-ins are held off in an emergency.
    pub held_off: bool,
    /// Whether a last delivery has to be moved first.
    pub delta: Delta,
}

impl Standing {
    /// Of a biller with its open run, the move of its users and what is in effect.
    #[must_use]
    pub fn of(
        biller: &Biller,
        open: Option<&Run>,
        users: Option<UserMove>,
        in_effect: UseCases,
        held_off: bool,
        delta: Delta,
    ) -> Self {
        Self {
            status: biller.status,
            open_run: OpenRun::of(open),
            users: users.map(|known| known.state),
            in_effect,
            held_off,
            delta,
        }
    }

    /// How far the biller is for this use case.
    #[must_use]
    pub fn readiness(&self, use_case: UseCase) -> Readiness {
        match self.status {
            CiamStatus::NotEnabled | CiamStatus::Enabling => Readiness::NotEnabled,
            CiamStatus::Suspending | CiamStatus::Suspended | CiamStatus::Resuming => Readiness::Suspended,
            CiamStatus::Enabled if self.in_effect.has(use_case) => Readiness::InEffect,
            CiamStatus::Enabled if self.open_run != OpenRun::None => Readiness::Busy,
            CiamStatus::Enabled => match self.lacks_users(use_case) {
                None => Readiness::Ready,
                Some(Blocked::DeltaOutstanding) => Readiness::DeltaOutstanding,
                Some(_) => Readiness::UsersNotMoved,
            },
        }
    }

    /// What keeps every switch of the biller where it is.
    #[must_use]
    pub const fn blocked(&self) -> Option<Blocked> {
        match (self.status, self.open_run) {
            (CiamStatus::NotEnabled | CiamStatus::Enabling, _) => Some(Blocked::NotEnabled),
            (CiamStatus::Suspending | CiamStatus::Suspended | CiamStatus::Resuming, _) => {
                Some(Blocked::Suspended)
            }
            (CiamStatus::Enabled, OpenRun::UnderWay) => Some(Blocked::RunOpen),
            (CiamStatus::Enabled, OpenRun::Failed) => Some(Blocked::RunFailed),
            (CiamStatus::Enabled, OpenRun::None) => None,
        }
    }

    /// Whether this use case may be turned on while `beside` are on.
    ///
    /// # Errors
    /// The [`Blocked`] to show.
    pub fn may_turn_on(&self, use_case: UseCase, beside: &UseCases) -> Result<(), Blocked> {
        let lacking = || {
            use_case
                .needs()
                .iter()
                .find(|needed| !beside.has(**needed))
                .map(|needed| Blocked::Needs { use_case, needed: *needed })
        };
        let held = || (self.held_off && use_case.is_login()).then_some(Blocked::HeldOff);
        let reason = self.blocked().or_else(held).or_else(|| self.lacks_users(use_case)).or_else(lacking);
        reason.map_or(Ok(()), Err)
    }

    fn lacks_users(&self, use_case: UseCase) -> Option<Blocked> {
        match self.users {
            _ if !use_case.is_login() => None,
            Some(state) if state.is_complete() => {
                let cut_over = use_case == UseCase::HostedLogin && self.delta == Delta::Outstanding;
                cut_over.then_some(Blocked::DeltaOutstanding)
            }
            Some(UserMoveState::Moving) => Some(Blocked::UsersMoving),
            Some(_) => Some(Blocked::UsersNotMoved),
            None => Some(Blocked::UsersUnknown),
        }
    }
}

/// Why a switch cannot be moved; the text stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum Blocked {
    /// The biller is not enabled.
    #[error("The biller is not enabled: enable it first.")]
    NotEnabled,
    /// The biller is suspended, or on its way there or back.
    #[error("The biller is suspended: resume it first.")]
    Suspended,
    /// A run is under way.
    #[error("A run is under way: wait until it has finished.")]
    RunOpen,
    /// A run failed and waits for a decision.
    #[error("A run failed and waits for a decision: retry it or go back first.")]
    RunFailed,
    /// Sign-ins are held off in an emergency.
    #[error("Sign-ins are held off in an emergency: lift it first.")]
    HeldOff,
    /// Nothing is known of the users.
    #[error("Nothing is known of its users: move them to SecureAuth, or say that there are none to move.")]
    UsersUnknown,
    /// The users are not at SecureAuth.
    #[error("Its users are not at SecureAuth yet: move them first.")]
    UsersNotMoved,
    /// The users are on their way.
    #[error("Its users are being moved: wait until the move has finished.")]
    UsersMoving,
    /// A freeze was declared and no delivery of it was moved.
    #[error(
        "A freeze of its users was declared, and no delivery of that time has been moved yet: move one, or withdraw the freeze, under Migration."
    )]
    DeltaOutstanding,
    /// What it stands on is off.
    #[error("{} needs {}: turn that on first, or together with it.", .use_case.label(), .needed.label().to_lowercase())]
    Needs {
        /// The use case.
        use_case: UseCase,
        /// What it stands on.
        needed: UseCase,
    },
}
