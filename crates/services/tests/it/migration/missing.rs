//! Users of an earlier delivery that are missing in a later one: counted, left alone, locked where a person decides so.

use domain::{access::Refusal, migration::MissingStand};

use super::*;

/// Four users, moved, of a biller whose accounts may be changed.
async fn moved(world: &World, bid: &str) -> Bid {
    let bid = world.enabled_biller(bid, "City of Abbeville").await;
    world.change(&bid, "on off off inherit").await.unwrap();
    world.work().await;
    finished(world, &bid, &file(4)).await;
    world.clock.advance(Duration::from_secs(3_600));
    bid
}

/// A delivery that was checked and moved.
async fn finished(world: &World, bid: &Bid, text: &str) -> MigrationId {
    // One delivery is newer than the other.
    world.clock.advance(Duration::from_secs(60));
    let id = checked(world, bid, text).await;
    ask(world, id, MigrationAct::Start).await;
    world.work().await;
    let it = find(world, id).await;
    assert_eq!(it.state, MigrationState::Finished, "{:?}", it.stop);
    id
}

/// Who may not sign in at SecureAuth, by name.
fn locked(world: &World, bid: &Bid) -> Vec<String> {
    let mut names: Vec<String> = users_at_vendor(world, bid)
        .iter()
        .filter(|user| user["status"] == "inactive")
        .map(|user| {
            let all = user["identifiers"].as_array().unwrap().iter();
            all.map(|it| it["identifier"].as_str().unwrap()).min_by_key(|it| it.len()).unwrap().to_owned()
        })
        .collect();
    names.sort();
    names
}

async fn stand(world: &World, id: MigrationId) -> Result<(), Refusal> {
    let view = migration::show(&world.console, &world.person(Role::Ops), id).await.unwrap();
    view.acts.into_iter().find(|(act, _)| *act == MigrationAct::LockMissing).unwrap().1
}

/// The users of [`file`] without some.
fn without(gone: &[&str]) -> String {
    file(4)
        .lines()
        .filter(|line| !gone.iter().any(|it| line.contains(it)))
        .map(|it| format!("{it}\n"))
        .collect()
}

#[tokio::test]
async fn whoever_is_missing_is_counted_and_left_alone_until_somebody_decides() {
    World::each(async |world: World| {
        let bid = moved(&world, "4711").await;
        let ops = world.person(Role::Ops);
        // One row is the same, one is wrong and names its user all the same; two users are not there.
        let text = without(&["user2,", "user3,"]).replace("user1@x.example", "nowhere");
        let id = finished(&world, &bid, &text).await;
        let view = migration::show(&world.console, &ops, id).await.unwrap();
        let found = view.it.missing.clone().unwrap();
        assert_eq!((found.users, found.unnamed, found.decision.is_none()), (2, 0, true));
        assert_eq!(view.missing.len(), 2);
        let report = migration::show_report(&world.console, &ops, &bid, None, None, None).await.unwrap();
        let told = report.unwrap().report.missing.unwrap();
        assert_eq!((told.users, told.unnamed_rows, told.lock_decided_by), (2, 0, None));
        assert!(locked(&world, &bid).is_empty(), "nobody is touched by itself");
        assert_eq!(stand(&world, id).await, Ok(()));

        let wrong =
            migration::ask(&world.console, &ops, id, MigrationAct::LockMissing, None, "Abbeville").await;
        assert!(matches!(wrong, Err(ServiceError::Field { field: "typed", .. })), "{wrong:?}");
        ask(&world, id, MigrationAct::LockMissing).await;
        world.work().await;
        assert_eq!(locked(&world, &bid), ["user2", "user3"]);
        let decision = find(&world, id).await.missing.unwrap().decision.unwrap();
        assert_eq!((decision.locked, decision.ended, decision.by.name()), (2, true, ops.name()));
        assert_eq!(stand(&world, id).await, Err(Refusal::Missing { stand: MissingStand::Decided }));
        let mut conn = world.console.store.read().await.unwrap();
        storage::audit::verify(&mut conn).await.unwrap();
        drop(conn);

        // They are known to be locked now: the same file again misses nobody.
        let again = finished(&world, &bid, &text).await;
        assert_eq!(find(&world, again).await.missing.unwrap().users, 0);
        assert_eq!(stand(&world, again).await, Err(Refusal::Missing { stand: MissingStand::Nobody }));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_decided_while_rows_name_nobody_or_a_newer_delivery_came_in() {
    let world = World::new().await;
    let bid = moved(&world, "4711").await;
    let unnamed = finished(&world, &bid, &format!("{}too,few\n", without(&["user3,"]))).await;
    let found = find(&world, unnamed).await.missing.unwrap();
    assert_eq!((found.users, found.unnamed), (1, 1));
    let refused = Err(Refusal::Missing { stand: MissingStand::Unnamed });
    assert_eq!(stand(&world, unnamed).await, refused);
    let ops = world.person(Role::Ops);
    let act = MigrationAct::LockMissing;
    let asked = migration::ask(&world.console, &ops, unnamed, act, None, "City of Abbeville").await;
    assert!(matches!(asked, Err(ServiceError::Refused(Refusal::Missing { .. }))), "{asked:?}");

    let older = finished(&world, &bid, &without(&["user3,"])).await;
    assert_eq!(stand(&world, older).await, Ok(()));
    world.clock.advance(Duration::from_secs(60));
    let newer = checked(&world, &bid, &file(4)).await;
    assert_eq!(find(&world, newer).await.missing.unwrap().users, 0);
    ask(&world, newer, MigrationAct::Cancel).await;
    world.work().await;
    assert_eq!(stand(&world, older).await, Err(Refusal::Missing { stand: MissingStand::Older }));
    assert!(locked(&world, &bid).is_empty());
}

#[tokio::test]
async fn without_user_hosting_nobody_can_be_locked_and_the_page_says_why() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    finished(&world, &bid, &file(4)).await;
    let id = finished(&world, &bid, &without(&["user3,"])).await;
    let bar = domain::account::AccountBar::NotHosted;
    assert_eq!(stand(&world, id).await, Err(Refusal::Account { bar }));
}

#[tokio::test]
async fn locking_that_is_stopped_at_any_effect_locks_each_once_and_nobody_else() {
    World::each(async |world: World| {
        for n in 1.. {
            let bid = moved(&world, &format!("m{n}")).await;
            let id = finished(&world, &bid, &without(&["user0,", "user3,"])).await;
            ask(&world, id, MigrationAct::LockMissing).await;
            let blown = stopped_at(&world, n).await;
            assert_eq!(locked(&world, &bid), ["user0", "user3"], "fuse at {n}");
            let decision = find(&world, id).await.missing.unwrap().decision.unwrap();
            assert_eq!((decision.locked, decision.ended), (2, true), "fuse at {n}");
            if !blown {
                assert!(n > 3, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}
