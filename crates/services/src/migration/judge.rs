//! Judge: what becomes of a row, given who had what first, in the file and in the pool, and what was moved before.

use std::collections::HashMap;

use domain::{
    MigrationId, Timestamp,
    migration::{Case, Cause, Claim, Person, Problem, Read, RowState, Verdict, Weight},
};
use storage::user_migrations::{Checked, Moved, Prediction, StagedUser, UserMigration};

use super::{
    check,
    predict::{self, Left, POOL_LINE},
    send,
    vault::Vault,
};

/// The one namespace of a pool: usernames, addresses and phones.
pub(super) const SPACE: &str = "id";

/// A row that was read, with what it takes to write it down.
pub(super) struct Opened {
    pub(super) staged: StagedUser,
    pub(super) read: Read,
    /// The row with a hash in place of an encrypted password.
    pub(super) resealed: Option<String>,
    /// What it claims for itself.
    pub(super) claims: Vec<Claimed>,
}

/// Something that must belong to one row alone, as keyed hashes.
pub(super) struct Claimed {
    /// What it is; nothing for IC's id.
    kind: Option<Claim>,
    /// As it is compared.
    pub(super) folded: String,
    /// As it stands in the row, behind what it is there.
    pub(super) exact: String,
}

/// What a user claims for itself.
pub(super) fn claims(vault: &Vault, id: MigrationId, case: Case, person: &Person) -> Vec<Claimed> {
    let reference = vault.claim(id, "ref", &person.reference);
    let mut claims = vec![Claimed { kind: None, exact: reference.clone(), folded: reference }];
    for (kind, folded) in person.claims(case) {
        let exact = match kind {
            Claim::Username => &person.username,
            Claim::Email => &person.email,
            Claim::Phone => &person.phone,
        };
        let exact = vault.claim(id, SPACE, exact.as_deref().unwrap_or_default());
        let exact = format!("{} {exact}", kind.as_str());
        claims.push(Claimed { kind: Some(kind), folded: vault.claim(id, SPACE, &folded), exact });
    }
    claims
}

/// What rows are judged by.
pub(super) struct Ground<'a> {
    pub(super) it: &'a UserMigration,
    pub(super) vault: &'a Vault,
    /// What the pool is and demands.
    pub(super) known: &'a Prediction,
    /// Who claimed what: exact text and line.
    pub(super) holders: HashMap<String, (String, i64)>,
    /// Whom an earlier move left how, by IC's id.
    pub(super) moved: HashMap<String, Moved>,
    /// People sign in at SecureAuth: whoever is there is not touched.
    pub(super) hosted_login: bool,
}

impl Ground<'_> {
    /// What becomes of a row.
    pub(super) fn judge(&self, row: &Opened) -> Checked {
        let person = row.read.person.as_ref();
        let before = row.read.reference.as_ref().and_then(|reference| self.moved.get(reference));
        let ids = before.map_or(row.staged.ids, |before| before.ids);
        let mut problems = row.read.problems.clone();
        problems.extend(row.claims.iter().filter_map(|claim| {
            let (exact, line) = self.holders.get(&claim.folded)?;
            match *line {
                POOL_LINE => taken(claim, &Left::read(exact), &ids.user.to_string()),
                line if line == row.staged.line => None,
                line => Some(doubled(claim, exact, line)),
            }
        }));
        problems.extend(person.map(|person| predict::misfits(self.known, person)).unwrap_or_default());
        let without_phone =
            problems.iter().any(|it| matches!(it.cause, Cause::SharedPhone | Cause::PhoneInPool));
        let rejected = problems.iter().any(|it| it.cause.weight() == Weight::Rejects);
        let mut state = if rejected { RowState::Rejected } else { RowState::Ready };
        // A rejected row waits for a person, whatever was moved before.
        if let (Some(before), Some(person), false) = (before, person, rejected) {
            if before.source == check::source(self.vault, &row.staged, person, self.it) {
                state = RowState::Unchanged;
            } else if let Some(why) = self.left_alone(before) {
                problems.push(Problem::new(Cause::ChangedAtVendor, why));
                state = RowState::Skipped;
            }
        }
        let moves = matches!(state, RowState::Ready | RowState::Unchanged);
        let verdict = if moves { row.read.verdict() } else { Verdict::Reject };
        let person = person.filter(|_| verdict != Verdict::Reject);
        // A rejected row has ids of its own: the user may stand in another row, too.
        let before = before.filter(|_| !rejected);
        Checked {
            line: row.staged.line,
            state: if verdict == Verdict::Reject && moves { RowState::Rejected } else { state },
            verdict,
            kind: row.read.kind,
            ids: if rejected { row.staged.ids } else { ids },
            reference: row.read.reference.clone(),
            digest: person.map(|person| send::digest(self.vault, person, without_phone)),
            without_phone,
            baseline: before.map(|before| before.stamp),
            problems,
        }
    }

    /// Why the run would not touch a user that was moved before and is there still; the same as it finds out itself.
    fn left_alone(&self, before: &Moved) -> Option<&'static str> {
        let (left, _) = self.holders.get(&self.user_claim(before))?;
        let changed = Left::read(left).changed.map(Timestamp::from_micros);
        if self.hosted_login {
            return Some(send::SIGNS_IN_THERE);
        }
        (changed != Some(before.stamp)).then_some(send::CHANGED_THERE)
    }

    /// The claim by which the pool's reading tells of this user.
    pub(super) fn user_claim(&self, before: &Moved) -> String {
        self.vault.claim(self.it.id, predict::USERS, &before.ids.user.to_string())
    }
}

/// Somebody of the pool has it, unless that is the user itself.
fn taken(claim: &Claimed, left: &Left, own: &str) -> Option<Problem> {
    if left.user == own {
        return None;
    }
    let (cause, what) = match claim.kind? {
        Claim::Phone => (Cause::PhoneInPool, "phone"),
        Claim::Email => (Cause::InPool, "e-mail address"),
        Claim::Username => (Cause::InPool, "username"),
    };
    Some(Problem::new(cause, format!("the {what} is that of user {} of the pool", left.user)))
}

/// Somebody above has it, perhaps as something else.
fn doubled(claim: &Claimed, theirs: &str, line: i64) -> Problem {
    let holder: Option<Claim> = theirs.split_once(' ').and_then(|(kind, _)| kind.parse().ok());
    let how = match holder.filter(|holder| Some(*holder) != claim.kind) {
        Some(Claim::Username) => ", as a username",
        Some(Claim::Email) => ", as an e-mail address",
        Some(Claim::Phone) => ", as a phone number",
        None => "",
    };
    let cause = match claim.kind {
        None => Cause::DoubledReference,
        Some(Claim::Phone) => Cause::SharedPhone,
        Some(Claim::Email) => Cause::SharedEmail,
        Some(Claim::Username) if how.is_empty() && claim.exact != theirs => Cause::DoubledByCase,
        Some(Claim::Username) => Cause::DoubledIdentifier,
    };
    Problem::new(cause, format!("stands on line {line} already{how}"))
}
