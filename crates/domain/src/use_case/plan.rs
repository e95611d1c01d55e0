//! What a change of use cases will do. The preview and the run take it from here, so they cannot differ.

use serde::{Deserialize, Serialize};

use super::{Blocked, Layers, OldUrlBehaviour, Standing, UseCase, UseCases};
use crate::{login::LoginRoute, object::ObjectKind, words};

/// What a change will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePlan {
    /// What is in effect now.
    pub before: UseCases,
    /// What will be in effect.
    pub after: UseCases,
    /// What is turned off, in this order: nothing loses what it stands on before it is off itself.
    pub turned_off: Vec<UseCase>,
    /// What is turned on, in this order: nothing is on before what it stands on.
    pub turned_on: Vec<UseCase>,
    /// What is turned off though it is chosen, because what it stands on goes off.
    pub dragged: Vec<UseCase>,
    /// What is wanted but stays as it is, and why.
    pub held_back: Vec<(UseCase, Blocked)>,
}

/// What bringing about what is chosen will do to a biller that stands so.
#[must_use]
pub fn plan(standing: &Standing, layers: &Layers) -> ChangePlan {
    let before = standing.in_effect.clone();
    let mut plan = ChangePlan {
        after: before.clone(),
        before,
        turned_off: Vec::new(),
        turned_on: Vec::new(),
        dragged: Vec::new(),
        held_back: Vec::new(),
    };
    for use_case in UseCase::ALL.iter().rev().copied() {
        let wanted = layers.wanted(use_case);
        if wanted.on || !plan.before.has(use_case) {
            continue;
        }
        match standing.blocked() {
            Some(blocked) => plan.held_back.push((use_case, blocked)),
            None => {
                plan.turned_off.push(use_case);
                plan.dragged.extend(wanted.lacks.map(|_| use_case));
                plan.after = plan.after.with(use_case, false);
            }
        }
    }
    for use_case in UseCase::ALL.iter().copied() {
        if !layers.wanted(use_case).on || plan.before.has(use_case) {
            continue;
        }
        match standing.may_turn_on(use_case, &plan.after) {
            Err(blocked) => plan.held_back.push((use_case, blocked)),
            Ok(()) => {
                plan.turned_on.push(use_case);
                plan.after = plan.after.with(use_case, true);
            }
        }
    }
    if standing.blocked().is_none() {
        let old_url =
            if plan.after.has(UseCase::HostedLogin) { layers.old_url().0 } else { OldUrlBehaviour::Stay };
        plan.after = plan.after.with_old_url(old_url);
    }
    plan
}

words! {
    /// What is worth knowing before a change is confirmed.
    Caution, "caution" {
        /// Hosted login is on, the old page stays, and it checks old passwords.
        OldPasswords = "old_passwords", "The old login page keeps checking IC's own passwords, which go out of date as people change theirs at SecureAuth. Turn delegated login on, or let the old page send people on.";
        /// Delegated login is on, but the old page sends everyone on.
        Unreached = "unreached", "Delegated login has nobody to serve while the old login page sends everyone on to SecureAuth.";
        /// Hosted login goes off: people go back to the old page.
        BackToOldPage = "back_to_old_page", "The login URL leads to the old login page again. Whoever set a password at SecureAuth since the move needs a reset there, unless delegated login is on.";
        /// Delegated login goes off: IC's passwords count again.
        OwnPasswordsAgain = "own_passwords_again", "IC's login page checks its own passwords again. Whoever changed theirs since the move needs a reset.";
        /// User hosting goes off: what changes at IC is no longer mirrored.
        NoLongerMirrored = "no_longer_mirrored", "What changes at IC is no longer mirrored to SecureAuth: turning it on again later may need another move of the users.";
    }
}

/// An object at SecureAuth that a change looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Touched {
    /// Which.
    pub kind: ObjectKind,
    /// What is done with it.
    pub what: &'static str,
}

impl ChangePlan {
    /// Whether nothing will change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.before == self.after
    }

    /// Where sign-ins at the login URL go once it is done; `None` where they go now.
    #[must_use]
    pub fn route(&self) -> Option<LoginRoute> {
        route(&self.before, &self.after)
    }

    /// What is worth knowing before it is confirmed.
    #[must_use]
    pub fn cautions(&self) -> Vec<Caution> {
        use UseCase::{DelegatedLogin, HostedLogin, UserHosting};
        let (after, off) = (&self.after, |use_case| self.turned_off.contains(&use_case));
        let stays = after.old_url == OldUrlBehaviour::Stay;
        [
            (after.has(HostedLogin) && stays && !after.has(DelegatedLogin), Caution::OldPasswords),
            (after.has(HostedLogin) && !stays && after.has(DelegatedLogin), Caution::Unreached),
            (off(HostedLogin), Caution::BackToOldPage),
            (off(DelegatedLogin), Caution::OwnPasswordsAgain),
            (off(UserHosting), Caution::NoLongerMirrored),
        ]
        .into_iter()
        .filter_map(|(holds, caution)| holds.then_some(caution))
        .collect()
    }

    /// The objects at SecureAuth that it looks at, in this order. Turning off needs none: it works even while
    /// SecureAuth does not answer.
    #[must_use]
    pub fn touches(&self) -> Vec<Touched> {
        if !asks_vendor(&self.before, &self.after) {
            return Vec::new();
        }
        let mut touched = vec![
            Touched { kind: ObjectKind::Binding, what: "Read; enabled if it is disabled" },
            Touched { kind: ObjectKind::Application, what: "Read; set to active if it is inactive" },
        ];
        if checks_password(&self.before, &self.after) {
            touched.push(Touched {
                kind: ObjectKind::Pool,
                what: "A test user is made, its password is checked, and it is deleted again",
            });
        }
        touched
    }
}

/// Where sign-ins at the login URL go after this change; `None` where they go now.
#[must_use]
pub fn route(before: &UseCases, after: &UseCases) -> Option<LoginRoute> {
    match (before.has(UseCase::HostedLogin), after.has(UseCase::HostedLogin)) {
        (false, true) => Some(LoginRoute::SecureAuth),
        (true, false) => Some(LoginRoute::Legacy),
        _ => None,
    }
}

/// Whether SecureAuth is asked: what goes on, and where people are newly sent, is proven first.
#[must_use]
pub fn asks_vendor(before: &UseCases, after: &UseCases) -> bool {
    let goes_on = after.iter().any(|use_case| !before.has(use_case));
    goes_on || (after.has(UseCase::HostedLogin) && before.old_url != after.old_url)
}

/// Whether the password of a test user is checked.
#[must_use]
pub fn checks_password(before: &UseCases, after: &UseCases) -> bool {
    after.has(UseCase::DelegatedLogin) && !before.has(UseCase::DelegatedLogin)
}
