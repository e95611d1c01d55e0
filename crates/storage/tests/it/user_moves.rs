//! How far billers' users are.

use domain::{
    Topic,
    user_move::{UserMove, UserMoveState},
};
use storage::{Bookkeeping, live, user_moves};

use crate::fixture::{T0, after, bid, both, draft};

#[tokio::test]
async fn what_is_known_of_a_move_is_kept_and_told_to_the_billers_page() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let staged =
            UserMove { state: UserMoveState::Staged, users: 3_000_000_000, moved: 0, changed_at: T0 };
        let moved =
            UserMove { state: UserMoveState::Moved, moved: 3_000_000_000, changed_at: after(60), ..staged };
        let topic = Topic::Biller(bid("1"));
        let mut versions = Vec::new();
        for known in [staged, moved] {
            let mut tx = db.store.begin().await.unwrap();
            user_moves::put(&mut tx, &bid("1"), &known).await.unwrap();
            tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
            let mut conn = db.store.read().await.unwrap();
            assert_eq!(user_moves::of(&mut conn, &bid("1")).await.unwrap(), Some(known));
            assert_eq!(user_moves::of(&mut conn, &bid("2")).await.unwrap(), None);
            versions.push(live::version(&mut conn, &topic).await.unwrap());
        }
        assert!(versions[0] < versions[1], "{versions:?}");
        let mut tx = db.store.begin().await.unwrap();
        assert!(user_moves::put(&mut tx, &bid("nobody"), &staged).await.is_err());
    })
    .await;
}
