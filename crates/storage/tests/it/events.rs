//! The outbox.

use domain::{
    Bid, DeliveryId, EventId, JobId,
    event::{DeliveryState, EventBody, EventData, EventKind},
    job::JobKind,
};
use storage::{Bookkeeping, StorageError, Store, events, events::DeliveryQuery, jobs, live, live::Topic};

use crate::fixture::{T0, after, bid, both, draft, id};

fn delivery_id(n: u128) -> DeliveryId {
    DeliveryId::from_uuid(id(n))
}

fn body(biller: &Bid) -> EventBody {
    let data = EventData {
        bid: biller.clone(),
        login_url: Some("https://x/b/one".to_owned()),
        use_cases: None,
        issuer: None,
        failure: None,
    };
    EventBody { kind: EventKind::Enabled, timestamp: T0.rfc3339(), data }
}

/// One event to two receivers; deliveries `n` and `n + 1`.
async fn record(store: &Store, n: u128, biller: &str, seconds: u64) {
    let endpoints = [(delivery_id(n), JobId::from_uuid(id(n)), "crm".to_owned()), {
        (delivery_id(n + 1), JobId::from_uuid(id(n + 1)), "portal".to_owned())
    }];
    let mut tx = store.begin().await.unwrap();
    let event = EventId::from_uuid(id(n));
    let biller = bid(biller);
    events::record(&mut tx, event, EventKind::Enabled, &biller, &body(&biller), &endpoints, after(seconds))
        .await
        .unwrap();
    tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
}

#[tokio::test]
async fn an_event_makes_a_delivery_and_a_job_for_each_receiver() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        record(&db.store, 1, "1", 0).await;
        let mut conn = db.store.read().await.unwrap();
        let (delivery, sent) = events::delivery(&mut conn, delivery_id(2)).await.unwrap().unwrap();
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Pending, 0));
        assert_eq!((delivery.endpoint.as_str(), delivery.event), ("portal", EventId::from_uuid(id(1))));
        assert_eq!(sent, serde_json::to_value(body(&bid("1"))).unwrap());
        let job = jobs::take(&db.store, "w", T0, std::time::Duration::from_secs(9)).await.unwrap().unwrap();
        assert_eq!((job.kind, job.subject), (JobKind::Delivery, delivery_id(1).to_string()));
        assert_eq!(live::version(&mut conn, &Topic::Deliveries).await.unwrap(), 1);
        assert_eq!(events::delivery(&mut conn, delivery_id(99)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_tried_given_up_sent_again_and_accepted() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        record(&db.store, 1, "1", 0).await;
        let one = delivery_id(1);
        let mut tx = db.store.begin().await.unwrap();
        events::attempt_failed(&mut tx, one, None, "timed out", Some(after(5))).await.unwrap();
        events::attempt_failed(&mut tx, one, Some(500), "broken", None).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Delivery).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        let (given_up, _) = events::delivery(&mut conn, one).await.unwrap().unwrap();
        assert_eq!((given_up.state, given_up.attempts, given_up.next_at), (DeliveryState::GaveUp, 2, None));
        assert_eq!((given_up.last_status, given_up.last_error.as_deref()), (Some(500), Some("broken")));
        assert_eq!(events::stuck(&mut conn, None).await.unwrap(), 1);
        drop(conn);

        let mut tx = db.store.begin().await.unwrap();
        let late = events::delivered(&mut tx, one, 200, after(6)).await;
        assert!(matches!(late, Err(StorageError::Stale { what: "delivery" })), "{late:?}");
        let held = events::hold(&mut tx, one).await.unwrap().unwrap();
        assert_eq!(held, given_up);
        events::requeue(&mut tx, &held, JobId::from_uuid(id(77)), after(7)).await.unwrap();
        let twice = events::requeue(&mut tx, &held, JobId::from_uuid(id(78)), after(7)).await;
        assert!(matches!(twice, Err(StorageError::Stale { what: "delivery" })), "{twice:?}");
        events::delivered(&mut tx, one, 204, after(8)).await.unwrap();
        let delivered = events::hold(&mut tx, one).await.unwrap().unwrap();
        let done = events::requeue(&mut tx, &delivered, JobId::from_uuid(id(79)), after(9)).await;
        assert!(matches!(done, Err(StorageError::Stale { what: "delivery" })), "{done:?}");
        assert_eq!(events::hold(&mut tx, delivery_id(99)).await.unwrap(), None);
        tx.commit_bookkeeping(Bookkeeping::Delivery).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        let (accepted, _) = events::delivery(&mut conn, one).await.unwrap().unwrap();
        assert_eq!((accepted.state, accepted.attempts), (DeliveryState::Delivered, 1));
        assert_eq!((accepted.delivered_at, accepted.last_error), (Some(after(8)), None));
        assert_eq!(events::stuck(&mut conn, None).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_page_by_page() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        for (n, biller, seconds) in [(1, "1", 1), (3, "2", 2), (5, "1", 2)] {
            record(&db.store, n, biller, seconds).await;
        }
        let mut tx = db.store.begin().await.unwrap();
        events::delivered(&mut tx, delivery_id(3), 200, after(3)).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Delivery).await.unwrap();
        let base = DeliveryQuery { limit: 9, ..DeliveryQuery::default() };
        let state = Some(DeliveryState::Pending);
        for (query, expected) in [
            (base.clone(), vec![6, 5, 4, 3, 2, 1]),
            (DeliveryQuery { limit: 2, ..base.clone() }, vec![6, 5]),
            (DeliveryQuery { before: Some((after(2), delivery_id(4))), ..base.clone() }, vec![3, 2, 1]),
            (DeliveryQuery { state, ..base.clone() }, vec![6, 5, 4, 2, 1]),
            (DeliveryQuery { bid: Some(bid("2")), state, ..base.clone() }, vec![4]),
        ] {
            let found = events::deliveries(&mut db.store.read().await.unwrap(), &query).await.unwrap();
            let ids: Vec<_> = found.into_iter().map(|delivery| delivery.id).collect();
            assert_eq!(ids, expected.into_iter().map(delivery_id).collect::<Vec<_>>(), "{query:?}");
        }
    })
    .await;
}
