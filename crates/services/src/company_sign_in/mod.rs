//! Signing in directly, at the company's own identity provider: authorization code with PKCE (OpenID Connect).

mod exchange;
pub(crate) mod provider;

use domain::{
    Timestamp,
    actor::Actor,
    claims::PersonRules,
    company_sign_in::{Reason, Refused, SIGN_IN_LIFE},
    session::SignIn,
};
use openidconnect::{
    ClientId, CsrfToken, LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    Scope, core::CoreAuthenticationFlow,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

pub(crate) use self::provider::Provider;
use crate::{Console, sessions};

/// How people sign in directly.
#[derive(Clone, Debug)]
pub struct CompanySignIn {
    /// The provider, exactly as its tokens name it.
    pub issuer: String,
    /// As whom it knows the console.
    pub client_id: String,
    /// With what the console proves itself; `None` for a public client.
    pub client_secret: Option<SecretString>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Where the provider sends people back: our callback.
    pub redirect_url: Url,
    /// Which claims tell of the person.
    pub person: PersonRules,
    /// What happens at the provider when somebody signs out here.
    pub sign_out: SignOut,
}

/// What happens at the provider when somebody signs out here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignOut {
    /// Nothing: the session there goes on.
    HereOnly,
    /// The session there ends, too, at this address or else at the one that the provider names; afterwards people come
    /// back to `back`.
    Everywhere {
        /// The address, if the provider does not name it itself.
        address: Option<Url>,
        /// Our page for whoever is signed out.
        back: Url,
    },
}

/// A sign-in under way, kept in the browser's session. Holds secrets, so it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    state: String,
    nonce: String,
    code_verifier: String,
    begun_at: Timestamp,
    /// The page that was asked for before.
    pub next: String,
}

/// What the provider sends back with the browser.
#[derive(Clone, Default)]
pub struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

impl Callback {
    /// Reads the query string with which the browser came back.
    ///
    /// # Errors
    /// [`Reason::Malformed`] when something stands in it twice.
    pub fn read(query: &str) -> Result<Self, Refused> {
        let mut callback = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let field = match &*name {
                "code" => &mut callback.code,
                "state" => &mut callback.state,
                "iss" => &mut callback.iss,
                "error" => &mut callback.error,
                // RFC 6749: what is not known is passed over.
                _ => continue,
            };
            if field.replace(value.into_owned()).is_some() {
                return Err(Refused::new(Reason::Malformed, format!("{name} stands in it twice")));
            }
        }
        Ok(callback)
    }
}

/// Somebody who came back from the provider. Holds a token, so it has no `Debug`.
pub struct Arrived {
    /// Who it is.
    pub actor: Actor,
    /// The ID token, with which the provider is told of the sign-out.
    pub id_token: String,
}

fn settings(console: &Console) -> Result<&CompanySignIn, Refused> {
    console.settings.company_sign_in.as_ref().ok_or_else(|| Reason::NotConfigured.into())
}

/// Begins a sign-in: the address at the provider, and what has to be kept in the session meanwhile.
///
/// # Errors
/// [`Refused`] when no provider is configured or it does not answer.
pub async fn begin(console: &Console, next: &str) -> Result<(Url, Pending), Refused> {
    let settings = settings(console)?;
    let metadata = console.provider.metadata(console, &settings.issuer, provider::FRESH).await?;
    let client = exchange::client(settings, metadata);
    let pending = Pending {
        state: console.random_text::<32>(),
        nonce: console.random_text::<16>(),
        code_verifier: console.random_text::<32>(),
        begun_at: console.now(),
        next: next.to_owned(),
    };
    let verifier = PkceCodeVerifier::new(pending.code_verifier.clone());
    let (state, nonce) = (pending.state.clone(), pending.nonce.clone());
    let (url, _, _) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .add_scopes(settings.scopes.iter().filter(|it| *it != "openid").cloned().map(Scope::new))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .url();
    Ok((url, pending))
}

/// Finishes a sign-in. `pending` comes from the session and must be taken out of it, so that it is used once.
///
/// # Errors
/// [`Refused`] with the reason, for the log.
pub async fn finish(
    console: &Console,
    pending: Option<&Pending>,
    callback: &Callback,
) -> Result<Arrived, Refused> {
    let settings = settings(console)?;
    let young = |pending: &&Pending| console.now().since(pending.begun_at) < SIGN_IN_LIFE;
    let pending = pending.filter(young).ok_or(Reason::NotBegun)?;
    if callback.state.as_deref() != Some(pending.state.as_str()) {
        return Err(Reason::State.into());
    }
    // RFC 9207: whoever names itself must be the one that was asked.
    if callback.iss.as_ref().is_some_and(|iss| *iss != settings.issuer) {
        return Err(Refused::new(Reason::Issuer, shortened(callback.iss.as_deref())));
    }
    if let Some(error) = &callback.error {
        return Err(Refused::new(Reason::Denied, shortened(Some(error))));
    }
    let code = callback.code.clone().ok_or(Reason::Malformed)?;
    let metadata = console.provider.metadata(console, &settings.issuer, provider::JUST_NOW).await?;
    let (claims, id_token) = exchange::exchange(console, settings, metadata, pending, code).await?;
    Ok(Arrived { actor: settings.person.person(&claims)?, id_token })
}

/// Writes down that somebody came in. The session must be opened only after that.
///
/// # Errors
/// [`Refused`] when it could not be written down.
pub async fn enter(console: &Console, arrived: &Arrived, sign_in: &SignIn) -> Result<(), Refused> {
    let written = sessions::signed_in(console, &arrived.actor, sign_in).await;
    written.map_err(|error| Refused::new(Reason::Fault, error))
}

/// Where to go so that the session at the provider ends, too. `None` where that is not wanted, or the provider names no
/// address for it, or cannot be asked: then only the session here ends.
pub async fn sign_out_url(console: &Console, id_token: &str) -> Option<Url> {
    let settings = console.settings.company_sign_in.as_ref()?;
    let SignOut::Everywhere { address, back } = &settings.sign_out else { return None };
    let address = match address {
        Some(address) => openidconnect::EndSessionUrl::from_url(address.clone()),
        None => {
            let metadata = console.provider.metadata(console, &settings.issuer, provider::FRESH).await;
            let metadata =
                metadata.inspect_err(|why| tracing::warn!("no sign-out at the provider: {why}")).ok()?;
            metadata.additional_metadata().end_session_endpoint.clone()?
        }
    };
    let mut url = LogoutRequest::from(address)
        .set_client_id(ClientId::new(settings.client_id.clone()))
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(back.clone()))
        .http_get_url();
    url.query_pairs_mut().append_pair("id_token_hint", id_token);
    Some(url)
}

/// What somebody else sent, for the log.
fn shortened(text: Option<&str>) -> String {
    let short: String = text.unwrap_or_default().chars().take(100).collect();
    format!("{short:?}")
}
