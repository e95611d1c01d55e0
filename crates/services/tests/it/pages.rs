//! What overview, list and biller page are given to show.

use domain::{
    access::Refusal,
    actor::Role,
    biller::CiamStatus,
    filter::{BillerFilter, ListQuery},
    run::{RunKind, StepKind},
};
use sandbox::{Fault, FaultRule};
use services::{
    edit_handover::{self, GoLiveForm},
    enable_biller, list_billers, overview, sample_billers, show_biller, suspend_biller,
};

use crate::world::World;

#[tokio::test]
async fn a_biller_page_follows_the_biller_from_not_enabled_to_suspended() {
    World::each(async |world: World| {
        let manager = world.person(Role::AccountManager);
        let bid = world.biller("34", "City of Abbeville").await;
        let show = async || show_biller::show(&world.console, &manager, &bid).await.expect("view");

        let view = show().await;
        assert_eq!((view.login_url, view.handover, view.objects.len()), (None, None, 0));
        assert!(view.open_run.is_none() && view.last_run.is_none());
        assert_eq!(view.actions.enable, Ok(()));
        assert!(matches!(view.actions.suspend, Err(Refusal::Status { .. })));
        assert_eq!((view.actions.retry, view.actions.take_back), (Err(Refusal::NoRun), Err(Refusal::NoRun)));
        assert_eq!(view.next_steps[0].title, "Enable the biller");

        enable_biller::enable(&world.console, &manager, &bid, None).await.expect("enable");
        let view = show().await;
        assert_eq!(view.biller.status, CiamStatus::Enabling);
        assert_eq!(view.login_url, None, "a login URL is not shown before it has worked");
        assert!(matches!(view.actions.enable, Err(Refusal::RunOpen { .. })));
        assert_eq!(view.open_run.expect("run").steps.len(), RunKind::Enable.steps().len());

        world.work().await;
        let view = show().await;
        assert_eq!(view.login_url.as_deref(), Some("https://login.example/b/city-of-abbeville"));
        assert!(view.handover.expect("pack").text.contains("We will tell you the day"));
        assert_eq!(view.next_steps[0].title, "Agree on the go-live date");
        assert!(view.open_run.is_none() && view.last_run.is_some() && view.objects.len() >= 4);
        assert_eq!(view.actions.suspend, Ok(()));
        assert!(!view.activity.is_empty());
        let form = GoLiveForm { seen: "", day: "2026-12-01" };
        edit_handover::set_go_live(&world.console, &manager, &bid, form).await.expect("date");
        assert_eq!(show().await.next_steps[0].title, "Send the handover pack");

        suspend_biller::suspend(&world.console, &manager, &bid, "City of Abbeville", None)
            .await
            .expect("suspend");
        world.work().await;
        let view = show().await;
        assert_eq!((view.biller.status, view.actions.resume), (CiamStatus::Suspended, Ok(())));
        assert!(view.login_url.is_some(), "people keep their bookmark");
        assert_eq!(view.runs.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_failed_run_is_shown_with_its_step_and_offers_the_ways_on() {
    let world = World::new().await;
    let manager = world.person(Role::AccountManager);
    let bid = world.biller("34", "City of Abbeville").await;
    world.failed_enablement(&bid, "admin.createClient").await;
    let view = show_biller::show(&world.console, &manager, &bid).await.expect("view");
    assert_eq!((view.biller.status, view.login_url), (CiamStatus::NotEnabled, None));
    assert_eq!((view.actions.retry, view.actions.take_back), (Ok(()), Ok(RunKind::Abandon)));
    assert_eq!(view.actions.enable, Err(Refusal::RunFailed { kind: RunKind::Enable }));
    assert_eq!(view.next_steps[0].title, "Read why the step failed");

    let overview = overview::show(&world.console, &manager).await.expect("overview");
    let line = overview.attention.first().expect("waits for someone");
    assert_eq!(
        (line.biller_name.as_str(), line.step, line.done),
        ("City of Abbeville", Some(StepKind::Application), 3)
    );
    assert!(line.failure.as_ref().is_some_and(|failure| !failure.cure.is_empty()));
    assert_eq!(overview.counts.attention, 1);
}

#[tokio::test]
async fn who_may_not_see_the_activity_log_sees_none_of_it_on_a_biller() {
    let world = World::new().await;
    let bid = world.enabled_biller("34", "City of Abbeville").await;
    let view = show_biller::show(&world.console, &world.person(Role::Support), &bid).await.expect("view");
    assert!(view.activity.is_empty());
    assert!(matches!(view.actions.suspend, Err(Refusal::Role { .. })));
    assert!(matches!(view.actions.edit_handover, Err(Refusal::Role { .. })));
}

#[tokio::test]
async fn the_overview_tells_whether_the_vendor_answers() {
    let world = World::new().await;
    let ops = world.person(Role::Ops);
    let up = overview::show(&world.console, &ops).await.expect("overview").vendor;
    assert!(up.answered, "{}", up.detail);
    world.sandbox.faults().add(FaultRule::new("*", Fault::Outage)).expect("fault");
    let restarted = world.reopen().await;
    let down = overview::show(&restarted, &ops).await.expect("the page comes without the vendor too").vendor;
    assert!(!down.answered && !down.detail.is_empty());
}

#[tokio::test]
async fn the_samples_fill_an_empty_console_once() {
    World::each(async |world: World| {
        sample_billers::seed(&world.console).await.expect("seed");
        sample_billers::seed(&world.console).await.expect("again");
        let ops = world.person(Role::Ops);
        let list = list_billers::list(&world.console, &ops, &ListQuery::default()).await.expect("list");
        assert_eq!(list.counts.total, 42, "every line of the samples is good, and none came twice");
        assert!(list.facets.tiers.iter().any(|(tier, count)| tier == "gold" && *count > 3));
        assert!(list.may_import.is_ok() && list.may_bulk.is_ok());
        let filter = BillerFilter { search: "bahia".to_owned(), ..BillerFilter::default() };
        let found = list_billers::list(&world.console, &ops, &ListQuery { filter, ..ListQuery::default() })
            .await
            .expect("list");
        let names: Vec<_> = found.page.rows.iter().map(|biller| biller.name()).collect();
        assert_eq!(names, ["Bahía Serena Agua y Luz"], "accents need not be typed");
        let bid = found.page.rows[0].bid();
        let impact = suspend_biller::impact(&world.console, &ops, bid).await.expect("impact");
        assert!(impact.sheet.passwords.locked_out() > 0, "the impact sheet has something to tell");
    })
    .await;
}

#[tokio::test]
async fn samples_never_join_real_billers() {
    let world = World::new().await;
    world.biller("34", "City of Abbeville").await;
    sample_billers::seed(&world.console).await.expect("seed");
    let list = list_billers::list(&world.console, &world.person(Role::Ops), &ListQuery::default())
        .await
        .expect("list");
    assert_eq!(list.counts.total, 1);
}
