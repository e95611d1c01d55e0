//! The curve of adoption is always what counting the users themselves gives.

use std::{collections::BTreeMap, time::Duration};

use domain::{Bid, MigrationId, Timestamp, migration::AdoptionDay, performance::Minute};
use storage::{
    Bookkeeping, Tx,
    adoption::{self, Asked, Feed, UserSignIns, Window},
    user_migrations::{self, Moved, RowIds},
};
use uuid::Uuid;

use crate::fixture::{Database, T0, bid, both, draft};

fn user(n: u128) -> Uuid {
    Uuid::from_u128(n + 1)
}

fn moved(n: u128) -> Moved {
    let ids = RowIds { user: user(n), ..RowIds::mint(&[7; 96]) };
    Moved { reference: format!("r{n}"), ids, source: String::new(), stamp: T0 }
}

fn on(day: u64) -> Timestamp {
    T0.plus(Duration::from_secs(day * 86_400))
}

async fn put(tx: &mut Tx, users: &[u128], day: u64) {
    let users: Vec<Moved> = users.iter().copied().map(moved).collect();
    let migration = MigrationId::from_uuid(Uuid::nil());
    user_migrations::put_moved(tx, &bid("1"), migration, &users, on(day)).await.unwrap();
}

async fn forget(tx: &mut Tx, users: &[u128], day: u64) {
    let users: Vec<Uuid> = users.iter().copied().map(user).collect();
    user_migrations::forget_moved(tx, &bid("1"), &users, on(day)).await.unwrap();
}

async fn seen(tx: &mut Tx, users: &[(u128, u64)]) {
    let mut found: BTreeMap<Uuid, UserSignIns> = BTreeMap::new();
    for (n, day) in users {
        let at = UserSignIns::at(on(*day));
        found.entry(user(*n)).and_modify(|known| *known = known.with(at)).or_insert(at);
    }
    adoption::note_sign_ins(tx, &bid("1"), &found).await.unwrap();
}

async fn counted(db: &Database) -> (i64, i64) {
    let users = db.number("SELECT COUNT(*) FROM moved_users").await;
    let signed_in =
        "SELECT COUNT(*) FROM moved_users m JOIN user_sign_ins s ON s.bid = m.bid AND s.user_id = m.user_id";
    (users, db.number(signed_in).await)
}

async fn curve(db: &Database) -> Vec<AdoptionDay> {
    let mut conn = db.store.read().await.unwrap();
    let all = adoption::days(&mut conn, None, None).await.unwrap();
    assert_eq!(adoption::days(&mut conn, None, Some(&bid("1"))).await.unwrap(), all);
    assert_eq!(adoption::days(&mut conn, None, Some(&bid("2"))).await.unwrap(), []);
    all
}

#[tokio::test]
async fn whatever_is_moved_removed_and_seen_in_whichever_order_the_curve_adds_up() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let first = Minute::of(T0).day();
        let mut turn = 7_u64;
        let mut next = move |below: u64| {
            turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (turn >> 33) % below
        };
        for step in 0..120 {
            let mut tx = db.store.begin().await.unwrap();
            let mut users: Vec<u128> = (0..=next(4)).map(|_| u128::from(next(12))).collect();
            users.sort_unstable();
            users.dedup();
            match next(4) {
                0 => forget(&mut tx, &users, step / 10).await,
                1 | 2 => {
                    let seen_on: Vec<(u128, u64)> = users.iter().map(|user| (*user, next(20))).collect();
                    seen(&mut tx, &seen_on).await;
                }
                _ => put(&mut tx, &users, step / 10).await,
            }
            tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
            let days = curve(db).await;
            let sums = days.iter().fold((0, 0), |sum, day| (sum.0 + day.moved, sum.1 + day.signed_in));
            assert_eq!(sums, counted(db).await, "after step {step}: {days:?}");
            assert!(days.iter().all(|day| day.signed_in >= 0 && day.day >= first), "{days:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_first_sign_in_that_is_learned_of_later_moves_to_its_day() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let mut tx = db.store.begin().await.unwrap();
        put(&mut tx, &[1], 0).await;
        seen(&mut tx, &[(1, 5), (1, 9)]).await;
        seen(&mut tx, &[(1, 3)]).await;
        seen(&mut tx, &[(1, 3), (1, 5), (2, 4)]).await;
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        let first = Minute::of(T0).day();
        let on_days: Vec<(i64, i64)> =
            curve(db).await.iter().map(|day| (day.day - first, day.signed_in)).collect();
        assert_eq!(on_days, [(0, 0), (3, 1), (5, 0)], "whoever is not moved does not count");
        let mut conn = db.store.read().await.unwrap();
        let known = adoption::of_user(&mut conn, &bid("1"), &user(1).to_string()).await.unwrap().unwrap();
        assert_eq!((known.first, known.last), (on(3), on(9)));
    })
    .await;
}

#[tokio::test]
async fn who_waited_longest_is_read_next_and_where_a_reading_stands_is_kept() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two"), draft("3", "Three")]).await;
        db.tamper("UPDATE billers SET status = 'enabled' WHERE bid <> '3'").await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        put(&mut tx, &[1], 0).await;
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        let due = async |at: Timestamp| {
            let mut conn = db.store.read().await.unwrap();
            adoption::due(&mut conn, at, 10).await.unwrap()
        };
        assert_eq!(due(T0).await, [(bid("1"), Feed::default())], "only who has moved users");
        let half =
            Feed { read_to: Some(on(1)), window: Some(Window { to: on(2), after: Some("e-17".to_owned()) }) };
        let keep = async |feed: &Feed, why: Option<&str>| {
            let mut tx = db.store.begin().await.unwrap();
            let asked = Asked { at: on(2), due: on(3), why: why.map(str::to_owned) };
            adoption::save_feed(&mut tx, &bid("1"), feed, &asked).await.unwrap();
            tx.commit_bookkeeping(Bookkeeping::Measurements).await.unwrap();
        };
        keep(&half, Some("HTTP 503")).await;
        assert!(due(on(2)).await.is_empty());
        assert_eq!(due(on(3)).await, [(bid("1"), half)]);
        let stand = async |only: &Bid| {
            let mut conn = db.store.read().await.unwrap();
            adoption::feed_stand(&mut conn, None, Some(only)).await.unwrap()
        };
        let found = stand(&bid("1")).await;
        assert_eq!((found.billers, found.never_read, found.failing), (1, 0, 1));
        assert_eq!((found.read_to, found.why.as_deref()), (Some(on(1)), Some("HTTP 503")));
        keep(&Feed { read_to: Some(on(2)), window: None }, None).await;
        assert_eq!((stand(&bid("1")).await.failing, stand(&bid("2")).await.billers), (0, 0));
    })
    .await;
}
