//! What a sandbox is made of.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

/// Everything a sandbox can be told. `Default` gives a working one on a free port.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The URL the outside knows this sandbox by, without a trailing slash. Issuers are built from it.
    /// `None`: `http://` and the address listened on.
    pub public_url: Option<String>,
    /// The one tenant this sandbox plays.
    pub tenant_id: String,
    /// Whether URLs carry the tenant.
    pub routing: Routing,
    /// The client of the `admin` workspace.
    pub admin_client: ClientCredentials,
    /// The client of the `system` workspace.
    pub system_client: ClientCredentials,
    /// The scopes the system client may ask for.
    pub system_scopes: Vec<String>,
    /// Where state is kept. `None`: in memory only.
    pub state_file: Option<PathBuf>,
    /// What `deactivated: true` on an organization does.
    pub deactivated_effect: DeactivatedEffect,
    /// The limit per API group. `None`: no limit.
    pub rate_limit: Option<RateLimit>,
    /// How long an access token lives.
    pub token_ttl: Duration,
    /// Id of the workspace that exists from the start, the parent of organizations.
    pub parent_workspace_id: String,
    /// Id of the theme that exists from the start.
    pub shared_theme_id: String,
    /// Seed of the dice behind faults with a probability.
    pub seed: u64,
    /// How the sandbox plays IC, which stands beside the vendor.
    pub ic: IcConfig,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            tenant_id: "sandbox".to_owned(),
            routing: Routing::default(),
            admin_client: ClientCredentials::new("sandbox-admin", "sandbox-admin-secret-not-for-production"),
            system_client: ClientCredentials::new(
                "sandbox-system",
                "sandbox-system-secret-not-for-production",
            ),
            system_scopes: SYSTEM_SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
            state_file: None,
            deactivated_effect: DeactivatedEffect::default(),
            rate_limit: None,
            token_ttl: Duration::from_secs(3_600),
            parent_workspace_id: "billers".to_owned(),
            shared_theme_id: "shared-theme".to_owned(),
            seed: 1,
            ic: IcConfig::default(),
        }
    }
}

/// What IC shares with the console. `Debug` does not show the secret.
#[derive(Clone)]
pub struct IcConfig {
    /// The secret with which the console signs its events: `whsec_` and base64 (Standard Webhooks).
    pub event_secret: String,
    /// How the CRM names the console in the launches that it signs.
    pub launch_audience: String,
    /// The console at which the portal redeems sign-ins and which the CRM opens. `None`: the portal shows what came
    /// back and stops, and the CRM has nothing to show.
    pub console: Option<ConsoleAccess>,
}

impl Default for IcConfig {
    fn default() -> Self {
        Self {
            event_secret: "whsec_c2FuZGJveC1ldmVudC1zZWNyZXQtbm90LWZvci1wcm9kdWN0aW9u".to_owned(),
            launch_audience: "ciam-console".to_owned(),
            console: None,
        }
    }
}

impl fmt::Debug for IcConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IcConfig").field("console", &self.console).finish_non_exhaustive()
    }
}

/// How the portal reaches the console's API. `Debug` does not show the key.
#[derive(Clone)]
pub struct ConsoleAccess {
    /// The console's address, without a path.
    pub url: String,
    /// One of the console's API keys.
    pub api_key: String,
}

impl fmt::Debug for ConsoleAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleAccess").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The scopes of the system workspace (vendor contract, access tokens).
pub const SYSTEM_SCOPES: &[&str] = &[
    "identity",
    "identity_self_registration",
    "manage_clients",
    "manage_configuration",
    "manage_servers",
    "read_configuration",
    "revoke_tokens",
    "view_audit_events",
    "view_clients",
];

/// Whether URLs carry the tenant (vendor contract, the URL forms).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// `{host}/{tenant}/{workspace}` and `{host}/api/admin/{tenant}`.
    #[default]
    TenantInPath,
    /// `{host}/{workspace}` and `{host}/api/admin`: the host itself names the tenant.
    TenantDomain,
}

/// What `deactivated: true` on an organization does; the vendor does not document it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeactivatedEffect {
    /// Nothing: people sign in as before.
    #[default]
    None,
    /// Nobody signs in and no token is issued.
    BlocksLogin,
}

/// A limit per API group: `burst` at once, `per_second` on average.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct RateLimit {
    /// Requests a second that are always fine.
    pub per_second: f64,
    /// Requests at once.
    pub burst: u32,
}

/// A client id with its secret. `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct ClientCredentials {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: String,
}

impl ClientCredentials {
    /// From id and secret.
    #[must_use]
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into() }
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials").field("id", &self.id).field("secret", &"***").finish()
    }
}
