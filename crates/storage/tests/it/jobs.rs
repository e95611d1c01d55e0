//! The queue: each job is done by one worker, and none is lost.

use std::{collections::BTreeSet, time::Duration};

use domain::{JobId, Timestamp, job::JobKind};
use storage::{Bookkeeping, StorageError, Store, jobs, jobs::JobLag};

use crate::fixture::{T0, after, both, id};

const LEASE: Duration = Duration::from_secs(30);

async fn enqueue(store: &Store, n: u128, subject: &str, at: Timestamp) {
    let mut tx = store.begin().await.unwrap();
    jobs::enqueue(&mut tx, JobId::from_uuid(id(n)), JobKind::Run, subject, at).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::JobLease).await.unwrap();
}

async fn finish(store: &Store, job: &domain::job::Job) -> Result<(), StorageError> {
    let mut tx = store.begin().await?;
    jobs::finish(&mut tx, job).await?;
    tx.commit_bookkeeping(Bookkeeping::JobLease).await
}

#[tokio::test]
async fn a_job_is_taken_when_due_and_gone_when_finished() {
    both(async |db| {
        let store = &db.store;
        enqueue(store, 1, "a", after(10)).await;
        assert_eq!(jobs::take(store, "w", after(9), LEASE).await.unwrap(), None);
        assert_eq!(jobs::next_due(&mut store.read().await.unwrap()).await.unwrap(), Some(after(10)));
        let job = jobs::take(store, "w", after(10), LEASE).await.unwrap().unwrap();
        assert_eq!((job.kind, job.subject.as_str(), job.attempts), (JobKind::Run, "a", 1));
        assert_eq!(job.leased_until, after(40));
        assert_eq!(jobs::take(store, "other", after(11), LEASE).await.unwrap(), None);
        finish(store, &job).await.unwrap();
        assert_eq!(jobs::next_due(&mut store.read().await.unwrap()).await.unwrap(), None);
        let stale = finish(store, &job).await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "job" })), "{stale:?}");
    })
    .await;
}

#[tokio::test]
async fn asking_again_makes_one_job_due_earlier() {
    both(async |db| {
        enqueue(&db.store, 1, "a", after(10)).await;
        enqueue(&db.store, 2, "a", after(5)).await;
        enqueue(&db.store, 3, "a", after(20)).await;
        assert_eq!(db.number("SELECT COUNT(*) FROM jobs").await, 1);
        assert_eq!(jobs::next_due(&mut db.store.read().await.unwrap()).await.unwrap(), Some(after(5)));
    })
    .await;
}

#[tokio::test]
async fn asking_while_a_worker_is_at_it_has_it_done_once_more() {
    both(async |db| {
        let store = &db.store;
        enqueue(store, 1, "a", T0).await;
        let job = jobs::take(store, "w", T0, LEASE).await.unwrap().unwrap();
        enqueue(store, 2, "a", after(2)).await;
        enqueue(store, 3, "a", after(1)).await;
        assert_eq!(jobs::take(store, "other", after(3), LEASE).await.unwrap(), None, "it is still leased");
        finish(store, &job).await.unwrap();
        let again = jobs::take(store, "w", after(1), LEASE).await.unwrap().expect("asked for again");
        assert!(again.attempts > job.attempts, "an old lease must not fit the new one");
        enqueue(store, 4, "a", after(3)).await;
        let mut tx = store.begin().await.unwrap();
        jobs::put_back(&mut tx, &again, after(100), "later").await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::JobLease).await.unwrap();
        assert_eq!(jobs::next_due(&mut store.read().await.unwrap()).await.unwrap(), Some(after(3)));
        let third = jobs::take(store, "w", after(3), LEASE).await.unwrap().unwrap();
        finish(store, &third).await.unwrap();
        assert_eq!(db.number("SELECT COUNT(*) FROM jobs").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_ran_out_goes_to_another_worker_and_the_first_one_notices() {
    both(async |db| {
        let store = &db.store;
        enqueue(store, 1, "a", T0).await;
        let first = jobs::take(store, "dead", T0, LEASE).await.unwrap().unwrap();
        assert!(jobs::renew(store, &first, after(20), LEASE).await.unwrap());
        assert_eq!(jobs::take(store, "w", after(49), LEASE).await.unwrap(), None);
        let second = jobs::take(store, "w", after(50), LEASE).await.unwrap().unwrap();
        assert_eq!(second.attempts, 2);
        assert!(!jobs::renew(store, &first, after(51), LEASE).await.unwrap());
        let stale = finish(store, &first).await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "job" })), "{stale:?}");
        let mut tx = store.begin().await.unwrap();
        let stale = jobs::put_back(&mut tx, &first, after(60), "late").await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "job" })), "{stale:?}");
        drop(tx);
        finish(store, &second).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_job_that_was_put_back_waits_for_its_time() {
    both(async |db| {
        let store = &db.store;
        enqueue(store, 1, "a", T0).await;
        let job = jobs::take(store, "w", T0, LEASE).await.unwrap().unwrap();
        let mut tx = store.begin().await.unwrap();
        jobs::put_back(&mut tx, &job, after(5), "vendor is away").await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::JobLease).await.unwrap();
        assert_eq!(db.number("SELECT COUNT(*) FROM jobs WHERE last_error = 'vendor is away'").await, 1);
        assert_eq!(jobs::take(store, "w", after(4), LEASE).await.unwrap(), None);
        assert_eq!(jobs::take(store, "w", after(5), LEASE).await.unwrap().unwrap().attempts, 2);
    })
    .await;
}

