//! Launches are used once.

use std::time::Duration;

use domain::launch::LaunchId;
use storage::{Bookkeeping, launches};

use crate::fixture::{after, both};

fn id(jti: &str) -> LaunchId {
    LaunchId::of("crm", jti)
}

#[tokio::test]
async fn a_launch_is_used_once_and_forgotten_when_it_is_old() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        assert!(launches::use_up(&mut tx, &id("a"), after(60)).await.unwrap());
        assert!(!launches::use_up(&mut tx, &id("a"), after(90)).await.unwrap());
        assert!(launches::use_up(&mut tx, &id("b"), after(70)).await.unwrap());
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(launches::delete_expired(&mut tx, after(60)).await.unwrap(), 0);
        assert_eq!(launches::delete_expired(&mut tx, after(61)).await.unwrap(), 1);
        assert!(!launches::use_up(&mut tx, &id("b"), after(70)).await.unwrap(), "still known");
    })
    .await;
}

#[tokio::test]
async fn what_was_not_committed_was_not_used() {
    both(async |db| {
        let mut dropped = db.store.begin().await.unwrap();
        assert!(launches::use_up(&mut dropped, &id("a"), after(60)).await.unwrap());
        drop(dropped);
        let mut tx = db.store.begin().await.unwrap();
        assert!(launches::use_up(&mut tx, &id("a"), after(60)).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_a_launch_at_once_one_succeeds() {
    both(async |db| {
        let using: Vec<_> = (0..8)
            .map(|_| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let first = launches::use_up(&mut tx, &id("a"), after(60)).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
                    first
                })
            })
            .collect();
        let mut succeeded = 0;
        for first in using {
            succeeded += usize::from(first.await.unwrap());
        }
        assert_eq!(succeeded, 1);
    })
    .await;
}
