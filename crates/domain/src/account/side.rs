//! One side of an account: what IC says, or what SecureAuth has.

use serde::{Deserialize, Serialize};

use crate::{search, words};

words! {
    /// The status of an account.
    AccountStatus, "account status" {
        /// Not activated yet.
        New = "new", "New";
        /// May sign in.
        Active = "active", "Active";
        /// May not sign in.
        Inactive = "inactive", "Locked";
        /// Softly deleted: may not sign in, and its identifiers may still be taken.
        Deleted = "deleted", "Deleted";
    }
}

impl AccountStatus {
    /// Whether this is as it should be: whoever is new at IC may have activated the account at SecureAuth.
    #[must_use]
    pub fn is_met_by(self, found: Self) -> bool {
        self == found || (self == Self::New && found == Self::Active)
    }
}

/// Whom an account belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What the person types to sign in, unless it is the e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether it was verified.
    #[serde(default)]
    pub email_verified: bool,
    /// The number as E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
}

impl Profile {
    /// The whole name; empty where none is known.
    #[must_use]
    pub fn name(&self) -> String {
        [self.given_name.as_deref(), self.family_name.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// By what people are sorted: family name first; whoever has no name, by username or address.
    #[must_use]
    pub fn sort_key(&self, reference: &str) -> String {
        let named = [self.family_name.as_deref(), self.given_name.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let key = search::fold(&named);
        if key.is_empty() {
            let other = self.username.as_deref().or(self.email.as_deref()).unwrap_or(reference);
            search::fold(other)
        } else {
            key
        }
    }

    /// The terms under which the person is found: username, address, phone and IC's id as they are, every word of the
    /// name, and the name as a whole in both orders.
    #[must_use]
    pub fn terms(&self, reference: &str) -> Vec<String> {
        let exact = [Some(reference), self.username.as_deref(), self.email.as_deref(), self.phone.as_deref()];
        let mut terms: Vec<String> = exact.into_iter().flatten().map(exact_term).collect();
        let (given, family) =
            (self.given_name.as_deref().unwrap_or(""), self.family_name.as_deref().unwrap_or(""));
        terms.extend(search::words(given));
        terms.extend(search::words(family));
        terms.push(search::fold(&format!("{given} {family}")));
        terms.push(search::fold(&format!("{family} {given}")));
        terms.retain(|term| !term.is_empty());
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

/// The longest term, in bytes.
const TERM_MAX: usize = 200;

/// A username, address or phone as a term: no case and no accents, everything else as it is.
#[must_use]
pub fn exact_term(text: &str) -> String {
    let mut term = deunicode::deunicode(text.trim()).to_ascii_lowercase();
    term.truncate(TERM_MAX);
    term
}

/// The beginnings of terms that a search looks for: what was typed as it is, and folded as names are. Empty when
/// nothing was typed that can be found.
#[must_use]
pub fn prefix_terms(typed: &str) -> Vec<String> {
    let mut prefixes = vec![exact_term(typed)];
    // Nobody is called by these: whoever types them looks for an address or a username.
    if !typed.contains(['@', '_']) {
        prefixes.push(search::fold(typed));
    }
    prefixes.retain(|prefix| !prefix.is_empty());
    prefixes.dedup();
    prefixes
}

/// What one of the two says of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Its status.
    pub status: AccountStatus,
    /// Whose it is.
    pub profile: Profile,
}

words! {
    /// In what the two differ.
    Difference, "difference" {
        /// IC has it, SecureAuth does not.
        NotThere = "not_there", "Not at SecureAuth";
        /// SecureAuth has it, IC does not.
        NotAtIc = "not_at_ic", "Not at IC";
        /// The status.
        Status = "status", "Status";
        /// The username.
        Username = "username", "Username";
        /// The e-mail address.
        Email = "email", "E-mail";
        /// Whether the address is verified.
        EmailVerified = "email_verified", "E-mail verified";
        /// The phone.
        Phone = "phone", "Phone";
        /// The name.
        Name = "name", "Name";
    }
}

/// What differs between what should be and what is. Deleted is the same as not there, and of a deleted account only
/// the status counts. An address that was verified at SecureAuth and not at IC is no difference: people verify there.
#[must_use]
pub fn differences(wanted: Option<&Side>, found: Option<&Side>) -> Vec<Difference> {
    let gone = |side: &&Side| side.status != AccountStatus::Deleted;
    match (wanted.filter(gone), found.filter(gone)) {
        (None, None) => Vec::new(),
        (Some(_), None) => match found {
            Some(_) => vec![Difference::Status],
            None => vec![Difference::NotThere],
        },
        (None, Some(_)) => match wanted {
            Some(_) => vec![Difference::Status],
            None => vec![Difference::NotAtIc],
        },
        (Some(wanted), Some(found)) => {
            let (a, b) = (&wanted.profile, &found.profile);
            let differing = [
                (Difference::Status, !wanted.status.is_met_by(found.status)),
                (Difference::Username, !same(a.username.as_deref(), b.username.as_deref())),
                (Difference::Email, !same(a.email.as_deref(), b.email.as_deref())),
                (Difference::EmailVerified, a.email.is_some() && a.email_verified && !b.email_verified),
                (Difference::Phone, a.phone != b.phone),
                (Difference::Name, a.name() != b.name()),
            ];
            differing.into_iter().filter(|(_, differs)| *differs).map(|(it, _)| it).collect()
        }
    }
}

/// Whether a pool takes both for the same.
pub(super) fn same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.to_lowercase() == b.to_lowercase(),
        _ => false,
    }
}
