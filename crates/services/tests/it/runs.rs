//! Enable, suspend, resume, retry and undo, against the sandbox over real HTTP.

use std::time::Duration;

use domain::{
    Bid, RunId,
    access::Refusal,
    actor::Role,
    biller::CiamStatus,
    login::LoginRoute,
    object::{ObjectKind as Kind, Origin},
    run::{FailureKind, Run, RunState, Step, StepKind, StepState},
};
use sandbox::{Fault, FaultRule, ObjectKind};
use serde_json::json;
use services::{
    ServiceError, enable_biller, resume_biller, retry_run, start_login, suspend_biller, take_back_run,
};

use crate::world::World;

async fn steps(world: &World, run: RunId) -> (Run, Vec<Step>) {
    let mut conn = world.console.store.read().await.unwrap();
    let found = storage::runs::find(&mut conn, run).await.unwrap().unwrap();
    (found, storage::runs::steps(&mut conn, run).await.unwrap())
}

async fn biller(world: &World, bid: &Bid) -> domain::biller::Biller {
    let mut conn = world.console.store.read().await.unwrap();
    storage::billers::find(&mut conn, bid).await.unwrap().unwrap()
}

fn failure_of(steps: &[Step]) -> (StepKind, FailureKind, String) {
    let failed = steps.iter().find(|step| step.state == StepState::Failed).expect("a failed step");
    let failure = failed.failure.clone().expect("a reason");
    assert!(!failure.cure.is_empty(), "every failure names its cure");
    (failed.kind, failure.kind, failure.message)
}

#[tokio::test]
async fn enabling_makes_proves_and_routes_and_the_login_url_leads_to_the_sign_in_page() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.biller("34", "City of Abbeville - (SC)").await;
        let preview = enable_biller::preview(&world.console, &actor, &bid).await.unwrap();
        let run = enable_biller::enable(&world.console, &actor, &bid, Some("pilot".into())).await.unwrap();
        assert_eq!(biller(&world, &bid).await.status, CiamStatus::Enabling);
        world.work().await;
        let (run, steps) = steps(&world, run).await;
        assert_eq!(run.state, RunState::Succeeded, "{steps:#?}");
        // Nobody has chosen other settings than the template brings.
        let expected = |step: &Step| match step.kind {
            StepKind::Settings => StepState::Skipped,
            _ => StepState::Done,
        };
        assert!(steps.iter().all(|s| s.state == expected(s) && s.attempts == 1), "{steps:#?}");

        let enabled = biller(&world, &bid).await;
        assert_eq!((enabled.status, enabled.login_route), (CiamStatus::Enabled, LoginRoute::SecureAuth));
        let state = world.sandbox.state();
        for object in preview.plan.objects() {
            let kind = match object.kind {
                Kind::Organization => ObjectKind::Organization,
                Kind::Pool => ObjectKind::Pool,
                Kind::Binding => ObjectKind::Binding,
                Kind::Application => ObjectKind::Application,
                Kind::Theme => continue,
            };
            assert!(state.get(kind, &object.id).is_some(), "{} {} as previewed", object.kind, object.id);
        }
        let organization = state.get(ObjectKind::Organization, "ic-34").unwrap();
        assert_eq!(organization["metadata"]["payload"]["bid"], "34");
        assert_eq!(organization["name"], "City of Abbeville - (SC)");

        let slug = enabled.slug.unwrap();
        assert_eq!(preview.login_url, world.console.settings.login_url(&slug));
        let start_login::LoginStart::Redirect(url) =
            start_login::start(&world.console, slug.as_str()).await.unwrap()
        else {
            panic!("the login URL does not start a sign-in");
        };
        assert!(url.as_str().starts_with(enabled.issuer.as_deref().unwrap()));
        assert!(url.query().unwrap().contains("code_challenge_method=S256"));
        let page = reqwest::get(url).await.unwrap();
        assert_eq!(page.status(), 200, "the authorize page answers");
    })
    .await;
}

