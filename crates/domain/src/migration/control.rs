//! What a person may do with a move, and when.

use super::{missing::MissingStand, state::MigrationState};
use crate::{
    access::Refusal,
    account::{AccountAct, AccountBar},
    actor::{Actor, Capability},
    biller::CiamStatus,
    words,
};

words! {
    /// What a person may ask of a move.
    MigrationAct, "act" {
        /// Move the users.
        Start = "start", "Start";
        /// Send nothing more for now.
        Pause = "pause", "Pause";
        /// Go on.
        Resume = "resume", "Go on";
        /// Send nothing more; what was moved stays.
        Cancel = "cancel", "Cancel";
        /// Try the rows again that failed.
        Retry = "retry", "Retry failed rows";
        /// Remove the moved users again that nobody changed since.
        Undo = "undo", "Undo";
        /// Lock users of earlier deliveries that are missing in this one.
        LockMissing = "lock_missing", "Lock missing users";
    }
}

impl MigrationAct {
    /// Whether a move in this state allows it.
    #[must_use]
    pub const fn fits(self, state: MigrationState) -> bool {
        match self {
            Self::Start => state.may_start(),
            Self::Pause => state.may_pause(),
            Self::Resume => state.may_resume(),
            Self::Cancel => state.may_cancel(),
            Self::Retry => state.may_retry(),
            Self::Undo => state.may_undo(),
            Self::LockMissing => matches!(state, MigrationState::Finished),
        }
    }

    /// Whether it sends users to SecureAuth.
    const fn sends(self) -> bool {
        matches!(self, Self::Start | Self::Resume | Self::Retry)
    }
}

/// What of the biller a decision needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Where the biller stands.
    pub status: CiamStatus,
    /// Whether people sign in at SecureAuth already: from then on no user is touched that is there.
    pub hosted_login: bool,
    /// Whether user hosting is in effect: accounts are changed only then.
    pub hosting: bool,
    /// Where the users stand that are missing in this delivery.
    pub missing: MissingStand,
    /// Whether rows of the move have failed.
    pub failed: bool,
}

fn may_lock_missing(actor: &Actor, ground: Ground) -> Result<(), Refusal> {
    actor.may(AccountAct::Lock.capability())?;
    if ground.missing != MissingStand::Open {
        return Err(Refusal::Missing { stand: ground.missing });
    }
    match (ground.status, ground.hosting) {
        (CiamStatus::Enabled, true) => Ok(()),
        (CiamStatus::Enabled, false) => Err(Refusal::Account { bar: AccountBar::NotHosted }),
        _ => Err(Refusal::Account { bar: AccountBar::NotEnabled }),
    }
}

/// Whether the actor may ask this of a move now.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_ask(
    actor: &Actor,
    ground: Ground,
    state: MigrationState,
    act: MigrationAct,
) -> Result<(), Refusal> {
    actor.may(Capability::RunMigrations)?;
    if !act.fits(state) {
        return Err(Refusal::MigrationState { act, state });
    }
    if act.sends() && ground.status != CiamStatus::Enabled {
        return Err(Refusal::MigrationBiller { status: ground.status });
    }
    match act {
        MigrationAct::Undo if ground.hosted_login => Err(Refusal::NoReturn),
        MigrationAct::Retry if !ground.failed => Err(Refusal::NothingFailed),
        MigrationAct::LockMissing => may_lock_missing(actor, ground),
        _ => Ok(()),
    }
}
