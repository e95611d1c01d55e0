//! The table.

use std::time::Duration;

use crate::viewer::Cost;

/// What was seen of a move.
pub(crate) struct Seen {
    /// Its users.
    pub(crate) users: usize,
    /// How far what was shown was behind, in order.
    pub(crate) behind: Vec<Duration>,
    /// How long the page took while users were moved, in order.
    pub(crate) during: Vec<Duration>,
    /// What the page costs while nothing goes on.
    pub(crate) cost: Cost,
}

pub(crate) fn table(all: &[Seen]) {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("\n## The page of a move\n");
    println!(
        "{cores} cores for console, stand-in, database and viewer together. Load average now: {load}.\n"
    );
    println!(
        "| users | looks | behind: median, most (s) | page while moving: median, most (ms) | page alone: median (ms) | processor (ms) | KiB |"
    );
    println!("|---|---|---|---|---|---|---|");
    for seen in all {
        let (middle, most) = (seen.behind.get(seen.behind.len() / 2), seen.behind.last());
        let during = (seen.during.get(seen.during.len() / 2), seen.during.last());
        println!(
            "| {} | {} | {:.2}, {:.2} | {:.1}, {:.1} | {:.1} | {:.1} | {} |",
            seen.users,
            seen.during.len(),
            seconds(middle),
            seconds(most),
            seconds(during.0) * 1_000.0,
            seconds(during.1) * 1_000.0,
            seen.cost.took.as_secs_f64() * 1_000.0,
            seen.cost.processor.as_secs_f64() * 1_000.0,
            seen.cost.bytes / 1_024,
        );
    }
    if let (Some(least), Some(most)) = (all.first(), all.last()) {
        let ratio = most.cost.processor.as_secs_f64() / least.cost.processor.as_secs_f64();
        let worst = all.iter().filter_map(|seen| seen.behind.last()).max();
        println!(
            "\nThe page of {} users costs {ratio:.2} times the processor time of that of {}. What is shown was {:.2} s behind at most (aim: 2 s).",
            most.users,
            least.users,
            seconds(worst),
        );
    }
}

fn seconds(time: Option<&Duration>) -> f64 {
    time.map_or(f64::NAN, Duration::as_secs_f64)
}
