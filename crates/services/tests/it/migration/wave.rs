//! Moves of several billers as a wave: the pilot first, each only with the file that people saw, and stopped by itself.

use domain::wave::{WaveAction, WaveItemState, WaveRules, WaveState};
use services::bulk_enable::{self, Selection, WavePage};

use super::*;

/// Billers with a checked file of so many users each.
async fn ready(world: &World, billers: usize, users: usize) -> Vec<Bid> {
    let mut bids = Vec::new();
    for n in 0..billers {
        let bid = world.enabled_biller(&format!("w{n}"), &format!("Wave City {n}")).await;
        checked(world, &bid, &file(users)).await;
        bids.push(bid);
    }
    bids
}

async fn begin(world: &World, bids: &[Bid], rules: WaveRules) -> domain::WaveId {
    let ops = world.person(Role::Ops);
    bulk_enable::start_of(&world.console, &ops, bids, WaveAction::Migrate, rules, None).await.unwrap()
}

async fn seen(world: &World, id: domain::WaveId) -> WavePage {
    bulk_enable::show(&world.console, &world.person(Role::Ops), id, None).await.unwrap()
}

/// Lets the wave and its moves come as far as they do by themselves.
async fn work_on(world: &World, id: domain::WaveId) -> WavePage {
    for _ in 0..40 {
        world.work().await;
        let page = seen(world, id).await;
        if page.wave.state != WaveState::Running
            || page.wave.counts.running == 0 && page.wave.counts.waiting == 0
        {
            return page;
        }
        world.clock.advance(Duration::from_secs(10));
    }
    panic!("it never ends: {:#?}", seen(world, id).await);
}

fn notes(page: &WavePage) -> Vec<(WaveItemState, String)> {
    page.items.iter().map(|item| (item.state, item.note.clone().unwrap_or_default())).collect()
}

#[tokio::test]
async fn the_pilots_users_go_first_and_each_biller_with_the_file_that_was_seen() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let bids = ready(&world, 3, 4).await;
        let none = world.enabled_biller("w9", "Nobody's file").await;
        let all: Vec<Bid> = bids.iter().cloned().chain([none]).collect();
        let selection = Selection::Bids(all.clone());
        let preview =
            bulk_enable::preview_of(&world.console, &ops, selection, &WaveAction::Migrate).await.unwrap();
        assert_eq!((preview.ready.len(), preview.not_ready.len()), (3, 1));
        assert_eq!(preview.details[&bids[0]], "users.csv: 4 users to move, 0 rows rejected");
        let manager = world.person(Role::AccountManager);
        let refused = bulk_enable::start_of(
            &world.console,
            &manager,
            &all,
            WaveAction::Migrate,
            WaveRules::default(),
            None,
        );
        assert!(matches!(refused.await, Err(ServiceError::Refused(_))));

        let id = begin(&world, &all, WaveRules { pilot: 1, ..WaveRules::default() }).await;
        let page = work_on(&world, id).await;
        assert_eq!((page.wave.state, page.wave.counts.succeeded), (WaveState::Held, 1));
        assert_eq!(users_at_vendor(&world, &bids[0]).len(), 4);
        assert!(users_at_vendor(&world, &bids[1]).is_empty(), "the others wait for a look at the pilot");

        // While they wait somebody takes another file for the second biller.
        let newest = {
            let mut conn = world.console.store.read().await.unwrap();
            user_migrations::of_biller(&mut conn, &bids[1], 1).await.unwrap().remove(0).id
        };
        migration::ask(&world.console, &ops, newest, MigrationAct::Cancel, None, "").await.unwrap();
        world.clock.advance(Duration::from_secs(60));
        checked(&world, &bids[1], &file(2)).await;
        bulk_enable::go_on(&world.console, &ops, id, None).await.unwrap();
        let page = work_on(&world, id).await;
        assert_eq!(page.wave.state, WaveState::Finished, "{page:#?}");
        let notes = notes(&page);
        assert_eq!(notes[0], (WaveItemState::Succeeded, "4 users arrived, 0 did not.".to_owned()));
        assert_eq!(notes[1].0, WaveItemState::Skipped);
        assert!(notes[1].1.contains("Another file"), "{notes:?}");
        assert_eq!(notes[2].0, WaveItemState::Succeeded);
        assert_eq!(notes[3].0, WaveItemState::Skipped, "it never had a file");
        assert!(users_at_vendor(&world, &bids[1]).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_wave_of_moves_stops_by_itself_when_canaries_fall() {
    let world = World::new().await;
    let bids = ready(&world, 6, 2).await;
    let refused = FaultRule::new(
        "identitysystem.importTenantConfiguration",
        Fault::Error { status: 422, error_code: None },
    );
    world.sandbox.faults().add(refused).unwrap();
    let id = begin(&world, &bids, WaveRules { parallel: 1, ..WaveRules::default() }).await;
    let page = work_on(&world, id).await;
    assert_eq!(page.wave.state, WaveState::Stopped, "{page:#?}");
    assert_eq!((page.wave.counts.failed, page.wave.counts.waiting), (3, 3), "three in a row are enough");
    let notes = notes(&page);
    assert!(
        notes.iter().filter(|(state, _)| *state == WaveItemState::Failed).all(|(_, why)| !why.is_empty())
    );
    for bid in &bids {
        assert!(users_at_vendor(&world, bid).is_empty(), "{bid}");
    }
}

#[tokio::test]
async fn a_wave_of_moves_stopped_on_its_way_moves_everybody_once() {
    World::each(async |world: World| {
        // The first effects are where the wave itself acts; of those of the moves, which are stopped at each elsewhere,
        // every seventh is tried, to the end.
        for n in (1..12).chain((12..).step_by(7)) {
            let mut bids = Vec::new();
            for half in ["a", "b"] {
                let bid =
                    world.enabled_biller(&format!("c{n}{half}"), &format!("Crash City {n} {half}")).await;
                checked(&world, &bid, &file(2)).await;
                bids.push(bid);
            }
            let id = begin(&world, &bids, WaveRules::default()).await;
            let blown = stopped_at(&world, n).await;
            let page = work_on(&world, id).await;
            assert_eq!(
                (page.wave.state, page.wave.counts.succeeded),
                (WaveState::Finished, 2),
                "fuse at {n}: {page:#?}"
            );
            for bid in &bids {
                assert_eq!(users_at_vendor(&world, bid).len(), 2, "fuse at {n}");
            }
            if !blown {
                assert!(n > 30, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}
