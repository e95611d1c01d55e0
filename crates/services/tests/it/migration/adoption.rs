//! Who signed in is read in the background; of the others everybody knows that they never did.

use migration::AdoptionView;
use services::settings::NumbersSettings;

use super::*;
use crate::account_sign_ins::types;

const READ: NumbersSettings =
    NumbersSettings { sign_in_events_every_minutes: Some(60), ..NumbersSettings::OFF };

const HOUR: Duration = Duration::from_secs(3_600);

/// Five moved users, and a console that reads who signs in.
async fn five(world: &World, bid: &str) -> Bid {
    let bid = world.enabled_biller(bid, "City of Abbeville").await;
    world.change(&bid, "on off off inherit").await.unwrap();
    world.work().await;
    let id = checked(world, &bid, &file(5)).await;
    ask(world, id, MigrationAct::Start).await;
    world.work().await;
    assert_eq!(find(world, id).await.state, MigrationState::Finished);
    bid
}

async fn seen(world: &World, only: Option<&Bid>) -> AdoptionView {
    migration::show_adoption(&world.console, &world.person(Role::Ops), only).await.unwrap()
}

fn stands(view: &AdoptionView) -> (u64, u64, u64) {
    let now = view.points.last().unwrap();
    (now.moved, now.signed_in, now.never())
}

async fn reading(world: &World) -> World {
    let world = world.restarted_with(|settings| settings.numbers = READ).await;
    worker::prepare(&world.console).await.unwrap();
    world
}

#[tokio::test]
async fn who_signed_in_since_the_move_is_known_and_who_never_did() {
    World::each(async |world: World| {
        let bid = five(&world, "4711").await;
        let slug = "city-of-abbeville";
        types(&world, slug, "user0", "wrong").await;
        types(&world, slug, "user1", "U*U").await;
        let world = reading(&world).await;
        world.work().await;
        let first = seen(&world, Some(&bid)).await;
        assert_eq!(stands(&first), (5, 1, 4), "whoever was refused has not signed in");
        assert_eq!((first.stand.billers, first.stand.never_read, first.stand.failing), (1, 0, 0));
        assert_eq!(first.outlook, None, "one day says nothing");

        // More sign-ins than a page holds, of two users; the first one of user2 stands on the last page.
        types(&world, slug, "user2", "U*U").await;
        for _ in 0..101 {
            types(&world, slug, "user1", "U*U").await;
        }
        world.clock.advance(HOUR);
        world.work().await;
        let later = seen(&world, None).await;
        assert_eq!(stands(&later), (5, 2, 3));
        assert!(first.stand.read_to < later.stand.read_to);
        let support = world.person(Role::Support);
        let mut known = 0;
        for user in users_at_vendor(&world, &bid) {
            let id = user["id"].as_str().unwrap();
            let view = services::accounts::show(&world.console, &support, &bid, id).await.unwrap();
            assert_eq!(view.sign_ins_known_to, later.stand.read_to);
            known += usize::from(view.signed_in.is_some());
        }
        assert_eq!(known, 2, "the page of a user tells as well");
        let limited = world.limited(Role::Ops, "Elsewhere");
        let elsewhere = migration::show_adoption(&world.console, &limited, None).await.unwrap();
        assert_eq!(stands(&elsewhere), (0, 0, 0), "others' billers are not counted");
        let refused = migration::show_adoption(&world.console, &limited, Some(&bid)).await;
        assert!(matches!(refused, Err(ServiceError::NotFound { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_vendor_that_does_not_answer_is_told_of_and_asked_again() {
    let world = World::new().await;
    let bid = five(&world, "4711").await;
    types(&world, "city-of-abbeville", "user1", "U*U").await;
    let refused = FaultRule::new("admin.listAuditEvents", Fault::Error { status: 403, error_code: None });
    world.sandbox.faults().add(refused).unwrap();
    let world = reading(&world).await;
    world.work().await;
    let view = seen(&world, Some(&bid)).await;
    assert_eq!((stands(&view), view.stand.failing, view.stand.never_read), ((5, 0, 5), 1, 1));
    assert!(view.stand.why.unwrap().contains("403"));
    world.sandbox.faults().clear();
    world.clock.advance(HOUR);
    world.work().await;
    let view = seen(&world, Some(&bid)).await;
    assert_eq!((stands(&view), view.stand.failing), ((5, 1, 4), 0));
}

#[tokio::test]
async fn a_reading_stopped_at_any_effect_counts_everybody_once() {
    World::each(async |world: World| {
        let bid = five(&world, "4711").await;
        let world = reading(&world).await;
        world.work().await;
        for n in 1.. {
            let user = format!("user{}", n % 5);
            for _ in 0..3 {
                types(&world, "city-of-abbeville", &user, "U*U").await;
            }
            world.clock.advance(HOUR);
            let blown = stopped_at(&world, n).await;
            let expected = u64::try_from(n.min(5)).unwrap();
            assert_eq!(stands(&seen(&world, Some(&bid)).await).1, expected, "fuse at {n}");
            if !blown {
                assert!(n > 4, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}
