//! Sign-ins under way.

use std::time::Duration;

use storage::{Bookkeeping, logins, logins::LoginAttempt};

use crate::fixture::{Database, T0, after, bid, both, draft};

const LIFE: Duration = Duration::from_secs(60);

async fn started(db: &Database, state: &str) -> LoginAttempt {
    let attempt = LoginAttempt {
        state: state.to_owned(),
        bid: bid("1"),
        code_verifier: "verifier".to_owned(),
        nonce: "nonce".to_owned(),
        redirect_uri: Some("https://portal.example/callback".to_owned()),
        issuer: Some("https://vendor.example/t/acme".to_owned()),
        created_at: T0,
    };
    let mut tx = db.store.begin().await.unwrap();
    logins::start(&mut tx, &attempt).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await.unwrap();
    attempt
}

#[tokio::test]
async fn a_sign_in_is_redeemed_once_and_in_time() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        let attempt = started(db, "s1").await;
        started(db, "s2").await;
        assert!(!format!("{attempt:?}").contains("verifier"), "secrets stay out of logs");
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(logins::redeem(&mut tx, "none", after(1), LIFE).await.unwrap(), None);
        assert_eq!(logins::redeem(&mut tx, "s1", after(59), LIFE).await.unwrap(), Some(attempt));
        assert_eq!(logins::redeem(&mut tx, "s1", after(59), LIFE).await.unwrap(), None);
        assert_eq!(logins::redeem(&mut tx, "s2", after(60), LIFE).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_redeem_at_once_one_gets_it() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        started(db, "s1").await;
        let redeeming: Vec<_> = (0..8)
            .map(|_| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let got = logins::redeem(&mut tx, "s1", after(1), LIFE).await.unwrap();
                    tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await.unwrap();
                    got.is_some()
                })
            })
            .collect();
        let mut got = 0;
        for redeemed in redeeming {
            got += usize::from(redeemed.await.unwrap());
        }
        assert_eq!(got, 1);
    })
    .await;
}

#[tokio::test]
async fn sign_ins_are_counted_and_old_ones_removed() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        for state in ["s1", "s2"] {
            started(db, state).await;
        }
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(logins::count_since(&mut tx, &bid("1"), T0).await.unwrap(), 2);
        assert_eq!(logins::count_since(&mut tx, &bid("1"), after(1)).await.unwrap(), 0);
        assert_eq!(logins::count_since(&mut tx, &bid("2"), T0).await.unwrap(), 0);
        assert_eq!(logins::delete_older_than(&mut tx, T0).await.unwrap(), 0);
        assert_eq!(logins::delete_older_than(&mut tx, after(1)).await.unwrap(), 2);
    })
    .await;
}
