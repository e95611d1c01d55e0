//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

pub use crate::migrate::args::MigrateCommand;

/// Runs and watches the move of billers to SecureAuth CIAM.
#[derive(Debug, Parser)]
#[command(name = "ciam-console", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Configuration file with what differs from the defaults (`ciam-console config` prints them).
    #[arg(long, global = true, env = "CIAM_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the embedded database and the sandbox keep their files.
    #[arg(long, global = true, default_value = ".local", value_name = "DIR")]
    pub data_dir: PathBuf,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the console and the public login URLs, and work off the jobs.
    Serve(ServeArgs),
    /// Work off the jobs only, beside other servers (PostgreSQL).
    Worker(WorkerArgs),
    /// Check database, vendor, tokens, scopes and clock; every problem comes with its cure.
    Doctor,
    /// Bring data in.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Move a biller's users: the same as its page does. A server or worker has to run beside it.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Run the stand-in for SecureAuth alone, on its own port.
    Sandbox(SandboxArgs),
    /// Print the commented default configuration.
    Config,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Start the stand-in for SecureAuth too and work against it.
    #[arg(long)]
    pub sandbox: bool,
    /// Fill an empty database with made-up billers.
    #[arg(long)]
    pub samples: bool,
    /// Where the console listens, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    pub console_addr: Option<SocketAddr>,
    /// Where login URLs are answered, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    pub public_addr: Option<SocketAddr>,
    /// Where measurements and health are told, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    pub ops_addr: Option<SocketAddr>,
    /// Where the sandbox listens, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    pub sandbox_addr: Option<SocketAddr>,
    /// Write the addresses into this file as JSON once everything answers.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
}

/// How to work.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Where measurements and health are told, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    pub ops_addr: Option<SocketAddr>,
    /// Write the address into this file as JSON once it answers.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
}

/// What to bring in.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Billers from a CSV file with the columns bid and name, and optionally state, ownership, customers, tier, time_zone, portfolio.
    Billers {
        /// The file.
        file: PathBuf,
    },
}

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check the hash chain: finds any edited, removed or inserted entry.
    Verify(VerifyArgs),
}

/// What to check the audit log against.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// An entry as it was noted before, from an export or from this command: finds a log that was written anew.
    #[arg(long, value_name = "NUMBER:HASH", value_parser = noted)]
    pub noted: Option<Noted>,
}

/// The number and the hash of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Its number.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

fn noted(text: &str) -> Result<Noted, String> {
    let parts = text.trim().split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
    let hex = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    match parts {
        Some((seq, hash)) if seq > 0 && hex(hash) => Ok(Noted { seq, hash: hash.to_ascii_lowercase() }),
        _ => Err("write it as NUMBER:HASH, with the 64 hexadecimal digits of the entry's hash".to_owned()),
    }
}

/// How to run the sandbox alone.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Where it listens, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    pub addr: Option<SocketAddr>,
    /// Keep its state in the data directory over a restart.
    #[arg(long)]
    pub keep: bool,
}
