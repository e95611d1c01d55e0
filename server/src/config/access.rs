//! How long people stay signed in, and who may show the console in a frame.

use std::time::Duration;

use app::context::FrameAncestors;
use domain::session::SessionLimits;
use serde::Deserialize;
use url::Url;

use super::ConfigError;

/// How long people stay signed in.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsConfig {
    /// Minutes without doing anything.
    pub idle_minutes: u32,
    /// Hours whatever they do.
    pub absolute_hours: u32,
}

impl SessionsConfig {
    /// As the rules take it.
    #[must_use]
    pub fn limits(&self) -> SessionLimits {
        SessionLimits {
            idle: Duration::from_secs(u64::from(self.idle_minutes) * 60),
            absolute: Duration::from_secs(u64::from(self.absolute_hours) * 3600),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        // Use is noted once a minute, so that shorter sessions would end under one's hands.
        if !(5..=24 * 60).contains(&self.idle_minutes) {
            return Err(value("sessions.idle_minutes", "give 5 to 1440 minutes"));
        }
        if !(1..=168).contains(&self.absolute_hours) {
            return Err(value("sessions.absolute_hours", "give 1 to 168 hours"));
        }
        Ok(())
    }
}

/// Who may show the console in a frame.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingConfig {
    /// Origins of the CRM.
    pub crm_origins: Vec<String>,
}

impl EmbeddingConfig {
    /// Whether anybody may.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.crm_origins.is_empty()
    }

    /// The origins as pages name them.
    #[must_use]
    pub fn frame_ancestors(&self) -> FrameAncestors {
        FrameAncestors::only(&self.crm_origins)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self.crm_origins.iter().find(|origin| !is_origin(origin)) {
            None => Ok(()),
            Some(wrong) => Err(value(
                "embedding.crm_origins",
                &format!(
                    "{wrong:?} is no origin: write scheme, host and port only, e.g. https://crm.example.com \
                     (http is for loopback alone)"
                ),
            )),
        }
    }
}

/// Exactly an origin, as a browser spells it; no wildcard, no path.
fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let plain = !text.contains(['*', ';', ',', ' ', '\'']);
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && super::is_loopback(&url));
    plain && scheme && url.origin().ascii_serialization() == text
}

fn value(key: &'static str, problem: &str) -> ConfigError {
    ConfigError::Value { key, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_else() {
        for origin in ["https://crm.example.com", "https://crm.example.com:8443", "http://localhost:3200"] {
            assert!(is_origin(origin), "{origin}");
        }
        for wrong in [
            "",
            "*",
            "'self'",
            "crm.example.com",
            "https://crm.example.com/",
            "https://*.example.com",
            "http://crm.example.com",
            "https://crm.example.com; script-src *",
            "HTTPS://crm.example.com",
            "javascript:alert(1)",
        ] {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }
}
