//! The configuration: built-in defaults, then a file, then environment variables.

mod access;
mod approvals;
mod drift;
mod launch;
mod migration;
mod oidc;
mod probes;
mod schedules;
mod telemetry;
mod vendor_review;

use std::{net::SocketAddr, num::NonZeroU32, path::Path};

use axum::http::HeaderName;
use domain::{
    plan::{ClientAuth, PlanSettings},
    policy::NewBillerPolicy,
};
use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use secrecy::SecretString;
use secureauth::SecureAuthConfig;
use serde::Deserialize;
use services::settings::{Environment, Receiver};
use thiserror::Error;
use url::Url;

pub use self::access::{EmbeddingConfig, SessionsConfig};
pub use self::approvals::ApprovalsConfig;
pub use self::drift::DriftConfig;
pub use self::launch::LaunchSection;
pub use self::migration::MigrationSection;
pub use self::oidc::OidcSection;
pub use self::probes::ProbesConfig;
pub use self::schedules::SchedulesConfig;
pub use self::telemetry::TelemetryConfig;
pub use self::vendor_review::{AlertsSection, ContractSection, IncidentsSection};

/// The commented defaults; also the manual (`ciam-console config`).
pub const DEFAULTS: &str = include_str!("../../../config.default.toml");

/// Stands in addresses for wherever the embedded sandbox answers.
const SANDBOX: &str = "{sandbox}";

/// The whole configuration, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which environment this is.
    pub environment: Environment,
    /// Listeners and workers.
    pub server: ServerConfig,
    /// Where our own data is.
    pub database: DatabaseConfig,
    /// The public edge.
    pub public: PublicConfig,
    /// The vendor; read by [`Config::secureauth`] so that the sandbox can fill it in.
    pub secureauth: figment::value::Value,
    /// How objects at the vendor are made.
    pub objects: ObjectsConfig,
    /// The policy for billers that IC announces.
    pub new_billers: NewBillerPolicy,
    /// Scans for drift of settings.
    pub drift: DriftConfig,
    /// Times at which something is to happen.
    pub schedules: SchedulesConfig,
    /// What a second person has to approve.
    pub approvals: ApprovalsConfig,
    /// Systems of IC that may call the API.
    #[serde(default)]
    pub api_keys: Vec<ApiKey>,
    /// Who is told of events.
    #[serde(default)]
    pub receivers: Vec<ReceiverConfig>,
    /// Launches from the CRM.
    pub launch: LaunchSection,
    /// How users are moved.
    pub migration: MigrationSection,
    /// Signing in directly.
    pub oidc: OidcSection,
    /// How many requests one address or session may send.
    pub limits: LimitsConfig,
    /// How long people stay signed in.
    pub sessions: SessionsConfig,
    /// How the vendor is probed.
    pub probes: ProbesConfig,
    /// What the contract with the vendor says.
    pub contract: ContractSection,
    /// When incidents of the vendor begin and end.
    pub incidents: IncidentsSection,
    /// Who is told of alerts.
    pub alerts: AlertsSection,
    /// Who may show the console in a frame.
    pub embedding: EmbeddingConfig,
    /// The embedded stand-in.
    pub sandbox: SandboxSection,
    /// Logging.
    pub log: LogConfig,
    /// Where measurements and traces are sent.
    pub telemetry: TelemetryConfig,
}

/// Listeners and workers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Where the console listens.
    pub console_addr: SocketAddr,
    /// Where login URLs are answered.
    pub public_addr: SocketAddr,
    /// Where measurements and health are told to our own monitoring; none to tell nobody.
    #[serde(deserialize_with = "address_or_none")]
    pub ops_addr: Option<SocketAddr>,
    /// Workers in this process.
    pub workers: usize,
    /// Seconds a stop waits.
    pub shutdown_seconds: u64,
}

/// Where our own data is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:…`, `postgres://…`, or empty for a file in the data directory.
    pub url: String,
    /// Connections at most.
    pub max_connections: u32,
}

/// The public edge.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicConfig {
    /// How people reach the public listener; empty for its own address.
    pub url: String,
    /// IC's own login page.
    pub legacy_login_url: String,
}

/// How objects at the vendor are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectsConfig {
    /// Begins every organization id.
    pub id_prefix: String,
    /// The workspace under which organizations are made.
    pub parent_workspace: String,
    /// An organization to copy from; empty for none.
    pub template: String,
    /// The shared theme; empty for none.
    pub theme: String,
    /// Where IC takes a sign-in back.
    pub redirect_uris: Vec<String>,
    /// Where people land after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// How IC proves itself.
    pub client_auth: ClientAuth,
}

