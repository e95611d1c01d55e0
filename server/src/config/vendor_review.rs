//! The contract with the vendor, when incidents begin and end, and who is told of alerts.

use domain::{
    performance::{CreditTiers, IncidentRule, Target},
    zone::Zone,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::{
    performance::alerts::check_mail_server,
    settings::{AlertSettings, Contract, MailSettings, WatchSettings},
};
use url::Url;

use super::{ConfigError, ReceiverConfig};

/// What the contract with the vendor says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractSection {
    /// Where its months begin and end.
    pub time_zone: String,
    /// What it is called in the report; empty where it has no name.
    pub reference: String,
    /// What comes back when availability was too low.
    pub credits: Vec<CreditSection>,
    /// Days after the month within which a credit has to be claimed; 0 where the contract names none.
    pub claim_days: u16,
}

/// A tier of credits.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditSection {
    /// Below this availability, in percent …
    pub below: f64,
    /// … so much of the month's fee comes back, in percent.
    pub percent: u8,
}

/// When incidents begin and end.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentsSection {
    /// Minutes down, one after the other, that open one.
    pub open_after_minutes: usize,
    /// Minutes up, one after the other, that close one.
    pub close_after_minutes: usize,
}

/// Who is told of alerts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertsSection {
    /// Where people open the console; empty where messages name no address.
    pub console_url: String,
    /// Signed webhooks.
    #[serde(default)]
    pub webhooks: Vec<ReceiverConfig>,
    /// E-mail.
    pub mail: MailSection,
}

/// How e-mail is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSection {
    /// The mail server; empty where nobody is written to.
    pub server: SecretString,
    /// The sender.
    pub from: String,
    /// Who is written to.
    pub to: Vec<String>,
}

impl ContractSection {
    /// As the use cases take it.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the key and the cure.
    pub fn settings(&self) -> Result<Contract, ConfigError> {
        let unknown =
            || wrong("contract.time_zone", "give an IANA name, e.g. \"America/New_York\" or \"UTC\"");
        let below = |tier: &CreditSection| tier.below.to_string().parse::<Target>();
        let tiers: Result<Vec<_>, _> =
            self.credits.iter().map(|tier| below(tier).map(|target| (target, tier.percent))).collect();
        let tiers = tiers.map_err(|error| wrong("contract.credits", error))?;
        Ok(Contract {
            zone: Zone::named(&self.time_zone).ok_or_else(unknown)?,
            reference: Some(self.reference.trim().to_owned()).filter(|text| !text.is_empty()),
            tiers: CreditTiers::new(tiers).map_err(|error| wrong("contract.credits", error))?,
            claim_days: Some(self.claim_days).filter(|days| *days > 0),
        })
    }
}

impl IncidentsSection {
    /// As the use cases take it.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the key and the cure.
    pub fn settings(&self) -> Result<WatchSettings, ConfigError> {
        let range = 1..=60;
        if !range.contains(&self.open_after_minutes) {
            return Err(wrong("incidents.open_after_minutes", "give 1 to 60 minutes"));
        }
        if !range.contains(&self.close_after_minutes) {
            return Err(wrong("incidents.close_after_minutes", "give 1 to 60 minutes"));
        }
        let rule =
            IncidentRule { open_after: self.open_after_minutes, close_after: self.close_after_minutes };
        Ok(WatchSettings { rule })
    }
}

impl AlertsSection {
    /// As the use cases take it.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the key and the cure.
    pub fn settings(&self) -> Result<AlertSettings, ConfigError> {
        let console_url = match self.console_url.as_str() {
            "" => None,
            text => Some(Url::parse(text).map_err(|error| wrong("alerts.console_url", error))?),
        };
        let mut names: Vec<&str> = self.webhooks.iter().map(|hook| hook.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(wrong("alerts.webhooks", "two have the same name: give each its own"));
        }
        let webhooks = self.webhooks.iter().cloned().map(Into::into).collect();
        Ok(AlertSettings { webhooks, mail: self.mail.settings()?, console_url })
    }
}

impl MailSection {
    fn settings(&self) -> Result<Option<MailSettings>, ConfigError> {
        if self.server.expose_secret().is_empty() {
            return Ok(None);
        }
        check_mail_server(self.server.expose_secret()).map_err(|error| wrong("alerts.mail.server", error))?;
        let to: Result<Vec<_>, _> = self.to.iter().map(|address| address.parse()).collect();
        let to = to.map_err(|error| wrong("alerts.mail.to", error))?;
        if to.is_empty() {
            return Err(wrong("alerts.mail.to", "give at least one address, or no server"));
        }
        let from = self.from.parse().map_err(|error| wrong("alerts.mail.from", error))?;
        Ok(Some(MailSettings { server: self.server.clone(), from, to }))
    }
}

fn wrong(key: &'static str, problem: impl std::fmt::Display) -> ConfigError {
    ConfigError::Value { key, problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use figment::{
        Figment,
        providers::{Format as _, Toml},
    };

    use super::*;

    fn section(toml: &str) -> Result<Contract, String> {
        let section: ContractSection =
            Figment::from(Toml::string(toml)).extract().map_err(|error| error.to_string())?;
        section.settings().map_err(|error| error.to_string())
    }

    fn with(credits: &str) -> Result<Contract, String> {
        section(&format!(
            "time_zone = \"America/New_York\"\nreference = \" Exhibit C \"\nclaim_days = 30\ncredits = {credits}"
        ))
    }

    #[test]
    fn the_contract_is_read_with_tiers_in_any_order_and_whole_percents() {
        let contract = with("[{ below = 99, percent = 25 }, { below = 99.9, percent = 10 }]").unwrap();
        let tiers: Vec<_> =
            contract.tiers.all().iter().map(|tier| (tier.below().to_string(), tier.percent())).collect();
        assert_eq!(tiers, [("99.9".to_owned(), 10), ("99".to_owned(), 25)]);
        assert_eq!((contract.reference.as_deref(), contract.claim_days), (Some("Exhibit C"), Some(30)));
    }

    #[test]
    fn a_contract_that_cannot_be_meant_is_refused_with_key_and_cure() {
        for (credits, told) in [
            ("[{ below = 101, percent = 10 }]", "contract.credits"),
            ("[{ below = 99.9, percent = 0 }]", "give 1 to 100"),
            ("[{ below = 99.9, percent = 10 }, { below = 99, percent = 5 }]", "gives no more back"),
            ("[{ below = 99.9, precent = 10 }]", "precent"),
        ] {
            let error = with(credits).unwrap_err();
            assert!(error.contains(told), "{credits}: {error}");
        }
    }
}
