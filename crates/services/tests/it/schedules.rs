//! A change of use cases waits for its time, and is made then only if the world is still the same.

use std::time::Duration;

use domain::{
    Bid, Clock,
    access::Refusal,
    actor::{Actor, Role},
    audit::AuditAction,
    filter::ListQuery,
    use_case::{Cause, Choices, ScheduleState, UseCase, UseCases},
    user_move::UserMoveState,
};
use services::{
    ServiceError,
    change_use_cases::{self, UseCasesView},
    list_use_cases,
    schedule_use_cases::{self, ScheduleRequest, ScheduledView},
    suspend_biller,
};

use crate::world::World;

const HOUR: Duration = Duration::from_secs(3_600);

/// The world's clock stands at 2026-11-23, 06:00 in Chicago.
fn request(choices: &str, time: &str) -> ScheduleRequest {
    ScheduleRequest {
        choices: choices.parse().unwrap(),
        seen: Choices::default(),
        day: "2026-11-23".to_owned(),
        time: time.to_owned(),
        zone: String::new(),
        reason: Some("go-live".to_owned()),
    }
}

async fn schedule(world: &World, bid: &Bid, choices: &str, time: &str) -> Result<String, ServiceError> {
    let product = world.person(Role::Product);
    let scheduled =
        schedule_use_cases::schedule(&world.console, &product, bid, request(choices, time)).await?;
    Ok(scheduled.told)
}

async fn shown(world: &World, bid: &Bid) -> UseCasesView {
    change_use_cases::show(&world.console, &world.person(Role::Product), bid).await.unwrap()
}

/// The newest scheduled change.
async fn newest(world: &World, bid: &Bid) -> ScheduledView {
    shown(world, bid).await.scheduled.remove(0)
}

/// Its time comes.
async fn later(world: &World, by: Duration) {
    world.clock.advance(by);
    world.work().await;
}

#[tokio::test]
async fn a_change_is_made_when_its_time_comes_and_not_before() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("1", "Town of Ames").await;
        world.users_moved(&bid).await;
        let told = schedule(&world, &bid, "on inherit on redirect", "08:00").await.unwrap();
        assert_eq!(told, "23 Nov 2026, 08:00 CST (America/Chicago)");
        assert_eq!(world.audit().await[0].entry.action, AuditAction::UseCasesScheduled);
        later(&world, HOUR).await;
        assert_eq!(newest(&world, &bid).await.change.state, ScheduleState::Waiting);
        assert!(world.in_effect(&bid).await.is_empty());
        let (support, all) = (world.person(Role::Support), ListQuery::default());
        let row = list_use_cases::list(&world.console, &support, &all).await.unwrap().rows.remove(0);
        assert_eq!(row.scheduled.map(|it| it.when), Some(told), "the matrix tells of it");
        later(&world, HOUR).await;
        let done = newest(&world, &bid).await.change;
        assert_eq!((done.state, done.outcome), (ScheduleState::Applied, None));
        let expected = UseCases::of([UseCase::UserHosting, UseCase::HostedLogin]);
        assert_eq!(
            world.in_effect(&bid).await,
            expected.with_old_url(domain::use_case::OldUrlBehaviour::Redirect)
        );
        let view = shown(&world, &bid).await;
        assert_eq!((view.history[0].cause, view.history[0].run), (Cause::Scheduled, done.run));
        assert_eq!(view.history[0].by, world.person(Role::Product), "in the name of who asked");
        assert_eq!(view.history[0].reason.as_deref(), Some("go-live"));
        later(&world, HOUR * 24).await;
        assert_eq!(shown(&world, &bid).await.history.len(), 1, "once is enough");
    })
    .await;
}

