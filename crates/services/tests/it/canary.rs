//! The canary round: whole, failing, interrupted at any effect, and what the probes use.

use std::time::Duration;

use domain::{
    actor::Role,
    audit::AuditAction,
    performance::{CallOutcome, CallSource, CanaryStep, Minute, OperationGroup, Range},
};
use sandbox::{Fault, FaultRule, ObjectKind};
use secureauth::{Operation, PoolId};
use services::{
    ServiceError,
    performance::{
        canary::{self, CanaryView},
        measure,
        show::{self, Performance, PerformanceQuery},
    },
    settings::ProbeSettings,
    worker,
};

use crate::{fuse::Fuse, world::World};

/// The pool's id at the vendor.
const POOL: &str = "ic-console-canary";

const CANARY: ProbeSettings = ProbeSettings { canary_every_minutes: Some(15), ..ProbeSettings::OFF };

const ALL: ProbeSettings = ProbeSettings {
    every_minutes: Some(1),
    billers_a_round: 2,
    tokens_every_minutes: 15,
    canary_every_minutes: Some(15),
};

/// One round.
async fn round(world: &World) {
    worker::prepare(&world.console).await.unwrap();
    world.work().await;
}

async fn seen(world: &World) -> CanaryView {
    canary::show(&world.console, &world.person(Role::VendorReview)).await.unwrap()
}

async fn measured(world: &World) -> Performance {
    world.console.calls.flush(&world.console.store).await;
    let now = Minute(Minute::of(world.console.now()).0 + 1);
    let range = Range { from: Minute(now.0 - 120), to: now };
    let query =
        PerformanceQuery { range, source: Some(CallSource::Probe), operation: None, comparison: None };
    show::show(&world.console, &world.person(Role::VendorReview), &query).await.unwrap()
}

fn calls(seen: &Performance, operation: Operation) -> u64 {
    let of = seen.operations.iter().filter(|one| one.key.operation == operation.as_str());
    of.map(|one| one.now.tally.sent()).sum()
}

fn pools(world: &World) -> usize {
    world.sandbox.state().all(ObjectKind::Pool).filter(|(id, _)| *id == POOL).count()
}

fn users(world: &World) -> usize {
    world.sandbox.state().all(ObjectKind::User).filter(|(id, _)| id.starts_with(POOL)).count()
}

/// Audit entries that tell of the pool.
async fn told(world: &World) -> usize {
    let of_pool = |entry: &&domain::audit::ChainedEntry| {
        entry.entry.action == AuditAction::VendorChanged && entry.entry.subject.id == POOL
    };
    world.audit().await.iter().filter(of_pool).count()
}

#[tokio::test]
async fn a_round_makes_finds_checks_and_deletes_a_user_and_each_step_is_measured() {
    World::each(async |world: World| {
        let world = world.restarted_with(|settings| settings.probes = CANARY).await;
        round(&world).await;
        world.clock.advance(Duration::from_secs(15 * 60));
        world.work().await;
        let view = seen(&world).await;
        assert_eq!((view.whole, view.failed), (2, 0), "{:?}", view.last);
        assert_eq!(view.last.len(), 2);
        assert_eq!((pools(&world), users(&world), told(&world).await), (1, 0, 1));
        let measured = measured(&world).await;
        let each = [
            (Operation::CreatePool, 1),
            (Operation::GetPool, 2),
            (Operation::ListUsers, 2),
            (Operation::CreateUser, 2),
            (Operation::GetUser, 4),
            (Operation::VerifyPassword, 2),
            (Operation::DeleteUser, 2),
        ];
        for (operation, expected) in each {
            assert_eq!(calls(&measured, operation), expected, "{operation}");
        }
        let refused = canary::show(&world.console, &world.person(Role::AccountManager)).await;
        assert!(matches!(refused, Err(ServiceError::Refused(_))));
    })
    .await;
}

