//! Use cases are chosen, brought about, taken back, and never in effect before they are proven.

use domain::{
    Bid,
    access::Refusal,
    actor::{Capability, Role},
    audit::AuditAction,
    biller::CiamStatus,
    login::LoginRoute,
    run::{FailureKind, RunKind, RunState, StepKind, StepState},
    use_case::{Blocked, Cause, Choices, OldUrlBehaviour, Readiness, UseCase, UseCases},
    user_move::UserMoveState,
};
use sandbox::{Fault, FaultRule, ObjectKind};
use services::{
    ServiceError,
    change_use_cases::{self, ChangeRequest, ServiceRefusal},
    resume_biller, suspend_biller, take_back_run,
};

use crate::world::World;

fn choices(text: &str) -> Choices {
    text.parse().unwrap()
}

async fn stages(world: &World, bid: &Bid) -> [Readiness; 3] {
    let mut conn = world.console.store.read().await.unwrap();
    storage::use_cases::stages(&mut conn, std::slice::from_ref(bid)).await.unwrap()[bid]
}

#[tokio::test]
async fn three_stages_go_on_one_by_one_and_off_again_at_once() {
    World::each(async |world: World| {
        let product = world.person(Role::Product);
        let bid = world.enabled_biller("1", "Town of Ames").await;
        assert_eq!(
            stages(&world, &bid).await,
            [Readiness::Ready, Readiness::UsersNotMoved, Readiness::UsersNotMoved]
        );
        for (asked, expected, route) in [
            ("on inherit inherit inherit", vec![UseCase::UserHosting], LoginRoute::SecureAuth),
            (
                "on on inherit inherit",
                vec![UseCase::UserHosting, UseCase::DelegatedLogin],
                LoginRoute::SecureAuth,
            ),
            ("on on on inherit", UseCase::ALL.to_vec(), LoginRoute::SecureAuth),
            ("on on off inherit", vec![UseCase::UserHosting, UseCase::DelegatedLogin], LoginRoute::Legacy),
            ("off off off inherit", vec![], LoginRoute::Legacy),
        ] {
            world.users_moved(&bid).await;
            let preview =
                change_use_cases::preview(&world.console, &product, &bid, choices(asked)).await.unwrap();
            assert_eq!(preview.allowed, Ok(()), "{asked}");
            let before = world.in_effect(&bid).await;
            world.change(&bid, asked).await.unwrap().unwrap();
            assert_eq!(world.in_effect(&bid).await, before, "nothing is in effect before it is proven");
            world.work().await;
            assert_eq!(world.in_effect(&bid).await, UseCases::of(expected.clone()), "{asked}");
            assert_eq!(world.in_effect(&bid).await, preview.plan.after, "as the preview said");
            let biller = world.find(&bid).await;
            assert_eq!((biller.status, biller.login_route), (CiamStatus::Enabled, route), "{asked}");
        }
        assert_eq!(world.sandbox.state().all(ObjectKind::User).count(), 0, "no test user is left");
        let view = change_use_cases::show(&world.console, &product, &bid).await.unwrap();
        assert_eq!(view.history.len(), 5);
        assert!(view.history.iter().all(|change| change.by == product && change.reason.is_some()));
        assert_eq!(view.history[0].choices_after, choices("off off off inherit"));
        assert!(view.pending.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_and_nothing_is_kept() {
    let world = World::new().await;
    let asked = "on inherit on inherit";
    let bid = world.biller("1", "Town of Ames").await;
    let refused = world.change(&bid, asked).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Refused(Refusal::Status { .. })), "{refused}");
    let bid = world.enabled_biller("2", "Town of Boone").await;
    for (state, blocked) in [
        (None, Blocked::UsersUnknown),
        (Some(UserMoveState::Staged), Blocked::UsersNotMoved),
        (Some(UserMoveState::Moving), Blocked::UsersMoving),
    ] {
        if let Some(state) = state {
            world.users_are(&bid, state).await;
        }
        let product = world.person(Role::Product);
        let preview =
            change_use_cases::preview(&world.console, &product, &bid, choices(asked)).await.unwrap();
        let expected = ServiceRefusal::Blocked { use_case: UseCase::HostedLogin, blocked };
        assert_eq!(preview.allowed, Err(expected));
        let refused = world.change(&bid, asked).await.unwrap_err();
        assert!(refused.to_string().contains(&blocked.to_string()), "{refused}");
    }
    world.users_moved(&bid).await;
    let lonely = world.change(&bid, "off inherit on inherit").await.unwrap_err();
    assert!(lonely.to_string().contains("needs user hosting"), "{lonely}");
    let nothing = world.change(&bid, "inherit inherit inherit inherit").await.unwrap_err();
    assert!(nothing.to_string().contains("Nothing would change"), "{nothing}");
    let view = change_use_cases::show(&world.console, &world.person(Role::Support), &bid).await.unwrap();
    assert_eq!(view.layers.biller, Choices::default());
    assert_eq!((view.history.len(), view.run.is_some()), (0, false));
    assert_eq!(view.allowed, Err(Refusal::Role { capability: Capability::ChangeUseCases }));
}

#[tokio::test]
async fn of_two_who_saw_the_same_the_second_is_told() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.change(&bid, "on inherit inherit inherit").await.unwrap();
    world.work().await;
    let request = ChangeRequest {
        choices: choices("off inherit inherit inherit"),
        seen: Choices::default(),
        reason: None,
    };
    let product = world.person(Role::Product);
    let late = change_use_cases::change(&world.console, &product, &bid, request).await.unwrap_err();
    assert!(matches!(late, ServiceError::Changed { .. }), "{late}");
}

#[tokio::test]
async fn a_choice_that_changes_nothing_in_effect_is_kept_without_a_run() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    let before = world.audit().await.len();
    assert_eq!(world.change(&bid, "off inherit inherit redirect").await.unwrap(), None);
    let audit = world.audit().await;
    assert_eq!(audit.len(), before + 1);
    assert_eq!(audit[0].entry.action, AuditAction::UseCasesChosen);
    let product = world.person(Role::Product);
    let view = change_use_cases::show(&world.console, &product, &bid).await.unwrap();
    assert_eq!(view.layers.biller, choices("off inherit inherit redirect"));
    assert_eq!(view.history[0].run, None);
}

