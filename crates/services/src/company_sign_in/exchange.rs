//! The code is exchanged for an ID token, the token is checked, and its claims are read.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    claims::{self, Claims},
    company_sign_in::{Reason, Refused},
};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse, PkceCodeVerifier, ProviderMetadataWithLogout,
    RedirectUrl, SubjectIdentifier, TokenResponse, UserInfoClaims,
    core::{CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreJwsSigningAlgorithm},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::{CompanySignIn, Pending, provider};
use crate::Console;

/// A client of a provider whose endpoints are known.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// How ID tokens may be signed: with a key that the provider publishes.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

/// Whatever the provider says beyond the standard.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Others(Claims);

impl AdditionalClaims for Others {}

/// The client as the provider knows it.
pub(super) fn client(settings: &CompanySignIn, metadata: Arc<ProviderMetadataWithLogout>) -> Client {
    let secret = settings.client_secret.as_ref();
    let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
    let methods = metadata.token_endpoint_auth_methods_supported();
    // Where nothing is said, it is `client_secret_basic`.
    let by_form = methods.is_some_and(|methods| {
        methods.contains(&CoreClientAuthMethod::ClientSecretPost)
            && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
    });
    let client = CoreClient::from_provider_metadata(
        Arc::unwrap_or_clone(metadata),
        ClientId::new(settings.client_id.clone()),
        secret,
    );
    let kind = if by_form { AuthType::RequestBody } else { AuthType::BasicAuth };
    client.set_auth_type(kind).set_redirect_uri(RedirectUrl::from_url(settings.redirect_url.clone()))
}

/// The claims of whoever signed in, and the ID token itself.
///
/// # Errors
/// [`Reason::Code`], [`Reason::Token`], [`Reason::NoAnswer`].
pub(super) async fn exchange(
    console: &Console,
    settings: &CompanySignIn,
    metadata: Arc<ProviderMetadataWithLogout>,
    pending: &Pending,
    code: String,
) -> Result<(Claims, String), Refused> {
    let client = client(settings, metadata);
    let http = |request| provider::ask(console.http.clone(), request);
    let request = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|error| Refused::new(Reason::NoAnswer, error))?
        .set_pkce_verifier(PkceCodeVerifier::new(pending.code_verifier.clone()));
    let tokens = request
        .request_async(&http)
        .await
        .map_err(|error| Refused::new(Reason::Code, provider::in_words(error)))?;
    let token = tokens.id_token().ok_or_else(|| Refused::new(Reason::Token, "there is none"))?;
    let now = chrono::DateTime::from_timestamp_micros(console.now().micros()).unwrap_or_default();
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    let checked = token
        .claims(&verifier, &Nonce::new(pending.nonce.clone()))
        .map_err(|error| Refused::new(Reason::Token, provider::in_words(error)))?;
    let token = token.to_string();
    let mut all = payload(&token).ok_or_else(|| Refused::new(Reason::Token, "its claims are no object"))?;
    if claims::find(&all, &settings.person.roles).is_none() {
        let more = asked_for(&client, &http, tokens.access_token(), checked.subject()).await?;
        for (name, value) in more {
            all.entry(name).or_insert(value);
        }
    }
    Ok((all, token))
}

/// All claims of a token that was checked.
fn payload(token: &str) -> Option<Claims> {
    let part = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// What the provider says of the person when asked: not every one puts roles into the ID token. A provider that cannot
/// be asked has nothing to add.
async fn asked_for<'c, H>(
    client: &'c Client,
    http: &'c H,
    token: &AccessToken,
    subject: &SubjectIdentifier,
) -> Result<Claims, Refused>
where
    H: openidconnect::AsyncHttpClient<'c>,
    H::Error: Send + Sync,
{
    let Ok(request) = client.user_info(token.clone(), Some(subject.clone())) else {
        return Ok(Claims::new());
    };
    let said: UserInfoClaims<Others, CoreGenderClaim> = request
        .request_async(http)
        .await
        .map_err(|error| Refused::new(Reason::NoAnswer, provider::in_words(error)))?;
    Ok(said.additional_claims().0.clone())
}
