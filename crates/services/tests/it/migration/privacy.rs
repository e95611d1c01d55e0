//! What a file held stays no longer than it is needed, and is readable for nobody meanwhile.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use domain::access::Refusal;
use tokio::io::{AsyncRead, ReadBuf};

use super::*;

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// Rows that still hold something of the file, with their claims.
async fn held(world: &World, id: MigrationId) -> (usize, usize) {
    let mut conn = world.console.store.read().await.unwrap();
    let rows = user_migrations::holding(&mut conn, id, &[], 0, 10_000).await.unwrap().len();
    drop(conn);
    let mut tx = world.console.store.begin().await.unwrap();
    let claims = user_migrations::remove_claims(&mut tx, id, 10_000).await.unwrap();
    drop(tx);
    (rows, usize::try_from(claims).unwrap())
}

#[tokio::test]
async fn nothing_staged_is_readable_at_rest() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let id = checked(&world, &bid, &file(3)).await;
    assert_eq!(held(&world, id).await, (3, 9), "an id, a username and an address each");
    for path in world.database_files() {
        let bytes = std::fs::read(path).unwrap();
        for secret in ["CCCCCCCCCCCCCCCCCCCCC", "user1@x.example", "user1"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret}");
        }
    }
}

#[tokio::test]
async fn of_a_finished_move_only_rows_that_can_be_corrected_are_kept_and_those_for_a_month() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let text = format!("{}9,no-address,nowhere,,active,{BCRYPT}\n", file(3));
        let id = checked(&world, &bid, &text).await;
        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(find(&world, id).await.state, MigrationState::Finished);
        assert_eq!(held(&world, id).await.0, 1, "the rejected row");
        world.clock.advance(MONTH + Duration::from_secs(1));
        worker::prepare(&world.console).await.unwrap();
        world.work().await;
        assert_eq!(held(&world, id).await, (0, 0));
        assert!(find(&world, id).await.erased_at.is_some());
        let ops = world.person(Role::Ops);
        let failed =
            String::from_utf8(migration::failed_rows(&world.console, &ops, id).await.unwrap()).unwrap();
        assert!(!failed.contains("no-address"), "{failed}");
        let late = migration::feed_back(&world.console, &ops, id, failed.as_bytes()).await.unwrap_err();
        assert!(late.to_string().contains("were erased"), "{late}");
    })
    .await;
}

#[tokio::test]
async fn a_newer_file_has_the_rest_of_the_older_one_erased() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let first = checked(&world, &bid, &format!("{}9,x,nowhere,,active,{BCRYPT}\n", file(2))).await;
    ask(&world, first, MigrationAct::Start).await;
    world.work().await;
    world.clock.advance(Duration::from_secs(60));
    let second = checked(&world, &bid, &file(2)).await;
    assert_eq!(held(&world, first).await, (0, 0));
    assert_eq!(held(&world, second).await.0, 2);
}

#[tokio::test]
async fn a_cancelled_move_keeps_nothing_and_a_later_file_knows_who_had_arrived() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let id = checked(&world, &bid, &file(250)).await;
        ask(&world, id, MigrationAct::Start).await;
        // The canary and one batch pass, then nothing is allowed any more.
        let refused = Fault::Error { status: 403, error_code: None };
        let rule = FaultRule::new("identitysystem.importTenantConfiguration", refused).after(2);
        world.sandbox.faults().add(rule).unwrap();
        world.work().await;
        world.sandbox.faults().clear();
        let arrived = users_at_vendor(&world, &bid).len();
        assert_eq!(find(&world, id).await.state, MigrationState::Held);
        assert!(arrived > 0 && arrived < 250, "{arrived}");
        assert_eq!(moving(&world, &bid).await, UserMoveState::Moving);
        ask(&world, id, MigrationAct::Cancel).await;
        world.work().await;
        assert_eq!(held(&world, id).await, (0, 0));
        assert_eq!(moving(&world, &bid).await, UserMoveState::Moving, "some are there, and not all");
        let second = checked(&world, &bid, &file(250)).await;
        assert_eq!(in_state(&world, second, RowState::Unchanged).await, arrived as u64);
        ask(&world, second, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(in_state(&world, second, RowState::Failed).await, 0, "nobody is taken for a stranger");
        assert_eq!(users_at_vendor(&world, &bid).len(), 250);
    })
    .await;
}

