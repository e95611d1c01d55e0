//! From a row of the source to a user: what it says, what is wrong with it, what becomes of its password.

use super::{
    cause::{Cause, Problem, Weight},
    mapping::{Bound, SourceField},
    password::{PasswordKind, PasswordSource, detect},
    person::{self, Person},
};
use crate::words;

words! {
    /// What a run does with a row. Found out once, by the check; the run does the same.
    Verdict, "verdict" {
        /// The user is imported with the password.
        Import = "import", "Import with password";
        /// The user is imported and has to set a new password.
        Reset = "reset", "Import, then reset";
        /// The user is not moved.
        Reject = "reject", "Not moved";
    }
}

/// A row, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// IC's id of the user, where the row names one, also where it is rejected.
    pub reference: Option<String>,
    /// The user; nothing where the row is rejected.
    pub person: Option<Person>,
    /// The kind of its password.
    pub kind: PasswordKind,
    /// What the password is good for.
    pub password: PasswordSource,
    /// Everything that is wrong with it.
    pub problems: Vec<Problem>,
}

impl Read {
    /// What becomes of the row, as far as the row alone decides it.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match (&self.person, &self.password) {
            (None, _) => Verdict::Reject,
            (Some(_), PasswordSource::Reset(_)) => Verdict::Reset,
            (Some(_), PasswordSource::Hash(_) | PasswordSource::Encrypted(_)) => Verdict::Import,
        }
    }
}

/// Reads a row. Every problem is reported, not only the first.
#[must_use]
pub fn read(columns: &Bound, row: &[String]) -> Read {
    let mut problems = Vec::new();
    let text = |field| columns.text(field, row);
    let username = text(SourceField::Username)
        .and_then(|it| kept(person::visible(Cause::BadUsername, it), &mut problems));
    let email = text(SourceField::Email).and_then(|it| kept(person::email(it), &mut problems));
    let phone = text(SourceField::Phone)
        .and_then(|it| kept(person::phone(it, columns.country_code.as_deref()), &mut problems));
    let status = kept(person::status(text(SourceField::Status).unwrap_or_default()), &mut problems);
    let mut name =
        |field| text(field).and_then(|it| kept(person::visible(Cause::BadName, it), &mut problems));
    let (given_name, family_name) = (name(SourceField::GivenName), name(SourceField::FamilyName));
    let reference = text(SourceField::Reference)
        .and_then(|it| kept(person::visible(Cause::BadReference, it), &mut problems))
        .or_else(|| username.clone().or_else(|| email.clone()).map(|it| it.to_lowercase()));
    if text(SourceField::Username).is_none() && text(SourceField::Email).is_none() {
        problems.push(Problem::new(Cause::NoIdentifier, "has neither username nor e-mail"));
    }
    let (kind, password) = detect(
        text(SourceField::Password).unwrap_or_default(),
        text(SourceField::Salt).unwrap_or_default(),
        columns.digest,
    );
    if matches!(password, PasswordSource::Reset(_)) && email.is_none() {
        let why = kind.why_reset().unwrap_or_default();
        problems.push(Problem::new(Cause::NoWayToReset, format!("{why}, and there is no e-mail address")));
    }
    let person = match (reference.clone(), status) {
        (Some(reference), Some(status)) if problems.iter().all(|it| it.cause.weight() == Weight::Drops) => {
            Some(Person {
                reference,
                // An address that is also the username needs one identifier only.
                username: username
                    .filter(|it| email.as_ref().is_none_or(|mail| !mail.eq_ignore_ascii_case(it))),
                email,
                email_verified: text(SourceField::EmailVerified).is_some_and(person::yes),
                phone,
                status,
                given_name,
                family_name,
            })
        }
        _ => None,
    };
    Read { reference, person, kind, password, problems }
}

fn kept<T>(result: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}
