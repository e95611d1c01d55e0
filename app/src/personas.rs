//! The made-up people of the sandbox: one in each role, and one who is limited to a portfolio.

use std::{fmt, str::FromStr};

use domain::{
    Portfolio,
    actor::{Actor, Role},
};
use services::sample_billers;

use crate::ui::PageError;

/// Somebody as whom the sandbox lets people sign in. As text: the role, and after a colon the portfolio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Persona {
    role: Role,
    portfolio: Option<Portfolio>,
}

impl Persona {
    /// Those that are offered, in the order in which they are.
    pub(crate) fn offered() -> Vec<Self> {
        let limited = sample_billers::PORTFOLIO.parse().ok();
        let limited = limited.map(|own| Self { role: Role::AccountManager, portfolio: Some(own) });
        let mut all: Vec<_> = Role::ALL.iter().map(|role| Self { role: *role, portfolio: None }).collect();
        let place = all.iter().position(|persona| persona.role == Role::AccountManager);
        if let (Some(limited), Some(place)) = (limited, place) {
            all.insert(place + 1, limited);
        }
        all
    }

    /// What stands on the button.
    pub(crate) fn label(&self) -> String {
        match &self.portfolio {
            None => self.role.label().to_owned(),
            Some(own) => format!("{}, portfolio {own} only", self.role.label()),
        }
    }

    /// What the persona is for.
    pub(crate) const fn purpose(&self) -> &'static str {
        match self.role {
            Role::AccountManager if self.portfolio.is_some() => {
                "Does the same with the billers of one portfolio, and sees no other."
            }
            Role::AccountManager => "Enables, suspends and resumes billers, and hands the login URL over.",
            Role::Product => "Sees which billers are ready, and enables many at once.",
            Role::Ops => "Imports billers, runs waves, watches event deliveries.",
            Role::VendorReview => "Looks at billers and at SecureAuth's health; changes nothing.",
            Role::PlatformOwner => "May do everything that is built so far, including exports.",
            Role::Support => "Looks up billers; changes nothing.",
            Role::Auditor => "Reads and exports the activity log; changes nothing.",
        }
    }

    const fn name(&self) -> &'static str {
        match self.role {
            Role::AccountManager if self.portfolio.is_some() => "Lena Brandt",
            Role::AccountManager => "Avery Cole",
            Role::Product => "Priya Nair",
            Role::Ops => "Tomás Rivera",
            Role::VendorReview => "Vera Lindqvist",
            Role::PlatformOwner => "Noor Haddad",
            Role::Support => "Sam Okafor",
            Role::Auditor => "Iris Weber",
        }
    }

    /// Who acts.
    pub(crate) fn into_actor(self) -> Actor {
        Actor::Person {
            id: format!("sandbox-{self}"),
            name: self.name().to_owned(),
            roles: self.role.into(),
            portfolio: self.portfolio,
        }
    }
}

impl fmt::Display for Persona {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.portfolio {
            None => write!(f, "{}", self.role),
            Some(own) => write!(f, "{}:{own}", self.role),
        }
    }
}

impl FromStr for Persona {
    type Err = PageError;

    fn from_str(text: &str) -> Result<Self, PageError> {
        let (role, portfolio) = match text.split_once(':') {
            None => (text, None),
            Some((role, portfolio)) => (role, Some(Portfolio::parse(portfolio)?)),
        };
        Ok(Self { role: role.parse()?, portfolio })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_is_offered_can_sign_in() {
        let offered = Persona::offered();
        assert_eq!(offered.len(), Role::ALL.len() + 1);
        for persona in offered {
            assert_eq!(persona.to_string().parse::<Persona>().expect("a persona"), persona);
        }
    }

    #[test]
    fn a_limit_that_cannot_be_understood_is_not_taken_for_none() {
        for text in ["account_manager:", "account_manager: ", "account_manager:a\u{200b}b", "boss:Coast"] {
            assert!(text.parse::<Persona>().is_err(), "{text:?}");
        }
    }
}
