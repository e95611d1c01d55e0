//! The move of users against bare loops: staging against bare bulk inserts, the run against posting prepared batches
//! with the same parallelism to the same stand-in, which is a process of its own; once with a stand-in that answers at
//! once and takes the processor from whoever asks, once with one that is as far away as a vendor. Rounds take turns,
//! so that whatever else the machine does meets both; medians of the rates and geometric means of the ratios are
//! reported. Then the most memory that a process takes which does nothing but move so many users. Slowness is a
//! figure, never an error.
//!
//! `cargo bench --bench users_move -- --users 2000 --rounds 2 --memory 10000` takes a quick look.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its answer is a table on standard output")]

mod bare;
mod child;
mod memory;
mod report;
mod round;
mod world;

use std::{error::Error, process::ExitCode};

/// What every part answers with: a benchmark's errors are read by people, not handled.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How much is measured.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Users moved in a round.
    pub(crate) users: usize,
    /// Rounds, an even number.
    pub(crate) rounds: usize,
    /// How much longer an import takes in the second table, in milliseconds.
    pub(crate) distance: u64,
    /// Numbers of users of which the memory is measured.
    pub(crate) memory: Vec<usize>,
}

#[tokio::main]
async fn main() -> ExitCode {
    // The provider is installed once for the process; every later attempt says that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("stand-in") => child::stand_in(&args).await,
        Some("mover") => memory::mover(&args).await,
        _ => measure(&plan(&args)).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("users_move: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Other benchmarks' options are passed over: `make bench` gives all of them the same.
fn plan(args: &[String]) -> Plan {
    let after = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let number = |name, usual| after(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let memory = after("--memory").map_or("10000,100000", String::as_str);
    Plan {
        users: number("--users", 10_000),
        // As many are begun by the console as by the bare loop.
        rounds: number("--rounds", 4).next_multiple_of(2),
        distance: u64::try_from(number("--distance", 200)).unwrap_or(200),
        memory: memory.split(',').filter_map(|text| text.parse().ok()).collect(),
    }
}

async fn measure(plan: &Plan) -> Outcome<()> {
    report::conditions(plan);
    for distance in [0, plan.distance] {
        let vendor = child::StandIn::start(distance)?;
        let world = world::World::open(&vendor.address).await?;
        // The first round warms both up and is not counted.
        round::take_turns(&world, "w", plan.users.min(1_000)).await?;
        let mut rounds = Vec::new();
        for n in 0..plan.rounds {
            rounds.push(round::take_turns(&world, &format!("r{n}"), plan.users).await?);
        }
        report::speed(plan, distance, &rounds);
    }
    report::hashing();
    let mut peaks = Vec::new();
    for users in &plan.memory {
        peaks.push((*users, memory::of(*users)?));
    }
    report::memory(&peaks);
    Ok(())
}
