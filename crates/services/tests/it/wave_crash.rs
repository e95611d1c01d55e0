//! Waves that write settings, and waves by each biller's own clocks, stopped at any effect: no biller is left out, none is
//! written twice.

use std::time::Duration;

use domain::{
    Bid, Clock, WaveId,
    actor::Role,
    audit::AuditAction,
    settings::{Agreement, Layer},
    wave::{WaveRules, WaveState},
};
use services::{bulk_enable, schedule_wave::WaveTime, worker};

use crate::{
    apply_defaults::{COLOUR, billers, defaults, to_the_end},
    biller_settings::{row, set, shown},
    copy_in_waves::copy,
    crash::{assert_whole_audit, reopen_and_finish, work_until_blown},
    fuse::Fuse,
    waves::lies_in,
    world::World,
};

const RULES: WaveRules = WaveRules { parallel: 2, stop_above_percent: 100, pilot: 0, stage: 1 };

/// One colour for each try.
fn colour(n: i64) -> String {
    format!("#{n:06X}")
}

/// Entries of this kind about a biller, of the whole log.
async fn entries(world: &World, action: AuditAction, bid: &Bid) -> i64 {
    let mut conn = world.console.store.read().await.unwrap();
    let all = storage::audit::from_seq(&mut conn, 1, 100_000).await.unwrap();
    let its = all.iter().filter(|it| it.entry.action == action && it.entry.subject.id == bid.as_str());
    i64::try_from(its.count()).unwrap()
}

/// Every biller of the wave was written once, and shows what was wanted.
async fn assert_done(world: &World, wave: WaveId, bids: &[Bid], n: i64, context: &str) {
    let page = to_the_end(world, wave).await;
    assert_eq!(page.wave.state, WaveState::Finished, "{context}");
    assert_eq!(page.wave.counts.succeeded, bids.len(), "{context}: {:#?}", page.items);
    for bid in bids {
        let view = shown(world, &Layer::Biller(bid.clone())).await;
        let found = row(&view, COLOUR);
        assert_eq!(found.agreement, Agreement::InSync, "{context}: {bid}");
        assert_eq!(found.effective.value.as_ref().unwrap().to_text(), colour(n), "{context}: {bid}");
        // One was its enablement.
        let mut conn = world.console.store.read().await.unwrap();
        let runs = storage::runs::of_biller(&mut conn, bid, 10_000).await.unwrap();
        drop(conn);
        assert_eq!(i64::try_from(runs.len()).unwrap(), n + 1, "{context}: {bid} got one run");
    }
}

/// The log is whole, and tells of each run's end once.
async fn assert_log(world: &World, bids: &[Bid]) {
    for bid in bids {
        let mut conn = world.console.store.read().await.unwrap();
        let runs = storage::runs::of_biller(&mut conn, bid, 10_000).await.unwrap().len();
        drop(conn);
        let told = entries(world, AuditAction::RunSucceeded, bid).await;
        assert_eq!(told, i64::try_from(runs).unwrap(), "{bid}");
    }
    assert_whole_audit(world).await;
}

#[tokio::test]
async fn a_wave_of_defaults_stopped_at_any_effect_writes_every_biller_once() {
    World::each(async |world: World| {
        let bids = billers(&world, 2).await;
        let product = world.person(Role::Product);
        for n in 1.. {
            set(&world, Layer::Everywhere, &[(COLOUR, &colour(n))]).await;
            let action = defaults(&[COLOUR]);
            let wave = bulk_enable::start_of(&world.console, &product, &bids, action, RULES, None).await;
            let wave = wave.unwrap();
            let blown = work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            assert_done(&world, wave, &bids, n, &format!("defaults, fuse at {n}")).await;
            if !blown {
                assert!(n > 30, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        assert_log(&world, &bids).await;
    })
    .await;
}

#[tokio::test]
async fn a_wave_of_copies_stopped_at_any_effect_sets_and_writes_every_biller_once() {
    World::each(async |world: World| {
        let from = world.enabled_biller("s1", "Town of Source").await;
        let bids = billers(&world, 2).await;
        let product = world.person(Role::Product);
        for n in 1.. {
            set(&world, Layer::Biller(from.clone()), &[(COLOUR, &colour(n))]).await;
            world.work().await;
            let wave = copy(&world, &product, &from, &bids, RULES).await.unwrap().wave.unwrap();
            let blown = work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            assert_done(&world, wave, &bids, n, &format!("copies, fuse at {n}")).await;
            if !blown {
                assert!(n > 30, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        for bid in &bids {
            let set = entries(&world, AuditAction::SettingsChanged, bid).await;
            let written = entries(&world, AuditAction::RunSucceeded, bid).await;
            assert_eq!(set + 1, written, "{bid}: each copy is set once");
        }
        assert_log(&world, &bids).await;
    })
    .await;
}

/// Works at the time of the first biller and at that of the second until the fuse blows; tells whether it did.
async fn work_at_both_times(world: &World, n: i64, times: [domain::Timestamp; 2]) -> bool {
    let fuse = Fuse::at(n);
    let console = fuse.fitted(&world.console);
    for time in times {
        world.clock.set(time);
        let blown = tokio::select! {
            done = worker::run_until_idle(&console) => { done.unwrap(); false }
            () = fuse.blown() => true,
        };
        if blown {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_wave_by_own_clocks_stopped_at_any_effect_begins_for_each_once_and_never_early() {
    World::each(async |world: World| {
        let bids = billers(&world, 2).await;
        for (bid, zone) in bids.iter().zip(["America/New_York", "America/Los_Angeles"]) {
            lies_in(&world, bid, zone).await;
        }
        let product = world.person(Role::Product);
        for n in 1.. {
            set(&world, Layer::Everywhere, &[(COLOUR, &colour(n))]).await;
            let tomorrow = world.clock.now().plus(Duration::from_secs(86_400)).rfc3339();
            let day = tomorrow.split('T').next().unwrap_or_default().to_owned();
            let time = WaveTime { day, time: "12:00".to_owned(), zone: String::new(), each: true };
            let action = defaults(&[COLOUR]);
            let wave =
                bulk_enable::start_at(&world.console, &product, &bids, action, RULES, None, &time).await;
            let wave = wave.unwrap();
            let page = bulk_enable::show(&world.console, &product, wave, None).await.unwrap();
            let due: Vec<_> = page.items.iter().map(|item| item.due.unwrap()).collect();
            let context = format!("own clocks, fuse at {n}");
            let blown = work_at_both_times(&world, n, [due[0], due[1]]).await;
            reopen_and_finish(&world).await;
            if world.clock.now() < due[1] {
                let early = bulk_enable::show(&world.console, &product, wave, None).await.unwrap();
                assert_eq!(early.items[1].run, None, "{context}: not before its own time");
                world.clock.set(due[1]);
            }
            assert_done(&world, wave, &bids, n, &context).await;
            if !blown {
                assert!(n > 30, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        assert_log(&world, &bids).await;
    })
    .await;
}
