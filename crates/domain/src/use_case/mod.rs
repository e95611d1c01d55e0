//! The three use cases of a biller: its users' accounts live at SecureAuth, their passwords are checked there, people
//! sign in there (DESIGN §2).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

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

    /// Those that are on, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = UseCase> + '_ {
        self.on.iter().copied()
    }
}