impl ObjectsConfig {
    /// As the rules take it.
    #[must_use]
    pub fn plan(&self) -> PlanSettings {
        let optional = |text: &String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        PlanSettings {
            id_prefix: self.id_prefix.clone(),
            parent_workspace: self.parent_workspace.clone(),
            template: optional(&self.template),
            theme: optional(&self.theme),
            redirect_uris: self.redirect_uris.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            client_auth: self.client_auth.clone(),
        }
    }
}

/// A system of IC that may call the API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// How it is named in the audit log.
    pub name: String,
    /// The key it sends as a bearer token.
    pub key: SecretString,
}

/// A receiver of events.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverConfig {
    /// Its name on the page.
    pub name: String,
    /// Where events are posted.
    pub url: Url,
    /// The signing secret.
    pub secret: SecretString,
}

impl From<ReceiverConfig> for Receiver {
    fn from(config: ReceiverConfig) -> Self {
        Self { name: config.name, url: config.url, secret: config.secret }
    }
}

/// How many requests one address or session may send.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// One address, on the console's listener.
    pub address: Rate,
    /// One session.
    pub session: Rate,
    /// One address, on the public listener.
    pub public_address: Rate,
    /// The header in which a proxy says who asks; none where the connection itself says it.
    #[serde(deserialize_with = "header_name")]
    pub client_address_header: Option<HeaderName>,
}

/// A rate of requests.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a second in the long run.
    pub per_second: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

fn address_or_none<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim().parse().map(Some).map_err(serde::de::Error::custom)
}

fn header_name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderName>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.to_ascii_lowercase().parse().map(Some).map_err(serde::de::Error::custom)
}

/// The embedded stand-in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxSection {
    /// Where it listens.
    pub addr: SocketAddr,
    /// What `deactivated` does there.
    pub deactivated: Deactivated,
    /// The console at which IC's portal, which the sandbox plays too, redeems sign-ins; empty for none.
    pub console_url: String,
    /// One of that console's API keys.
    pub api_key: SecretString,
}

/// What `deactivated` does to an organization in the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deactivated {
    /// Nothing that shows from outside.
    None,
    /// Nobody can sign in.
    BlocksLogin,
}

