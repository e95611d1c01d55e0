//! The person's part of a test: they come back with a code, which is exchanged for an ID token; its claims are checked.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::test_sign_in::{Claim, Hop, TestReport, TestSignIn};
use openidconnect::{
    AuthorizationCode, ClientId, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    PkceCodeVerifier, RedirectUrl, TokenResponse,
    core::{CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata},
};
use serde_json::{Map, Value};
use storage::test_sign_ins::TestSecrets;
use url::Url;

use super::hops::shown;
use crate::{
    Console,
    company_sign_in::provider::{ask, in_words},
};

/// How ID tokens may be signed: with a key that the issuer publishes.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

/// What came back with the browser.
#[derive(Clone, Default)]
pub struct Returned {
    /// The code.
    pub code: Option<String>,
    /// The `state` of the request.
    pub state: Option<String>,
    /// What the sign-in page refused.
    pub error: Option<String>,
    /// Why.
    pub error_description: Option<String>,
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointMaybeSet>;

/// Exchanges the code and checks the token; what is found goes into the report. An error is what went wrong.
pub(super) async fn check(
    console: &Console,
    test: &TestSignIn,
    issuer: &str,
    secrets: TestSecrets,
    returned: Returned,
    report: &mut TestReport,
) -> Result<(), String> {
    if let Some(error) = returned.error {
        let words = returned.error_description.unwrap_or_default();
        return Err(format!("The sign-in page sent an error back: {error}. {words}"));
    }
    let code = returned.code.ok_or("Neither a code nor an error came back.")?;
    let client_id = test.client_id.clone().ok_or("The application made for this test is gone.")?;
    let client = client(console, issuer, client_id, report).await?;
    let token_endpoint = client.token_uri().url().clone();
    let http = |request| ask(console.http.clone(), request);
    let begun = Instant::now();
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(secrets.code_verifier))
        .request_async(&http)
        .await;
    let status = if tokens.is_ok() { Some(200) } else { None };
    report.hops.push(hop("Code exchanged, with the PKCE verifier", &token_endpoint, status, begun));
    // The error of an exchange names what the issuer said, never what was sent.
    let tokens = tokens.map_err(|error| format!("The code is not taken: {}", in_words(error)))?;
    let token = tokens.id_token().ok_or("No ID token came: the application may not ask for openid.")?;
    let now = chrono::DateTime::from_timestamp_micros(console.now().micros()).unwrap_or_default();
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    token
        .claims(&verifier, &Nonce::new(secrets.nonce))
        .map_err(|error| format!("The ID token is not as it must be: {}", in_words(error)))?;
    report.checks = [
        "The signature is by a key that the issuer publishes",
        "The issuer is the biller's",
        "The audience is the application of this test",
        "The nonce is the one that was sent",
        "It has not expired",
    ]
    .map(str::to_owned)
    .to_vec();
    report.claims = claims(&token.to_string()).ok_or("The claims of the ID token are no object.")?;
    Ok(())
}

/// The test's application, as a public client of the issuer.
async fn client(
    console: &Console,
    issuer: &str,
    client_id: String,
    report: &mut TestReport,
) -> Result<Client, String> {
    let http = |request| ask(console.http.clone(), request);
    let url = IssuerUrl::new(issuer.to_owned()).map_err(|error| error.to_string())?;
    let begun = Instant::now();
    let found = CoreProviderMetadata::discover_async(url.clone(), &http).await;
    let status = if found.is_ok() { Some(200) } else { None };
    report.hops.push(hop("Discovery and signing keys", url.url(), status, begun));
    let metadata = found.map_err(|error| format!("The issuer does not answer: {}", in_words(error)))?;
    if metadata.token_endpoint().is_none() {
        return Err("The issuer names no token endpoint.".to_owned());
    }
    let back = RedirectUrl::from_url(super::redirect_url(console));
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(client_id), None);
    let endpoint = client.token_uri().cloned().ok_or("The issuer names no token endpoint.")?;
    Ok(client.set_redirect_uri(back).set_token_uri(endpoint))
}

fn hop(what: &str, url: &Url, status: Option<u16>, begun: Instant) -> Hop {
    Hop {
        what: what.to_owned(),
        url: shown(url),
        status,
        millis: Some(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)),
        note: status.is_none().then(|| "It did not succeed.".to_owned()),
    }
}

/// All claims of a token that was checked, as people read them; the nonce is not repeated.
fn claims(token: &str) -> Option<Vec<Claim>> {
    let part = token.split('.').nth(1)?;
    let all: Map<String, Value> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    let claims = all.into_iter().map(|(name, value)| {
        let value = match value {
            _ if name == "nonce" => "as it was sent".to_owned(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        Claim { name, value }
    });
    Some(claims.collect())
}
