//! What a signed token says about a person: who it is, in which roles, for which billers. Launches from the CRM and
//! OIDC sign-ins are read by the same rules.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    Portfolio,
    actor::{Actor, Role, Roles},
    id::is_unseen,
};

/// The claims of a token.
pub type Claims = Map<String, Value>;

/// The longest subject, in characters.
const SUBJECT: usize = 128;
/// The claims in which a name may stand, the best first.
const NAMES: [&str; 3] = ["name", "preferred_username", "email"];
/// The longest name that is kept, in characters.
const NAME: usize = 100;

/// Which claims tell of a person, and what the words in them mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRules {
    /// The claim with the stable id.
    pub subject: String,
    /// The claim with the roles: a list of words, or words separated by spaces.
    pub roles: String,
    /// The claim with the portfolio. A person without one works with all billers.
    pub portfolio: String,
    /// What the sender's words for roles mean here. Empty: the sender uses ours.
    pub words: BTreeMap<String, Role>,
}

/// Why claims tell of nobody who may come in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// A claim that must be there is not.
    #[error("the claim {0:?} is missing")]
    Missing(String),
    /// A claim cannot be used.
    #[error("the claim {claim:?} cannot be used: {why}")]
    Unusable {
        /// Which.
        claim: String,
        /// Why.
        why: String,
    },
    /// None of the roles is known here.
    #[error("the claim {claim:?} names no role that is known here: {found}")]
    NoRole {
        /// The claim.
        claim: String,
        /// What it says.
        found: String,
    },
}

impl ClaimError {
    pub(crate) fn unusable(claim: &str, why: impl Into<String>) -> Self {
        Self::Unusable { claim: claim.to_owned(), why: why.into() }
    }
}

/// The claim of this name. A name with dots also finds `{"a": {"b": …}}` as `a.b`. `null` counts as absent.
#[must_use]
pub fn find<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    let nested = || {
        let mut parts = name.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    };
    claims.get(name).or_else(nested).filter(|value| !value.is_null())
}

/// A claim that must be a text that can be seen, of at most `limit` characters.
///
/// # Errors
/// [`ClaimError`] names the claim and what is wrong.
pub fn text<'a>(claims: &'a Claims, name: &str, limit: usize) -> Result<&'a str, ClaimError> {
    let value = find(claims, name).ok_or_else(|| ClaimError::Missing(name.to_owned()))?;
    let text = value.as_str().ok_or_else(|| ClaimError::unusable(name, "it is no text"))?.trim();
    if text.is_empty() {
        return Err(ClaimError::unusable(name, "it is empty"));
    }
    if text.chars().count() > limit {
        return Err(ClaimError::unusable(name, format!("it has more than {limit} characters")));
    }
    if text.chars().any(is_unseen) {
        return Err(ClaimError::unusable(name, "it holds characters that cannot be seen"));
    }
    Ok(text)
}

impl PersonRules {
    /// The person of whom the claims tell.
    ///
    /// A portfolio that cannot be read is an error: without it, the person would get to see every biller.
    ///
    /// # Errors
    /// [`ClaimError`] names the claim and what is wrong.
    pub fn person(&self, claims: &Claims) -> Result<Actor, ClaimError> {
        let id = text(claims, &self.subject, SUBJECT)?.to_owned();
        let portfolio = match find(claims, &self.portfolio) {
            None => None,
            Some(Value::String(name)) => Some(
                Portfolio::parse(name)
                    .map_err(|error| ClaimError::unusable(&self.portfolio, error.to_string()))?,
            ),
            Some(_) => return Err(ClaimError::unusable(&self.portfolio, "it is no text")),
        };
        let text = |claim: &&str| find(claims, claim).and_then(Value::as_str).map(shown);
        let name = NAMES.iter().filter_map(text).find(|name| !name.is_empty());
        Ok(Actor::Person {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            roles: self.roles_of(claims)?,
            portfolio,
        })
    }

    /// Words that mean nothing here are left out: the sender has other applications, too.
    fn roles_of(&self, claims: &Claims) -> Result<Roles, ClaimError> {
        let value = find(claims, &self.roles).ok_or_else(|| ClaimError::Missing(self.roles.clone()))?;
        let words: Vec<&str> = match value {
            Value::String(text) => text.split_whitespace().collect(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => return Err(ClaimError::unusable(&self.roles, "it is neither text nor list")),
        };
        Roles::new(words.iter().filter_map(|word| self.role(word))).map_err(|_| {
            let found: String = format!("{words:?}").chars().take(200).collect();
            ClaimError::NoRole { claim: self.roles.clone(), found }
        })
    }

    fn role(&self, word: &str) -> Option<Role> {
        if self.words.is_empty() { word.parse().ok() } else { self.words.get(word).copied() }
    }
}

/// A name as it is shown: without what cannot be seen, and not endless.
fn shown(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !is_unseen(*c)).take(NAME).collect();
    seen.trim().to_owned()
}
