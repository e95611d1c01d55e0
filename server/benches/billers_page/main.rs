//! The billers page against a hand-written axum + sqlx page with the same queries and the same markup.
//!
//! For each number of billers the real program imports made-up billers and serves them; a peer, this program
//! again as a child process, serves the same page from the same database file. Rounds of load take turns, so
//! that whatever else the machine does meets both; medians are reported. Slowness is a figure, never an error.
//!
//! `make bench BENCH=billers_page ARGS="--billers 1000 --rounds 2 --seconds 0.5"` takes a quick look.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its answer is a table on standard output")]

mod compare;
mod database;
mod figures;
mod http;
mod load;
mod made_up;
mod peer;
mod process;
mod report;
mod same_page;
mod world;

use std::{error::Error, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};

/// What every part answers with: a benchmark's errors are read by people, not handled.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Debug, Parser)]
#[command(name = "billers_page")]
struct Cli {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    plan: Plan,
    /// Passed by `cargo bench`.
    #[arg(long = "bench", hide = true)]
    _bench: bool,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// The hand-written page; started by the benchmark itself.
    Peer(PeerArgs),
}

/// What the hand-written page works with.
#[derive(Debug, Args)]
pub(crate) struct PeerArgs {
    /// The console's database file.
    #[arg(long)]
    database: PathBuf,
    /// A page as the console made it.
    #[arg(long)]
    page: PathBuf,
    /// Where to write the address once it answers.
    #[arg(long)]
    ready_file: PathBuf,
}

/// How much is measured.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// Numbers of billers.
    #[arg(long, value_delimiter = ',', default_value = "1000,3403,100000")]
    billers: Vec<usize>,
    /// Rounds; the figures are their medians.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Seconds of load in one round on one server.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
}

impl Plan {
    /// The length of a round.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs_f64(self.seconds.clamp(0.05, 60.0))
    }
}

fn main() -> ExitCode {
    match obey(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn obey(cli: Cli) -> Outcome<()> {
    match cli.role {
        // As the console runs: one thread per core.
        Some(Role::Peer(args)) => tokio::runtime::Runtime::new()?.block_on(peer::serve(&args)),
        // One thread: the load must leave the machine to the servers.
        None => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(compare::run(&cli.plan))
        }
    }
}
