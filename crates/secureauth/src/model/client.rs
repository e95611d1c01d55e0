//! Applications: OIDC clients (vendor contract, applications).

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::{
    id::{ClientId, WorkspaceId},
    lenient,
    open_enum::open_enum,
};

open_enum! {
    /// Whether an application may be used.
    ClientStatus {
        /// It may.
        Active = "active",
        /// Authorization, authentication and pushed requests are refused.
        Inactive = "inactive",
    }
}

open_enum! {
    /// A way to get tokens.
    GrantType {
        /// The code flow.
        AuthorizationCode = "authorization_code",
        /// A fresh access token for a refresh token.
        RefreshToken = "refresh_token",
        /// A token for the application itself.
        ClientCredentials = "client_credentials",
    }
}

open_enum! {
    /// What the authorize page gives back.
    ResponseType {
        /// A code.
        Code = "code",
    }
}

open_enum! {
    /// How the application proves itself at the token endpoint.
    TokenEndpointAuthMethod {
        /// A signed assertion; its key is in the application's JWKS. No secret exists.
        PrivateKeyJwt = "private_key_jwt",
        /// The secret in the authorization header.
        ClientSecretBasic = "client_secret_basic",
        /// The secret in the form.
        ClientSecretPost = "client_secret_post",
        /// Not at all: a public client.
        None = "none",
    }
}

open_enum! {
    /// What the subject in a token looks like.
    SubjectType {
        /// The same for all applications.
        Public = "public",
        /// Different for each.
        Pairwise = "pairwise",
    }
}

/// An application as the vendor shows it, without its secrets.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Client {
    /// The client id.
    pub client_id: ClientId,
    /// The workspace or organization it lives in.
    #[serde(rename = "authorization_server_id")]
    pub workspace_id: WorkspaceId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub client_name: String,
    /// The description.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub description: String,
    /// Active or not; active when the vendor says nothing.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub client_status: Option<ClientStatus>,
    /// Where sign-ins may return to.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub redirect_uris: Vec<String>,
    /// Where sign-outs may return to.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Ways to get tokens.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub grant_types: Vec<GrantType>,
    /// What the authorize page gives back.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub response_types: Vec<ResponseType>,
    /// Scopes it may ask for.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub scopes: Vec<String>,
    /// How it proves itself.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    /// Where its public keys are.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub jwks_uri: Option<Url>,
    /// Whether people are spared the consent page.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub trusted: bool,
    /// Free fields.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub metadata: Map<String, Value>,
}

impl Client {
    /// Whether it may be used.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.client_status.as_ref().is_none_or(|status| *status == ClientStatus::Active)
    }
}

/// An application to be made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewClient {
    /// The client id; the vendor's choice when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// The workspace or organization it lives in.
    #[serde(rename = "authorization_server_id")]
    pub workspace_id: WorkspaceId,
    /// The name.
    pub client_name: String,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where sign-ins may return to.
    pub redirect_uris: Vec<String>,
    /// Where sign-outs may return to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Ways to get tokens.
    pub grant_types: Vec<GrantType>,
    /// What the authorize page gives back.
    pub response_types: Vec<ResponseType>,
    /// Scopes it may ask for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// How it proves itself.
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// Where its public keys are; these or [`Self::jwks`] for [`TokenEndpointAuthMethod::PrivateKeyJwt`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<Url>,
    /// Its public keys themselves, as a JWK set; in place of [`Self::jwks_uri`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// What the subject in its tokens looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<SubjectType>,
    /// Whether people are spared the consent page.
    pub trusted: bool,
    /// Free fields.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// A created application. This is the only place where its secret ever appears.
#[derive(Clone, Debug)]
pub struct CreatedClient {
    /// The application.
    pub client: Client,
    /// The secret, where it has one: show it once, keep it nowhere.
    pub secret: Option<SecretString>,
    /// The whole answer, secrets redacted.
    pub answer: Value,
    /// The vendor's trace id.
    pub trace_id: Option<String>,
    /// Whether the vendor replayed an earlier creation with the same idempotency key.
    pub replayed: bool,
}

/// A new secret of an application. This is the only place where it ever appears.
#[derive(Clone, Debug)]
pub struct RotatedSecret {
    /// The secret: show it once, keep it nowhere.
    pub secret: SecretString,
    /// The vendor's trace id.
    pub trace_id: Option<String>,
}

/// The fields of an application to change; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClientPatch {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Active or inactive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_status: Option<ClientStatus>,
    /// Where sign-ins may return to, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<String>>,
    /// Where sign-outs may return to, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Ways to get tokens, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<GrantType>>,
    /// What the authorize page gives back, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_types: Option<Vec<ResponseType>>,
    /// Scopes it may ask for, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// How it proves itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    /// Where its public keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<Url>,
    /// Its public keys themselves, as a JWK set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Consent page spared or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted: Option<bool>,
    /// Free fields to set; a null removes one, the others stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}
