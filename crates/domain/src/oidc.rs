//! What an application at SecureAuth is given, and what IC is told of it afterwards: the same, word for word.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::words;

/// The settings of an application that IC's systems rely on. Planned from the configuration; kept as written at
/// SecureAuth from then on, whatever becomes of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcClient {
    /// Where sign-ins come back.
    pub redirect_uris: Vec<String>,
    /// Where people land after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for.
    pub scopes: Vec<String>,
    /// How IC proves itself at the token endpoint.
    pub client_auth: ClientAuth,
}

impl OidcClient {
    /// Where sign-ins that begin at the login URL come back: the first redirect URI.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        self.redirect_uris.first().map_or("", String::as_str)
    }
}

/// How IC proves itself at the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ClientAuth {
    /// With a key of its own, whose public half it publishes here: no secret is handed over.
    PrivateKeyJwt {
        /// IC's JSON Web Key Set address.
        jwks_uri: String,
    },
    /// With a secret that SecureAuth makes and the console shows once. We never keep it.
    ClientSecret,
}

impl ClientAuth {
    /// The name of the method in OpenID Connect's words.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::ClientSecret => "client_secret_basic",
        }
    }
}

words! {
    /// How long the secret before still works once a new one is made.
    OldSecret, "time for the old secret" {
        /// Not at all: somebody has seen it who should not.
        Ends = "ends", "ends at once";
        /// An hour.
        Hour = "hour", "works for another hour";
        /// A day.
        Day = "day", "works for another day";
    }
}

impl OldSecret {
    /// The time it still works.
    #[must_use]
    pub const fn works_for(self) -> Duration {
        match self {
            Self::Ends => Duration::ZERO,
            Self::Hour => Duration::from_secs(3_600),
            Self::Day => Duration::from_secs(24 * 3_600),
        }
    }
}
