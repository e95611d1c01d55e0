//! Measurements of calls to the vendor: added up by many, read back over any range.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    CallId,
    performance::{
        CallKey, CallOutcome, CallSource, Cell, FailedCall, MINUTES_PER_DAY, Minute, Range, Series,
    },
};
use storage::{
    Bookkeeping, Store,
    calls::{self, CellAt, FailedQuery},
};
use uuid::Uuid;

use crate::fixture::both;

/// 2026-11-23, 00:00 UTC.
const DAY: i64 = 1_795_392_000 / 60;

fn key(operation: &str, source: CallSource) -> CallKey {
    CallKey { operation: operation.to_owned(), source }
}

fn calls(operation: &str, minute: i64, outcomes: &[(CallOutcome, u64)]) -> CellAt {
    let mut cell = Cell::default();
    for (outcome, millis) in outcomes {
        cell.tally.add(*outcome, 1);
        cell.latencies.add(Duration::from_millis(*millis));
    }
    (key(operation, CallSource::Work), Minute(minute), cell)
}

async fn add(store: &Store, cells: Vec<CellAt>) {
    let mut tx = store.begin().await.unwrap();
    calls::add(&mut tx, cells).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::Measurements).await.unwrap();
}

fn range(from: i64, to: i64) -> Range {
    Range { from: Minute(from), to: Minute(to) }
}

#[tokio::test]
async fn what_was_added_in_parts_reads_back_as_a_whole() {
    both(async |db| {
        use CallOutcome::{Ok, ServerError};
        add(
            &db.store,
            vec![calls("get_pool", DAY + 5, &[(Ok, 10)]), calls("get_client", DAY + 65, &[(Ok, 5)])],
        )
        .await;
        add(
            &db.store,
            vec![calls("get_pool", DAY + 5, &[(ServerError, 90)]), calls("get_pool", DAY + 7, &[(Ok, 20)])],
        )
        .await;
        let mut conn = db.store.read().await.unwrap();
        let found = calls::series(&mut conn, range(DAY, DAY + 120), 60, None).await.unwrap();
        let pool = &found[&key("get_pool", CallSource::Work)];
        let known: Vec<i64> = pool.buckets.iter().map(|bucket| bucket.known.count()).collect();
        assert_eq!(
            known,
            [2, 0],
            "a minute that was added to twice is one minute; the second hour is unknown"
        );
        let total = pool.total();
        assert_eq!((total.tally.good(), total.tally.failed(), total.latencies.count()), (2, 1, 3));
        assert_eq!(found.len(), 2);

        let minutes = calls::series(&mut conn, range(DAY + 5, DAY + 7), 1, None).await.unwrap();
        let pool = &minutes[&key("get_pool", CallSource::Work)];
        assert_eq!(pool.total().tally.sent(), 2, "what is outside of the range is left out");
    })
    .await;
}

#[tokio::test]
async fn days_are_the_sums_of_their_minutes() {
    both(async |db| {
        for minute in [0, 59, 60, 1439, 1440, 3000] {
            add(
                &db.store,
                vec![calls("get_pool", DAY + minute, &[(CallOutcome::Ok, 1 + minute.unsigned_abs())])],
            )
            .await;
        }
        let mut conn = db.store.read().await.unwrap();
        let three = range(DAY, DAY + 3 * MINUTES_PER_DAY);
        let days = calls::series(&mut conn, three, MINUTES_PER_DAY, None).await.unwrap();
        // A step of 1439 minutes cannot be read from days.
        let minutes = calls::series(&mut conn, three, 1, None).await.unwrap();
        let (days, minutes) =
            (&days[&key("get_pool", CallSource::Work)], &minutes[&key("get_pool", CallSource::Work)]);
        assert_eq!(days.buckets.iter().map(|bucket| bucket.known.count()).collect::<Vec<_>>(), [4, 1, 1]);
        assert_eq!((days.total(), days.known()), (minutes.total(), minutes.known()));
    })
    .await;
}

#[tokio::test]
async fn operations_that_were_called_at_different_times_know_more_together_than_the_busier_one() {
    both(async |db| {
        let ok = &[(CallOutcome::Ok, 10)];
        add(&db.store, (0..3).map(|minute| calls("get_pool", DAY + minute, ok)).collect()).await;
        add(&db.store, (2..4).map(|minute| calls("get_client", DAY + 700 + minute, ok)).collect()).await;
        add(&db.store, vec![calls("get_client", DAY + 2, ok)]).await;
        // As a day was written before its minutes were kept.
        db.tamper("UPDATE call_days SET minutes = NULL WHERE operation = 'get_client'").await.unwrap();
        let known = async || {
            let mut conn = db.store.read().await.unwrap();
            let day = range(DAY, DAY + MINUTES_PER_DAY);
            let found = calls::series(&mut conn, day, MINUTES_PER_DAY, None).await.unwrap();
            let mut together = Series::new(day, MINUTES_PER_DAY);
            found.values().for_each(|series| together.merge(series));
            let each: Vec<i64> = found.values().map(Series::known).collect();
            (each, together.known())
        };
        assert_eq!(known().await, (vec![3, 3], 5), "minute 2 is known to both, and is one minute");
        add(&db.store, vec![calls("get_client", DAY + 1439, ok)]).await;
        assert_eq!(known().await, (vec![4, 3], 6), "what is added keeps what its hours knew");
    })
    .await;
}