#[tokio::test]
async fn after_a_start_leases_of_dead_workers_need_not_run_out() {
    both(async |db| {
        let store = &db.store;
        enqueue(store, 1, "held", T0).await;
        enqueue(store, 2, "later", after(500)).await;
        let dead = jobs::take(store, "dead", T0, LEASE).await.unwrap().unwrap();
        assert_eq!(jobs::release_all(store, after(1)).await.unwrap(), 1);
        let job = jobs::take(store, "w", after(1), LEASE).await.unwrap().unwrap();
        assert_eq!((job.subject.as_str(), job.attempts), ("held", 2));
        assert_eq!(jobs::take(store, "w", after(1), LEASE).await.unwrap(), None);
        let stale = finish(store, &dead).await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "job" })), "{stale:?}");
    })
    .await;
}

#[tokio::test]
async fn the_lag_tells_what_waits() {
    both(async |db| {
        for (n, at) in [(1, T0), (2, after(1)), (3, after(2)), (4, after(900))] {
            enqueue(&db.store, n, &n.to_string(), at).await;
        }
        jobs::take(&db.store, "w", after(5), LEASE).await.unwrap().unwrap();
        let lag = jobs::lag(&mut db.store.read().await.unwrap(), after(5)).await.unwrap();
        assert_eq!(lag, JobLag { due: 2, leased: 1, later: 1, oldest_due: Some(after(1)) });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workers_take_each_job_once() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        for n in 1..=40_u128 {
            jobs::enqueue(&mut tx, JobId::from_uuid(id(n)), JobKind::Run, &n.to_string(), T0).await.unwrap();
        }
        tx.commit_bookkeeping(Bookkeeping::JobLease).await.unwrap();
        let workers: Vec<_> = (0..8)
            .map(|n| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    let name = format!("worker {n}");
                    while let Some(job) = jobs::take(&store, &name, after(1), LEASE).await.unwrap() {
                        assert_eq!(job.attempts, 1);
                        taken.push(job);
                        tokio::task::yield_now().await;
                    }
                    taken
                })
            })
            .collect();
        let mut taken = Vec::new();
        for worker in workers {
            taken.extend(worker.await.unwrap());
        }
        // With rows passed over while locked, a worker may stop early; whoever looks again finds them.
        while let Some(job) = jobs::take(&db.store, "late", after(1), LEASE).await.unwrap() {
            taken.push(job);
        }
        let subjects: BTreeSet<_> = taken.iter().map(|job| job.subject.clone()).collect();
        assert_eq!((taken.len(), subjects.len()), (40, 40));
    })
    .await;
}
