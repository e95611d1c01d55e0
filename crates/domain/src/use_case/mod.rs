//! The three use cases of a biller: its users' accounts live at SecureAuth, their passwords are checked there, people
//! sign in there (DESIGN §2).

mod choice;
mod history;
mod plan;
mod readiness;
mod schedule;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::{
    choice::{Choice, ChoicePatch, Choices, Layers, Level, OldUrlChoice, Wanted, told},
    history::{Cause, Change, Effect},
    plan::{Caution, ChangePlan, Touched, asks_vendor, checks_password, plan, route},
    readiness::{Blocked, Delta, OpenRun, Readiness, Standing},
    schedule::{
        FARTHEST, LATEST, ScheduleEnd, ScheduleState, ScheduledChange, difference, expected, unhindered,
    },
};
use crate::words;

words! {
    /// A feature that is turned on and off for each biller. In this order: each one stands on those before it.
    UseCase, "use case" {
        /// The accounts live in the biller's pool; what changes at IC is mirrored there.
        UserHosting = "user_hosting", "User hosting";
        /// IC's own login page stays, and the password is checked with SecureAuth.
        DelegatedLogin = "delegated_login", "Delegated login";
        /// People sign in and reset passwords on SecureAuth's page at the biller's login URL.
        HostedLogin = "hosted_login", "Hosted login";
    }
}

impl UseCase {
    /// What must be on before it, and as long as it is.
    #[must_use]
    pub const fn needs(self) -> &'static [Self] {
        match self {
            Self::UserHosting => &[],
            Self::DelegatedLogin | Self::HostedLogin => &[Self::UserHosting],
        }
    }

    /// Whether people sign in by it, so that its users must be at SecureAuth.
    #[must_use]
    pub const fn is_login(self) -> bool {
        matches!(self, Self::DelegatedLogin | Self::HostedLogin)
    }

    /// What it means, in one sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::UserHosting => {
                "The biller's accounts live in its pool at SecureAuth; what changes at IC is mirrored there."
            }
            Self::DelegatedLogin => {
                "IC's own login page stays, and the password is checked with SecureAuth. No second factor, no redirect."
            }
            Self::HostedLogin => {
                "People sign in and reset passwords on SecureAuth's page at the biller's login URL."
            }
        }
    }
}

words! {
    /// What IC's old login page does with somebody who signs in at SecureAuth now.
    OldUrlBehaviour, "behaviour of the old login page" {
        /// It keeps working.
        Stay = "stay", "The old page keeps working";
        /// It says that the bookmark is to be changed, and sends people to the login URL.
        Redirect = "redirect", "The old page sends people on";
    }
}

/// Which use cases are on, and what the old login page does. The default is none, and that it stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCases {
    on: BTreeSet<UseCase>,
    /// What the old login page does; of importance only while hosted login is on.
    pub old_url: OldUrlBehaviour,
}

impl Default for UseCases {
    fn default() -> Self {
        Self { on: BTreeSet::new(), old_url: OldUrlBehaviour::Stay }
    }
}

impl UseCases {
    /// These, with the old login page staying.
    pub fn of(on: impl IntoIterator<Item = UseCase>) -> Self {
        Self { on: on.into_iter().collect(), ..Self::default() }
    }

    /// Whether it is on.
    #[must_use]
    pub fn has(&self, use_case: UseCase) -> bool {
        self.on.contains(&use_case)
    }

    /// The same with this one on or off.
    #[must_use]
    pub fn with(mut self, use_case: UseCase, on: bool) -> Self {
        if on {
            self.on.insert(use_case);
        } else {
            self.on.remove(&use_case);
        }
        self
    }

    /// The same with this behaviour of the old login page.
    #[must_use]
    pub fn with_old_url(self, old_url: OldUrlBehaviour) -> Self {
        Self { old_url, ..self }
    }

    /// What is on here and there, with what the old login page does here: nothing goes on.
    #[must_use]
    pub fn without_what_goes_off(&self, after: &Self) -> Self {
        let on: BTreeSet<UseCase> = self.on.intersection(&after.on).copied().collect();
        let old_url = if on.contains(&UseCase::HostedLogin) { self.old_url } else { OldUrlBehaviour::Stay };
        Self { on, old_url }
    }

    /// Those that are on as people read them.
    #[must_use]
    pub fn label(&self) -> String {
        let labels: Vec<_> = self.iter().map(UseCase::label).collect();
        if labels.is_empty() { "none".to_owned() } else { labels.join(", ") }
    }

    /// Whether none is on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.on.is_empty()
    }

    /// Those that are on, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = UseCase> + '_ {
        self.on.iter().copied()
    }
}
