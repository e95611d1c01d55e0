//! What has to be known about our SecureAuth tenant before the first call.

use std::{net::IpAddr, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use thiserror::Error;
use url::{Host, Url};

/// Whether the API paths carry the tenant id (vendor contract, URL forms).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// `/api/admin/{tid}`: the vendor's own host.
    #[default]
    TenantInPath,
    /// `/api/admin`: the host name itself names the tenant.
    TenantDomain,
}

/// A special workspace whose clients may call the vendor's APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Workspace {
    /// Opens the Admin and Identity APIs.
    Admin,
    /// Opens the System API, scope by scope.
    System,
}

impl Workspace {
    /// The vendor's id of the workspace.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::System => "system",
        }
    }
}

/// A scope of the system workspace that may have a client of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Power {
    /// `manage_configuration`: can rewrite the whole tenant; user import.
    ManageConfiguration,
    /// `identity`: pools, users and passwords through the system part of the Identity API.
    Identity,
    /// `revoke_tokens`: revocation of tokens and sessions.
    RevokeTokens,
}

impl Power {
    /// Every power.
    pub const ALL: [Self; 3] = [Self::ManageConfiguration, Self::Identity, Self::RevokeTokens];

    /// The scope as it is asked for.
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Self::ManageConfiguration => "manage_configuration",
            Self::Identity => "identity",
            Self::RevokeTokens => "revoke_tokens",
        }
    }
}

/// How a client proves itself at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// `client_secret_basic`, the vendor's default for new clients.
    #[default]
    Basic,
    /// `client_secret_post`.
    Post,
}

/// A service client of the admin or system workspace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: SecretString,
    /// How the secret is presented.
    #[serde(default)]
    pub auth_method: AuthMethod,
}

/// Separate system clients per power; where one is absent, the system client serves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SystemPowers {
    /// The client for [`Power::ManageConfiguration`].
    pub manage_configuration: Option<Credentials>,
    /// The client for [`Power::Identity`].
    pub identity: Option<Credentials>,
    /// The client for [`Power::RevokeTokens`].
    pub revoke_tokens: Option<Credentials>,
}

/// How fast we call. Numbers of the vendor's own limits are not public: start low, raise by agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests per second on average, all operations together.
    pub requests_per_second: u32,
    /// Requests that may go at once after a pause.
    pub burst: u32,
    /// Requests that may wait for their answer at the same time.
    pub max_in_flight: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests_per_second: 20, burst: 20, max_in_flight: 8 }
    }
}

/// How a failed attempt is repeated, where repeating is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// Attempts of one call, the first included; 1 = never repeat.
    pub max_attempts: u32,
    /// The longest pause before the first repeat; doubled each time.
    #[serde(rename = "base_delay_ms", deserialize_with = "millis")]
    pub base_delay: Duration,
    /// The longest pause of all. A vendor that asks for more gets it from the job runner: the call fails
    /// with the time to come back at.
    #[serde(rename = "max_delay_ms", deserialize_with = "millis")]
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_attempts: 4, base_delay: Duration::from_millis(250), max_delay: Duration::from_secs(8) }
    }
}

/// When calls to a failing API group stop for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerPolicy {
    /// Failures in a row (5xx, timeout, network) that open the breaker.
    pub failures: u32,
    /// How long it stays open before one trial call is let through.
    #[serde(rename = "open_for_ms", deserialize_with = "millis")]
    pub open_for: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 8, open_for: Duration::from_secs(15) }
    }
}

/// Where our tenant is, who we are there, and how politely we call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecureAuthConfig {
    /// Scheme and host of the APIs, with a base path prefix where the installation has one.
    pub api_base: Url,
    /// Our tenant's id. `default` in the vendor's files is only an example.
    pub tenant_id: String,
    /// Whether the tenant id is part of the API paths.
    #[serde(default)]
    pub routing: Routing,
    /// The issuer of the `admin` workspace.
    pub admin_issuer: Url,
    /// The issuer of the `system` workspace.
    pub system_issuer: Url,
    /// The service client in the `admin` workspace: full control of the tenant.
    pub admin: Credentials,
    /// The service client in the `system` workspace.
    pub system: Credentials,
    /// System clients with one power each.
    #[serde(default)]
    pub system_powers: SystemPowers,
    /// How fast we call.
    #[serde(default)]
    pub limits: Limits,
    /// From sending a request to the last byte of its answer.
    #[serde(rename = "request_timeout_ms", default = "request_timeout", deserialize_with = "millis")]
    pub request_timeout: Duration,
    /// Opening a connection, TLS included.
    #[serde(rename = "connect_timeout_ms", default = "connect_timeout", deserialize_with = "millis")]
    pub connect_timeout: Duration,
    /// How failed attempts are repeated.
    #[serde(default)]
    pub retry: RetryPolicy,
    /// When calls stop for a while.
    #[serde(default)]
    pub breaker: BreakerPolicy,
}

