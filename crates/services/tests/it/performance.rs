//! The vendor's performance: every call is written down, probes go on by themselves, and a stopped prober shows.

use std::time::Duration;

use domain::{
    actor::Role,
    performance::{CallOutcome, CallSource, Minute, Range},
};
use sandbox::{Fault, FaultRule};
use secureauth::Operation;
use services::{
    ServiceError, enable_biller,
    performance::show::{self, Performance, PerformanceQuery, Prober},
    settings::ProbeSettings,
    worker,
};

use crate::world::World;

const PROBES: ProbeSettings = ProbeSettings {
    every_minutes: Some(1),
    billers_a_round: 2,
    tokens_every_minutes: 15,
    canary_every_minutes: None,
};

/// The last hour, the present minute included.
fn last_hour(world: &World) -> PerformanceQuery {
    let now = Minute(Minute::of(world.console.now()).0 + 1);
    PerformanceQuery {
        range: Range { from: Minute(now.0 - 60), to: now },
        source: None,
        operation: None,
        comparison: None,
    }
}

async fn look(world: &World, query: &PerformanceQuery) -> Performance {
    world.console.calls.flush(&world.console.store).await;
    show::show(&world.console, &world.person(Role::VendorReview), query).await.unwrap()
}

fn calls(seen: &Performance, operation: Operation, source: CallSource) -> u64 {
    let same = seen
        .operations
        .iter()
        .find(|one| one.key.operation == operation.as_str() && one.key.source == source);
    same.map_or(0, |one| one.now.tally.sent())
}

#[tokio::test]
async fn every_call_of_a_run_is_written_down() {
    World::each(async |world: World| {
        let bid = world.biller("34", "City of Abbeville").await;
        enable_biller::enable(&world.console, &world.person(Role::AccountManager), &bid, None).await.unwrap();
        world.work().await;
        let seen = look(&world, &last_hour(&world)).await;
        for operation in [Operation::CreateOrganization, Operation::CreatePool, Operation::CreateClient] {
            assert_eq!(calls(&seen, operation, CallSource::Work), 1, "{operation}");
        }
        assert_eq!(seen.total.tally.availability(), Some(1.0), "{:?}", seen.total.tally);
        let sum: u64 = seen.operations.iter().map(|one| one.now.tally.sent()).sum();
        assert_eq!(seen.total.tally.sent(), sum);
        assert!(seen.total.p50 <= seen.total.p95 && seen.total.p95 <= seen.total.p99);
        assert_eq!((seen.unknown, seen.prober), (59, Prober::Off), "of an hour one minute is known");

        let one = PerformanceQuery { operation: Some("create_pool".to_owned()), ..last_hour(&world) };
        assert_eq!(look(&world, &one).await.total.tally.sent(), 1);
        let probes = PerformanceQuery { source: Some(CallSource::Probe), ..last_hour(&world) };
        assert_eq!(look(&world, &probes).await.total.tally.availability(), None, "nobody probed");
    })
    .await;
}

#[tokio::test]
async fn probes_ask_everything_in_turn_and_a_stopped_prober_shows() {
    let world = World::with(|settings| settings.probes = PROBES).await;
    for bid in ["1", "2", "3"] {
        let bid = world.biller(bid, &format!("Biller {bid}")).await;
        enable_biller::enable(&world.console, &world.person(Role::AccountManager), &bid, None).await.unwrap();
    }
    world.work().await;
    assert_eq!(look(&world, &last_hour(&world)).await.prober, Prober::Beginning);
    worker::prepare(&world.console).await.unwrap();
    for _ in 0..3 {
        world.work().await;
        world.clock.advance(Duration::from_secs(60));
    }
    let seen = look(&world, &last_hour(&world)).await;
    let probes = |operation| calls(&seen, operation, CallSource::Probe);
    assert!(probes(Operation::Discover) >= 6, "both workspaces in each of three rounds");
    assert_eq!(probes(Operation::ProbeDiscovery), 6, "two billers in each round");
    assert_eq!(probes(Operation::ProbeKeys), 12);
    for read in [
        Operation::GetEnvironment,
        Operation::ListPools,
        Operation::SystemListPools,
        Operation::SystemListOrganizations,
    ] {
        assert_eq!(probes(read), 3, "{read} in each round");
    }
    assert_eq!(probes(Operation::FetchToken), 4, "once in a quarter of an hour, and two to be kept");
    assert!(matches!(seen.prober, Prober::GoingOn(_)), "{:?}", seen.prober);

    world.clock.advance(Duration::from_secs(240));
    let seen = look(&world, &last_hour(&world)).await;
    assert!(matches!(seen.prober, Prober::Stopped(_)), "{:?}", seen.prober);
    let tail = &seen.series.buckets[seen.series.buckets.len() - 3..];
    assert!(tail.iter().all(|bucket| bucket.known.count() == 0), "missing minutes are unknown");
}

#[tokio::test]
async fn failed_calls_are_kept_with_what_the_vendors_support_asks_for() {
    let world = World::with(|settings| settings.probes = PROBES).await;
    let rule =
        FaultRule::new("admin.getEnvironment", Fault::Error { status: 503, error_code: None }).times(2);
    world.sandbox.faults().add(rule).unwrap();
    worker::prepare(&world.console).await.unwrap();
    world.work().await;
    let seen = look(&world, &last_hour(&world)).await;
    assert_eq!(seen.failed.len(), 2, "both attempts: {:?}", seen.failed);
    let failed = &seen.failed[0];
    assert_eq!((failed.outcome, failed.status), (CallOutcome::ServerError, Some(503)));
    assert_eq!(failed.key.operation, "get_environment");
    assert!(failed.trace_id.is_some() && !failed.correlation_id.is_empty());
    assert_eq!(seen.total.tally.failed(), 2);
    assert!(seen.total.tally.availability() < Some(1.0));
}

#[tokio::test]
async fn what_cannot_be_written_down_now_is_written_down_later() {
    let world = World::new().await;
    world.console.vendor.get_environment().await.unwrap();
    let gone = world.with_empty_database().await;
    gone.console.store.close().await;
    world.console.calls.flush(&gone.console.store).await;
    let seen = look(&world, &last_hour(&world)).await;
    assert_eq!(calls(&seen, Operation::GetEnvironment, CallSource::Work), 1);
    let again = look(&world, &last_hour(&world)).await;
    assert_eq!(calls(&again, Operation::GetEnvironment, CallSource::Work), 1, "and only once");
}

#[tokio::test]
async fn performance_is_for_those_who_review_the_vendor() {
    let world = World::new().await;
    for (role, may) in [(Role::VendorReview, true), (Role::Ops, true), (Role::AccountManager, false)] {
        let seen = show::show(&world.console, &world.person(role), &last_hour(&world)).await;
        assert_eq!(seen.is_ok(), may, "{role}");
        assert!(may || matches!(seen, Err(ServiceError::Refused(_))));
    }
}
