//! Waves: many billers, some at a time, stopping by themselves.

use std::time::Duration;

use domain::{
    Bid, WaveId,
    access::Refusal,
    actor::Role,
    wave::{WaveItemState, WaveRules, WaveState},
};
use sandbox::{Fault, FaultRule, ObjectKind};
use services::{ServiceError, bulk_enable, bulk_enable::Selection};

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
        let rules = WaveRules { parallel: 3, stop_above_percent: 20 };
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
        let rules = WaveRules { parallel: 2, stop_above_percent: 20 };
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
        let rules = WaveRules { parallel: 0, stop_above_percent: 20 };
        let no_rules = bulk_enable::start(&world.console, &ops, &bids, rules, None).await;
        assert!(matches!(no_rules, Err(ServiceError::Field { field: "rules", .. })), "{no_rules:?}");
        let manager = world.person(Role::AccountManager);
        let forbidden = bulk_enable::start(&world.console, &manager, &bids, WaveRules::default(), None).await;
        assert!(matches!(forbidden, Err(ServiceError::Refused(Refusal::Role { .. }))), "{forbidden:?}");
    })
    .await;
}