/// Schedules hosted login for 08:00 and lets something happen before; the answer is why it was not applied.
async fn overtaken(happens: impl AsyncFnOnce(&World, &Bid)) -> String {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.users_moved(&bid).await;
    schedule(&world, &bid, "on inherit on inherit", "08:00").await.unwrap();
    happens(&world, &bid).await;
    let (effect, entries) = (world.in_effect(&bid).await, shown(&world, &bid).await.history.len());
    let left = "2026-11-23T14:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
    if world.clock.now().micros() < left {
        world.clock.set(domain::Timestamp::from_micros(left));
    }
    world.work().await;
    let ended = newest(&world, &bid).await.change;
    assert_eq!(ended.state, ScheduleState::NotApplied, "{ended:?}");
    assert_eq!(world.in_effect(&bid).await, effect, "nothing changed");
    assert_eq!(shown(&world, &bid).await.history.len(), entries);
    let entry = world.audit().await.into_iter().find(|it| it.entry.action == AuditAction::UseCasesNotApplied);
    assert!(entry.unwrap().entry.after.unwrap()["why"].is_string(), "the activity tells why");
    ended.outcome.unwrap()
}

#[tokio::test]
async fn a_change_is_not_made_when_somebody_chose_otherwise_meanwhile() {
    let why = overtaken(async |world, bid| {
        world.change(bid, "on inherit inherit inherit").await.unwrap();
        world.work().await;
    })
    .await;
    assert_eq!(why, "What is chosen for the biller was changed after this was scheduled.");
}

#[tokio::test]
async fn a_change_is_not_made_when_the_default_leads_elsewhere_by_then() {
    let why = overtaken(async |world, _| {
        let product = world.person(Role::Product);
        let default = "inherit on inherit redirect".parse().unwrap();
        list_use_cases::set_default(&world.console, &product, None, default, Choices::default())
            .await
            .unwrap();
    })
    .await;
    assert!(why.starts_with("A default has changed since"), "{why}");
}

#[tokio::test]
async fn a_change_is_not_made_when_its_users_are_on_their_way() {
    let why = overtaken(async |world, bid| world.users_are(bid, UserMoveState::Moving).await).await;
    assert!(why.contains("Its users are being moved"), "{why}");
}

#[tokio::test]
async fn a_change_is_not_made_for_a_suspended_biller() {
    let why = overtaken(async |world, bid| {
        let ops = world.person(Role::Ops);
        suspend_biller::suspend(&world.console, &ops, bid, "Town of Ames", None).await.unwrap();
        world.work().await;
    })
    .await;
    assert!(why.contains("suspended"), "{why}");
}

#[tokio::test]
async fn a_change_is_not_made_while_a_failed_run_waits() {
    let why = overtaken(async |world, bid| {
        let refused = sandbox::Fault::Error { status: 403, error_code: None };
        world.sandbox.faults().add(sandbox::FaultRule::new("admin.getClient", refused)).unwrap();
        let ops = world.person(Role::Ops);
        suspend_biller::suspend(&world.console, &ops, bid, "Town of Ames", None).await.unwrap();
        world.work().await;
        world.sandbox.faults().clear();
    })
    .await;
    assert!(why.contains("failed and waits for a decision"), "{why}");
}

#[tokio::test]
async fn a_change_is_not_made_in_another_portfolio() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.put_into(&bid, Some("Coast")).await;
    let limited = world.limited(Role::Product, "Coast");
    let request = request("on inherit inherit inherit", "08:00");
    schedule_use_cases::schedule(&world.console, &limited, &bid, request).await.unwrap();
    world.put_into(&bid, Some("Plains")).await;
    later(&world, HOUR * 2).await;
    let ended = newest(&world, &bid).await.change;
    assert_eq!(ended.state, ScheduleState::NotApplied);
    assert!(ended.outcome.unwrap().contains("another portfolio"));
}

#[tokio::test]
async fn a_change_is_not_made_long_after_its_time() {
    let why = overtaken(async |world, _| world.clock.advance(HOUR * 4)).await;
    assert!(why.contains("more than an hour"), "{why}");
}

