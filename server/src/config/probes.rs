//! How the vendor is probed.

use serde::Deserialize;
use services::settings::{NumbersSettings, ProbeSettings};

use super::ConfigError;

/// How the vendor is probed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbesConfig {
    /// Minutes between two rounds; 0 probes nothing.
    pub every_minutes: u32,
    /// Issuers of billers asked in a round.
    pub billers_a_round: u32,
    /// Minutes between two requests for tokens.
    pub tokens_every_minutes: u32,
    /// Minutes between two canary rounds; 0 makes none.
    pub canary_every_minutes: u32,
    /// Minutes between two readings of the licence and of the vendor's own measurements; 0 reads neither.
    pub licence_every_minutes: u32,
    /// Hours between two readings of the sign-ins of each biller; 0 reads none.
    pub sign_ins_every_hours: u32,
    /// Minutes between two readings of who signed in at each biller with moved users; 0 reads nothing.
    pub sign_in_events_every_minutes: u32,
}

impl ProbesConfig {
    /// As the use cases take it.
    #[must_use]
    pub fn settings(&self) -> ProbeSettings {
        ProbeSettings {
            every_minutes: (self.every_minutes > 0).then_some(self.every_minutes),
            billers_a_round: self.billers_a_round,
            tokens_every_minutes: self.tokens_every_minutes,
            canary_every_minutes: (self.every_minutes > 0 && self.canary_every_minutes > 0)
                .then_some(self.canary_every_minutes),
        }
    }

    /// How often the vendor's own numbers are read, as the use cases take it.
    #[must_use]
    pub fn numbers(&self) -> NumbersSettings {
        NumbersSettings {
            every_minutes: (self.licence_every_minutes > 0).then_some(self.licence_every_minutes),
            sign_ins_every_hours: (self.sign_ins_every_hours > 0).then_some(self.sign_ins_every_hours),
            sign_in_events_every_minutes: (self.sign_in_events_every_minutes > 0)
                .then_some(self.sign_in_events_every_minutes),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.every_minutes > 60 {
            return Err(value("probes.every_minutes", "give 1 to 60 minutes, or 0 to probe nothing"));
        }
        if self.billers_a_round > 100 {
            return Err(value("probes.billers_a_round", "give 100 at most"));
        }
        if !(1..=1440).contains(&self.tokens_every_minutes) {
            return Err(value("probes.tokens_every_minutes", "give 1 to 1440 minutes"));
        }
        if self.canary_every_minutes > 1440 {
            let problem = "give 1 to 1440 minutes, or 0 for no canary rounds";
            return Err(value("probes.canary_every_minutes", problem));
        }
        if self.licence_every_minutes > 1440 {
            return Err(value(
                "probes.licence_every_minutes",
                "give 1 to 1440 minutes, or 0 for no readings",
            ));
        }
        if self.sign_ins_every_hours > 168 {
            return Err(value("probes.sign_ins_every_hours", "give 1 to 168 hours, or 0 for no readings"));
        }
        if self.sign_in_events_every_minutes > 10_080 {
            let problem = "give 1 to 10080 minutes (a week), or 0 for no readings";
            return Err(value("probes.sign_in_events_every_minutes", problem));
        }
        Ok(())
    }
}

fn value(key: &'static str, problem: &str) -> ConfigError {
    ConfigError::Value { key, problem: problem.to_owned() }
}
