//! Discovery documents: where an issuer's endpoints are. Addresses are never built by guesswork.

use std::time::Duration;

use domain::Timestamp;
use serde::Deserialize;
use url::Url;

use crate::{
    answer::Answer,
    client::SecureAuth,
    config::Workspace,
    error::{CallError, ErrorKind},
    fresh::{self, Fresh},
    operation::Operation,
    routes::under,
    transport::{Authorization, Call},
};

/// How long the documents of the two API issuers are kept.
const LIFE: Duration = Duration::from_secs(3_600);

/// The kept documents.
pub(crate) struct Kept {
    pub(crate) admin: Fresh<Discovery>,
    pub(crate) system: Fresh<Discovery>,
}

/// An issuer's discovery document, as far as we use it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Discovery {
    /// The issuer; the one asked for, letter by letter except a final slash.
    pub issuer: Url,
    /// Where sign-ins begin.
    pub authorization_endpoint: Url,
    /// Where tokens are issued.
    pub token_endpoint: Url,
    /// Where the signing keys are.
    pub jwks_uri: Url,
    /// Where sign-outs begin.
    #[serde(default)]
    pub end_session_endpoint: Option<Url>,
    /// Where a person's claims are.
    #[serde(default)]
    pub userinfo_endpoint: Option<Url>,
    /// PKCE methods.
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
    /// Ways to get tokens.
    #[serde(default)]
    pub grant_types_supported: Vec<String>,
    /// Ways to prove oneself at the token endpoint.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Scopes.
    #[serde(default)]
    pub scopes_supported: Vec<String>,
}

/// A JSON Web Key Set, as far as we look at it.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde::de::IgnoredAny>,
}

/// A discovery document just fetched, with what the doctor wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryProbe {
    /// The document.
    pub discovery: Discovery,
    /// The vendor's clock when it answered, to the second.
    pub server_time: Option<Timestamp>,
    /// The vendor's trace id.
    pub trace_id: Option<String>,
}

impl SecureAuth {
    /// The discovery document of `issuer`; kept for an hour for the issuers of the admin and system
    /// workspaces, fetched for every other.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`] when it is missing, names another issuer, or leaves https.
    pub async fn discover(&self, issuer: &Url) -> Result<Discovery, CallError> {
        match self.kept_discovery(issuer) {
            None => Ok(self.probe_discovery(issuer).await?.discovery),
            Some(kept) => {
                let fetch =
                    || async { Ok(fresh::Kept::new(self.probe_discovery(issuer).await?.discovery, LIFE)) };
                kept.get(fetch).await
            }
        }
    }

    /// Fetches the discovery document of `issuer`, whatever is kept.
    ///
    /// # Errors
    /// As [`Self::discover`].
    pub async fn probe_discovery(&self, issuer: &Url) -> Result<DiscoveryProbe, CallError> {
        let operation = match self.kept_discovery(issuer) {
            Some(_) => Operation::Discover,
            None => Operation::ProbeDiscovery,
        };
        let url = under(issuer, &[".well-known", "openid-configuration"]);
        let answer = self.send_open(&Call::new(operation, url), &Authorization::None).await?;
        let discovery: Discovery = answer.decode(operation)?;
        check(&discovery, issuer).map_err(|message| unusable(operation, &answer, message))?;
        Ok(DiscoveryProbe { discovery, server_time: answer.date, trace_id: answer.trace_id })
    }

    /// Fetches the public keys behind a discovery document's `jwks_uri`; the answer is their number.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`] when there are none.
    pub async fn probe_keys(&self, jwks_uri: &Url) -> Result<usize, CallError> {
        let operation = Operation::ProbeKeys;
        let answer = self.send_open(&Call::new(operation, jwks_uri.clone()), &Authorization::None).await?;
        let keys: KeySet = answer.decode(operation)?;
        match keys.keys.len() {
            0 => Err(unusable(operation, &answer, "the issuer publishes no keys".to_owned())),
            number => Ok(number),
        }
    }

    pub(crate) fn forget_discovery(&self, workspace: Workspace) {
        let kept = &self.shared.discoveries;
        match workspace {
            Workspace::Admin => &kept.admin,
            Workspace::System => &kept.system,
        }
        .forget(|_| true);
    }
}

/// Issuers are compared as text; a final slash makes no difference.
pub(crate) fn same_issuer(one: &Url, other: &Url) -> bool {
    one.as_str().trim_end_matches('/') == other.as_str().trim_end_matches('/')
}

fn check(discovery: &Discovery, issuer: &Url) -> Result<(), String> {
    if !same_issuer(&discovery.issuer, issuer) {
        return Err(format!("asked {issuer}, but the document is of {}", discovery.issuer));
    }
    let endpoints = [&discovery.authorization_endpoint, &discovery.token_endpoint, &discovery.jwks_uri];
    if let Some(unsafe_one) =
        endpoints.into_iter().find(|it| issuer.scheme() == "https" && it.scheme() != "https")
    {
        return Err(format!("the issuer is https, but the document points to {unsafe_one}"));
    }
    Ok(())
}

fn unusable(operation: Operation, answer: &Answer, message: String) -> CallError {
    CallError::new(ErrorKind::Discovery, operation, message).with(|it| {
        it.status = Some(answer.status);
        it.trace_id.clone_from(&answer.trace_id);
        it.correlation_id.clone_from(&answer.correlation_id);
    })
}
