//! Waves: many billers, some at a time, stopping by themselves.

use std::time::Duration;

use domain::{
    Bid, Clock, WaveId,
    access::Refusal,
    actor::Role,
    biller::BillerDraft,
    filter::ListQuery,
    use_case::{Choice, ChoicePatch, Choices, OldUrlBehaviour, OldUrlChoice, UseCase},
    wave::{WaveAction, WaveItem, WaveItemState, WaveRules, WaveState, WaveZone},
};
use sandbox::{Fault, FaultRule, ObjectKind};
use services::{
    ServiceError, bulk_enable, bulk_enable::Selection, change_use_cases, list_use_cases, schedule_wave,
    schedule_wave::WaveTime, suspend_biller,
};

use storage::Bookkeeping;

use crate::world::World;

async fn billers(world: &World, count: usize) -> Vec<Bid> {
    let mut bids = Vec::new();
    for n in 0..count {
        bids.push(world.biller(&format!("w{n}"), &format!("Wave City {n}")).await);
    }
    bids
}

async fn run_to_the_end(world: &World, wave: WaveId) -> bulk_enable::WavePage {
    for _ in 0..60 {
        world.work().await;
        world.clock.advance(Duration::from_secs(30));
        let actor = world.person(Role::Ops);
        let page = bulk_enable::show(&world.console, &actor, wave, None).await.unwrap();
        if page.wave.state != WaveState::Running && page.wave.counts.running == 0 {
            return page;
        }
    }
    panic!("the wave does not end");
}

#[tokio::test]
async fn a_wave_enables_every_biller_and_skips_those_that_cannot_be_with_the_reason() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let done = world.enabled_biller("done", "Enabled Before").await;
        let mut bids = billers(&world, 6).await;
        bids.push(done.clone());
        let preview =
            bulk_enable::preview(&world.console, &ops, Selection::Bids(bids.clone())).await.unwrap();
        assert_eq!((preview.ready.len(), preview.not_ready.len()), (6, 1));
        let rules = WaveRules { parallel: 3, stop_above_percent: 20, ..WaveRules::default() };
        let wave =
            bulk_enable::start(&world.console, &ops, &bids, rules, Some("spring".into())).await.unwrap();
        let page = run_to_the_end(&world, wave).await;
        assert_eq!(page.wave.state, WaveState::Finished, "{page:#?}");
        assert_eq!((page.wave.counts.succeeded, page.wave.counts.skipped), (6, 1));
        let skipped = page.items.iter().find(|item| item.bid == done).unwrap();
        assert!(skipped.note.as_deref().unwrap_or_default().contains("enabled"), "{skipped:?}");
        assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 7);
    })
    .await;
}

#[tokio::test]
async fn a_wave_stops_by_itself_when_too_much_fails() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let bids = billers(&world, 20).await;
        let refused = Fault::Error { status: 422, error_code: None };
        world.sandbox.faults().add(FaultRule::new("admin.createOrganization", refused)).unwrap();
        let rules = WaveRules { parallel: 2, stop_above_percent: 20, ..WaveRules::default() };
        let wave = bulk_enable::start(&world.console, &ops, &bids, rules, None).await.unwrap();
        let page = run_to_the_end(&world, wave).await;
        assert_eq!(page.wave.state, WaveState::Stopped);
        assert!(page.wave.counts.failed <= 5, "stopped early: {:?}", page.wave.counts);
        assert!(page.wave.counts.waiting >= 15);
        let failed = page.items.iter().find(|item| item.state == WaveItemState::Failed).unwrap();
        assert!(failed.note.is_some(), "every failed line says why");
    })
    .await;
}

#[tokio::test]
async fn nonsense_is_refused_before_anything_starts() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let bids = billers(&world, 1).await;
        let none = bulk_enable::start(&world.console, &ops, &[], WaveRules::default(), None).await;
        assert!(matches!(none, Err(ServiceError::Field { field: "selection", .. })), "{none:?}");
        let rules = WaveRules { parallel: 0, stop_above_percent: 20, ..WaveRules::default() };
        let no_rules = bulk_enable::start(&world.console, &ops, &bids, rules, None).await;
        assert!(matches!(no_rules, Err(ServiceError::Field { field: "rules", .. })), "{no_rules:?}");
        let manager = world.person(Role::AccountManager);
        let forbidden = bulk_enable::start(&world.console, &manager, &bids, WaveRules::default(), None).await;
        assert!(matches!(forbidden, Err(ServiceError::Refused(Refusal::Role { .. }))), "{forbidden:?}");
    })
    .await;
}

