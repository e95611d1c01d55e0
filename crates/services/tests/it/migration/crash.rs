//! A move that is stopped at any effect — a vendor call or a commit — and reopened loses and doubles nobody.

use super::*;

/// Three batches.
const MANY: usize = 201;

/// A move whose canaries have passed and whose users wait to be sent.
async fn proven(world: &World, bid: &Bid, rows: usize) -> MigrationId {
    let id = checked(world, bid, &file(rows)).await;
    ask(world, id, MigrationAct::Start).await;
    // A token that has lapsed takes a request of its own: then the canary meets the fault, and flies once more.
    for _ in 0..3 {
        let busy = Fault::TooManyRequests { retry_after_seconds: 0 };
        let rule = FaultRule::new("identitysystem.importTenantConfiguration", busy).after(1);
        world.sandbox.faults().add(rule).unwrap();
        world.work().await;
        world.sandbox.faults().clear();
        if find(world, id).await.state == MigrationState::Running {
            break;
        }
        world.clock.advance(Duration::from_secs(31));
    }
    assert_eq!(find(world, id).await.state, MigrationState::Running);
    assert_eq!(users_at_vendor(world, bid).len(), 0);
    world.clock.advance(Duration::from_secs(2));
    id
}

#[tokio::test]
async fn a_run_of_several_batches_stopped_at_any_effect_loses_and_doubles_nobody() {
    World::each(async |world: World| {
        for n in 1.. {
            let bid = world.enabled_biller(&format!("m{n}"), "City of Abbeville").await;
            let id = proven(&world, &bid, MANY).await;
            let blown = stopped_at(&world, n).await;
            let it = find(&world, id).await;
            assert_eq!(it.state, MigrationState::Finished, "fuse at {n}: {:?} {:?}", it.stop, it.throttle);
            assert_eq!(in_state(&world, id, RowState::Verified).await, MANY as u64, "fuse at {n}");
            assert_eq!(users_at_vendor(&world, &bid).len(), MANY, "fuse at {n}");
            if !blown {
                assert!(n > 15, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_undo_stopped_at_any_effect_removes_everybody_once() {
    World::each(async |world: World| {
        for n in 1.. {
            let bid = world.enabled_biller(&format!("u{n}"), "City of Abbeville").await;
            let id = checked(&world, &bid, &file(3)).await;
            ask(&world, id, MigrationAct::Start).await;
            world.work().await;
            ask(&world, id, MigrationAct::Undo).await;
            let blown = stopped_at(&world, n).await;
            assert_eq!(find(&world, id).await.state, MigrationState::Undone, "fuse at {n}");
            assert_eq!(in_state(&world, id, RowState::Undone).await, 3, "fuse at {n}");
            assert_eq!(users_at_vendor(&world, &bid).len(), 0, "fuse at {n}");
            if !blown {
                assert!(n > 10, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_stopped_at_any_commit_leaves_the_way_free_for_the_next() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let (ops, text) = (world.person(Role::Ops), file(1_200));
        for n in 1.. {
            let fuse = Fuse::at(n);
            let console = fuse.fitted(&world.console);
            let done = tokio::select! {
                done = migration::stage(&console, &ops, &bid, "users.csv", text.as_bytes()) => Some(done.unwrap()),
                () = fuse.blown() => None,
            };
            drop(console);
            world.clock.advance(Duration::from_secs(31));
            let mut conn = world.console.store.read().await.unwrap();
            let open = user_migrations::of_biller(&mut conn, &bid, 1).await.unwrap().pop();
            drop(conn);
            // The last commit may have stood before the stop: then the file is in.
            let id = match open.filter(|it| it.state == MigrationState::Checking) {
                Some(it) => it.id,
                None => migration::stage(&world.console, &ops, &bid, "users.csv", text.as_bytes()).await.unwrap(),
            };
            world.work().await;
            assert_eq!(in_state(&world, id, RowState::Ready).await, 1_200, "fuse at {n}");
            ask(&world, id, MigrationAct::Cancel).await;
            world.work().await;
            // Of two moves that began in the same instant neither would be the newest.
            world.clock.advance(Duration::from_secs(1));
            if done.is_some() {
                assert!(n > 6, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_move_stopped_at_any_effect_keeps_nothing_and_forgets_nobody() {
    World::each(async |world: World| {
        for n in 1.. {
            let bid = world.enabled_biller(&format!("c{n}"), "City of Abbeville").await;
            let id = proven(&world, &bid, MANY).await;
            let refused = Fault::Error { status: 403, error_code: None };
            let rule = FaultRule::new("identitysystem.importTenantConfiguration", refused).after(1);
            world.sandbox.faults().add(rule).unwrap();
            world.work().await;
            world.sandbox.faults().clear();
            let arrived = users_at_vendor(&world, &bid).len();
            assert!((1..MANY).contains(&arrived), "{arrived}");
            ask(&world, id, MigrationAct::Cancel).await;
            let blown = stopped_at(&world, n).await;
            let mut conn = world.console.store.read().await.unwrap();
            let rest = user_migrations::holding(&mut conn, id, &[], 0, 10).await.unwrap();
            drop(conn);
            assert_eq!(rest.len(), 0, "fuse at {n}");
            world.clock.advance(Duration::from_secs(1));
            let next = checked(&world, &bid, &file(MANY)).await;
            assert_eq!(in_state(&world, next, RowState::Unchanged).await, arrived as u64, "fuse at {n}");
            if !blown {
                assert!(n > 6, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}