#[tokio::test]
async fn what_only_stands_in_the_way_now_can_be_scheduled_and_what_never_can_be_is_refused() {
    let world = World::new().await;
    let bid = world.biller("1", "Town of Ames").await;
    schedule(&world, &bid, "on inherit on inherit", "08:00").await.unwrap();
    for (asked, expected) in [
        ("off inherit on inherit", "needs user hosting"),
        ("inherit inherit inherit inherit", "Nothing would change"),
        ("on inherit inherit inherit", "A change is scheduled already for 23 Nov 2026, 08:00 CST"),
    ] {
        let refused = schedule(&world, &bid, asked, "09:00").await.unwrap_err();
        assert!(refused.to_string().contains(expected), "{asked}: {refused}");
    }
    // By then everything is there.
    let manager = world.person(Role::AccountManager);
    services::enable_biller::enable(&world.console, &manager, &bid, None).await.unwrap();
    world.work().await;
    world.users_moved(&bid).await;
    later(&world, HOUR * 2).await;
    assert_eq!(newest(&world, &bid).await.change.state, ScheduleState::Applied);
    assert!(world.in_effect(&bid).await.has(UseCase::HostedLogin));
}

#[tokio::test]
async fn a_wrong_time_is_told_at_its_field() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    let product = world.person(Role::Product);
    let asked = request("on inherit inherit inherit", "08:00");
    let with = |day: &str, time: &str, zone: &str| ScheduleRequest {
        day: day.to_owned(),
        time: time.to_owned(),
        zone: zone.to_owned(),
        ..asked.clone()
    };
    for (request, at, expected) in [
        (with("", "08:00", ""), "day", "Give a day"),
        (with("2026-11-23", "noon", ""), "time", "Give a time"),
        (with("2026-11-23", "05:59", ""), "time", "This has passed: it is 23 Nov 2026, 06:00 CST"),
        (with("2027-03-14", "02:30", ""), "time", "does not exist on 2027-03-14 in America/Chicago"),
        (with("2028-03-15", "02:30", ""), "day", "more than a year away"),
        (with("2026-11-24", "08:00", "Chicago"), "zone", "is no time zone"),
    ] {
        let refused =
            schedule_use_cases::schedule(&world.console, &product, &bid, request).await.unwrap_err();
        let ServiceError::Field { field, problem } = refused else { panic!("{refused}") };
        assert_eq!(field, at);
        assert!(problem.contains(expected), "{problem}");
    }
    let stale = ScheduleRequest { seen: "on on on stay".parse().unwrap(), ..asked.clone() };
    let refused = schedule_use_cases::schedule(&world.console, &product, &bid, stale).await;
    assert!(matches!(refused, Err(ServiceError::Changed { .. })), "{refused:?}");
    let support = world.person(Role::Support);
    let refused = schedule_use_cases::schedule(&world.console, &support, &bid, asked).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Role { .. }))), "{refused:?}");
    assert!(shown(&world, &bid).await.scheduled.is_empty());
}

#[tokio::test]
async fn a_withdrawn_change_is_not_made() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("1", "Town of Ames").await;
        schedule(&world, &bid, "on inherit inherit inherit", "08:00").await.unwrap();
        let id = newest(&world, &bid).await.change.id;
        let withdraw = async |actor: &Actor| schedule_use_cases::withdraw(&world.console, actor, id).await;
        let elsewhere = withdraw(&world.limited(Role::Product, "Coast")).await;
        assert!(matches!(elsewhere, Err(ServiceError::NotFound { .. })), "{elsewhere:?}");
        assert!(matches!(withdraw(&world.person(Role::Support)).await, Err(ServiceError::Refused(_))));
        let owner = world.person(Role::PlatformOwner);
        withdraw(&owner).await.unwrap();
        assert!(matches!(withdraw(&owner).await, Err(ServiceError::Changed { .. })), "once");
        later(&world, HOUR * 2).await;
        let ended = newest(&world, &bid).await.change;
        assert_eq!((ended.state, ended.withdrawn_by), (ScheduleState::Withdrawn, Some(owner)));
        assert!(world.in_effect(&bid).await.is_empty());
        schedule(&world, &bid, "on inherit inherit inherit", "09:00").await.unwrap();
    })
    .await;
}
