//! Defaults reach billers that are enabled already by a wave.

use std::time::Duration;

use domain::{
    Bid, Clock, WaveId,
    access::Refusal,
    actor::Role,
    biller::{BillerDraft, CiamStatus},
    filter::BillerFilter,
    settings::{Agreement, Layer, SettingKey},
    wave::{WaveAction, WaveItemState, WaveRules, WaveState},
};
use sandbox::{Fault, FaultRule};
use services::{
    ServiceError, apply_defaults,
    bulk_enable::{self, Selection, WavePage},
};
use storage::Bookkeeping;

use crate::{
    biller_settings::{row, set, shown},
    world::World,
};

pub(crate) const COLOUR: &str = "organization.color";
pub(crate) const LENGTH: &str = "pool.password.min_length";

pub(crate) fn defaults(keys: &[&str]) -> WaveAction {
    WaveAction::Defaults { keys: keys.iter().map(|key| key.parse::<SettingKey>().unwrap()).collect() }
}

pub(crate) async fn billers(world: &World, number: usize) -> Vec<Bid> {
    let mut bids = Vec::new();
    for n in 0..number {
        bids.push(world.enabled_biller(&format!("d{n}"), &format!("Default City {n}")).await);
    }
    bids
}

pub(crate) async fn to_the_end(world: &World, wave: WaveId) -> WavePage {
    for _ in 0..60 {
        world.work().await;
        world.clock.advance(Duration::from_secs(30));
        let page = bulk_enable::show(&world.console, &world.person(Role::Product), wave, None).await.unwrap();
        if page.wave.state != WaveState::Running && page.wave.counts.running == 0 {
            return page;
        }
    }
    panic!("the wave does not end");
}

async fn in_tier(world: &World, bid: &Bid, tier: &str) {
    let draft = BillerDraft { tier: Some(tier.to_owned()), ..world.find(bid).await.draft };
    let mut tx = world.console.store.begin().await.unwrap();
    storage::billers::upsert(&mut tx, &draft, world.clock.now()).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
}

fn enabled() -> Selection {
    let statuses = vec![CiamStatus::Enabled, CiamStatus::Suspended];
    Selection::Filter(BillerFilter { statuses, ..BillerFilter::default() })
}

#[tokio::test]
async fn a_default_reaches_enabled_billers_pilot_first_and_leaves_what_is_their_own() {
    World::each(async |world: World| {
        let bids = billers(&world, 4).await;
        let fresh = world.biller("d9", "Not Enabled").await;
        let product = world.person(Role::Product);
        set(&world, Layer::Biller(bids[3].clone()), &[(COLOUR, "#333333")]).await;
        world.work().await;
        set(&world, Layer::Everywhere, &[(COLOUR, "#123456"), (LENGTH, "13")]).await;
        let decided = apply_defaults::decided(&world.console, &product, &Layer::Everywhere).await.unwrap();
        let told: Vec<_> = decided.iter().map(|one| (one.setting.key, one.inheriting)).collect();
        assert_eq!(told, [(COLOUR, 3), (LENGTH, 4)], "one has a colour of its own, one is not enabled");

        let action = defaults(&[COLOUR]);
        let preview = bulk_enable::preview_of(&world.console, &product, enabled(), &action).await.unwrap();
        let ready: Vec<Bid> = preview.ready.iter().map(|biller| biller.bid().clone()).collect();
        assert_eq!(ready, bids[..3]);
        assert_eq!(preview.not_ready.len(), 1);
        assert!(preview.not_ready[0].1.contains("values of its own"), "{:?}", preview.not_ready);

        let rules = WaveRules { pilot: 1, stage: 1, ..WaveRules::default() };
        let all = [ready, vec![fresh.clone()]].concat();
        let why = Some("new look".to_owned());
        let wave = bulk_enable::start_of(&world.console, &product, &all, action.clone(), rules, why).await;
        let wave = wave.unwrap();
        let page = to_the_end(&world, wave).await;
        assert_eq!((page.wave.state, page.wave.counts.succeeded), (WaveState::Held, 1), "the pilot");
        bulk_enable::go_on(&world.console, &product, wave, None).await.unwrap();
        let page = to_the_end(&world, wave).await;
        assert_eq!((page.wave.state, page.wave.counts.succeeded), (WaveState::Finished, 3));
        let skipped = page.items.iter().find(|item| item.bid == fresh).unwrap();
        assert_eq!(skipped.state, WaveItemState::Skipped);
        for (bid, colour) in bids.iter().zip(["#123456", "#123456", "#123456", "#333333"]) {
            let view = shown(&world, &Layer::Biller(bid.clone())).await;
            let found = row(&view, COLOUR);
            assert_eq!(found.agreement, Agreement::InSync, "{bid}");
            assert_eq!(found.effective.value.as_ref().unwrap().to_text(), colour);
        }
        // What was not chosen was not written, and once more there is nothing to write.
        let view = shown(&world, &Layer::Biller(bids[0].clone())).await;
        assert_ne!(row(&view, LENGTH).agreement, Agreement::InSync);
        let again = bulk_enable::preview_of(&world.console, &product, enabled(), &action).await.unwrap();
        assert_eq!((again.ready.len(), again.not_ready.len()), (0, 4));
    })
    .await;
}

#[tokio::test]
async fn a_tiers_default_counts_before_that_of_all_and_a_wave_of_defaults_stops_itself() {
    World::each(async |world: World| {
        let bids = billers(&world, 4).await;
        in_tier(&world, &bids[0], "gold").await;
        let product = world.person(Role::Product);
        let gold = Layer::Tier("gold".to_owned());
        set(&world, gold.clone(), &[(COLOUR, "#AAAAAA")]).await;
        set(&world, Layer::Everywhere, &[(COLOUR, "#BBBBBB")]).await;
        for (layer, expected) in [(gold, 1), (Layer::Everywhere, 3)] {
            let decided = apply_defaults::decided(&world.console, &product, &layer).await.unwrap();
            assert_eq!(decided[0].inheriting, expected, "{layer}");
        }
        let refused = Fault::Error { status: 422, error_code: None };
        world.sandbox.faults().add(FaultRule::new("admin.updateAuthorizationServer", refused)).unwrap();
        world
            .sandbox
            .faults()
            .add(FaultRule::new("admin.updateOrganization", Fault::Error { status: 422, error_code: None }))
            .unwrap();
        let rules = WaveRules { parallel: 1, stop_above_percent: 0, ..WaveRules::default() };
        let action = defaults(&[COLOUR]);
        let wave = bulk_enable::start_of(&world.console, &product, &bids, action, rules, None).await.unwrap();
        let page = to_the_end(&world, wave).await;
        assert_eq!(page.wave.state, WaveState::Stopped);
        assert_eq!((page.wave.counts.failed, page.wave.counts.waiting), (1, 3));
    })
    .await;
}

#[tokio::test]
async fn only_who_may_change_settings_and_run_waves_applies_defaults() {
    let world = World::new().await;
    let bids = billers(&world, 1).await;
    let ops = world.person(Role::Ops);
    let action = defaults(&[COLOUR]);
    let refused =
        bulk_enable::start_of(&world.console, &ops, &bids, action, WaveRules::default(), None).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Role { .. }))), "{refused:?}");
    let limited = world.limited(Role::AccountManager, "elsewhere");
    set(&world, Layer::Everywhere, &[(COLOUR, "#123456")]).await;
    let seen = apply_defaults::decided(&world.console, &limited, &Layer::Everywhere).await.unwrap();
    assert_eq!(seen[0].inheriting, 0, "of other billers nothing is told");
}