#[tokio::test]
async fn what_bears_our_mark_is_adopted_by_id_and_never_made_twice() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.enabled_biller("77", "Adopted Electric").await;
        let before = world.sandbox.state();
        // The console lost its database; SecureAuth did not.
        let fresh = world.with_empty_database().await;
        let same = fresh.biller("77", "Adopted Electric").await;
        enable_biller::enable(&fresh.console, &actor, &same, None).await.unwrap();
        fresh.work().await;
        assert_eq!(biller(&fresh, &bid).await.status, CiamStatus::Enabled);
        let after = fresh.sandbox.state();
        for kind in [ObjectKind::Organization, ObjectKind::Pool, ObjectKind::Binding, ObjectKind::Application]
        {
            assert_eq!(after.count(kind), before.count(kind));
        }
        let mut conn = fresh.console.store.read().await.unwrap();
        let objects = storage::objects::of_biller(&mut conn, &bid).await.unwrap();
        assert!(objects.iter().all(|object| object.origin == Origin::Adopted), "{objects:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_foreign_object_under_our_id_is_refused_and_left_untouched() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.biller("55", "City of Aberdeen").await;
        world.foreign_organization("ic-55", "Somebody else's").await;
        let before = world.sandbox.state().get(ObjectKind::Organization, "ic-55").cloned();
        let run = enable_biller::enable(&world.console, &actor, &bid, None).await.unwrap();
        world.work().await;
        let (_, steps) = steps(&world, run).await;
        let (step, kind, message) = failure_of(&steps);
        assert_eq!((step, kind), (StepKind::Organization, FailureKind::Foreign), "{message}");
        assert_eq!(world.sandbox.state().get(ObjectKind::Organization, "ic-55").cloned(), before);
        assert_eq!(biller(&world, &bid).await.status, CiamStatus::NotEnabled, "the last good status");

        let undo = take_back_run::take_back(&world.console, &actor, run, None).await.unwrap();
        world.work().await;
        let (undo, _) = self::steps(&world, undo).await;
        assert_eq!(undo.state, RunState::Succeeded);
        assert_eq!(world.sandbox.state().get(ObjectKind::Organization, "ic-55").cloned(), before);
    })
    .await;
}

#[tokio::test]
async fn a_failed_step_is_retried_where_it_stands() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.biller("59", "City of Abbeville - (LA)").await;
        let run = world.failed_enablement(&bid, "admin.createClient").await;
        let (found, failed) = steps(&world, run).await;
        assert_eq!(found.state, RunState::Failed);
        assert_eq!(failure_of(&failed).0, StepKind::Application);
        assert_eq!(biller(&world, &bid).await.open_run, Some(run));

        retry_run::retry(&world.console, &actor, run).await.unwrap();
        world.work().await;
        let (found, steps) = steps(&world, run).await;
        assert_eq!(found.state, RunState::Succeeded, "{steps:#?}");
        assert_eq!(steps[0].attempts, 1, "what was done is not done again");
        assert_eq!(biller(&world, &bid).await.status, CiamStatus::Enabled);
    })
    .await;
}

#[tokio::test]
async fn a_vendor_that_is_away_for_a_moment_is_sat_out() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.biller("84", "A & N Electric Coop").await;
        world
            .sandbox
            .faults()
            .add(FaultRule::new("admin.createOrganization", Fault::Outage).times(6))
            .unwrap();
        let run = enable_biller::enable(&world.console, &actor, &bid, None).await.unwrap();
        for _ in 0..8 {
            world.work().await;
            world.clock.advance(Duration::from_secs(20));
        }
        let (found, steps) = steps(&world, run).await;
        assert_eq!(found.state, RunState::Succeeded, "{steps:#?}");
        assert!(steps[0].attempts > 1);
    })
    .await;
}

#[tokio::test]
async fn an_outage_that_goes_on_ends_the_run_with_a_cure_and_a_retry_is_patient_again() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.biller("86", "City of Acworth").await;
        world.sandbox.faults().add(FaultRule::new("admin.createOrganization", Fault::Outage)).unwrap();
        let run = enable_biller::enable(&world.console, &actor, &bid, None).await.unwrap();
        let pass_time = async || {
            world.work().await;
            world.clock.advance(Duration::from_secs(360));
        };
        for _ in 0..10 {
            pass_time().await;
        }
        let (found, failed) = steps(&world, run).await;
        assert_eq!(found.state, RunState::Failed);
        assert_eq!(failure_of(&failed).1, FailureKind::Temporary);
        let cure = &failed[0].failure.as_ref().unwrap().cure;
        assert!(cure.contains("then retry") && !cure.contains("by itself"), "{cure}");

        retry_run::retry(&world.console, &actor, run).await.unwrap();
        for _ in 0..3 {
            pass_time().await;
        }
        assert_eq!(steps(&world, run).await.0.state, RunState::Running, "the first failure is sat out again");
        world.sandbox.faults().clear();
        tokio::time::sleep(Duration::from_millis(300)).await;
        for _ in 0..3 {
            pass_time().await;
        }
        assert_eq!(steps(&world, run).await.0.state, RunState::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn a_biller_with_a_run_in_progress_takes_no_second_one() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.biller("87", "City of Ada").await;
        enable_biller::enable(&world.console, &actor, &bid, None).await.unwrap();
        let second = enable_biller::enable(&world.console, &actor, &bid, None).await;
        assert!(matches!(second, Err(ServiceError::Refused(Refusal::RunOpen { .. }))), "{second:?}");
        let other = suspend_biller::suspend(&world.console, &actor, &bid, "City of Ada", None).await;
        assert!(matches!(other, Err(ServiceError::Refused(Refusal::RunOpen { .. }))), "{other:?}");
    })
    .await;
}