async fn moving(world: &World, bid: &Bid) -> UserMoveState {
    let mut conn = world.console.store.read().await.unwrap();
    storage::user_moves::of(&mut conn, bid).await.unwrap().unwrap().state
}

#[tokio::test]
async fn use_cases_that_need_everybody_wait_while_users_are_moved_or_removed() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    world.change(&bid, "on inherit inherit inherit").await.unwrap();
    world.work().await;
    let id = checked(&world, &bid, &file(3)).await;
    ask(&world, id, MigrationAct::Start).await;
    let blocked = async || world.change(&bid, "on inherit on inherit").await.unwrap_err().to_string();
    assert!(blocked().await.contains("being moved"), "{}", blocked().await);
    ask(&world, id, MigrationAct::Cancel).await;
    world.work().await;
    assert_eq!(moving(&world, &bid).await, UserMoveState::Staged, "nobody had left");
    let id = checked(&world, &bid, &file(3)).await;
    ask(&world, id, MigrationAct::Start).await;
    world.work().await;
    assert_eq!(moving(&world, &bid).await, UserMoveState::Moved);
    ask(&world, id, MigrationAct::Undo).await;
    assert!(blocked().await.contains("being moved"), "{}", blocked().await);
    world.work().await;
    assert_eq!(moving(&world, &bid).await, UserMoveState::Staged);
    assert_eq!(held(&world, id).await, (0, 0), "an undone move keeps nothing");
}

/// Gives what it has, and then never anything again.
struct Silent<'a>(&'a [u8]);

impl AsyncRead for Silent<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Pending;
        }
        let (now, rest) = self.0.split_at(self.0.len().min(buf.remaining()));
        buf.put_slice(now);
        self.0 = rest;
        Poll::Ready(Ok(()))
    }
}

/// An upload whose sender is gone before the end of the file.
async fn broken_upload(world: &World, bid: &Bid) -> MigrationId {
    let (ops, text) = (world.person(Role::Ops), file(1_500));
    let upload = migration::stage(&world.console, &ops, bid, "users.csv", Silent(text.as_bytes()));
    let gone = tokio::time::timeout(Duration::from_secs(2), upload).await;
    assert!(gone.is_err(), "it hangs");
    let mut conn = world.console.store.read().await.unwrap();
    let newest = user_migrations::of_biller(&mut conn, bid, 1).await.unwrap().pop().unwrap();
    assert_eq!((newest.state, newest.rows), (MigrationState::Staging, 1_000));
    newest.id
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_given_up_by_the_next_one_or_after_a_quarter_of_an_hour() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let ops = world.person(Role::Ops);
        let first = broken_upload(&world, &bid).await;
        let text = file(1);
        let early = migration::stage(&world.console, &ops, &bid, "users.csv", text.as_bytes()).await;
        assert!(matches!(early, Err(ServiceError::Refused(Refusal::MigrationOpen))), "it may still come in");
        world.clock.advance(Duration::from_secs(31));
        let second = broken_upload(&world, &bid).await;
        world.work().await;
        let it = find(&world, first).await;
        assert_eq!(it.state, MigrationState::Unreadable);
        assert!(it.stop.unwrap().message.contains("broke off"));
        assert_eq!(held(&world, first).await, (0, 0));
        world.clock.advance(Duration::from_secs(16 * 60));
        worker::prepare(&world.console).await.unwrap();
        world.work().await;
        assert_eq!(find(&world, second).await.state, MigrationState::Unreadable);
        assert_eq!(held(&world, second).await, (0, 0));
        // A person need not wait.
        let third = broken_upload(&world, &bid).await;
        ask(&world, third, MigrationAct::Cancel).await;
        let fourth = checked(&world, &bid, &file(1)).await;
        assert_eq!(find(&world, fourth).await.state, MigrationState::Checked);
        assert_eq!(held(&world, third).await, (0, 0));
    })
    .await;
}
