//! What watching the vendor costs: reading the default page's measurements with a year of history beside one day of it,
//! and recording a call beside the cheapest call there is. Slowness is a figure, never an error.
//!
//! `cargo bench --bench vendor_watch -- --days 30 --rounds 5` takes a quick look.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its answer is a table on standard output")]

#[path = "../users_move/child.rs"]
mod child;
mod history;
mod recording;
#[expect(dead_code, reason = "its moves of users are measured by another benchmark")]
#[path = "../users_move/world.rs"]
mod world;

use std::{error::Error, process::ExitCode};

/// What every part answers with: a benchmark's errors are read by people, not handled.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    // The provider is installed once for the process; every later attempt says that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("stand-in") => child::stand_in(&args).await,
        _ => measure(&args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vendor_watch: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Other benchmarks' options are passed over: `make bench` gives all of them the same.
async fn measure(args: &[String]) -> Outcome<()> {
    let after = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let number = |name, usual| after(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    println!("\n## Watch over the vendor\n\nLoad average before: {load}.\n");
    let vendor = child::StandIn::start(0)?;
    history::measure(&vendor, number("--days", 365), number("--rounds", 15)).await?;
    recording::measure(&vendor).await
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
