//! Recording a call beside the cheapest call there is: a discovery document over a connection that is open already.

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::performance::CallSource;
use secureauth::{CallObserver as _, CallRecord, Operation, OutcomeClass};
use services::performance::record::CallRecorder;

use crate::{
    Outcome,
    child::StandIn,
    median,
    world::{Now, Random, World},
};

/// Calls recorded in a round.
const CALLS: u32 = 200_000;

/// Calls between two writings, as in a busy ten seconds.
const BETWEEN: u32 = 200;

pub(crate) async fn measure(vendor: &StandIn) -> Outcome<()> {
    let world = World::open(&vendor.address).await?;
    let (mut recorded, mut written, mut called) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..8 {
        let turn = (record()?, write(&world).await?, call(vendor).await?);
        // The first round warms up and is not counted.
        if round > 0 {
            recorded.push(turn.0);
            written.push(turn.1);
            called.push(turn.2);
        }
    }
    let (recorded, written, called) = (median(recorded), median(written), median(called));
    println!("| | µs a call | share of the cheapest call |\n|---|---|---|");
    println!("| cheapest call: discovery, over loopback | {:.1} | |", called * 1e6);
    println!("| recording it | {:.2} | {:.2} % |", recorded * 1e6, 100.0 * recorded / called);
    println!(
        "| writing it down, {BETWEEN} calls in ten seconds | {:.2} | {:.2} % |\n",
        written * 1e6,
        100.0 * written / called
    );
    Ok(())
}

fn one(place: u32) -> CallRecord {
    let operation = Operation::ALL[place as usize % Operation::ALL.len()];
    CallRecord {
        operation,
        api: operation.api(),
        source: CallSource::Work,
        outcome: OutcomeClass::Ok,
        status: Some(200),
        latency: Duration::from_micros(800 + u64::from(place % 1_000)),
        trace_id: None,
        correlation_id: String::new(),
    }
}

/// Seconds for one call.
fn record() -> Outcome<f64> {
    let recorder = CallRecorder::new(Arc::new(Now), Arc::new(Random::new(5)));
    let records: Vec<CallRecord> = (0..1_000).map(one).collect();
    let begun = Instant::now();
    for place in 0..CALLS {
        recorder.observe(black_box(&records[place as usize % records.len()]));
    }
    Ok(begun.elapsed().as_secs_f64() / f64::from(CALLS))
}

/// Seconds for one call of those that are written down together.
async fn write(world: &World) -> Outcome<f64> {
    const WRITINGS: u32 = 10;
    let mut spent = Duration::ZERO;
    for _ in 0..WRITINGS {
        for place in 0..BETWEEN {
            world.console.calls.observe(&one(place));
        }
        let begun = Instant::now();
        world.console.calls.flush(&world.console.store).await;
        spent += begun.elapsed();
    }
    Ok(spent.as_secs_f64() / f64::from(WRITINGS * BETWEEN))
}

/// Seconds for one call.
async fn call(vendor: &StandIn) -> Outcome<f64> {
    const TIMES: u32 = 1_000;
    let http = reqwest::Client::new();
    let url = format!("{}/.well-known/openid-configuration", vendor.address.admin_issuer);
    let begun = Instant::now();
    for _ in 0..TIMES {
        http.get(&url).send().await?.error_for_status()?.bytes().await?;
    }
    Ok(begun.elapsed().as_secs_f64() / f64::from(TIMES))
}
