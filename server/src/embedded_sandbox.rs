//! The embedded stand-in for SecureAuth, and the configuration that points to it.

use std::{net::SocketAddr, path::Path, sync::Arc};

use sandbox::{DeactivatedEffect, RunningSandbox, Sandbox, SandboxConfig};
use serde_json::json;

use crate::{
    compose,
    config::{Config, Deactivated},
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
        ..SandboxConfig::default()
    }
}

/// Starts the sandbox and points the section `secureauth` to it.
///
/// # Errors
/// [`StartError`] when nothing can listen there or the state cannot be read.
pub(crate) async fn start(
    config: &mut Config,
    data_dir: &Path,
    addr: SocketAddr,
) -> Result<RunningSandbox, StartError> {
    compose::make_private_dir(data_dir)?;
    let settings = settings(config, Some(data_dir), addr);
    let tenant = settings.tenant_id.clone();
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
    Ok(sandbox)
}
