//! The go-live date of the handover pack.

use domain::{Bid, actor::Role, audit::AuditAction};
use services::{
    ServiceError,
    edit_handover::{self, GoLiveForm},
    show_biller,
};

use crate::world::World;

async fn save(world: &World, role: Role, bid: &Bid, seen: &str, day: &str) -> Result<(), ServiceError> {
    edit_handover::set_go_live(&world.console, &world.person(role), bid, GoLiveForm { seen, day }).await
}

#[tokio::test]
async fn the_date_is_kept_shown_in_words_and_written_down() {
    World::each(async |world: World| {
        let manager = world.person(Role::AccountManager);
        let bid = world.enabled_biller("34", "City of Abbeville").await;
        save(&world, Role::AccountManager, &bid, "", "2026-12-01").await.expect("set");
        let view = show_biller::show(&world.console, &manager, &bid).await.expect("view");
        let pack = view.handover.expect("pack");
        assert_eq!(pack.go_live.as_deref(), Some("2026-12-01"));
        assert_eq!(pack.go_live_in_words.as_deref(), Some("1 December 2026"));
        assert!(pack.text.contains("goes live on 1 December 2026"), "{}", pack.text);
        assert!(pack.text.contains("https://login.example/b/city-of-abbeville"), "{}", pack.text);
        let entry = world.audit().await.remove(0).entry;
        assert_eq!(entry.action, AuditAction::HandoverChanged);
        assert_eq!(entry.after.expect("after")["go_live"], "2026-12-01");

        save(&world, Role::AccountManager, &bid, "2026-12-01", " ").await.expect("clear");
        assert_eq!(world.find(&bid).await.go_live, None);
    })
    .await;
}

#[tokio::test]
async fn a_day_that_somebody_else_has_set_meanwhile_is_not_overwritten() {
    World::each(async |world: World| {
        let bid = world.biller("34", "City of Abbeville").await;
        save(&world, Role::AccountManager, &bid, "", "2026-12-01").await.expect("first");
        let before = world.audit().await.len();
        for day in ["2027-01-15", ""] {
            let late = save(&world, Role::Ops, &bid, "2026-10-01", day).await;
            assert!(matches!(late, Err(ServiceError::Changed { what: "The go-live day" })), "{late:?}");
        }
        let late = save(&world, Role::Ops, &bid, "", "2027-01-15").await;
        assert!(matches!(late, Err(ServiceError::Changed { .. })), "{late:?}");
        assert_eq!(world.find(&bid).await.go_live.as_deref(), Some("2026-12-01"));
        assert_eq!(world.audit().await.len(), before, "what was refused leaves no entry");

        save(&world, Role::Ops, &bid, "", "2026-12-01").await.expect("the same day is no quarrel");
        assert_eq!(world.audit().await.len(), before, "nothing was changed");
        save(&world, Role::Ops, &bid, "2026-12-01", "2027-01-15").await.expect("having seen it");
        assert_eq!(world.find(&bid).await.go_live.as_deref(), Some("2027-01-15"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_save_at_once_one_is_told() {
    World::each(async |world: World| {
        let bid = world.biller("34", "City of Abbeville").await;
        let saving = ["2026-12-01", "2026-12-02"].map(|day| {
            let (console, bid, person) = (world.console.clone(), bid.clone(), world.person(Role::Ops));
            tokio::spawn(async move {
                edit_handover::set_go_live(&console, &person, &bid, GoLiveForm { seen: "", day }).await
            })
        });
        let mut told = 0;
        for saved in saving {
            match saved.await.expect("task") {
                Ok(()) => {}
                Err(ServiceError::Changed { what: "The go-live day" }) => told += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((told, world.audit().await.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn other_changes_of_the_biller_do_not_refuse_the_day() {
    let world = World::new().await;
    let bid = world.biller("34", "City of Abbeville").await;
    let version = world.find(&bid).await.version;
    world.biller("34", "City of Abbeville (new)").await;
    assert!(world.find(&bid).await.version > version);
    save(&world, Role::AccountManager, &bid, "", "2026-12-01").await.expect("set");
    assert_eq!(world.find(&bid).await.go_live.as_deref(), Some("2026-12-01"));
}

#[tokio::test]
async fn what_is_no_day_is_refused_with_an_example() {
    let world = World::new().await;
    let bid = world.biller("34", "City of Abbeville").await;
    for wrong in ["2026-02-30", "1 December", "20261201", "2026-12-01T10:00", "0026-12-01", "2026-13-01"] {
        let refused = save(&world, Role::AccountManager, &bid, "", wrong).await;
        assert!(matches!(refused, Err(ServiceError::Field { field: "go_live", .. })), "{wrong}: {refused:?}");
    }
    let leap = save(&world, Role::AccountManager, &bid, "", "2028-02-29").await;
    assert!(leap.is_ok(), "{leap:?}");
}