fn hosting(choice: Choice) -> WaveAction {
    WaveAction::UseCases(ChoicePatch::of([(UseCase::UserHosting, choice)]))
}

#[tokio::test]
async fn a_wave_of_use_cases_waits_after_its_pilot_and_goes_on_in_stages() {
    World::each(async |world: World| {
        let product = world.person(Role::Product);
        let mut bids = Vec::new();
        for n in 0..5 {
            bids.push(world.enabled_biller(&format!("u{n}"), &format!("Wave City {n}")).await);
        }
        bids.push(world.biller("u9", "Not Enabled").await);
        let action = hosting(Choice::On);
        let selection = Selection::Bids(bids.clone());
        let preview = bulk_enable::preview_of(&world.console, &product, selection, &action).await.unwrap();
        assert_eq!((preview.ready.len(), preview.not_ready.len()), (5, 1));
        let rules = WaveRules { pilot: 2, stage: 2, ..WaveRules::default() };
        let wave = bulk_enable::start_of(&world.console, &product, &bids, action, rules, None).await.unwrap();
        let page = run_to_the_end(&world, wave).await;
        assert_eq!((page.wave.state, page.wave.counts.succeeded), (WaveState::Held, 2));
        let support = world.person(Role::Support);
        assert!(bulk_enable::go_on(&world.console, &support, wave, None).await.is_err());
        bulk_enable::go_on(&world.console, &product, wave, None).await.unwrap();
        let again = bulk_enable::go_on(&world.console, &product, wave, None).await;
        assert!(matches!(again, Err(ServiceError::Changed { .. })), "{again:?}");
        let page = run_to_the_end(&world, wave).await;
        assert_eq!(page.wave.state, WaveState::Finished, "{page:#?}");
        assert_eq!((page.wave.counts.succeeded, page.wave.counts.skipped), (5, 1));
        for bid in &bids[..5] {
            assert!(world.in_effect(bid).await.has(UseCase::UserHosting), "{bid}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_wave_of_use_cases_stops_by_itself_and_the_rest_is_left_alone() {
    let world = World::new().await;
    let product = world.person(Role::Product);
    let mut bids = Vec::new();
    for n in 0..8 {
        bids.push(world.enabled_biller(&format!("u{n}"), &format!("Wave City {n}")).await);
    }
    let refused = Fault::Error { status: 403, error_code: None };
    world.sandbox.faults().add(FaultRule::new("admin.getClient", refused)).unwrap();
    let rules = WaveRules { parallel: 1, ..WaveRules::default() };
    let wave = bulk_enable::start_of(&world.console, &product, &bids, hosting(Choice::On), rules, None)
        .await
        .unwrap();
    let page = run_to_the_end(&world, wave).await;
    assert_eq!(page.wave.state, WaveState::Stopped);
    assert_eq!((page.wave.counts.failed, page.wave.counts.waiting), (3, 5), "three in a row are enough");
    for bid in &bids {
        assert!(world.in_effect(bid).await.is_empty(), "nothing unproven is in effect");
    }
}

#[tokio::test]
async fn a_default_is_inherited_and_brought_about_by_a_wave() {
    let world = World::new().await;
    let product = world.person(Role::Product);
    let bid = world.enabled_biller("u1", "Wave City").await;
    let on: Choices = "on inherit inherit inherit".parse().unwrap();
    let none = Choices::default();
    list_use_cases::set_default(&world.console, &product, None, on, none).await.unwrap();
    let late = list_use_cases::set_default(&world.console, &product, None, none, none).await;
    assert!(matches!(late, Err(ServiceError::Changed { .. })), "{late:?}");
    let limited = world.limited(Role::Product, "Coast");
    let refused = list_use_cases::set_default(&world.console, &limited, None, none, on).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Portfolio { .. }))), "{refused:?}");
    let list = list_use_cases::list(&world.console, &product, &ListQuery::default()).await.unwrap();
    let row = &list.rows[0];
    assert!(row.layers.wanted(UseCase::UserHosting).on && row.in_effect.is_empty());
    let differing = list_use_cases::defaults(&world.console, &product).await.unwrap().differing;
    assert_eq!((differing.all, differing.at_least), (1, false));
    let bring = WaveAction::UseCases(ChoicePatch::default());
    let only = std::slice::from_ref(&bid);
    let rules = WaveRules::default();
    let wave = bulk_enable::start_of(&world.console, &product, only, bring, rules, None).await.unwrap();
    run_to_the_end(&world, wave).await;
    assert!(world.in_effect(&bid).await.has(UseCase::UserHosting));
    let defaults = list_use_cases::defaults(&world.console, &product).await.unwrap();
    assert_eq!(defaults.differing.all, 0);
    assert_eq!(defaults.everyone.map(|one| one.choices), Some(on));
}

