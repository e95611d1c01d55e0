//! Composition root: configuration, command line, HTTP, sessions, telemetry.

pub mod cli;
mod compose;
pub mod config;
mod embedded_sandbox;
pub mod error;
mod http;
mod import;
mod migrate;
mod otlp;
pub mod runtime;
mod serve;
mod telemetry;
mod terminal;
mod vendor_gauges;

use std::{path::Path, process::ExitCode, sync::Arc};

use cli::{AuditCommand, Cli, Command, ImportCommand, Noted, SandboxArgs, VerifyArgs};
use config::{Config, ConfigError};
use error::StartError;
pub use http::doors;
use otlp::Otlp;
use services::doctor;

/// Does what the command line asks for. Errors go to standard error with their cure; the exit code is 1 then.
pub async fn main(cli: Cli) -> ExitCode {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was installed before");
    }
    match obey(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn obey(cli: Cli) -> Result<(), StartError> {
    let config = match Config::load(cli.config.as_deref()) {
        Ok(config) => config,
        Err(error) => return Err(unlogged(error)),
    };
    let otlp = match cli.command {
        Command::Serve(_) | Command::Worker(_) => Otlp::start(&config.telemetry)?,
        _ => None,
    };
    telemetry::start_logging(&config.log, otlp.as_ref());
    let data_dir = cli.data_dir.as_path();
    match cli.command {
        Command::Serve(args) => serve::serve(config, data_dir, args, otlp).await,
        Command::Worker(args) => serve::work(config, data_dir, args, otlp).await,
        Command::Doctor => examine(&config, data_dir).await,
        Command::Import(ImportCommand::Billers { file }) => import::billers(&config, data_dir, &file).await,
        Command::Migrate(command) => migrate::obey(&config, data_dir, command).await,
        Command::Audit(AuditCommand::Verify(args)) => verify(&config, data_dir, args).await,
        Command::Sandbox(args) => stand_in(&config, data_dir, &args).await,
        Command::Config => {
            terminal::line(config::DEFAULTS);
            Ok(())
        }
    }
}

/// The configuration says how to log, so its own errors come before logging is set up.
fn unlogged(error: ConfigError) -> StartError {
    telemetry::start_logging(
        &config::LogConfig { filter: "info".to_owned(), format: config::LogFormat::Text },
        None,
    );
    error.into()
}

async fn examine(config: &Config, data_dir: &Path) -> Result<(), StartError> {
    let console = compose::console(config, data_dir, config.server.public_addr, None).await?;
    terminal::findings(&doctor::examine(&console).await)
}

async fn verify(config: &Config, data_dir: &Path, args: VerifyArgs) -> Result<(), StartError> {
    use storage::audit;
    let store = compose::open_store(config, data_dir).await?;
    let mut conn = store.read().await?;
    let entries =
        audit::verify(&mut conn).await.map_err(|error| StartError::BrokenChain(error.to_string()))?;
    if let Some(Noted { seq, hash }) = args.noted
        && audit::hash_of(&mut conn, seq).await?.is_none_or(|present| present != hash)
    {
        return Err(StartError::Rewritten(seq));
    }
    terminal::line(&format!("The audit log is whole: {entries} entries."));
    if let Some(hash) = audit::hash_of(&mut conn, entries).await? {
        terminal::line(&format!("It ends with {entries}:{hash}"));
    }
    Ok(())
}

async fn stand_in(config: &Config, data_dir: &Path, args: &SandboxArgs) -> Result<(), StartError> {
    let addr = args.addr.unwrap_or(config.sandbox.addr);
    if args.keep {
        compose::make_private_dir(data_dir)?;
    }
    let settings = embedded_sandbox::settings(config, args.keep.then_some(data_dir), addr);
    let sandbox =
        sandbox::Sandbox::start(settings, Arc::new(runtime::SystemClock), Arc::new(runtime::SystemEntropy))
            .await?;
    terminal::line(&format!("SecureAuth stand-in   {}", sandbox.base_url()));
    serve::stop_signal().cancelled().await;
    sandbox.shutdown().await;
    Ok(())
}
