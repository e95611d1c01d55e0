//! The tables, ready for the README.

use crate::{
    Plan,
    compare::{CONNECTIONS, Growth, Pairs},
    figures::{median, milliseconds, spread},
    load::Round,
    world::World,
};

/// The console's page answers at least this share of what the hand-written one does.
const SHARE: f64 = 0.65;

/// A page with many billers takes at most this many times as long as one with few.
const GROWTH: f64 = 1.2;

/// As many billers as the real sample has.
const SAMPLE: usize = 3_403;

/// They come in within so many seconds.
const IMPORT: f64 = 5.0;

/// What else the machine does.
pub(crate) fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// How it was measured.
pub(crate) fn conditions(plan: &Plan, load_before: &str) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("\n## Billers page\n");
    println!(
        "{cores} cores for servers and load together, {} rounds of {} s in turns, medians. Load average before: \
         {load_before}.\n",
        plan.rounds, plan.seconds
    );
}

/// The console beside the hand-written page.
pub(crate) fn against_peer(plain: &[Pairs], brotli: &[Pairs]) {
    println!(
        "Against a hand-written axum + sqlx page with the same queries and markup, {CONNECTIONS} connections:\n"
    );
    println!(
        "| billers | console, pages/s | hand-written, pages/s | ratio: median (least – most) | p50, ms | p99, ms | \
         processor time a page, ms |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    for pairs in plain {
        line(pairs, "");
    }
    for pairs in brotli {
        line(pairs, ", brotli");
    }
    println!("\np50, p99 and processor time: console / hand-written.");
    for pairs in plain {
        let ratio = ratio(pairs).median;
        println!(
            "Bar at {}: ratio {ratio:.2}, wanted ≥ {SHARE}: {}.",
            pairs.billers,
            verdict(ratio >= SHARE)
        );
    }
}

fn line(pairs: &Pairs, note: &str) {
    let both = |what: fn(&Round) -> f64, digits: usize| {
        let ours = median(pairs.rounds.iter().map(|(ours, _)| what(ours)));
        let theirs = median(pairs.rounds.iter().map(|(_, theirs)| what(theirs)));
        format!("{ours:.digits$} / {theirs:.digits$}")
    };
    let ours = median(pairs.rounds.iter().map(|(ours, _)| ours.rate));
    let theirs = median(pairs.rounds.iter().map(|(_, theirs)| theirs.rate));
    let ratio = ratio(pairs);
    println!(
        "| {}{note} | {ours:.0} | {theirs:.0} | {:.2} ({:.2} – {:.2}) | {} | {} | {} |",
        pairs.billers,
        ratio.median,
        ratio.least,
        ratio.most,
        both(|round| round.p50, 2),
        both(|round| round.p99, 2),
        both(|round| round.processor, 2),
    );
}

fn ratio(pairs: &Pairs) -> crate::figures::Spread {
    spread(pairs.rounds.iter().map(|(ours, theirs)| ours.rate / theirs.rate))
}

/// What more billers cost.
pub(crate) fn growth(worlds: &[World], plain: &[Pairs], growth: &[Growth]) {
    println!("\nMedian time of the console's pages, ms; one request at a time, unless told otherwise:\n");
    let sizes: Vec<String> = worlds.iter().map(|world| format!(" {} billers |", world.billers)).collect();
    println!("| page |{} last : first |", sizes.concat());
    println!("|---|{}", "--:|".repeat(sizes.len() + 1));
    let loaded: Vec<Vec<f64>> =
        plain.iter().map(|pairs| pairs.rounds.iter().map(|(ours, _)| ours.p50).collect()).collect();
    let factor = times(&format!("first page, {CONNECTIONS} connections"), &loaded);
    for kind in growth {
        let p50: Vec<Vec<f64>> =
            kind.rounds.iter().map(|rounds| rounds.iter().map(|round| round.p50).collect()).collect();
        times(kind.kind.label(), &p50);
    }
    println!(
        "\nBar: p50 of the first page grows {factor:.2} times, wanted ≤ {GROWTH}: {}.",
        verdict(factor <= GROWTH)
    );
}

/// One line; the answer is the factor between the last and the first column, compared within the rounds.
fn times(label: &str, p50: &[Vec<f64>]) -> f64 {
    let columns: Vec<String> =
        p50.iter().map(|rounds| format!(" {:.2} |", median(rounds.iter().copied()))).collect();
    let (first, last) = (p50.first().into_iter().flatten(), p50.last().into_iter().flatten());
    let factor = median(last.zip(first).map(|(last, first)| last / first));
    println!("| {label} |{} {factor:.2} |", columns.concat());
    factor
}

/// What was measured on the way.
pub(crate) fn preparation(worlds: &[World]) {
    println!("\n| billers | import, s | page, bytes | page with brotli, bytes |");
    println!("|--:|--:|--:|--:|");
    for world in worlds {
        let import = milliseconds(world.import) / 1_000.0;
        println!("| {} | {import:.2} | {} | {} |", world.billers, world.bytes, world.compressed);
    }
    for world in worlds.iter().filter(|world| world.billers == SAMPLE) {
        let import = milliseconds(world.import) / 1_000.0;
        println!(
            "\nBar: {SAMPLE} billers come in within {import:.2} s, wanted < {IMPORT} s: {}.",
            verdict(import < IMPORT)
        );
    }
}

const fn verdict(kept: bool) -> &'static str {
    if kept { "kept" } else { "MISSED" }
}