#[tokio::test]
async fn a_wave_sets_what_the_old_page_does_and_leaves_the_switches_alone() {
    let world = World::new().await;
    let product = world.person(Role::Product);
    let bid = world.enabled_biller("u1", "Wave City").await;
    world.users_moved(&bid).await;
    world.change(&bid, "on inherit on inherit").await.unwrap();
    world.work().await;
    let patch = ChoicePatch { old_url: Some(OldUrlChoice::Redirect), ..ChoicePatch::default() };
    let (only, rules) = (std::slice::from_ref(&bid), WaveRules::default());
    let action = WaveAction::UseCases(patch);
    let wave = bulk_enable::start_of(&world.console, &product, only, action, rules, None).await.unwrap();
    run_to_the_end(&world, wave).await;
    let view = change_use_cases::show(&world.console, &product, &bid).await.unwrap();
    assert_eq!(view.layers.biller.to_string(), "on inherit on redirect");
    assert_eq!(world.in_effect(&bid).await.old_url, OldUrlBehaviour::Redirect);
}

/// 08:00 in Chicago on the day on which the world's clock stands at 06:00.
fn at_eight() -> WaveTime {
    WaveTime { day: "2026-11-23".to_owned(), time: "08:00".to_owned(), zone: String::new(), each: false }
}

#[tokio::test]
async fn a_wave_begins_when_its_time_comes_and_looks_at_each_biller_then() {
    World::each(async |world: World| {
        let product = world.person(Role::Product);
        let mut bids = Vec::new();
        for n in 0..3 {
            bids.push(world.enabled_biller(&format!("u{n}"), &format!("Wave City {n}")).await);
        }
        let (rules, action) = (WaveRules::default(), hosting(Choice::On));
        let wave =
            bulk_enable::start_at(&world.console, &product, &bids, action, rules, None, &at_eight()).await;
        let wave = wave.unwrap();
        let shown = async || bulk_enable::show(&world.console, &product, wave, None).await.unwrap();
        world.work().await;
        let page = shown().await;
        assert_eq!((page.wave.state, page.wave.counts.waiting), (WaveState::Scheduled, 3));
        assert_eq!(page.wave.start.unwrap().at.rfc3339(), "2026-11-23T14:00:00Z");
        let ops = world.person(Role::Ops);
        suspend_biller::suspend(&world.console, &ops, &bids[1], "Wave City 1", None).await.unwrap();
        world.work().await;
        world.clock.advance(Duration::from_secs(2 * 3_600));
        let page = run_to_the_end(&world, wave).await;
        assert_eq!(page.wave.state, WaveState::Finished);
        assert_eq!(
            (page.wave.counts.succeeded, page.wave.counts.skipped),
            (2, 1),
            "the suspended one is skipped"
        );
    })
    .await;
}

