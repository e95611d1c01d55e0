//! A declared freeze: hosted login waits for a delivery that came in during it.

use domain::{
    migration::FreezeState,
    use_case::{Blocked, Readiness, UseCase, UseCases},
};
use services::{change_use_cases, migration::FreezeRequest};

use super::*;

/// Times of a biller without a zone: the console's, America/Chicago, 6 hours behind on that day.
fn request(from: &str, until: &str) -> FreezeRequest {
    let part = |text: &str, at: usize| text.split(' ').nth(at).unwrap().to_owned();
    FreezeRequest {
        from_day: part(from, 0),
        from_time: part(from, 1),
        until_day: part(until, 0),
        until_time: part(until, 1),
        reason: Some("cut-over".to_owned()),
    }
}

async fn declare(world: &World, bid: &Bid, from: &str, until: &str) -> Result<(), ServiceError> {
    migration::declare_freeze(&world.console, &world.person(Role::Ops), bid, request(from, until)).await
}

async fn state(world: &World, bid: &Bid) -> Option<FreezeState> {
    let auditor = world.person(Role::Auditor);
    let view = migration::show_freeze(&world.console, &auditor, bid).await.unwrap();
    view.declared.map(|(_, state, _)| state)
}

/// Whether hosted login may be turned on, together with what it needs; and how far the biller is for it.
async fn hosted(world: &World, bid: &Bid) -> (Result<(), Blocked>, Readiness) {
    let product = world.person(Role::Product);
    let view = change_use_cases::show(&world.console, &product, bid).await.unwrap();
    let mut conn = world.console.store.read().await.unwrap();
    let kept = storage::use_cases::stages(&mut conn, std::slice::from_ref(bid)).await.unwrap();
    let beside = UseCases::of([UseCase::UserHosting]);
    (view.standing.may_turn_on(UseCase::HostedLogin, &beside), kept[bid][2])
}

async fn moved(world: &World, bid: &Bid, text: &str) {
    let id = checked(world, bid, text).await;
    ask(world, id, MigrationAct::Start).await;
    world.work().await;
    assert_eq!(find(world, id).await.state, MigrationState::Finished);
}

/// What the newest report says of the freeze: whether its delivery came in during it.
async fn covers(world: &World, bid: &Bid) -> Option<bool> {
    let ops = world.person(Role::Ops);
    let found = migration::show_report(&world.console, &ops, bid, None, None, None).await.unwrap();
    found.unwrap().report.freeze.map(|freeze| freeze.covers_this_delivery)
}

#[tokio::test]
async fn hosted_login_waits_for_a_delivery_that_came_in_during_the_freeze() {
    World::each(async |world: World| {
        // It is 23 November, 12:00 UTC: 6:00 in Chicago.
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        moved(&world, &bid, &file(3)).await;
        assert_eq!(hosted(&world, &bid).await, (Ok(()), Readiness::Ready));

        declare(&world, &bid, "2026-11-24 06:00", "2026-11-25 06:00").await.unwrap();
        assert_eq!(state(&world, &bid).await, Some(FreezeState::Ahead));
        let outstanding = (Err(Blocked::DeltaOutstanding), Readiness::DeltaOutstanding);
        assert_eq!(hosted(&world, &bid).await, outstanding);
        let refused = world.change(&bid, "on off on inherit").await.unwrap_err().to_string();
        assert!(refused.contains("no delivery of that time has been moved yet"), "{refused}");

        // A delivery that came in before does not count, even if it is moved.
        moved(&world, &bid, &file(3).replace("user1@", "one@")).await;
        assert_eq!(hosted(&world, &bid).await, outstanding);
        assert_eq!(covers(&world, &bid).await, Some(false));
        world.clock.advance(Duration::from_secs(24 * 3600 + 60));
        assert_eq!(state(&world, &bid).await, Some(FreezeState::Running));
        let last = checked(&world, &bid, &file(3).replace("user2@", "two@")).await;
        assert_eq!(hosted(&world, &bid).await, outstanding, "it came in and was not moved");
        ask(&world, last, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(state(&world, &bid).await, Some(FreezeState::Done));
        assert_eq!(hosted(&world, &bid).await, (Ok(()), Readiness::Ready));
        assert_eq!(covers(&world, &bid).await, Some(true));

        // Its users are removed again: it is outstanding again.
        ask(&world, last, MigrationAct::Undo).await;
        world.work().await;
        assert_eq!(state(&world, &bid).await, Some(FreezeState::Running));
        world.clock.advance(Duration::from_secs(24 * 3600));
        assert_eq!(state(&world, &bid).await, Some(FreezeState::Missed));
        let mut conn = world.console.store.read().await.unwrap();
        storage::audit::verify(&mut conn).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_freeze_is_withdrawn_by_whoever_may_and_with_it_the_waiting() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    moved(&world, &bid, &file(1)).await;
    for (from, until, said) in [
        ("2026-11-24 06:00", "2026-11-24 06:00", "has to end after it begins"),
        ("2026-11-20 06:00", "2026-11-21 06:00", "over already"),
        ("2026-11-24 06:00", "2027-01-24 06:00", "longer than 31 days"),
        ("2026-11-24 nine", "2026-11-25 06:00", ""),
        ("2026-11-31 06:00", "2026-12-01 06:00", ""),
    ] {
        let error = declare(&world, &bid, from, until).await.unwrap_err();
        assert!(matches!(error, ServiceError::Field { .. }), "{from} {until}: {error:?}");
        assert!(error.to_string().contains(said), "{from} {until}: {error}");
    }
    assert_eq!(state(&world, &bid).await, None);
    declare(&world, &bid, "2026-11-23 06:00", "2026-11-25 06:00").await.unwrap();
    assert_eq!(hosted(&world, &bid).await.1, Readiness::DeltaOutstanding);
    for role in Role::ALL.iter().filter(|role| !matches!(role, Role::Ops | Role::PlatformOwner)) {
        let refused = migration::withdraw_freeze(&world.console, &world.person(*role), &bid).await;
        assert!(matches!(refused, Err(ServiceError::Refused(_))), "{role}");
    }
    let limited = world.limited(Role::Ops, "Coast");
    let unseen = migration::withdraw_freeze(&world.console, &limited, &bid).await;
    assert!(matches!(unseen, Err(ServiceError::NotFound { .. })), "{unseen:?}");
    let ops = world.person(Role::Ops);
    migration::withdraw_freeze(&world.console, &ops, &bid).await.unwrap();
    assert_eq!(hosted(&world, &bid).await, (Ok(()), Readiness::Ready));
    let again = migration::withdraw_freeze(&world.console, &ops, &bid).await;
    assert!(matches!(again, Err(ServiceError::Changed { .. })), "{again:?}");
}