#[tokio::test]
async fn totals_are_the_sums_of_their_minutes_wherever_a_range_begins_and_ends() {
    both(async |db| {
        let each = |minute: i64| {
            let millis = 5 + minute.unsigned_abs() % 97;
            calls("get_pool", DAY + minute, &[(CallOutcome::Ok, millis)])
        };
        add(&db.store, (0..600).step_by(7).map(each).collect()).await;
        add(&db.store, vec![calls("get_client", DAY + 59, &[(CallOutcome::Network, 3)])]).await;
        let mut conn = db.store.read().await.unwrap();
        for (from, to) in
            [(0, 600), (1, 599), (60, 120), (61, 119), (59, 60), (59, 61), (30, 30), (540, 2_000)]
        {
            let range = range(DAY + from, DAY + to);
            let minutes = calls::series(&mut conn, range, 1, None).await.unwrap();
            let mut sums: BTreeMap<CallKey, Cell> =
                minutes.into_iter().map(|(key, series)| (key, series.total())).collect();
            sums.retain(|_, cell| cell.tally.sent() > 0);
            let totals = calls::totals(&mut conn, range, None).await.unwrap();
            assert_eq!(totals, sums, "{from} to {to}");
            let probes = calls::totals(&mut conn, range, Some(CallSource::Probe)).await.unwrap();
            assert!(probes.is_empty());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_many_servers_add_at_once_nothing_is_lost() {
    both(async |db| {
        let adding: Vec<_> = (0..8)
            .map(|_| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        add(&store, vec![calls("get_pool", DAY, &[(CallOutcome::Ok, 3)])]).await;
                    }
                })
            })
            .collect();
        for done in adding {
            done.await.unwrap();
        }
        let mut conn = db.store.read().await.unwrap();
        let found = calls::series(&mut conn, range(DAY, DAY + 1), 1, None).await.unwrap();
        let series = &found[&key("get_pool", CallSource::Work)];
        assert_eq!((series.total().tally.good(), series.known()), (40, 1));
    })
    .await;
}

#[tokio::test]
async fn probes_and_work_are_kept_apart_and_the_last_probe_is_known() {
    both(async |db| {
        let (_, minute, cell) = calls("discover", DAY + 3, &[(CallOutcome::Ok, 3)]);
        let probe = (key("discover", CallSource::Probe), minute, cell);
        add(&db.store, vec![probe, calls("discover", DAY + 80, &[(CallOutcome::Ok, 3)])]).await;
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(calls::last_minute(&mut conn, CallSource::Probe).await.unwrap(), Some(Minute(DAY + 3)));
        assert_eq!(calls::last_minute(&mut conn, CallSource::Work).await.unwrap(), Some(Minute(DAY + 80)));
        let both = range(DAY, DAY + 100);
        let probes = calls::series(&mut conn, both, 100, Some(CallSource::Probe)).await.unwrap();
        assert_eq!(probes.keys().map(|key| key.source).collect::<Vec<_>>(), [CallSource::Probe]);
    })
    .await;
}

#[tokio::test]
async fn failed_calls_are_found_last_first_and_old_measurements_are_forgotten() {
    both(async |db| {
        let failed = |minute: i64, operation: &str| FailedCall {
            id: CallId::from_uuid(Uuid::from_u128(minute.unsigned_abs().into())),
            at: Minute(DAY + minute).begins(),
            key: key(operation, CallSource::Work),
            outcome: CallOutcome::ServerError,
            status: Some(503),
            latency: Duration::from_millis(1500),
            trace_id: Some("trace\0id".to_owned()),
            correlation_id: format!("c-{minute}"),
        };
        let mut tx = db.store.begin().await.unwrap();
        let rows: Vec<_> = [(0, "get_pool"), (5, "get_client"), (9, "get_pool")]
            .into_iter()
            .map(|(minute, operation)| failed(minute, operation))
            .collect();
        calls::note_failures(&mut tx, &rows).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Measurements).await.unwrap();
        add(&db.store, vec![calls("get_pool", DAY, &[(CallOutcome::ServerError, 3)])]).await;

        let mut conn = db.store.read().await.unwrap();
        let query = |operation: Option<&str>| FailedQuery {
            range: range(DAY, DAY + 9),
            operation: operation.map(str::to_owned),
            limit: 10,
        };
        let found = calls::failed(&mut conn, &query(None)).await.unwrap();
        assert_eq!(found.iter().map(|call| &*call.correlation_id).collect::<Vec<_>>(), ["c-5", "c-0"]);
        assert_eq!((found[0].status, found[0].latency.as_millis()), (Some(503), 1500));
        assert_eq!(calls::failed(&mut conn, &query(Some("get_pool"))).await.unwrap().len(), 1);
        drop(conn);

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(calls::delete_older_than(&mut tx, Minute(DAY).begins()).await.unwrap(), 0);
        let next_day = Minute(DAY + MINUTES_PER_DAY).begins();
        assert_eq!(calls::delete_older_than(&mut tx, next_day).await.unwrap(), 5, "hour, day, three calls");
    })
    .await;
}
