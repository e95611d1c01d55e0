//! IC announces billers: idempotent, checked, and new ones under the policy.

use domain::{
    actor::{Actor, Role},
    audit::AuditAction,
    biller::{BillerDraft, CiamStatus},
    policy::NewBillerPolicy,
};
use services::{ServiceError, announce_biller, show_biller};
use storage::billers::Upsert;

use crate::world::{World, draft};

fn golden(bid: &str) -> BillerDraft {
    BillerDraft { tier: Some("Gold".to_owned()), ..draft(bid, "Golden Gas") }
}

#[tokio::test]
async fn the_same_announcement_twice_changes_nothing_the_second_time() {
    World::each(async |world: World| {
        let ic = world.integration();
        let first = announce_biller::put(&world.console, &ic, draft("7", "Seven Water")).await.expect("new");
        assert_eq!((first.upsert, first.run), (Upsert::Created, None));
        let again = announce_biller::put(&world.console, &ic, draft("7", "Seven Water")).await.expect("same");
        assert_eq!(again.upsert, Upsert::Unchanged);
        assert_eq!(world.audit().await.len(), 1, "nothing happened the second time");
        let renamed =
            announce_biller::put(&world.console, &ic, draft("7", "Seven Waters")).await.expect("renamed");
        assert_eq!(renamed.upsert, Upsert::Changed);
        let entry = world.audit().await.remove(0).entry;
        assert_eq!(entry.action, AuditAction::BillerAnnounced);
        assert_eq!(entry.before.expect("before")["name"], "Seven Water");
        assert_eq!(entry.after.expect("after")["name"], "Seven Waters");
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_kept() {
    let world = World::new().await;
    let wrong = BillerDraft {
        name: " ".to_owned(),
        customers: Some(-4),
        time_zone: Some("Chicago".to_owned()),
        ..draft("8", "x")
    };
    let error = announce_biller::put(&world.console, &world.integration(), wrong).await.expect_err("refused");
    let ServiceError::Fields(errors) = error else { panic!("{error:?}") };
    let fields: Vec<_> = errors.iter().filter_map(|error| error.field.as_deref()).collect();
    assert_eq!(fields, ["name", "time_zone", "customers"]);
    assert!(errors.iter().all(|error| !error.cure.is_empty()));
    assert!(world.audit().await.is_empty());
}

#[tokio::test]
async fn the_policy_enables_new_billers_only_and_says_so() {
    let tiers = NewBillerPolicy::Tiers { tiers: vec!["gold".to_owned()] };
    for (policy, plain_runs, golden_runs) in
        [(NewBillerPolicy::Off, false, false), (NewBillerPolicy::On, true, true), (tiers, false, true)]
    {
        let world = World::with(|settings| settings.new_billers = policy.clone()).await;
        let ic = world.integration();
        world.biller("old", "Known Before").await;
        let known = announce_biller::put(&world.console, &ic, golden("old")).await.expect("known");
        assert_eq!(
            (known.upsert, known.run),
            (Upsert::Changed, None),
            "{policy:?}: a known biller is left alone"
        );
        let plain =
            announce_biller::put(&world.console, &ic, draft("p", "Plain Power")).await.expect("plain");
        assert_eq!(plain.run.is_some(), plain_runs, "{policy:?}");
        let gold = announce_biller::put(&world.console, &ic, golden("g")).await.expect("gold");
        assert_eq!(gold.run.is_some(), golden_runs, "{policy:?}");
        if golden_runs {
            let bid = "g".parse().expect("bid");
            assert_eq!(world.find(&bid).await.status, CiamStatus::Enabling);
            let view = show_biller::show(&world.console, &world.person(Role::Ops), &bid).await.expect("view");
            let run = view.open_run.expect("run").run;
            assert_eq!((Some(run.id), run.requested_by), (gold.run, Actor::Policy));
            let newest = world.audit().await.remove(0).entry;
            assert_eq!((newest.action, newest.actor), (AuditAction::RunRequested, Actor::Policy));
            let again = announce_biller::put(&world.console, &ic, golden("g")).await.expect("again");
            assert_eq!(
                (again.upsert, again.run),
                (Upsert::Unchanged, None),
                "a repeat asks for no second run"
            );
        }
    }
}
