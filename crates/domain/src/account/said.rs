//! What IC, or a person, says of a user: checked field by field, every wrong field told.

use super::side::{AccountStatus, Profile, Side};
use crate::{
    import::RowError,
    migration::{Cause, Problem, person},
};

/// A user as somebody says it, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Username.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether it was verified.
    pub email_verified: bool,
    /// Phone, with its country code.
    pub phone: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// `active`, `inactive`, `new`, or a word that means one of them; nothing is `active`.
    pub status: Option<String>,
}

/// Checks the id under which IC knows a user.
///
/// # Errors
/// What is wrong with it, and the cure.
pub fn check_reference(text: &str) -> Result<String, RowError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(RowError::new("reference", "is empty", Cause::BadReference.cure()));
    }
    person::visible(Cause::BadReference, text).map_err(|problem| told("reference", &problem))
}

/// Checks what is said of a user.
///
/// # Errors
/// Every wrong field with its cure.
pub fn check(said: &Said) -> Result<Side, Vec<RowError>> {
    let mut wrong = Vec::new();
    let username = field("username", said.username.as_deref(), &mut wrong, |text| {
        person::visible(Cause::BadUsername, text)
    });
    let email = field("email", said.email.as_deref(), &mut wrong, person::email);
    let phone = field("phone", said.phone.as_deref(), &mut wrong, |text| person::phone(text, None));
    let mut name = |column, text: &Option<String>| {
        field(column, text.as_deref(), &mut wrong, |text| person::visible(Cause::BadName, text))
    };
    let (given_name, family_name) =
        (name("given_name", &said.given_name), name("family_name", &said.family_name));
    let status = match person::status(said.status.as_deref().unwrap_or_default().trim()) {
        Ok(status) => status.as_str().parse().ok(),
        Err(problem) => {
            wrong.push(told("status", &problem));
            None
        }
    };
    if wrong.is_empty() && username.is_none() && email.is_none() {
        let problem = Problem::new(Cause::NoIdentifier, "there is neither username nor e-mail");
        wrong.push(told("username", &problem));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    // An address that is also the username needs one identifier only.
    let username = username.filter(|it| email.as_ref().is_none_or(|mail| !mail.eq_ignore_ascii_case(it)));
    Ok(Side {
        status: status.unwrap_or(AccountStatus::Active),
        profile: Profile {
            email_verified: said.email_verified && email.is_some(),
            username,
            email,
            phone,
            given_name,
            family_name,
        },
    })
}

fn field(
    column: &'static str,
    text: Option<&str>,
    wrong: &mut Vec<RowError>,
    check: impl Fn(&str) -> Result<String, Problem>,
) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    check(text).map_err(|problem| wrong.push(told(column, &problem))).ok()
}

fn told(column: &'static str, problem: &Problem) -> RowError {
    RowError::new(column, &problem.detail, problem.cause.cure())
}
