//! Billers one by one.

use domain::{
    Slug,
    biller::{BillerDraft, CiamStatus},
    login::LoginRoute,
};
use storage::{Bookkeeping, StorageError, billers, billers::Upsert};

use crate::fixture::{T0, after, bid, both, draft, run_id};

#[tokio::test]
async fn a_new_biller_is_not_enabled_and_signs_in_on_the_legacy_page() {
    both(async |db| {
        let full = BillerDraft {
            state: Some("TX".to_owned()),
            ownership: Some("Municipal".to_owned()),
            customers: Some(i64::MAX),
            tier: Some("gold".to_owned()),
            time_zone: Some("America/Chicago".to_owned()),
            ..draft("Ab.1", "Ünïcode 🙂")
        };
        db.with(std::slice::from_ref(&full)).await;
        let found = billers::find(&mut db.store.read().await.unwrap(), &bid("Ab.1")).await.unwrap().unwrap();
        assert_eq!(found.draft, full);
        assert_eq!((found.status, found.status_since), (CiamStatus::NotEnabled, T0));
        assert_eq!((found.login_route, found.slug, found.open_run), (LoginRoute::Legacy, None, None));
        assert_eq!((found.created_at, found.updated_at, found.version), (T0, T0, 1));
        let other_case = billers::find(&mut db.store.read().await.unwrap(), &bid("ab.1")).await.unwrap();
        assert_eq!(other_case, None, "upper and lower case matter in a bid");
    })
    .await;
}

#[tokio::test]
async fn an_upsert_tells_what_it_did_and_keeps_what_ic_does_not_say() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        let first = BillerDraft { customers: Some(5), ..draft("1", "One") };
        assert_eq!(billers::upsert(&mut tx, &first, T0).await.unwrap(), Upsert::Created);
        assert_eq!(billers::upsert(&mut tx, &first, after(1)).await.unwrap(), Upsert::Unchanged);
        billers::set_slug(&mut tx, &bid("1"), &Slug::parse("one").unwrap()).await.unwrap();
        let from = CiamStatus::NotEnabled;
        billers::set_status(&mut tx, &bid("1"), from, CiamStatus::Enabling, after(2)).await.unwrap();
        let renamed = draft("1", "Uno");
        assert_eq!(billers::upsert(&mut tx, &renamed, after(3)).await.unwrap(), Upsert::Changed);
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        let found = billers::find_by_slug(&mut conn, &Slug::parse("one").unwrap()).await.unwrap().unwrap();
        assert_eq!(found.draft, renamed, "the number of customers is cleared, as it was not given");
        assert_eq!((found.status, found.status_since), (CiamStatus::Enabling, after(2)));
        assert_eq!((found.created_at, found.updated_at, found.version), (T0, after(3), 4));
    })
    .await;
}

#[tokio::test]
async fn of_several_drafts_with_one_bid_the_last_one_counts() {
    both(async |db| {
        db.with(&[draft("1", "First"), draft("2", "Other"), draft("1", "Last")]).await;
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(billers::find(&mut conn, &bid("1")).await.unwrap().unwrap().name(), "Last");
        assert_eq!(billers::counts(&mut conn, None).await.unwrap().total, 2);
    })
    .await;
}

#[tokio::test]
async fn thousands_come_in_at_once_and_again_without_a_change() {
    both(async |db| {
        let drafts: Vec<_> =
            (0..3_403).map(|n| draft(&n.to_string(), &format!("City of Number {n}"))).collect();
        let begun = std::time::Instant::now();
        let mut tx = db.store.begin().await.unwrap();
        let counts = billers::upsert_many(&mut tx, &drafts, T0).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
        eprintln!("{}: 3403 billers in {:?}", db.store.engine().label(), begun.elapsed());
        assert_eq!((counts.created, counts.changed, counts.unchanged), (3_403, 0, 0));
        let mut tx = db.store.begin().await.unwrap();
        let counts = billers::upsert_many(&mut tx, &drafts, T0).await.unwrap();
        assert_eq!((counts.created, counts.changed, counts.unchanged), (0, 0, 3_403));
    })
    .await;
}

#[tokio::test]
async fn a_biller_who_is_elsewhere_or_unknown_is_not_changed() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        let mut tx = db.store.begin().await.unwrap();
        let (enabled, suspending) = (CiamStatus::Enabled, CiamStatus::Suspending);
        let stale = billers::set_status(&mut tx, &bid("1"), enabled, suspending, T0).await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "biller" })), "{stale:?}");
        let stale = billers::set_go_live(&mut tx, &bid("1"), Some("2026-11-30"), Some("2026-12-01")).await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "The go-live day" })), "{stale:?}");
        billers::set_go_live(&mut tx, &bid("1"), None, Some("2026-12-01")).await.unwrap();
        for missed in [
            billers::set_login_route(&mut tx, &bid("none"), LoginRoute::Legacy).await,
            billers::set_issuer(&mut tx, &bid("none"), None).await,
            billers::set_open_run(&mut tx, &bid("none"), Some(run_id(1))).await,
            billers::set_slug(&mut tx, &bid("none"), &Slug::parse("none").unwrap()).await,
        ] {
            assert!(
                matches!(missed, Err(StorageError::RowsAffected { expected: 1, actual: 0, .. })),
                "{missed:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_login_address_is_given_once_and_to_one_biller() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let slug = Slug::parse("one").unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert!(!billers::slug_taken(&mut tx, "one").await.unwrap());
        billers::set_slug(&mut tx, &bid("1"), &slug).await.unwrap();
        assert!(billers::slug_taken(&mut tx, "one").await.unwrap());
        let again = billers::set_slug(&mut tx, &bid("1"), &Slug::parse("uno").unwrap()).await;
        assert!(matches!(again, Err(StorageError::RowsAffected { .. })), "{again:?}");
        let taken = billers::set_slug(&mut tx, &bid("2"), &slug).await.unwrap_err();
        assert!(taken.is_unique_violation(), "{taken}");
    })
    .await;
}

#[tokio::test]
async fn a_value_put_in_by_hand_names_its_place() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        db.tamper("UPDATE billers SET status = 'unheard_of'").await.unwrap();
        let error =
            billers::find(&mut db.store.read().await.unwrap(), &bid("1")).await.unwrap_err().to_string();
        assert!(
            error.contains("Table billers, column status, row 1") && error.contains("unheard_of"),
            "{error}"
        );
    })
    .await;
}
