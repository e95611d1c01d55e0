//! The tables, ready for docs/migration.md.

use std::{fmt, time::Duration};

use crate::{Plan, memory::Peak, round::Round};

/// The run of hashed rows is at least this quick beside the bare loop.
const RUN: f64 = 0.95;

/// Staging is at least this quick beside bare inserts.
const STAGING: f64 = 0.5;

/// MiB that a process takes at most.
const MEMORY: f64 = 250.0;

/// How it was measured.
pub(crate) fn conditions(plan: &Plan) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    println!("\n## Move of users\n");
    println!(
        "{cores} cores for console, stand-in and database together, {} users a round, {} rounds in turns; medians of rates, geometric means of ratios. \
         Load average before: {load}.\n",
        plan.users, plan.rounds
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How much quicker ours is than bare, over the rounds.
struct Ratio {
    mean: f64,
    least: f64,
    most: f64,
}

impl Ratio {
    fn of(ratios: Vec<f64>) -> Self {
        let logs: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
        Self {
            mean: (logs / ratios.len().max(1) as f64).exp(),
            least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            most: ratios.iter().copied().fold(0.0, f64::max),
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2} to {:.2})", self.mean, self.least, self.most)
    }
}

/// Ours beside bare, where an import takes so many milliseconds longer.
pub(crate) fn speed(plan: &Plan, distance: u64, rounds: &[Round]) {
    let of = |pick: fn(&Round) -> Duration| median(rounds.iter().map(|it| pick(it).as_secs_f64()).collect());
    // Whoever comes second in a round meets a fuller stand-in. With as many rounds begun by either, the geometric mean of
    // their ratios is fair, and a median would side with one of them.
    let ratio = |ours: fn(&Round) -> Duration, bare: fn(&Round) -> Duration| {
        Ratio::of(rounds.iter().map(|it| bare(it).as_secs_f64() / ours(it).as_secs_f64()).collect())
    };
    let users = plan.users as f64;
    match distance {
        0 => println!("The stand-in answers at once:\n"),
        millis => println!("Every import takes {millis} ms longer:\n"),
    }
    println!("| | console, users/s | bare, users/s | ratio | bar |\n|---|---|---|---|---|");
    let line = |what: &str, ours: f64, bare: f64, ratio: Ratio, bar: f64| {
        let met = if ratio.mean >= bar { "met" } else { "missed" };
        println!("| {what} | {:.0} | {:.0} | {ratio} | ≥ {bar} {met} |", users / ours, users / bare);
    };
    line(
        "staging",
        of(|it| it.staging),
        of(|it| it.bare_inserts),
        ratio(|it| it.staging, |it| it.bare_inserts),
        STAGING,
    );
    line("run", of(|it| it.run), of(|it| it.bare_posts), ratio(|it| it.run, |it| it.bare_posts), RUN);
    let each = |what: &str, ours: fn(&Round) -> Duration, bare: fn(&Round) -> Duration| {
        let micros = |took: f64| took * 1e6 / users;
        println!("| {what}, µs a user | {:.0} | {:.0} | | |", micros(of(ours)), micros(of(bare)));
    };
    each("processor in the run", |it| it.run_processor.own, |it| it.bare_processor.own);
    each("processor of the stand-in", |it| it.run_processor.stand_in, |it| it.bare_processor.stand_in);
    println!("| check | {:.0} | | | |", users / of(|it| it.check));
    println!("| comparing | {:.0} | | | |\n", users / of(|it| it.reconcile));
}

/// Passwords that came encrypted are hashed here.
pub(crate) fn hashing() {
    const SAMPLE: u32 = 24;
    let begun = std::time::Instant::now();
    for n in 0..SAMPLE {
        let salt = [u8::try_from(n).unwrap_or(0); 16];
        let hashed = bcrypt::hash_with_salt("correct horse battery", 10, salt);
        std::hint::black_box(hashed.is_ok());
    }
    let each = begun.elapsed().as_secs_f64() / f64::from(SAMPLE);
    println!(
        "Hashing one encrypted password (bcrypt, cost 10) takes {:.0} ms of one processor, measured over {SAMPLE}; \
         a million of them take {:.1} processor hours, extrapolated.\n",
        each * 1_000.0,
        each * 1_000_000.0 / 3_600.0
    );
}

/// Memory over numbers of users.
pub(crate) fn memory(peaks: &[(usize, Peak)]) {
    println!("| users | MiB after staging | MiB at most | seconds in all |\n|---|---|---|---|");
    for (users, peak) in peaks {
        println!("| {users} | {:.0} | {:.0} | {:.0} |", peak.staged, peak.moved, peak.seconds);
    }
    let most = peaks.iter().map(|(_, peak)| peak.moved).fold(0.0, f64::max);
    println!("\nBar: ≤ {MEMORY} MiB, {}.", if most <= MEMORY { "met" } else { "missed" });
}
