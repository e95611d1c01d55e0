//! The embedded stand-in for SecureAuth, and the configuration that points to it.

use std::{net::SocketAddr, path::Path, sync::Arc};

use domain::Entropy as _;
use sandbox::{ConsoleAccess, DeactivatedEffect, IcConfig, RunningSandbox, Sandbox, SandboxConfig};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::{
    compose,
    config::{Config, Deactivated, SandboxSection},
    error::StartError,
    runtime::{SystemClock, SystemEntropy},
};

/// The sandbox as configured; its state is kept in the data directory.
pub(crate) fn settings(config: &Config, state_dir: Option<&Path>, addr: SocketAddr) -> SandboxConfig {
    SandboxConfig {
        addr,
        state_file: state_dir.map(|dir| dir.join("sandbox.json")),
        deactivated_effect: match config.sandbox.deactivated {
            Deactivated::None => DeactivatedEffect::None,
            Deactivated::BlocksLogin => DeactivatedEffect::BlocksLogin,
        },
        ic: IcConfig {
            console: console_of(&config.sandbox),
            launch_audience: config.launch.audience.clone(),
            ..IcConfig::default()
        },
        ..SandboxConfig::default()
    }
}

/// The console that the portal of a sandbox by itself works with, where one is configured.
fn console_of(section: &SandboxSection) -> Option<ConsoleAccess> {
    let (url, key) = (section.console_url.trim(), section.api_key.expose_secret());
    (!url.is_empty() && !key.is_empty())
        .then(|| ConsoleAccess { url: url.to_owned(), api_key: key.to_owned() })
}

/// A key that only this process knows: the portal in it redeems sign-ins at the console in it.
fn key_of_this_process() -> String {
    let mut bytes = [0_u8; 32];
    SystemEntropy.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Starts the sandbox and points the section `secureauth` to it. Its portal finishes sign-ins at the console, which
/// answers at `console_url`, it is told of the console's events, and its CRM shows the console in a frame.
///
/// # Errors
/// [`StartError`] when nothing can listen there or the state cannot be read.
pub(crate) async fn start(
    config: &mut Config,
    data_dir: &Path,
    addr: SocketAddr,
    console_url: String,
) -> Result<RunningSandbox, StartError> {
    compose::make_private_dir(data_dir)?;
    let api_key = key_of_this_process();
    let mut settings = settings(config, Some(data_dir), addr);
    settings.ic.console = Some(ConsoleAccess { url: console_url, api_key: api_key.clone() });
    let (tenant, event_secret) = (settings.tenant_id.clone(), settings.ic.event_secret.clone());
    let sandbox = Sandbox::start(settings, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    let client = |(id, secret): (String, String)| json!({ "client_id": id, "client_secret": secret });
    let section = json!({
        "api_base": sandbox.base_url(),
        "tenant_id": tenant,
        "routing": "tenant_in_path",
        "admin_issuer": sandbox.admin_issuer(),
        "system_issuer": sandbox.system_issuer(),
        "admin": client(sandbox.admin_credentials()),
        "system": client(sandbox.system_credentials()),
        // Nobody else uses the sandbox, so it need not be spared.
        "limits": { "requests_per_second": 200, "burst": 200, "max_in_flight": 8 },
    });
    config.set_secureauth(section)?;
    config.fill_in_sandbox(sandbox.base_url());
    config.let_in_sandbox(sandbox.base_url(), &event_secret, &api_key)?;
    config.embedding.crm_origins.push(sandbox.crm_origin());
    Ok(sandbox)
}
