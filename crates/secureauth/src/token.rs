//! Access tokens for the vendor's APIs: client credentials, kept, renewed early, fetched once at a time.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use crate::{
    client::SecureAuth,
    config::{AuthMethod, Credentials, Power, Workspace},
    error::{CallError, ErrorKind},
    fresh::{Fresh, Kept},
    operation::Operation,
    transport::{Authorization, Call, Payload},
};

/// A life for tokens whose answer names none.
const UNSTATED_LIFE: Duration = Duration::from_secs(300);

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenSubject {
    /// The service client of a workspace, without naming a scope.
    Workspace(Workspace),
    /// One scope of the system workspace, with the client configured for it.
    Power(Power),
}

impl From<Workspace> for TokenSubject {
    fn from(workspace: Workspace) -> Self {
        Self::Workspace(workspace)
    }
}

impl From<Power> for TokenSubject {
    fn from(power: Power) -> Self {
        Self::Power(power)
    }
}

impl TokenSubject {
    const fn workspace(self) -> Workspace {
        match self {
            Self::Workspace(workspace) => workspace,
            Self::Power(_) => Workspace::System,
        }
    }

    const fn scope(self) -> Option<&'static str> {
        match self {
            Self::Workspace(_) => None,
            Self::Power(power) => Some(power.scope()),
        }
    }
}

/// What a token request was granted, for the doctor. Not the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenGrant {
    /// The client that asked.
    pub client_id: String,
    /// The scopes granted; those asked for, where the answer names none.
    pub scopes: Vec<String>,
    /// How long the token is good.
    pub expires_in: Duration,
}

/// The kept tokens, one for each subject.
pub(crate) struct Tokens {
    admin: Fresh<SecretString>,
    system: Fresh<SecretString>,
    powers: [Fresh<SecretString>; Power::ALL.len()],
}

impl Tokens {
    pub(crate) const fn new() -> Self {
        Self { admin: Fresh::new(), system: Fresh::new(), powers: [const { Fresh::new() }; Power::ALL.len()] }
    }

    const fn of(&self, subject: TokenSubject) -> &Fresh<SecretString> {
        match subject {
            TokenSubject::Workspace(Workspace::Admin) => &self.admin,
            TokenSubject::Workspace(Workspace::System) => &self.system,
            TokenSubject::Power(power) => &self.powers[power as usize],
        }
    }
}

/// The answer of a token endpoint. Deliberately without `Debug`.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
    #[serde(default)]
    token_type: String,
    expires_in: Option<u64>,
    scope: Option<String>,
}

struct Granted {
    token: SecretString,
    grant: TokenGrant,
}

impl SecureAuth {
    /// Asks for a new token and says what was granted, without using what is kept.
    ///
    /// # Errors
    /// Discovery and token errors; their cure explains the vendor's "resource not found".
    pub async fn check_token(&self, subject: impl Into<TokenSubject>) -> Result<TokenGrant, CallError> {
        self.fetch_token(subject.into()).await.map(|granted| granted.grant)
    }

    /// The `authorization` header for `subject`.
    pub(crate) async fn bearer(&self, subject: TokenSubject) -> Result<SecretString, CallError> {
        let fetch = || async {
            let granted = self.fetch_token(subject).await?;
            let header = format!("Bearer {}", granted.token.expose_secret());
            Ok(Kept::new(SecretString::from(header), granted.grant.expires_in))
        };
        self.shared.tokens.of(subject).get(fetch).await
    }

    /// Drops a header that the vendor refused, unless it has been replaced already.
    pub(crate) fn forget_bearer(&self, subject: TokenSubject, refused: &SecretString) {
        let is_meant = |kept: &SecretString| kept.expose_secret() == refused.expose_secret();
        self.shared.tokens.of(subject).forget(is_meant);
    }

    async fn fetch_token(&self, subject: TokenSubject) -> Result<Granted, CallError> {
        let config = &self.shared.config;
        let (issuer, credentials) = match subject {
            TokenSubject::Workspace(Workspace::Admin) => (&config.admin_issuer, &config.admin),
            TokenSubject::Workspace(Workspace::System) => (&config.system_issuer, &config.system),
            TokenSubject::Power(power) => (&config.system_issuer, config.credentials_for(power)),
        };
        let discovery = self.discover(issuer).await?;
        let (call, authorization) = token_request(discovery.token_endpoint, credentials, subject);
        let answer = self.send_open(&call, &authorization).await.inspect_err(|error| {
            if error.kind == ErrorKind::NotFound {
                // The endpoint may have moved: read the discovery document again next time.
                self.forget_discovery(subject.workspace());
            }
        })?;
        granted(answer.decode(Operation::FetchToken)?, credentials, subject)
    }
}

fn token_request(
    endpoint: url::Url,
    credentials: &Credentials,
    subject: TokenSubject,
) -> (Call, Authorization) {
    let secret = credentials.client_secret.expose_secret();
    let mut form = vec![("grant_type", "client_credentials".to_owned())];
    form.extend(subject.scope().map(|scope| ("scope", scope.to_owned())));
    let authorization = match credentials.auth_method {
        AuthMethod::Basic => {
            // RFC 6749 §2.3.1: both parts are form-encoded first.
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&credentials.client_id), encoded(secret));
            Authorization::Header(format!("Basic {}", STANDARD.encode(pair)).into())
        }
        AuthMethod::Post => {
            form.push(("client_id", credentials.client_id.clone()));
            form.push(("client_secret", secret.to_owned()));
            Authorization::None
        }
    };
    let mut call = Call::new(Operation::FetchToken, endpoint);
    call.payload = Payload::Form(form);
    (call, authorization)
}

fn granted(
    answer: TokenAnswer,
    credentials: &Credentials,
    subject: TokenSubject,
) -> Result<Granted, CallError> {
    if !answer.token_type.is_empty() && !answer.token_type.eq_ignore_ascii_case("bearer") {
        let message =
            format!("the {} workspace gives tokens that are not bearer tokens", subject.workspace().as_str());
        return Err(CallError::new(ErrorKind::Config, Operation::FetchToken, message));
    }
    let asked = subject.scope();
    let scopes: Vec<String> = match &answer.scope {
        Some(scope) if !scope.trim().is_empty() => scope.split_whitespace().map(str::to_owned).collect(),
        _ => asked.into_iter().map(str::to_owned).collect(),
    };
    if let Some(missing) = asked.filter(|asked| !scopes.iter().any(|it| it == asked)) {
        let message = format!("a token was given, but without the scope {missing}");
        return Err(CallError::new(ErrorKind::Forbidden { missing }, Operation::FetchToken, message));
    }
    let expires_in = answer.expires_in.map_or(UNSTATED_LIFE, Duration::from_secs);
    let grant = TokenGrant { client_id: credentials.client_id.clone(), scopes, expires_in };
    Ok(Granted { token: answer.access_token, grant })
}
