//! Puts the parts together: store, vendor client, settings.

use std::{net::SocketAddr, path::Path, sync::Arc};

use secureauth::SecureAuth;
use services::{Console, Settings, deliver_events, performance::record::CallRecorder, settings::Environment};
use storage::{OpenOptions, Store};
use url::Url;

use crate::{
    config::Config,
    error::StartError,
    otlp::Otlp,
    runtime::{SystemClock, SystemEntropy},
    telemetry::VendorMetrics,
};

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// [`StartError`] with the cure.
pub(crate) async fn open_store(config: &Config, data_dir: &Path) -> Result<Store, StartError> {
    let url = if config.database.url.is_empty() {
        make_private_dir(data_dir)?;
        format!("sqlite:{}", data_dir.join("console.db").display())
    } else {
        config.database.url.clone()
    };
    let options = OpenOptions { migrate: true, max_connections: config.database.max_connections };
    Ok(Store::open(&url, options).await?)
}

/// The data directory is for the server's own eyes.
pub(crate) fn make_private_dir(dir: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| StartError::DataDir { dir: dir.display().to_string(), error })
}

/// Puts the console together. `public_addr` is where login URLs are really answered.
///
/// # Errors
/// [`StartError`] with the cure.
pub(crate) async fn console(
    config: &Config,
    data_dir: &Path,
    public_addr: SocketAddr,
    otlp: Option<&Otlp>,
) -> Result<Console, StartError> {
    let store = open_store(config, data_dir).await?;
    let entropy = Arc::new(SystemEntropy);
    let vendor_config = config.secureauth()?;
    let mut config = config.clone();
    if config.environment == Environment::Sandbox {
        // Beside a sandbox that runs by itself, too, IC's systems are where the vendor is.
        config.fill_in_sandbox(vendor_config.api_base.as_str().trim_end_matches('/'));
    }
    let clock = Arc::new(SystemClock);
    let recorder = Arc::new(CallRecorder::new(clock.clone(), entropy.clone()));
    let metrics = VendorMetrics { recorder: Arc::clone(&recorder), tracer: otlp.map(Otlp::tracer) };
    let vendor = SecureAuth::new(vendor_config, entropy.clone(), Arc::new(metrics))?;
    let http = deliver_events::http_client().map_err(|error| StartError::HttpClient(error.to_string()))?;
    Ok(Console::new(store, vendor, http, clock, entropy, Arc::new(settings(&config, public_addr, data_dir)?))
        .recording(recorder))
}

/// The console for commands that never call the vendor, so that they work before its section is filled in.
///
/// # Errors
/// [`StartError`] with the cure.
pub(crate) async fn without_vendor(config: &Config, data_dir: &Path) -> Result<Console, StartError> {
    let mut config = config.clone();
    if config.secureauth().is_err() {
        config.point_nowhere()?;
    }
    console(&config, data_dir, config.server.public_addr, None).await
}

fn settings(config: &Config, public_addr: SocketAddr, data_dir: &Path) -> Result<Settings, StartError> {
    let public_url = if config.public.url.is_empty() {
        format!("http://{public_addr}")
    } else {
        config.public.url.clone()
    };
    let public_url =
        Url::parse(&public_url).map_err(|error| StartError::PublicUrl { url: public_url.clone(), error })?;
    Ok(Settings {
        environment: config.environment,
        plan: config.objects.plan(),
        new_billers: config.new_billers.clone(),
        drift_scan_every: config.drift.every(),
        zone: config.schedules.time_zone.clone(),
        second_person: config.second_person(),
        public_url,
        legacy_login_url: config.legacy_login_url()?,
        launch: config.launch.settings()?,
        company_sign_in: config.oidc.settings()?,
        migration: {
            make_private_dir(data_dir)?;
            config.migration.settings(data_dir)?
        },
        receivers: config.receivers.iter().cloned().map(Into::into).collect(),
        probes: config.probes.settings(),
        numbers: config.probes.numbers(),
        contract: config.contract.settings()?,
        watch: config.incidents.settings()?,
        alerts: config.alerts.settings()?,
    })
}