#[tokio::test]
async fn a_withdrawn_wave_and_one_that_is_late_do_not_begin() {
    let world = World::new().await;
    let product = world.person(Role::Product);
    let bid = world.enabled_biller("u1", "Wave City").await;
    let start = async || {
        let (only, rules) = (std::slice::from_ref(&bid), WaveRules::default());
        let action = hosting(Choice::On);
        bulk_enable::start_at(&world.console, &product, only, action, rules, None, &at_eight()).await.unwrap()
    };
    let (withdrawn, late) = (start().await, start().await);
    let support = world.person(Role::Support);
    assert!(schedule_wave::withdraw(&world.console, &support, withdrawn).await.is_err());
    schedule_wave::withdraw(&world.console, &product, withdrawn).await.unwrap();
    let again = schedule_wave::withdraw(&world.console, &product, withdrawn).await;
    assert!(matches!(again, Err(ServiceError::Changed { .. })), "{again:?}");
    world.clock.advance(Duration::from_secs(4 * 3_600));
    world.work().await;
    for wave in [withdrawn, late] {
        let page = bulk_enable::show(&world.console, &product, wave, None).await.unwrap();
        assert_eq!((page.wave.state, page.wave.counts.waiting), (WaveState::Withdrawn, 1));
    }
    assert!(world.in_effect(&bid).await.is_empty());
    let (action, rules) = (hosting(Choice::On), WaveRules::default());
    let passed =
        bulk_enable::start_at(&world.console, &product, &[bid], action, rules, None, &at_eight()).await;
    assert!(matches!(passed, Err(ServiceError::Field { field: "time", .. })));
}

/// What IC says of the biller's zone.
pub(crate) async fn lies_in(world: &World, bid: &Bid, zone: &str) {
    let draft = BillerDraft { time_zone: Some(zone.to_owned()), ..world.find(bid).await.draft };
    let mut tx = world.console.store.begin().await.unwrap();
    storage::billers::upsert(&mut tx, &draft, world.clock.now()).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
}

#[tokio::test]
async fn a_wave_by_own_clocks_begins_for_each_biller_at_its_own_time() {
    World::each(async |world: World| {
        let product = world.person(Role::Product);
        let mut bids = Vec::new();
        for (n, zone) in ["America/Los_Angeles", "America/New_York", ""].into_iter().enumerate() {
            let bid = world.enabled_biller(&format!("z{n}"), &format!("Zone City {n}")).await;
            if !zone.is_empty() {
                lies_in(&world, &bid, zone).await;
            }
            bids.push(bid);
        }
        let time = WaveTime { each: true, ..at_eight() };
        let (rules, action) = (WaveRules::default(), hosting(Choice::On));
        let wave = bulk_enable::start_at(&world.console, &product, &bids, action, rules, None, &time).await;
        let wave = wave.unwrap();
        let begun = async || {
            world.work().await;
            let page = bulk_enable::show(&world.console, &product, wave, None).await.unwrap();
            let waiting = |item: &&WaveItem| item.state != WaveItemState::Waiting;
            page.items.iter().filter(waiting).map(|item| item.bid.to_string()).collect::<Vec<_>>()
        };
        let page = bulk_enable::show(&world.console, &product, wave, None).await.unwrap();
        let due: Vec<String> = page.items.iter().map(|item| item.due.unwrap().rfc3339()).collect();
        // 08:00 in New York, in Chicago (the configured zone, for the one without), in Los Angeles.
        assert_eq!(due, ["2026-11-23T13:00:00Z", "2026-11-23T14:00:00Z", "2026-11-23T16:00:00Z"]);
        assert_eq!(page.wave.start.as_ref().unwrap().zone, WaveZone::Each);
        assert!(begun().await.is_empty());
        for (hours, expected) in [(1, &["z1"][..]), (1, &["z1", "z2"]), (1, &["z1", "z2"])] {
            world.clock.advance(Duration::from_secs(hours * 3_600));
            assert_eq!(begun().await, expected);
        }
        // A restart forgets nothing of it.
        world.clock.advance(Duration::from_secs(3_600));
        let console = world.reopen().await;
        services::worker::run_until_idle(&console).await.unwrap();
        let page = run_to_the_end(&world, wave).await;
        assert_eq!((page.wave.state, page.wave.counts.succeeded), (WaveState::Finished, 3));
    })
    .await;
}
