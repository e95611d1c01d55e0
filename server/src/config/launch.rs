//! The section `[launch]`: how launches from the CRM are recognised.

use std::collections::BTreeMap;

use domain::{actor::Role, claims::PersonRules, launch::LaunchRules};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::settings::{LaunchKeys, LaunchSettings};
use url::Url;

use super::{ConfigError, is_loopback};

/// The shortest shared secret, in characters.
const SHORTEST_SECRET: usize = 32;

/// How launches from the CRM are recognised.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchSection {
    /// Who issues them; empty for nobody.
    pub issuer: String,
    /// How they name us.
    pub audience: String,
    /// Where the CRM publishes its keys; empty for a shared secret.
    pub jwks_url: String,
    /// The shared secret; empty for published keys.
    pub shared_secret: SecretString,
    /// The claim with the roles.
    pub roles_claim: String,
    /// The claim with the portfolio.
    pub portfolio_claim: String,
    /// What the CRM's words for roles mean.
    pub roles: BTreeMap<String, Role>,
}

impl LaunchSection {
    /// As the use case takes it; `None` where nobody is launched.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the key to change.
    pub fn settings(&self) -> Result<Option<LaunchSettings>, ConfigError> {
        let refuse = |key, problem: &str| Err(ConfigError::Value { key, problem: problem.to_owned() });
        let (issuer, url) = (self.issuer.trim(), self.jwks_url.trim());
        let secret = self.shared_secret.expose_secret();
        if issuer.is_empty() {
            return if url.is_empty() && secret.is_empty() {
                Ok(None)
            } else {
                refuse("launch.issuer", "keys are given, but not whose: give the `iss` of the CRM")
            };
        }
        if self.audience.trim().is_empty() {
            return refuse("launch.audience", "give the `aud` by which the CRM means this console");
        }
        let keys = match (url.is_empty(), secret.is_empty()) {
            (false, true) => LaunchKeys::Published(published(url)?),
            (true, false) if secret.chars().count() >= SHORTEST_SECRET => {
                LaunchKeys::Shared(self.shared_secret.clone())
            }
            (true, false) => return refuse("launch.shared_secret", "make it at least 32 characters long"),
            (true, true) => return refuse("launch.jwks_url", "give it, or launch.shared_secret"),
            (false, false) => return refuse("launch.shared_secret", "give it or launch.jwks_url, not both"),
        };
        let person = PersonRules {
            subject: "sub".to_owned(),
            roles: self.roles_claim.clone(),
            portfolio: self.portfolio_claim.clone(),
            words: self.roles.clone(),
        };
        let rules =
            LaunchRules { issuer: issuer.to_owned(), audience: self.audience.trim().to_owned(), person };
        Ok(Some(LaunchSettings { rules, keys }))
    }

    /// Lets the sandbox, which answers at `base`, play the CRM where no other one is configured.
    pub(super) fn fill_in_sandbox(&mut self, base: &str) {
        if self.issuer.trim().is_empty() {
            self.issuer = format!("{base}/crm");
            self.jwks_url = format!("{base}/crm/jwks.json");
        }
    }
}

/// Whoever can change the keys on their way to us could sign launches, so they come by TLS.
fn published(url: &str) -> Result<Url, ConfigError> {
    let wrong = |problem: String| ConfigError::Value { key: "launch.jwks_url", problem };
    let parsed = Url::parse(url).map_err(|error| wrong(format!("{url:?} is not a URL: {error}")))?;
    if parsed.scheme() == "https" || (parsed.scheme() == "http" && is_loopback(&parsed)) {
        Ok(parsed)
    } else {
        Err(wrong(format!("{url:?} does not begin with https://")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(issuer: &str, jwks_url: &str, secret: &str) -> LaunchSection {
        LaunchSection {
            issuer: issuer.to_owned(),
            audience: "ciam-console".to_owned(),
            jwks_url: jwks_url.to_owned(),
            shared_secret: secret.to_owned().into(),
            roles_claim: "roles".to_owned(),
            portfolio_claim: "portfolio".to_owned(),
            roles: BTreeMap::new(),
        }
    }

    #[test]
    fn a_launch_is_recognised_by_published_keys_or_by_a_secret() {
        let long = "s".repeat(32);
        let keys = |url: &str, secret: &str| section("crm", url, secret).settings().unwrap().unwrap().keys;
        assert!(matches!(keys("https://crm.example/keys", ""), LaunchKeys::Published(_)));
        assert!(matches!(keys("http://127.0.0.1:3200/keys", ""), LaunchKeys::Published(_)));
        assert!(matches!(keys("", &long), LaunchKeys::Shared(_)));
        assert!(section("", "", "").settings().unwrap().is_none());
    }

    #[test]
    fn what_cannot_work_names_the_key_to_change() {
        let long = "s".repeat(32);
        for (issuer, url, secret, key) in [
            ("", "https://crm.example/keys", "", "launch.issuer"),
            ("", "", &*long, "launch.issuer"),
            ("crm", "", "", "launch.jwks_url"),
            ("crm", "no url", "", "launch.jwks_url"),
            ("crm", "http://crm.example/keys", "", "launch.jwks_url"),
            ("crm", "https://crm.example/keys", &*long, "launch.shared_secret"),
            ("crm", "", "short", "launch.shared_secret"),
        ] {
            let error = section(issuer, url, secret).settings().unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }

    #[test]
    fn the_sandbox_plays_the_crm_only_where_there_is_none() {
        let mut none = section("", "", "");
        none.fill_in_sandbox("http://127.0.0.1:3200");
        assert!(none.settings().unwrap().is_some());
        let mut real = section("crm", "https://crm.example/keys", "");
        real.fill_in_sandbox("http://127.0.0.1:3200");
        assert_eq!(real.issuer, "crm");
    }
}
