//! Commits: what is kept, what is told, and the gate around them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::future::BoxFuture;
use storage::{Bookkeeping, CommitGate, audit, billers, live, live::Topic};

use crate::fixture::{bid, both, draft, entry};

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    both(async |db| {
        let mut changes = db.store.changes();
        let mut tx = db.store.begin().await.unwrap();
        billers::upsert(&mut tx, &draft("1", "One"), crate::fixture::T0).await.unwrap();
        drop(tx);
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(billers::find(&mut conn, &bid("1")).await.unwrap(), None);
        assert_eq!(billers::counts(&mut conn, None).await.unwrap().total, 0);
        assert_eq!(live::version(&mut conn, &Topic::Billers).await.unwrap(), 0);
        assert!(changes.try_recv().is_err());
    })
    .await;
}

#[tokio::test]
async fn a_commit_bumps_its_topics_and_tells_subscribers_once() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        let mut changes = db.store.changes();
        let mut tx = db.store.begin().await.unwrap();
        let route = domain::login::LoginRoute::SecureAuth;
        billers::set_login_route(&mut tx, &bid("1"), route).await.unwrap();
        billers::set_issuer(&mut tx, &bid("1"), Some("https://issuer.example")).await.unwrap();
        tx.commit_audited(entry("1")).await.unwrap();
        let mut told = Vec::new();
        while let Ok(topic) = changes.try_recv() {
            told.push(topic);
        }
        told.sort();
        assert_eq!(told, [Topic::Billers, Topic::Biller(bid("1")), Topic::Activity]);
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(live::version(&mut conn, &Topic::Billers).await.unwrap(), 2);
        assert_eq!(live::version(&mut conn, &Topic::Biller(bid("1"))).await.unwrap(), 1);
        assert_eq!(live::version(&mut conn, &Topic::Deliveries).await.unwrap(), 0);
    })
    .await;
}

#[derive(Default)]
struct Gate {
    before: AtomicUsize,
    after: AtomicUsize,
    /// Never lets the commit with this number through.
    stop_at: usize,
}

impl CommitGate for Gate {
    fn before_commit(&self) -> BoxFuture<'_, ()> {
        let number = self.before.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move {
            if number == self.stop_at {
                std::future::pending::<()>().await;
            }
        })
    }

    fn after_commit(&self) -> BoxFuture<'_, ()> {
        self.after.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {})
    }
}

#[tokio::test]
async fn the_gate_stands_before_and_after_every_commit() {
    both(async |db| {
        let gate = Arc::new(Gate { stop_at: 3, ..Gate::default() });
        let store = db.store.clone().with_gate(gate.clone());
        let tx = store.begin().await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Expiry).await.unwrap();
        let tx = store.begin().await.unwrap();
        tx.commit_audited(entry("1")).await.unwrap();
        assert_eq!((gate.before.load(Ordering::SeqCst), gate.after.load(Ordering::SeqCst)), (2, 2));

        let mut tx = store.begin().await.unwrap();
        billers::upsert(&mut tx, &draft("lost", "Lost"), crate::fixture::T0).await.unwrap();
        let crashed =
            tokio::time::timeout(std::time::Duration::from_millis(50), tx.commit_audited(entry("lost")));
        assert!(crashed.await.is_err(), "the gate did not hold the commit");
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(billers::find(&mut conn, &bid("lost")).await.unwrap(), None);
        assert_eq!(audit::head(&mut conn).await.unwrap().0, 1);
        db.with(&[draft("next", "The database goes on")]).await;
    })
    .await;
}