/// Logging.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// Filter in the syntax of tracing.
    pub filter: String,
    /// Text or JSON.
    pub format: LogFormat,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Why the configuration cannot be used, and what to change.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A key is unknown, missing or of the wrong type; figment names key and source.
    #[error(
        "The configuration cannot be read: {0}. `ciam-console config` prints every key with its meaning."
    )]
    Read(#[from] Box<figment::Error>),
    /// The file is not there.
    #[error("There is no configuration file {0}: check the path given with --config.")]
    NoFile(String),
    /// A value cannot work.
    #[error("{key}: {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl Config {
    /// Reads the defaults, then `file`, then variables beginning with `CIAM_`.
    ///
    /// # Errors
    /// [`ConfigError`] names the key, where it came from, and the cure.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.display().to_string()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Self = figment
            .merge(Env::prefixed("CIAM_").ignore(&["config", "test_postgres_url"]).split("__"))
            .extract()
            .map_err(Box::new)?;
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        use secrecy::ExposeSecret;
        let value = |key, problem: &str| ConfigError::Value { key, problem: problem.to_owned() };
        if self.objects.redirect_uris.is_empty() {
            return Err(value("objects.redirect_uris", "give at least one: sign-ins come back there"));
        }
        if self.objects.id_prefix.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
        {
            return Err(value("objects.id_prefix", "use lower-case letters, digits and dashes only"));
        }
        if let Some(key) = self.api_keys.iter().find(|key| key.key.expose_secret().len() < 32) {
            return Err(ConfigError::Value {
                key: "api_keys",
                problem: format!(
                    "the key of {:?} is shorter than 32 characters: make a longer one",
                    key.name
                ),
            });
        }
        self.sessions.check()?;
        self.probes.check()?;
        self.telemetry.check()?;
        self.embedding.check()?;
        if self.environment == Environment::Production && self.public.url.is_empty() {
            return Err(value("public.url", "production needs the public address: login URLs begin with it"));
        }
        if self.environment == Environment::Production && !self.migration.has_key() {
            return Err(value(
                "migration.key",
                "production needs a key that is not kept beside the rows it encrypts",
            ));
        }
        self.migration.check()?;
        self.launch.settings()?;
        self.oidc.settings()?;
        self.contract.settings()?;
        self.incidents.settings()?;
        self.alerts.settings()?;
        Ok(self)
    }

    /// Whether changes of high risk wait for a second person: always in production.
    #[must_use]
    pub fn second_person(&self) -> bool {
        self.environment == Environment::Production || self.approvals.second_person
    }

    /// Every address of IC's systems, with its key.
    fn ic_addresses(&mut self) -> Vec<(&'static str, &mut String)> {
        let objects = &mut self.objects;
        let mut addresses = vec![("public.legacy_login_url", &mut self.public.legacy_login_url)];
        addresses.extend(objects.redirect_uris.iter_mut().map(|uri| ("objects.redirect_uris", uri)));
        addresses.extend(
            objects
                .post_logout_redirect_uris
                .iter_mut()
                .map(|uri| ("objects.post_logout_redirect_uris", uri)),
        );
        if let ClientAuth::PrivateKeyJwt { jwks_uri } = &mut objects.client_auth {
            addresses.push(("objects.client_auth.jwks_uri", jwks_uri));
        }
        addresses
    }

    /// Lets the sandbox, which answers at `base`, play IC: it is told of events where nobody else is, and its portal
    /// may redeem sign-ins with `key`.
    ///
    /// # Errors
    /// [`ConfigError::Value`] when `base` is no URL.
    pub fn let_in_sandbox(&mut self, base: &str, event_secret: &str, key: &str) -> Result<(), ConfigError> {
        let url = format!("{base}/ic/events");
        let url = Url::parse(&url).map_err(|error| ConfigError::Value {
            key: "sandbox.addr",
            problem: format!("{url}: {error}"),
        })?;
        if self.receivers.is_empty() {
            let secret = event_secret.to_owned().into();
            self.receivers.push(ReceiverConfig { name: "IC (sandbox)".to_owned(), url, secret });
        }
        self.api_keys.push(ApiKey { name: "portal (sandbox)".to_owned(), key: key.to_owned().into() });
        Ok(())
    }

    /// Lets the sandbox, which answers at `base`, play IC's systems where the configuration says `{sandbox}`.
    pub fn fill_in_sandbox(&mut self, base: &str) {
        for (_, address) in self.ic_addresses() {
            *address = address.replace(SANDBOX, base);
        }
        self.launch.fill_in_sandbox(base);
    }

    /// The address of IC's own login page.
    ///
    /// # Errors
    /// [`ConfigError::Value`] when it is no URL.
    pub fn legacy_login_url(&self) -> Result<Url, ConfigError> {
        Url::parse(&self.public.legacy_login_url).map_err(|error| ConfigError::Value {
            key: "public.legacy_login_url",
            problem: format!("{:?} is not a URL: {error}", self.public.legacy_login_url),
        })
    }

    /// In the sandbox people choose their role, so it must not reach anything real: vendor and console have to
    /// be on this machine. The other way round, a real environment never works against the embedded sandbox.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the setting to change.
    pub fn keep_sandbox_apart(&self, console_addr: SocketAddr, embedded: bool) -> Result<(), ConfigError> {
        let refuse = |key, problem: &str| Err(ConfigError::Value { key, problem: problem.to_owned() });
        if self.environment != Environment::Sandbox {
            if embedded {
                return refuse("environment", "`serve --sandbox` works with environment = \"sandbox\" only");
            }
            let mut copy = self.clone();
            return match copy.ic_addresses().iter().find(|(_, address)| address.contains(SANDBOX)) {
                Some((key, _)) => refuse(key, "it still says {sandbox}: give the real address"),
                None => Ok(()),
            };
        }
        if !is_loopback(&self.secureauth()?.api_base) {
            return refuse(
                "environment",
                "\"sandbox\" lets anyone choose a role, but secureauth.api_base is a real vendor: set \"test\" or \"production\"",
            );
        }
        if !console_addr.ip().is_loopback() {
            return refuse(
                "server.console_addr",
                "in the sandbox anyone may choose a role: listen on 127.0.0.1",
            );
        }
        Ok(())
    }

    /// Fills the vendor section with addresses that cannot exist (RFC 2606): every call would fail at once.
    ///
    /// # Errors
    /// Never in practice: the values are fixed.
    pub fn point_nowhere(&mut self) -> Result<(), ConfigError> {
        let client = serde_json::json!({ "client_id": "none", "client_secret": "none" });
        self.set_secureauth(serde_json::json!({
            "api_base": "https://vendor.invalid",
            "tenant_id": "none",
            "admin_issuer": "https://vendor.invalid/none/admin",
            "system_issuer": "https://vendor.invalid/none/system",
            "admin": client,
            "system": client,
        }))
    }

    /// Replaces the vendor section.
    ///
    /// # Errors
    /// When the value cannot be a section.
    pub fn set_secureauth(&mut self, section: serde_json::Value) -> Result<(), ConfigError> {
        self.secureauth = figment::value::Value::serialize(section).map_err(Box::new)?;
        Ok(())
    }

    /// The vendor section.
    ///
    /// # Errors
    /// [`ConfigError`] names the key that is missing or wrong.
    pub fn secureauth(&self) -> Result<SecureAuthConfig, ConfigError> {
        self.secureauth.deserialize().map_err(|error: figment::Error| {
            let hint = "the section [secureauth] is not complete; to try the console without a tenant, use `serve --sandbox`";
            ConfigError::Value { key: "secureauth", problem: format!("{error} ({hint})") }
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
