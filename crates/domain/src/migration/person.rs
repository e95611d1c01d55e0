//! A user as it is moved: every field checked and in the form in which SecureAuth keeps it.

use serde::{Deserialize, Serialize};

use super::cause::{Cause, Problem};
use crate::{id::is_unseen, words};

words! {
    /// Whether a moved person may sign in.
    PersonStatus, "user status" {
        /// May sign in.
        Active = "active", "Active";
        /// May not sign in.
        Inactive = "inactive", "Inactive";
        /// Has not been activated yet.
        New = "new", "New";
    }
}

/// The longest username, name or id, in characters.
const TEXT_MAX: usize = 200;

/// A user, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// IC's id; the username or address where IC gave none.
    pub reference: String,
    /// What the person types to sign in, unless it is the e-mail address.
    pub username: Option<String>,
    /// The address, its domain in lower case.
    pub email: Option<String>,
    /// Whether IC verified it.
    pub email_verified: bool,
    /// The number as E.164.
    pub phone: Option<String>,
    /// Whether the person may sign in.
    pub status: PersonStatus,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
}

impl Person {
    /// What must belong to this user alone within a pool, folded as the pool compares it: usernames,
    /// addresses and phones share one namespace (API.md §11).
    pub fn claims(&self, case: Case) -> impl Iterator<Item = (Claim, String)> + '_ {
        let username = self.username.iter().map(move |text| (Claim::Username, case.fold(text)));
        let email = self.email.iter().map(move |text| (Claim::Email, case.fold(text)));
        let phone = self.phone.iter().map(|text| (Claim::Phone, text.clone()));
        username.chain(email).chain(phone)
    }

    /// How the person is named in a list of problems.
    #[must_use]
    pub fn called(&self) -> &str {
        self.username.as_deref().or(self.email.as_deref()).unwrap_or(&self.reference)
    }
}

words! {
    /// Whether the case of letters tells usernames and addresses of a pool apart (API.md §6).
    Case, "case" {
        /// `Ann` and `ann` are the same.
        Ignored = "ignored", "Ignored";
        /// They are two.
        Counts = "counts", "Counts";
    }
}

impl Default for Case {
    /// As pools of the console's own making have it.
    fn default() -> Self {
        Self::Ignored
    }
}

impl Case {
    /// The text as the pool compares it.
    #[must_use]
    pub fn fold(self, text: &str) -> String {
        match self {
            Self::Ignored => text.to_lowercase(),
            Self::Counts => text.to_owned(),
        }
    }
}

words! {
    /// What a user claims for itself.
    Claim, "claim" {
        /// A username.
        Username = "username", "Username";
        /// An e-mail address.
        Email = "email", "E-mail address";
        /// A phone number.
        Phone = "phone", "Phone number";
    }
}

/// A text of visible characters.
pub(crate) fn visible(cause: Cause, text: &str) -> Result<String, Problem> {
    let length = text.chars().count();
    if length > TEXT_MAX {
        return Err(Problem::new(cause, format!("has {length} characters")));
    }
    match text.chars().find(|c| is_unseen(*c)) {
        Some(found) => Err(Problem::new(cause, format!("holds the character {found:?}"))),
        None => Ok(text.to_owned()),
    }
}

/// An address that mail can be sent to. The part before the `@` keeps its case, the domain loses it.
pub(crate) fn email(text: &str) -> Result<String, Problem> {
    let bad = |why: &str| Problem::new(Cause::BadEmail, why.to_owned());
    let (local, domain) = text.rsplit_once('@').ok_or_else(|| bad("holds no @"))?;
    if local.is_empty() || local.len() > 64 || domain.len() > 253 {
        return Err(bad("is too short or too long"));
    }
    let local_fits = local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    if !local_fits || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(bad("holds characters before the @ that an address cannot have"));
    }
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    if !domain.contains('.')
        || !domain.split('.').all(label)
        || domain.ends_with(|c: char| c.is_ascii_digit())
    {
        return Err(bad("has no domain that mail can be sent to"));
    }
    Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// E.164: `+` and 8 to 15 digits. Spaces, dots, dashes and brackets are left out; a number without a country code gets
/// `country`, unless there is none.
pub(crate) fn phone(text: &str, country: Option<&str>) -> Result<String, Problem> {
    let bad = |why: &str| Problem::new(Cause::BadPhone, why.to_owned());
    let plain: String =
        text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')' | '/' | '\u{a0}')).collect();
    let international = match (plain.strip_prefix('+'), plain.strip_prefix("00"), country) {
        (Some(rest), _, _) => rest.to_owned(),
        (None, Some(rest), _) => rest.to_owned(),
        (None, None, Some("+1")) if plain.len() == 11 && plain.starts_with('1') => plain,
        (None, None, Some(code)) => {
            format!("{}{}", code.trim_start_matches('+'), plain.trim_start_matches('0'))
        }
        (None, None, None) => return Err(bad("names no country code")),
    };
    if !(8..=15).contains(&international.len()) || !international.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad("is no phone number"));
    }
    if international.starts_with('0') {
        return Err(bad("has a country code that begins with 0"));
    }
    Ok(format!("+{international}"))
}

/// What a status of the source means; empty is active.
pub(crate) fn status(text: &str) -> Result<PersonStatus, Problem> {
    match text.to_lowercase().as_str() {
        "" | "active" | "a" | "enabled" | "open" | "1" | "true" | "yes" | "y" => Ok(PersonStatus::Active),
        "inactive" | "i" | "disabled" | "locked" | "suspended" | "blocked" | "0" | "false" | "no" | "n" => {
            Ok(PersonStatus::Inactive)
        }
        "new" | "pending" | "invited" | "unverified" => Ok(PersonStatus::New),
        "deleted" | "closed" | "removed" => Err(Problem::new(Cause::DeletedAtSource, "is deleted at IC")),
        _ => Err(Problem::new(Cause::UnknownStatus, format!("{:?} is no status we know", shown(text)))),
    }
}

/// Whether a cell says yes.
pub(super) fn yes(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "1" | "true" | "yes" | "y" | "t" | "verified")
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !is_unseen(*c)).take(40).collect()
}
