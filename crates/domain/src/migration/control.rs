//! What a person may do with a move, and when.

use super::state::MigrationState;
use crate::{
    access::Refusal,
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
    if act == MigrationAct::Undo && ground.hosted_login {
        return Err(Refusal::NoReturn);
    }
    Ok(())
}