/// What the run of the newest change came to.
async fn failed_step(world: &World, bid: &Bid) -> (StepKind, FailureKind) {
    let view = change_use_cases::show(&world.console, &world.person(Role::Product), bid).await.unwrap();
    let run = view.run.unwrap();
    assert_eq!(run.run.state, RunState::Failed);
    let step = run.steps.into_iter().find(|step| step.state == StepState::Failed).unwrap();
    (step.kind, step.failure.unwrap().kind)
}

#[tokio::test]
async fn a_change_that_is_not_proven_takes_no_effect_and_is_taken_back_with_its_choices() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("1", "Town of Ames").await;
        world.users_moved(&bid).await;
        world.change(&bid, "on inherit on inherit").await.unwrap();
        world.work().await;
        let hosted = world.in_effect(&bid).await;
        let refused = Fault::Error { status: 403, error_code: None };
        world.sandbox.faults().add(FaultRule::new("identitysystem.verifyPasswordV2", refused)).unwrap();
        // Hosted login goes off before anything is asked; delegated login never comes on.
        let run = world.change(&bid, "on on off inherit").await.unwrap().unwrap();
        world.work().await;
        world.sandbox.faults().clear();
        assert_eq!(failed_step(&world, &bid).await, (StepKind::PasswordCheck, FailureKind::Refused));
        assert_eq!(world.in_effect(&bid).await, UseCases::of([UseCase::UserHosting]));
        let biller = world.find(&bid).await;
        assert_eq!((biller.status, biller.login_route), (CiamStatus::Enabled, LoginRoute::Legacy));
        assert_eq!(world.sandbox.state().all(ObjectKind::User).count(), 0, "no test user is left");
        world.clock.advance(std::time::Duration::from_secs(1));
        let back = take_back_run::take_back(&world.console, &world.person(Role::Product), run, None).await;
        back.unwrap();
        world.work().await;
        assert_eq!(world.in_effect(&bid).await, hosted);
        assert_eq!(world.find(&bid).await.login_route, LoginRoute::SecureAuth);
        let view = change_use_cases::show(&world.console, &world.person(Role::Product), &bid).await.unwrap();
        assert_eq!(view.layers.biller, choices("on inherit on inherit"));
        assert_eq!(view.history[0].cause, Cause::TakenBack);
        assert_eq!(view.run.unwrap().run.kind, RunKind::ChangeUseCases);
    })
    .await;
}

