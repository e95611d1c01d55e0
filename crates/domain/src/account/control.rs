//! What a person may do with an account, and when.

use super::{AccountStatus, Hold};
use crate::{
    access::Refusal,
    actor::{Actor, Capability},
    words,
};

words! {
    /// What a person may ask for one account.
    AccountAct, "act" {
        /// The person may not sign in any more, and is signed out everywhere.
        Lock = "lock", "Lock";
        /// The person may sign in again.
        Unlock = "unlock", "Unlock";
        /// A message to activate the account.
        SendActivation = "send_activation", "Send activation";
        /// A message to set a new password.
        SendReset = "send_reset", "Send reset";
        /// The password is worth nothing until it is reset.
        ForceReset = "force_reset", "Force reset";
        /// Softly deleted, and signed out everywhere.
        Delete = "delete", "Delete";
        /// The deleted account is there again.
        Recreate = "recreate", "Re-create";
    }
}

impl AccountAct {
    /// Who may.
    #[must_use]
    pub const fn capability(self) -> Capability {
        match self {
            Self::Delete | Self::Recreate => Capability::EditUsers,
            _ => Capability::HelpUsers,
        }
    }

    /// Whether SecureAuth sends a message or marks the password, at once; the others change the account.
    #[must_use]
    pub const fn is_at_once(self) -> bool {
        matches!(self, Self::SendActivation | Self::SendReset | Self::ForceReset)
    }
}

words! {
    /// Why something cannot be done with an account.
    AccountBar, "bar" {
        /// Use case 1 is off.
        NotHosted = "not_hosted", "User hosting is not in effect for this biller: its accounts are not at SecureAuth's to change. Turn it on under Use cases.";
        /// The biller is suspended or on its way.
        NotEnabled = "not_enabled", "The biller is not enabled now.";
        /// SecureAuth does not have it.
        NotThere = "not_there", "SecureAuth does not have this user yet.";
        /// It is deleted.
        Deleted = "deleted", "The user is deleted. Re-create it first.";
        /// It is not deleted.
        NotDeleted = "not_deleted", "The user is not deleted.";
        /// It is locked.
        Locked = "locked", "The user is locked already.";
        /// It is not locked.
        NotLocked = "not_locked", "The user is not locked.";
        /// It was activated.
        NotNew = "not_new", "Only a new user can be activated; this one is not new any more.";
        /// It was not activated.
        StillNew = "still_new", "The user has not been activated yet: send the activation instead.";
        /// There is nowhere to send to.
        NoEmail = "no_email", "The user has no e-mail address at SecureAuth.";
        /// Another change is on its way.
        OnItsWay = "on_its_way", "A change of this user is on its way to SecureAuth. Wait for it, or decide about it under Mirror.";
    }
}

/// What of an account and its biller a decision needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountGround {
    /// Whether the biller is enabled.
    pub enabled: bool,
    /// Whether user hosting is in effect.
    pub hosted: bool,
    /// The status at SecureAuth, where it is there.
    pub status: Option<AccountStatus>,
    /// What was decided here.
    pub hold: Option<Hold>,
    /// Whether there is an e-mail address.
    pub has_email: bool,
    /// Whether a change is on its way.
    pub pending: bool,
}

impl AccountGround {
    fn open(&self) -> Result<(), AccountBar> {
        match (self.enabled, self.hosted) {
            (false, _) => Err(AccountBar::NotEnabled),
            (true, false) => Err(AccountBar::NotHosted),
            (true, true) => Ok(()),
        }
    }

    fn allows(&self, act: AccountAct) -> Result<(), AccountBar> {
        self.open()?;
        if act.is_at_once() && self.pending {
            return Err(AccountBar::OnItsWay);
        }
        let deleted = self.hold == Some(Hold::Deleted) || self.status == Some(AccountStatus::Deleted);
        let locked = self.hold == Some(Hold::Locked) || self.status == Some(AccountStatus::Inactive);
        let bar = match (act, self.status) {
            (AccountAct::Recreate, _) => (!deleted).then_some(AccountBar::NotDeleted),
            _ if deleted => Some(AccountBar::Deleted),
            (AccountAct::Delete, _) => None,
            (_, None) if !self.pending => Some(AccountBar::NotThere),
            (AccountAct::Lock, _) => locked.then_some(AccountBar::Locked),
            (AccountAct::Unlock, _) => (!locked).then_some(AccountBar::NotLocked),
            (AccountAct::SendActivation, Some(AccountStatus::New)) => self.without_email(),
            (AccountAct::SendActivation, _) => Some(AccountBar::NotNew),
            (AccountAct::SendReset, Some(AccountStatus::New)) => Some(AccountBar::StillNew),
            (AccountAct::SendReset, _) => self.without_email(),
            (AccountAct::ForceReset, Some(AccountStatus::New)) => Some(AccountBar::StillNew),
            (AccountAct::ForceReset, _) => None,
        };
        bar.map_or(Ok(()), Err)
    }

    const fn without_email(&self) -> Option<AccountBar> {
        if self.has_email { None } else { Some(AccountBar::NoEmail) }
    }
}

/// Whether the actor may ask this for the account now.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_act(actor: &Actor, ground: &AccountGround, act: AccountAct) -> Result<(), Refusal> {
    actor.may(act.capability())?;
    ground.allows(act).map_err(|bar| Refusal::Account { bar })
}

/// Whether the actor may make an account (`ground` without status), or change what stands in one.
///
/// # Errors
/// The [`Refusal`] to show.
pub fn may_edit(actor: &Actor, ground: &AccountGround, exists: bool) -> Result<(), Refusal> {
    actor.may(Capability::EditUsers)?;
    ground.open().map_err(|bar| Refusal::Account { bar })?;
    let deleted = ground.hold == Some(Hold::Deleted) || ground.status == Some(AccountStatus::Deleted);
    if exists && deleted { Err(Refusal::Account { bar: AccountBar::Deleted }) } else { Ok(()) }
}
