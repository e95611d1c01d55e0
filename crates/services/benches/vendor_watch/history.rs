//! The measurements of the default page, read from a database with one day in it and from one with many.
//!
//! What the page is made of beyond them is the same for both, so that the ratio of whole pages is below this one.

use std::time::{Duration, Instant};

use domain::{
    Entropy as _,
    performance::{CallKey, CallOutcome, CallSource, Cell, MINUTES_PER_DAY, Minute, Range},
};
use secureauth::Operation;
use services::performance::show::{self, PerformanceQuery};
use storage::{Bookkeeping, calls};

use crate::{
    Outcome,
    child::StandIn,
    median,
    world::{Random, World, ops},
};

pub(crate) async fn measure(vendor: &StandIn, days: i64, rounds: i64) -> Outcome<()> {
    let (short, long) = (World::open(&vendor.address).await?, World::open(&vendor.address).await?);
    let now = Minute::of(short.console.now());
    fill(&short, now, 1).await?;
    let begun = Instant::now();
    fill(&long, now, days).await?;
    let filled = begun.elapsed().as_secs_f64();
    let day = PerformanceQuery {
        range: Range { from: Minute(now.0 + 1 - MINUTES_PER_DAY), to: Minute(now.0 + 1) },
        source: None,
        operation: None,
        comparison: None,
    };
    let year = PerformanceQuery {
        range: Range { from: Minute(now.0 + 1 - 365 * MINUTES_PER_DAY), to: Minute(now.0 + 1) },
        ..day.clone()
    };
    let (mut one, mut many, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    // The first round warms both up and is not counted.
    for round in 0..=rounds {
        let turn = [read(&short, &day).await?, read(&long, &day).await?, read(&long, &year).await?];
        if round > 0 {
            one.push(turn[0]);
            many.push(turn[1]);
            whole.push(turn[2]);
        }
    }
    let (one, many, whole) = (median(one), median(many), median(whole));
    let size = |world: &World| -> Outcome<f64> {
        let file = world.folder.path().join("console.db");
        Ok(std::fs::metadata(file)?.len() as f64 / 1e6)
    };
    println!(
        "{} operations, each called once a minute; filled in {filled:.0} s; {rounds} rounds in turns, medians.\n",
        Operation::ALL.len()
    );
    println!(
        "| history | database, MB | default page's measurements, ms | ratio | bar |\n|---|---|---|---|---|"
    );
    println!("| 1 day | {:.1} | {:.2} | | |", size(&short)?, one * 1e3);
    let ratio = many / one;
    let met = if ratio <= 2.0 { "met" } else { "missed" };
    println!("| {days} days | {:.1} | {:.2} | {ratio:.2} | ≤ 2 {met} |", size(&long)?, many * 1e3);
    println!("| {days} days, the whole of it shown | | {:.2} | | |\n", whole * 1e3);
    Ok(())
}

async fn read(world: &World, query: &PerformanceQuery) -> Outcome<f64> {
    let begun = Instant::now();
    let seen = show::show(&world.console, &ops(), query).await?;
    if seen.total.tally.sent() == 0 {
        return Err("nothing was measured".into());
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Every operation is called once in every minute of the last days, with latencies that differ.
async fn fill(world: &World, now: Minute, days: i64) -> Outcome<()> {
    let random = Random::new(3);
    for day in 0..days {
        let first = now.0 + 1 - (day + 1) * MINUTES_PER_DAY;
        let mut cells = Vec::new();
        for operation in Operation::ALL {
            let key = CallKey { operation: operation.as_str().to_owned(), source: CallSource::Probe };
            let mut noise = vec![0; 1_440];
            random.fill(&mut noise);
            for (place, noise) in (0..).zip(noise) {
                let mut cell = Cell::default();
                let outcome = if noise == 0 { CallOutcome::ServerError } else { CallOutcome::Ok };
                cell.tally.add(outcome, 1);
                cell.latencies.add(Duration::from_millis(10 + u64::from(noise)));
                cells.push((key.clone(), Minute(first + place), cell));
            }
        }
        let mut tx = world.console.store.begin().await?;
        calls::add(&mut tx, cells).await?;
        tx.commit_bookkeeping(Bookkeeping::Measurements).await?;
    }
    Ok(())
}
