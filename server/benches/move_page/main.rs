//! The page of a move while users are being moved: how far what it shows is behind, and what it costs to show at any
//! size.
//!
//! The real program serves, works and moves users against its stand-in; this program is the person who looks: it
//! follows the page's events and asks for the page as the browser does. What was committed when is read from the
//! database beside it. Then the move is paused and the page alone is asked for. Slowness is a figure, never an error.
//!
//! `cargo bench --bench move_page -- --moved 10000` takes a quick look.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its answer is a table on standard output")]

#[path = "../billers_page/process.rs"]
mod process;
mod report;
mod truth;
mod viewer;
mod world;

use std::{error::Error, process::ExitCode};

/// What every part answers with: a benchmark's errors are read by people, not handled.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Looks at the page whose median is reported.
const LOOKS: usize = 200;

fn main() -> ExitCode {
    // The provider is installed once for the process; every later attempt says that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = std::env::args().collect();
    // Other benchmarks' options are passed over: `make bench` gives all of them the same.
    let moved = args.iter().position(|arg| arg == "--moved").and_then(|at| args.get(at + 1));
    let moved = moved.map_or("10000,100000", String::as_str);
    let sizes: Vec<usize> = moved.split(',').filter_map(|text| text.parse().ok()).collect();
    match measure(&sizes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("move_page: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(sizes: &[usize]) -> Outcome<()> {
    // One thread: the person who looks must leave the machine to the console.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut all = Vec::new();
        for users in sizes {
            all.push(of(*users).await?);
        }
        report::table(&all);
        Ok(())
    })
}

/// Moves so many users and looks on.
async fn of(users: usize) -> Outcome<report::Seen> {
    let world = world::World::prepare(users).await?;
    world.start()?;
    // The last users arrive in the pause or are left for it: the page is the same.
    let enough = users - users / 10;
    let (truth, shown) =
        tokio::try_join!(truth::record(&world.database, enough), viewer::look_on(&world.site, enough))?;
    world.pause().await?;
    let cost = viewer::cost(&world.site, LOOKS).await?;
    Ok(report::Seen { users, behind: truth::behind(&truth, &shown.seen), during: shown.took, cost })
}
