//! The go-live date of the handover pack.

use domain::{actor::Role, audit::AuditAction};
use services::{ServiceError, edit_handover, show_biller};

use crate::world::World;

#[tokio::test]
async fn the_date_is_kept_shown_in_words_and_written_down() {
    World::each(async |world: World| {
        let manager = world.person(Role::AccountManager);
        let bid = world.enabled_biller("34", "City of Abbeville").await;
        let version = world.find(&bid).await.version;
        edit_handover::set_go_live(&world.console, &manager, &bid, version, Some("2026-12-01"))
            .await
            .expect("set");
        let view = show_biller::show(&world.console, &manager, &bid).await.expect("view");
        let pack = view.handover.expect("pack");
        assert_eq!(pack.go_live.as_deref(), Some("2026-12-01"));
        assert!(pack.text.contains("goes live on 1 December 2026"), "{}", pack.text);
        assert!(pack.text.contains("https://login.example/b/city-of-abbeville"), "{}", pack.text);
        let entry = world.audit().await.remove(0).entry;
        assert_eq!(entry.action, AuditAction::HandoverChanged);
        assert_eq!(entry.after.expect("after")["go_live"], "2026-12-01");

        edit_handover::set_go_live(&world.console, &manager, &bid, view.biller.version, Some(" "))
            .await
            .expect("clear");
        assert_eq!(world.find(&bid).await.go_live, None);
    })
    .await;
}

#[tokio::test]
async fn a_form_made_from_an_older_version_is_refused() {
    World::each(async |world: World| {
        let (one, other) = (world.person(Role::AccountManager), world.person(Role::Ops));
        let bid = world.biller("34", "City of Abbeville").await;
        let version = world.find(&bid).await.version;
        edit_handover::set_go_live(&world.console, &one, &bid, version, Some("2026-12-01"))
            .await
            .expect("first");
        let late =
            edit_handover::set_go_live(&world.console, &other, &bid, version, Some("2027-01-15")).await;
        assert!(matches!(late, Err(ServiceError::Changed { .. })), "{late:?}");
        assert_eq!(world.find(&bid).await.go_live.as_deref(), Some("2026-12-01"));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_day_is_refused_with_an_example() {
    let world = World::new().await;
    let manager = world.person(Role::AccountManager);
    let bid = world.biller("34", "City of Abbeville").await;
    let version = world.find(&bid).await.version;
    for wrong in ["2026-02-30", "1 December", "20261201", "2026-12-01T10:00", "0026-12-01", "2026-13-01"] {
        let refused = edit_handover::set_go_live(&world.console, &manager, &bid, version, Some(wrong)).await;
        assert!(matches!(refused, Err(ServiceError::Field { field: "go_live", .. })), "{wrong}: {refused:?}");
    }
    let leap = edit_handover::set_go_live(&world.console, &manager, &bid, version, Some("2028-02-29")).await;
    assert!(leap.is_ok(), "{leap:?}");
}
