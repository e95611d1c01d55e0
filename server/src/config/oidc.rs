//! The section `[oidc]`: signing in directly, at the company's own identity provider.

use std::collections::BTreeMap;

use domain::{actor::Role, claims::PersonRules};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::settings::{CompanySignIn, SignOut};
use url::Url;

use super::{ConfigError, is_loopback};

/// Signing in directly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSection {
    /// The provider; empty for none.
    pub issuer: String,
    /// As whom it knows us.
    pub client_id: String,
    /// With what we prove ourselves; empty for a public client.
    pub client_secret: SecretString,
    /// How people reach the console.
    pub console_url: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The claim with the person's stable id.
    pub subject_claim: String,
    /// The claim with the roles.
    pub roles_claim: String,
    /// The claim with the portfolio.
    pub portfolio_claim: String,
    /// Whether signing out here ends the session at the provider, too.
    pub sign_out_everywhere: bool,
    /// Where it ends; empty for the address that the provider names.
    pub end_session_url: String,
    /// What the provider's words for roles mean.
    pub roles: BTreeMap<String, Role>,
}

impl OidcSection {
    /// As the use case takes it; `None` where nobody signs in directly.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the key to change.
    pub fn settings(&self) -> Result<Option<CompanySignIn>, ConfigError> {
        let refuse = |key, problem: &str| Err(ConfigError::Value { key, problem: problem.to_owned() });
        let issuer = self.issuer.trim();
        if issuer.is_empty() {
            return if self.client_id.trim().is_empty() {
                Ok(None)
            } else {
                refuse("oidc.issuer", "a client id is given, but not whose: give the provider's issuer")
            };
        }
        address("oidc.issuer", issuer)?;
        if self.client_id.trim().is_empty() {
            return refuse("oidc.client_id", "give the id under which the provider knows the console");
        }
        let console = address("oidc.console_url", &self.console_url)?;
        let at = |path: &str| {
            console.join(path).map_err(|error| ConfigError::Value {
                key: "oidc.console_url",
                problem: format!("{:?}: {error}", self.console_url),
            })
        };
        let end = self.end_session_url.trim();
        let sign_out = if self.sign_out_everywhere {
            let named = (!end.is_empty()).then(|| address("oidc.end_session_url", end)).transpose()?;
            SignOut::Everywhere { address: named, back: at("/sign-in")? }
        } else {
            SignOut::HereOnly
        };
        let secret = !self.client_secret.expose_secret().is_empty();
        Ok(Some(CompanySignIn {
            issuer: issuer.to_owned(),
            client_id: self.client_id.trim().to_owned(),
            client_secret: secret.then(|| self.client_secret.clone()),
            scopes: self.scopes.clone(),
            redirect_url: at("/oidc/callback")?,
            person: PersonRules {
                subject: self.subject_claim.clone(),
                roles: self.roles_claim.clone(),
                portfolio: self.portfolio_claim.clone(),
                words: self.roles.clone(),
            },
            sign_out,
        }))
    }
}

/// Codes, tokens and keys travel to and from these addresses, so they are reached by TLS.
fn address(key: &'static str, text: &str) -> Result<Url, ConfigError> {
    let wrong = |problem: String| ConfigError::Value { key, problem };
    let url = Url::parse(text.trim()).map_err(|error| wrong(format!("{text:?} is not a URL: {error}")))?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        Ok(url)
    } else {
        Err(wrong(format!("{text:?} does not begin with https://")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section() -> OidcSection {
        OidcSection {
            issuer: "https://id.example/".to_owned(),
            client_id: "console".to_owned(),
            client_secret: String::new().into(),
            console_url: "https://console.example".to_owned(),
            scopes: vec!["openid".to_owned()],
            subject_claim: "sub".to_owned(),
            roles_claim: "roles".to_owned(),
            portfolio_claim: "portfolio".to_owned(),
            sign_out_everywhere: true,
            end_session_url: String::new(),
            roles: BTreeMap::new(),
        }
    }

    #[test]
    fn our_own_addresses_follow_from_the_consoles() {
        let settings = section().settings().unwrap().unwrap();
        assert_eq!(settings.issuer, "https://id.example/", "exactly as the provider spells it");
        assert_eq!(settings.redirect_url.as_str(), "https://console.example/oidc/callback");
        let back = Url::parse("https://console.example/sign-in").unwrap();
        assert_eq!(settings.sign_out, SignOut::Everywhere { address: None, back });
        assert!(settings.client_secret.is_none());
        let here = OidcSection { sign_out_everywhere: false, ..section() };
        assert_eq!(here.settings().unwrap().unwrap().sign_out, SignOut::HereOnly);
    }

    #[test]
    fn what_cannot_work_names_the_key_to_change() {
        let text = str::to_owned;
        for (wrong, key) in [
            (OidcSection { issuer: text(""), ..section() }, "oidc.issuer"),
            (OidcSection { issuer: text("http://id.example"), ..section() }, "oidc.issuer"),
            (OidcSection { issuer: text("id.example"), ..section() }, "oidc.issuer"),
            (OidcSection { client_id: text(" "), ..section() }, "oidc.client_id"),
            (OidcSection { console_url: text(""), ..section() }, "oidc.console_url"),
            (OidcSection { console_url: text("http://console.example"), ..section() }, "oidc.console_url"),
            (OidcSection { end_session_url: text("away"), ..section() }, "oidc.end_session_url"),
        ] {
            let error = wrong.settings().unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        }
        let none = OidcSection { issuer: text(""), client_id: text(""), ..section() };
        assert!(none.settings().unwrap().is_none());
    }
}