#[tokio::test]
async fn undo_keeps_a_pool_that_holds_users_and_deletes_nothing_then() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.biller("88", "City of Adairsville").await;
        let failed = world.failed_enablement(&bid, "admin.createClient").await;
        world.users("ic-88-pool", 1).await;
        let undo = take_back_run::take_back(&world.console, &actor, failed, None).await.unwrap();
        world.work().await;
        let (found, steps) = steps(&world, undo).await;
        assert_eq!(found.state, RunState::Failed);
        let (step, kind, _) = failure_of(&steps);
        assert_eq!(
            (step, kind),
            (StepKind::LoginRoute, FailureKind::InUse),
            "asked before anything is deleted"
        );
        let state = world.sandbox.state();
        assert!(state.get(ObjectKind::Binding, "ic-88-binding").is_some());
        assert!(state.get(ObjectKind::Pool, "ic-88-pool").is_some());
    })
    .await;
}

#[tokio::test]
async fn suspending_switches_everything_off_and_revokes_the_tokens_of_all_users() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.enabled_biller("90", "City of Adel").await;
        world.users("ic-90-pool", 230).await;
        let wrong = suspend_biller::suspend(&world.console, &actor, &bid, "City of Ade", None).await;
        assert!(matches!(wrong, Err(ServiceError::Field { field: "name", .. })), "{wrong:?}");
        let impact = suspend_biller::impact(&world.console, &actor, &bid).await.unwrap();
        assert_eq!(impact.sheet.users_at_vendor, Some(230));

        let run = suspend_biller::suspend(&world.console, &actor, &bid, "City of Adel", None).await.unwrap();
        world.work().await;
        let (found, steps) = steps(&world, run).await;
        assert_eq!(found.state, RunState::Succeeded, "{steps:#?}");
        let tokens = steps.iter().find(|s| s.kind == StepKind::Tokens).unwrap();
        assert_eq!(tokens.outcome.as_deref(), Some("Tokens and sessions of 230 users revoked."));
        let state = world.sandbox.state();
        assert_eq!(state.get(ObjectKind::Application, "ic-90-portal").unwrap()["client_status"], "inactive");
        assert_eq!(state.get(ObjectKind::Binding, "ic-90-binding").unwrap()["disabled"], json!(true));
        assert_eq!(biller(&world, &bid).await.login_route, LoginRoute::Legacy);
        let slug = biller(&world, &bid).await.slug.unwrap();
        let start = start_login::start(&world.console, slug.as_str()).await.unwrap();
        assert!(matches!(start, start_login::LoginStart::Legacy(_)), "{start:?}");

        resume_biller::resume(&world.console, &actor, &bid, None).await.unwrap();
        world.work().await;
        assert_eq!(biller(&world, &bid).await.status, CiamStatus::Enabled);
        let start = start_login::start(&world.console, slug.as_str()).await.unwrap();
        assert!(matches!(start, start_login::LoginStart::Redirect(_)), "{start:?}");
    })
    .await;
}

#[tokio::test]
async fn a_suspension_that_fails_has_routed_sign_ins_away_first_and_can_be_taken_back() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.enabled_biller("91", "City of Adrian").await;
        world
            .sandbox
            .faults()
            .add(FaultRule::new("admin.updateClient", Fault::Error { status: 403, error_code: None }))
            .unwrap();
        let run =
            suspend_biller::suspend(&world.console, &actor, &bid, "City of Adrian", None).await.unwrap();
        world.work().await;
        world.sandbox.faults().clear();
        let (found, steps) = steps(&world, run).await;
        assert_eq!(found.state, RunState::Failed);
        assert_eq!(failure_of(&steps).0, StepKind::Application);
        let failed = biller(&world, &bid).await;
        assert_eq!((failed.status, failed.login_route), (CiamStatus::Enabled, LoginRoute::Legacy));

        take_back_run::take_back(&world.console, &actor, run, None).await.unwrap();
        world.work().await;
        let back = biller(&world, &bid).await;
        assert_eq!((back.status, back.login_route), (CiamStatus::Enabled, LoginRoute::SecureAuth));
        assert_eq!(back.open_run, None);
    })
    .await;
}

#[tokio::test]
async fn only_roles_that_may_can_start_runs() {
    World::each(async |world: World| {
        let bid = world.biller("92", "City of Adrian - (MO)").await;
        for role in [Role::VendorReview, Role::Support, Role::Auditor] {
            let refused = enable_biller::enable(&world.console, &world.person(role), &bid, None).await;
            assert!(
                matches!(refused, Err(ServiceError::Refused(Refusal::Role { .. }))),
                "{role}: {refused:?}"
            );
        }
        assert_eq!(biller(&world, &bid).await.status, CiamStatus::NotEnabled);
        assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 0);
    })
    .await;
}