#[tokio::test]
async fn turning_off_works_while_the_vendor_is_down() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.users_moved(&bid).await;
    world.change(&bid, "on on on redirect").await.unwrap();
    world.work().await;
    let down = Fault::Error { status: 503, error_code: None };
    for operation in [
        "admin.getClient",
        "admin.getIdentityPoolIDP",
        "identity.getPool",
        "oauth2.wellKnown",
        "oauth2.authorize",
    ] {
        let _ = world.sandbox.faults().add(FaultRule::new(operation, down.clone()));
    }
    world.change(&bid, "off off off inherit").await.unwrap();
    world.work().await;
    assert_eq!(world.in_effect(&bid).await, UseCases::default());
    assert_eq!(world.find(&bid).await.login_route, LoginRoute::Legacy);
}

#[tokio::test]
async fn a_biller_whose_hosted_login_is_off_stays_on_the_old_page_when_it_is_resumed() {
    let world = World::new().await;
    let ops = world.person(Role::Ops);
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.users_moved(&bid).await;
    for (asked, expected) in [
        ("on inherit inherit inherit", LoginRoute::SecureAuth),
        ("on on on inherit", LoginRoute::SecureAuth),
        ("on on off inherit", LoginRoute::Legacy),
    ] {
        world.change(&bid, asked).await.unwrap();
        world.work().await;
        let before = world.in_effect(&bid).await;
        suspend_biller::suspend(&world.console, &ops, &bid, "Town of Ames", None).await.unwrap();
        world.work().await;
        assert_eq!(stages(&world, &bid).await, [Readiness::Suspended; 3]);
        assert_eq!(world.find(&bid).await.login_route, LoginRoute::Legacy);
        resume_biller::resume(&world.console, &ops, &bid, None).await.unwrap();
        world.work().await;
        assert_eq!(world.in_effect(&bid).await, before, "{asked}");
        assert_eq!(world.find(&bid).await.login_route, expected, "{asked}");
    }
}

#[tokio::test]
async fn no_users_are_declared_only_where_none_are_known() {
    let world = World::new().await;
    let product = world.person(Role::Product);
    let bid = world.enabled_biller("1", "Town of Ames").await;
    let declare = |reason: &str| {
        let (console, product, bid, reason) =
            (world.console.clone(), product.clone(), bid.clone(), Some(reason.to_owned()));
        async move { change_use_cases::declare_no_users(&console, &product, &bid, reason).await }
    };
    declare("new biller").await.unwrap();
    assert_eq!(stages(&world, &bid).await, [Readiness::Ready; 3]);
    assert_eq!(world.audit().await[0].entry.action, AuditAction::NoUsersDeclared);
    assert!(matches!(declare("again").await, Err(ServiceError::Field { .. })));
    world.users_are(&bid, UserMoveState::Staged).await;
    let refused = declare("after all").await.unwrap_err();
    assert!(refused.to_string().contains("12 users of this biller are known"), "{refused}");
}

#[tokio::test]
async fn the_behaviour_of_the_old_page_changes_on_its_own() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.users_moved(&bid).await;
    world.change(&bid, "on inherit on stay").await.unwrap();
    world.work().await;
    world.change(&bid, "on inherit on redirect").await.unwrap().unwrap();
    world.work().await;
    assert_eq!(world.in_effect(&bid).await.old_url, OldUrlBehaviour::Redirect);
}

#[tokio::test]
async fn a_biller_of_another_portfolio_is_not_there() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.put_into(&bid, Some("Coast")).await;
    let elsewhere = world.limited(Role::Product, "Plains");
    let show = change_use_cases::show(&world.console, &elsewhere, &bid).await;
    assert!(matches!(show, Err(ServiceError::NotFound { .. })));
    let request = ChangeRequest {
        choices: choices("on inherit inherit inherit"),
        seen: Choices::default(),
        reason: None,
    };
    let change = change_use_cases::change(&world.console, &elsewhere, &bid, request).await;
    assert!(matches!(change, Err(ServiceError::NotFound { .. })));
}