#[tokio::test]
async fn a_round_fails_where_secureauth_fails_and_the_measurement_says_so() {
    let world = World::with(|settings| settings.probes = CANARY).await;
    let steps = [
        ("identity.getPool", CanaryStep::Pool, Operation::GetPool),
        ("identity.listUsers", CanaryStep::Leftovers, Operation::ListUsers),
        ("identity.createUser", CanaryStep::Create, Operation::CreateUser),
        ("identity.getUser", CanaryStep::Find, Operation::GetUser),
        ("identitysystem.verifyPasswordV2", CanaryStep::Verify, Operation::VerifyPassword),
        ("identity.deleteUser", CanaryStep::Delete, Operation::DeleteUser),
    ];
    round(&world).await;
    for (fault, step, operation) in steps {
        // As many as the client tries.
        let rule = FaultRule::new(fault, Fault::Error { status: 503, error_code: None }).times(3);
        world.sandbox.faults().add(rule).unwrap();
        world.clock.advance(Duration::from_secs(15 * 60));
        world.work().await;
        let view = seen(&world).await;
        let failure = view.last[0].failed.clone().expect(fault);
        assert_eq!(failure.step, step, "{failure:?}");
        assert!(failure.trace_id.is_some() && failure.why.contains("SecureAuth"), "{failure:?}");
        let failed = measured(&world).await.failed;
        let of_step = failed.iter().filter(|call| call.key.operation == operation.as_str());
        assert!(of_step.clone().count() >= 1, "{operation}: {failed:?}");
        assert!(of_step.clone().all(|call| call.outcome == CallOutcome::ServerError));
        world.sandbox.faults().clear();
    }
    world.clock.advance(Duration::from_secs(15 * 60));
    world.work().await;
    let view = seen(&world).await;
    assert_eq!((view.whole, view.failed), (2, 6), "and goes on when it is over");
    assert_eq!(users(&world), 0, "what the failed rounds left is gone");
}

#[tokio::test]
async fn a_pool_that_does_not_bear_our_mark_is_left_alone() {
    let world = World::with(|settings| settings.probes = CANARY).await;
    round(&world).await;
    let pool = PoolId::parse(POOL).unwrap();
    let mark = |purpose: &str| serde_json::Map::from_iter([("purpose".to_owned(), purpose.into())]);
    let changed = world.console.vendor.update_pool(&pool, |patch| patch.metadata = Some(mark("other")));
    changed.await.unwrap();
    world.clock.advance(Duration::from_secs(15 * 60));
    world.work().await;
    let failure = seen(&world).await.last[0].failed.clone().unwrap();
    assert_eq!(failure.step, CanaryStep::Pool);
    assert!(failure.why.contains("mark"), "{}", failure.why);
    assert!(measured(&world).await.failed.is_empty(), "every call was answered, and yet the round failed");
}

#[tokio::test]
async fn a_round_stopped_at_any_effect_leaves_nothing_that_the_next_does_not_remove() {
    World::each(async |world: World| {
        let world = world.restarted_with(|settings| settings.probes = CANARY).await;
        for n in 1.. {
            // Each time from the beginning: without the pool.
            let pool = PoolId::parse(POOL).unwrap();
            world.console.vendor.delete_pool(&pool, secureauth::WithBinding::No).await.unwrap();
            let before = told(&world).await;
            worker::prepare(&world.console).await.unwrap();
            let fuse = Fuse::at(n);
            let console = fuse.fitted(&world.console);
            let blown = tokio::select! {
                done = worker::run_until_idle(&console) => { done.unwrap(); false }
                () = fuse.blown() => true,
            };
            world.clock.advance(Duration::from_secs(16 * 60));
            let reopened = world.reopen().await;
            worker::prepare(&reopened).await.unwrap();
            worker::run_until_idle(&reopened).await.unwrap();
            assert_eq!((pools(&world), users(&world)), (1, 0), "fuse at {n}");
            assert_eq!(told(&world).await, before + 1, "the pool is told of once, fuse at {n}");
            let last = seen(&world).await.last[0].clone();
            assert_eq!(last.failed, None, "fuse at {n}");
            world.clock.advance(Duration::from_secs(16 * 60));
            if !blown {
                assert!(n > 15, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_stated_use_is_what_an_hour_of_probes_really_asks_for() {
    let world = World::with(|settings| settings.probes = ALL).await;
    for bid in ["1", "2"] {
        world.enabled_biller(bid, &format!("Biller {bid}")).await;
    }
    // A console that has just started: it keeps no tokens yet.
    let world = world.restarted_with(|_| {}).await;
    worker::prepare(&world.console).await.unwrap();
    for _ in 0..60 {
        world.work().await;
        world.clock.advance(Duration::from_secs(60));
    }
    let measured = measured(&world).await;
    let used = ALL.use_a_month();
    for (group, calls) in &used.calls {
        let of = |operation: &str| measure::group_of(operation) == Some(*group);
        let mut asked: u64 = measured
            .operations
            .iter()
            .filter(|one| of(&one.key.operation))
            .map(|one| one.now.tally.sent())
            .sum();
        if *group == OperationGroup::Identity {
            asked -= 1; // the pool is made once and for all
        }
        assert_eq!(asked * 720, *calls, "{group}: {asked} in an hour");
    }
    assert_eq!((used.tokens_tried, used.tokens_kept), (5_760, 2_160));
    assert_eq!(ProbeSettings::OFF.use_a_month().all_calls(), 0);
}
