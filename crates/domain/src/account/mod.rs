//! Accounts after the move: a user as IC knows it and as SecureAuth has it, what differs, and what brings both
//! together again.

mod control;
mod mask;
mod plan;
mod said;
mod side;

use crate::words;

pub use self::{
    control::{AccountAct, AccountBar, AccountGround, may_act, may_edit},
    mask::{masked_email, masked_phone, masked_text},
    plan::{AddressPart, IdentifierPart, Seen, Step, plan},
    said::{Said, check, check_reference},
    side::{AccountStatus, Difference, Profile, Side, differences, exact_term, prefix_terms},
};

words! {
    /// What a person decided about an account here, whatever IC says.
    Hold, "hold" {
        /// Locked: IC's changes do not unlock it.
        Locked = "locked", "Locked here";
        /// Deleted: IC's changes do not bring it back.
        Deleted = "deleted", "Deleted here";
    }
}

impl Hold {
    /// The status at SecureAuth, whatever IC says.
    #[must_use]
    pub const fn status(self) -> AccountStatus {
        match self {
            Self::Locked => AccountStatus::Inactive,
            Self::Deleted => AccountStatus::Deleted,
        }
    }
}

words! {
    /// Where an account came from.
    Origin, "origin" {
        /// The one-time move brought it.
        Moved = "moved", "Moved";
        /// IC told of it later.
        Mirrored = "mirrored", "From IC";
        /// Somebody made it here.
        Made = "made", "Made here";
    }
}

words! {
    /// Where an account stands at SecureAuth, to filter by.
    AccountStanding, "standing" {
        /// May sign in.
        Active = "active", "Active";
        /// Not activated yet.
        New = "new", "New";
        /// May not sign in.
        Inactive = "inactive", "Locked";
        /// Softly deleted.
        Deleted = "deleted", "Deleted";
        /// Not there.
        Missing = "missing", "Not there";
    }
}

impl AccountStanding {
    /// Where somebody stands of whom this is known at SecureAuth.
    #[must_use]
    pub const fn of(status: Option<AccountStatus>) -> Self {
        match status {
            None => Self::Missing,
            Some(AccountStatus::Active) => Self::Active,
            Some(AccountStatus::New) => Self::New,
            Some(AccountStatus::Inactive) => Self::Inactive,
            Some(AccountStatus::Deleted) => Self::Deleted,
        }
    }
}

words! {
    /// Where a change on its way to SecureAuth stands.
    ChangeState, "state of a change" {
        /// It is sent as soon as SecureAuth takes it.
        Waiting = "waiting", "Waiting";
        /// SecureAuth will not take it as it is: a person decides.
        Parked = "parked", "Parked";
    }
}

words! {
    /// Why a change is parked.
    ParkCause, "cause" {
        /// An identifier or address belongs to another user of the pool.
        Taken = "taken", "Identifier taken";
        /// SecureAuth refuses the values.
        Refused = "refused", "Refused";
        /// SecureAuth confirms every call, and reading back shows other values.
        Differs = "differs", "Reads back differently";
        /// The staged password cannot be opened with the configured key.
        Unreadable = "unreadable", "Password not readable";
    }
}

impl ParkCause {
    /// What to do about it.
    #[must_use]
    pub const fn cure(self) -> &'static str {
        match self {
            Self::Taken => {
                "Find who has the username or address in this biller's pool. Change one of the two at IC, or free it there; then retry."
            }
            Self::Refused => {
                "Read what SecureAuth said, correct the user at IC; its next change takes this one's place."
            }
            Self::Differs => {
                "Somebody may be changing the user at SecureAuth at the same time. Look there, then retry."
            }
            Self::Unreadable => {
                "The key of the section migration changed since IC's change came in. Put it back and retry, or discard and let IC send the user again."
            }
        }
    }
}

words! {
    /// What a person decides about a parked change.
    ChangeDecision, "decision" {
        /// Try again.
        Retry = "retry", "Retry";
        /// Leave SecureAuth as it is.
        Discard = "discard", "Discard";
    }
}
