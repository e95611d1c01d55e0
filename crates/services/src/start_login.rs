//! The login URL: starts authorization code with PKCE, with fresh state and nonce each time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Slug, Timestamp,
    biller::Biller,
    login::LoginEntry,
    object::{ObjectKind, VendorObject},
};
use sha2::{Digest, Sha256};
use storage::{Bookkeeping, Conn, billers, emergencies, logins::LoginAttempt, objects};
use url::Url;

use crate::{Console, ServiceError, biller_oidc};

/// Where a person who opened a login URL goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginStart {
    /// To the biller's sign-in page at SecureAuth.
    Redirect(Url),
    /// To IC's own login page: the biller is suspended or not enabled.
    Legacy(Url),
    /// Nobody has this address.
    Unknown,
}

/// Everything an authorization request of a biller is made of.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) endpoint: &'a Url,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) code_verifier: &'a str,
}

impl AuthorizationRequest<'_> {
    /// The address to send the browser to (RFC 6749 §4.1.1, RFC 7636 with S256).
    pub(crate) fn url(&self) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.code_verifier.as_bytes()));
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("state", self.state)
            .append_pair("nonce", self.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }
}

/// Starts a sign-in at the login URL `/b/{slug}`. Redirect targets come from our own records only.
///
/// # Errors
/// [`ServiceError::Vendor`] when the issuer's discovery document cannot be had.
pub async fn start(console: &Console, slug: &str) -> Result<LoginStart, ServiceError> {
    let Ok(slug) = Slug::parse(slug) else { return Ok(LoginStart::Unknown) };
    let mut conn = console.store.read().await?;
    let Some(biller) = billers::find_by_slug(&mut conn, &slug).await? else { return Ok(LoginStart::Unknown) };
    let application = objects::find(&mut conn, biller.bid(), ObjectKind::Application).await?;
    let leads = leads(&mut conn, &biller).await?;
    drop(conn);
    match (leads, application, &biller.issuer) {
        (true, Some(application), Some(issuer)) => {
            let url = attempt(console, &biller, issuer, &application).await?;
            Ok(LoginStart::Redirect(url))
        }
        _ => Ok(LoginStart::Legacy(console.settings.legacy_login_url.clone())),
    }
}

/// Whether the login URL of a biller leads to SecureAuth now: no emergency holds its sign-ins off, and it is routed there.
pub(crate) async fn leads(conn: &mut Conn, biller: &Biller) -> Result<bool, ServiceError> {
    let held_off = !emergencies::holding(conn, biller.bid()).await?.is_empty();
    Ok(!held_off && biller.login_entry() == LoginEntry::Authorize)
}

async fn attempt(
    console: &Console,
    biller: &Biller,
    issuer: &str,
    application: &VendorObject,
) -> Result<Url, ServiceError> {
    let endpoint = authorization_endpoint(console, issuer).await?;
    let given = biller_oidc::given(console, biller, application);
    let attempt = LoginAttempt {
        state: console.random_text::<32>(),
        bid: biller.bid().clone(),
        code_verifier: console.random_text::<32>(),
        nonce: console.random_text::<16>(),
        redirect_uri: Some(given.redirect_uri().to_owned()),
        issuer: Some(issuer.to_owned()),
        created_at: console.now(),
    };
    let mut tx = console.store.begin().await?;
    storage::logins::start(&mut tx, &attempt).await?;
    tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await?;
    let request = AuthorizationRequest {
        endpoint: &endpoint,
        client_id: &application.vendor_id,
        redirect_uri: given.redirect_uri(),
        scopes: &given.scopes,
        state: &attempt.state,
        nonce: &attempt.nonce,
        code_verifier: &attempt.code_verifier,
    };
    Ok(request.url())
}

/// Authorization endpoints by issuer, so that a sign-in does not wait for a discovery document.
#[derive(Debug, Default)]
pub struct Endpoints {
    known: Mutex<HashMap<String, (Timestamp, Url)>>,
}

/// How long a known endpoint is taken for right.
const ENDPOINT_LIFE: Duration = Duration::from_secs(3600);

impl Endpoints {
    fn get(&self, issuer: &str) -> Option<(Timestamp, Url)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }

    fn put(&self, issuer: &str, at: Timestamp, endpoint: &Url) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(issuer.to_owned(), (at, endpoint.clone()));
    }
}

/// The issuer's authorization endpoint, from its discovery document. While the vendor does not answer, the
/// last known one still serves: the sign-in page may well work.
pub(crate) async fn authorization_endpoint(console: &Console, issuer: &str) -> Result<Url, ServiceError> {
    let known = console.endpoints.get(issuer);
    if let Some((at, endpoint)) = &known
        && console.now().since(*at) < ENDPOINT_LIFE
    {
        return Ok(endpoint.clone());
    }
    let url = Url::parse(issuer).map_err(|_| ServiceError::not_found("issuer", issuer))?;
    match (console.vendor.discover(&url).await, known) {
        (Ok(discovery), _) => {
            console.endpoints.put(issuer, console.now(), &discovery.authorization_endpoint);
            Ok(discovery.authorization_endpoint)
        }
        (Err(error), Some((_, endpoint))) => {
            tracing::warn!(issuer, "discovery does not answer, the last known endpoint is used: {error}");
            Ok(endpoint)
        }
        (Err(error), None) => Err(error.into()),
    }
}
