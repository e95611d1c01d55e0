//! A drift scan of many billers against the stand-in, which is a process of its own: how many calls it makes, how long
//! they take without our own limits, and what it makes of the limits as they are configured. Figures, never errors.
//!
//! `cargo bench --bench drift_scan -- --billers 200 --seconds 10` takes a quick look.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its answer is a table on standard output")]

#[path = "../users_move/child.rs"]
mod child;
#[path = "../users_move/world.rs"]
#[expect(dead_code, reason = "the rest of it is for the move of users")]
mod world;

use std::{
    error::Error,
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::settings::{Scan, ScanState};
use secureauth::Limits;
use services::{Console, drift::scan, worker};

/// What every part answers with: a benchmark's errors are read by people, not handled.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// As `config.default.toml` has them.
const CONFIGURED: Limits = Limits { requests_per_second: 20, burst: 20, max_in_flight: 8 };

/// All utilities of the sample.
const BILLERS: usize = 3_403;

#[tokio::main]
async fn main() -> ExitCode {
    // The provider is installed once for the process; every later attempt says that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let number = |name, usual| after(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let done = match args.first().map(String::as_str) {
        Some("stand-in") => child::stand_in(&args).await,
        _ => measure(number("--billers", BILLERS), number("--seconds", 30)).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("drift_scan: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(billers: usize, seconds: usize) -> Outcome<()> {
    let vendor = child::StandIn::start(0)?;
    let world = world::World::open(&vendor.address).await?;
    let begun = Instant::now();
    for n in 0..billers {
        world.biller(&format!("b{n:05}")).await?;
    }
    let enabled = world::peak()?;
    println!(
        "\n## Drift scan\n\n{billers} billers enabled in {:.0} s, {enabled:.0} MiB at most.\n",
        begun.elapsed().as_secs_f64()
    );
    scan::start(&world.console, &world::ops()).await?;
    let begun = Instant::now();
    worker::run_until_idle(&world.console).await?;
    let free = begun.elapsed();
    let whole = newest(&world.console).await?;
    if whole.state != ScanState::Finished || whole.failed > 0 {
        return Err(format!("the scan did not read everybody: {whole:?}").into());
    }
    let (calls, read) = paced(&world, Duration::from_secs(u64::try_from(seconds)?)).await?;
    report(&whole, free, calls, read);
    println!("Memory of the console's process at most, enabling included: {:.0} MiB.\n", world::peak()?);
    Ok(())
}

async fn newest(console: &Console) -> Outcome<Scan> {
    Ok(scan::show(console, &world::ops()).await?.newest.ok_or("no scan")?)
}

/// A scan at the configured limits for so long: its calls, and how long they really took.
async fn paced(world: &world::World, most: Duration) -> Outcome<(u64, Duration)> {
    let console = world::console(&world.address, world.folder.path(), CONFIGURED).await?;
    scan::start(&console, &world::ops()).await?;
    let begun = Instant::now();
    // What is under way when time is up is dropped, as by a restart.
    let ended = tokio::time::timeout(most, worker::run_until_idle(&console)).await;
    let took = begun.elapsed();
    if let Ok(done) = ended {
        done?;
    }
    Ok((newest(&console).await?.calls, took))
}

fn report(whole: &Scan, free: Duration, calls: u64, took: Duration) {
    let limit = f64::from(CONFIGURED.requests_per_second);
    // The burst is free: it is there before the first second.
    let rate = calls.saturating_sub(u64::from(CONFIGURED.burst)) as f64 / took.as_secs_f64();
    let all = whole.calls as f64;
    println!("| | |\n|---|---|");
    println!("| billers read | {} |", whole.done);
    println!("| calls | {} |", whole.calls);
    println!("| calls per biller | {:.2} |", all / whole.done.max(1) as f64);
    println!("| drifted, failed | {}, {} |", whole.drifted, whole.failed);
    println!(
        "| without limits of our own | {:.1} s, {:.0} calls/s |",
        free.as_secs_f64(),
        all / free.as_secs_f64()
    );
    println!(
        "| at {limit} calls/s, measured for {:.0} s | {rate:.1} calls/s, {:.0} % of the limit |",
        took.as_secs_f64(),
        100.0 * rate / limit
    );
    println!("| so the whole scan takes | {:.1} min |\n", all / rate / 60.0);
}