/// What is wrong with the configuration, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// An address that no request can be built from.
    #[error("{key} is {url}: give an http(s) address without query, fragment and user name")]
    Address {
        /// The configuration key.
        key: &'static str,
        /// What it holds.
        url: Url,
    },
    /// Secrets would travel in clear text.
    #[error("{key} is {url}: use https (plain http is accepted for this machine only)")]
    PlainHttp {
        /// The configuration key.
        key: &'static str,
        /// What it holds.
        url: Url,
    },
    /// Nothing is given where something must be.
    #[error("{key} is empty: {cure}")]
    Empty {
        /// The configuration key.
        key: &'static str,
        /// Where to find the value.
        cure: &'static str,
    },
    /// A number that would stop every call.
    #[error("{key} is 0: give at least 1")]
    Zero {
        /// The configuration key.
        key: &'static str,
    },
    /// The process has no TLS implementation installed.
    #[error("no TLS provider is installed: install rustls' ring provider before the client is built")]
    NoTlsProvider,
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be built: {0}")]
    HttpClient(String),
}

impl SecureAuthConfig {
    /// The least that must be said; everything else takes its default.
    #[must_use]
    pub fn new(
        api_base: Url,
        tenant_id: impl Into<String>,
        admin_issuer: Url,
        system_issuer: Url,
        admin: Credentials,
        system: Credentials,
    ) -> Self {
        Self {
            api_base,
            tenant_id: tenant_id.into(),
            routing: Routing::default(),
            admin_issuer,
            system_issuer,
            admin,
            system,
            system_powers: SystemPowers::default(),
            limits: Limits::default(),
            request_timeout: request_timeout(),
            connect_timeout: connect_timeout(),
            retry: RetryPolicy::default(),
            breaker: BreakerPolicy::default(),
        }
    }

    /// The client that holds `power`: its own, or the system client.
    pub(crate) fn credentials_for(&self, power: Power) -> &Credentials {
        let own = match power {
            Power::ManageConfiguration => &self.system_powers.manage_configuration,
            Power::Identity => &self.system_powers.identity,
            Power::RevokeTokens => &self.system_powers.revoke_tokens,
        };
        own.as_ref().unwrap_or(&self.system)
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        check_address("api_base", &self.api_base)?;
        check_address("admin_issuer", &self.admin_issuer)?;
        check_address("system_issuer", &self.system_issuer)?;
        if self.tenant_id.trim().is_empty() {
            let cure = "it is the first part of the host name, or the segment after the host in an issuer";
            return Err(ConfigError::Empty { key: "tenant_id", cure });
        }
        check_credentials("admin", &self.admin)?;
        check_credentials("system", &self.system)?;
        let powers = &self.system_powers;
        for (key, own) in [
            ("system_powers.manage_configuration", &powers.manage_configuration),
            ("system_powers.identity", &powers.identity),
            ("system_powers.revoke_tokens", &powers.revoke_tokens),
        ] {
            own.as_ref().map_or(Ok(()), |own| check_credentials(key, own))?;
        }
        self.check_numbers()
    }

    fn check_numbers(&self) -> Result<(), ConfigError> {
        let numbers = [
            ("limits.requests_per_second", self.limits.requests_per_second == 0),
            ("limits.burst", self.limits.burst == 0),
            ("limits.max_in_flight", self.limits.max_in_flight == 0),
            ("request_timeout_ms", self.request_timeout.is_zero()),
            ("connect_timeout_ms", self.connect_timeout.is_zero()),
            ("retry.max_attempts", self.retry.max_attempts == 0),
            ("breaker.failures", self.breaker.failures == 0),
        ];
        numbers.into_iter().find(|(_, zero)| *zero).map_or(Ok(()), |(key, _)| Err(ConfigError::Zero { key }))
    }
}

/// Whether the address is on this machine, where plain http harms nobody and no proxy belongs.
pub(crate) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

fn check_address(key: &'static str, url: &Url) -> Result<(), ConfigError> {
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !usable {
        let mut url = url.clone();
        // A password typed into an address is not repeated in the message; where none can be, none is.
        let _ = url.set_password(None);
        url.set_query(None);
        return Err(ConfigError::Address { key, url });
    }
    if url.scheme() == "http" && !is_local(url) {
        return Err(ConfigError::PlainHttp { key, url: url.clone() });
    }
    Ok(())
}

fn check_credentials(key: &'static str, credentials: &Credentials) -> Result<(), ConfigError> {
    let cure = "create a client of type Service in that workspace and copy its id and secret";
    if credentials.client_id.trim().is_empty() || credentials.client_secret.expose_secret().is_empty() {
        return Err(ConfigError::Empty { key, cure });
    }
    Ok(())
}

fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

const fn request_timeout() -> Duration {
    Duration::from_secs(20)
}

const fn connect_timeout() -> Duration {
    Duration::from_secs(5)
}
