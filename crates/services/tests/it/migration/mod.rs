//! Users on their way: what the check says is what the run does, nothing is lost, doubled or brought back.

mod adoption;
mod bad_input;
mod columns;
mod crash;
mod freeze;
mod mails;
mod missing;
mod namespace;
mod pause;
mod prediction;
mod privacy;
mod report;
mod wave;

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Bid, MigrationId,
    actor::{Actor, Role},
    migration::{Cause, MigrationAct, MigrationState, PasswordKind, RowState, Verdict},
    user_move::UserMoveState,
};
use sandbox::{Fault, FaultRule, ObjectKind, Phase};
use secureauth::{PasswordResult, PoolId};
use serde_json::Value;
use services::{ServiceError, migration, worker};
use storage::user_migrations::{self, Count, UserMigration};

use crate::{fuse::Fuse, world::World};

const BCRYPT: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const SSHA: &str = "{SSHA}NSZEu/ZzEMKdBO5ESNEYml3qKRYBAgMEBQYHCA==";
const HEADER: &str = "id,username,email,phone,status,password";

/// Moves `rows` as far as the check.
async fn checked(world: &World, bid: &Bid, text: &str) -> MigrationId {
    let ops = world.person(Role::Ops);
    let id = migration::stage(&world.console, &ops, bid, "users.csv", text.as_bytes()).await.unwrap();
    world.work().await;
    id
}

async fn ask(world: &World, id: MigrationId, act: MigrationAct) {
    let ops = world.person(Role::Ops);
    migration::ask(&world.console, &ops, id, act, None, "City of Abbeville").await.unwrap();
}

async fn find(world: &World, id: MigrationId) -> UserMigration {
    let mut conn = world.console.store.read().await.unwrap();
    user_migrations::find(&mut conn, id).await.unwrap().unwrap()
}

async fn counts(world: &World, id: MigrationId) -> BTreeMap<Count, u64> {
    let mut conn = world.console.store.read().await.unwrap();
    let counts = user_migrations::counts(&mut conn, id).await.unwrap();
    counts.into_iter().map(|(count, (n, _))| (count, n)).collect()
}

async fn in_state(world: &World, id: MigrationId, state: RowState) -> u64 {
    counts(world, id).await.get(&Count::State(state)).copied().unwrap_or(0)
}

/// Works until the fuse blows; tells whether it did. Then a reopened console finishes.
async fn stopped_at(world: &World, n: i64) -> bool {
    let fuse = Fuse::at(n);
    let console = fuse.fitted(&world.console);
    let blown = tokio::select! {
        done = worker::run_until_idle(&console) => { done.unwrap(); false }
        () = fuse.blown() => true,
    };
    drop(console);
    world.clock.advance(Duration::from_secs(120));
    worker::run_until_idle(&world.reopen().await).await.unwrap();
    blown
}

fn users_at_vendor(world: &World, bid: &Bid) -> Vec<Value> {
    let state = world.sandbox.state();
    let pool = format!("ic-{bid}");
    state
        .all(ObjectKind::User)
        .filter(|(key, _)| key.starts_with(&pool))
        .map(|(_, user)| user.clone())
        .collect()
}

fn file(rows: usize) -> String {
    let mut text = format!("{HEADER}\n");
    for n in 0..rows {
        text.push_str(&format!("{n},user{n},user{n}@x.example,,active,{BCRYPT}\n"));
    }
    text
}

#[tokio::test]
async fn users_are_checked_proven_moved_compared_and_sign_in_as_before() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let text = format!(
            "{HEADER}\n1,Ann,ann@x.example,+15550100199,active,{BCRYPT}\n2,bob,bob@x.example,,new,\n\
             3,eve,,,inactive,{SSHA}\n4,,no-address,,active,{BCRYPT}\n5,ann,other@x.example,,active,{BCRYPT}\n"
        );
        let id = checked(&world, &bid, &text).await;
        let before = counts(&world, id).await;
        assert_eq!(find(&world, id).await.state, MigrationState::Checked);
        assert_eq!(before[&Count::Verdict(Verdict::Import)], 2);
        assert_eq!(before[&Count::Verdict(Verdict::Reset)], 1);
        assert_eq!(before[&Count::Verdict(Verdict::Reject)], 2);
        assert_eq!(before[&Count::Cause(Cause::BadEmail)], 1);
        assert_eq!(before[&Count::Cause(Cause::DoubledByCase)], 1);
        assert!(users_at_vendor(&world, &bid).is_empty(), "a check sends nothing");

        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        let it = find(&world, id).await;
        assert_eq!(it.state, MigrationState::Finished, "{:?}", it.stop);
        let proven: Vec<_> = it.canaries.iter().map(|canary| (canary.kind, canary.problem.is_none())).collect();
        assert_eq!(proven, [(PasswordKind::Bcrypt, true), (PasswordKind::LdapSsha, true)]);
        assert_eq!(in_state(&world, id, RowState::Verified).await, 3);
        assert_eq!(users_at_vendor(&world, &bid).len(), 3, "the canaries are gone");
        let compared = it.comparison.clone().unwrap();
        assert_eq!((compared.compared, compared.strangers), (3, 0));
        assert!(compared.ours.len() == 64 && compared.ours == compared.theirs, "{compared:?}");
        let pool = PoolId::parse(it.pool.as_deref().unwrap()).unwrap();
        let check = |name: &'static str, password: &'static str| {
            let (vendor, pool) = (world.console.vendor.clone(), pool.clone());
            async move { vendor.verify_password(&pool, name, password).await.unwrap().result }
        };
        assert_eq!(check("ann", "U*U").await, PasswordResult::Correct);
        assert_eq!(check("ann@x.example", "U*U").await, PasswordResult::Correct);
        assert_eq!(check("eve", "correct horse").await, PasswordResult::Correct);
        assert_eq!(check("bob", "").await, PasswordResult::Incorrect, "a reset keeps no password");
        let mut conn = world.console.store.read().await.unwrap();
        let known = storage::user_moves::of(&mut conn, &bid).await.unwrap().unwrap();
        assert_eq!((known.state, known.moved), (UserMoveState::Moved, 3));
        let rows = user_migrations::by_state(&mut conn, id, RowState::Verified, 0, 10).await.unwrap();
        assert!(rows.iter().all(|row| row.sealed.is_none()), "verified rows hold no secret");
        storage::audit::verify(&mut conn).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_run_does_what_the_check_said_for_every_row_of_a_hostile_file() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let mut text = format!("{HEADER}\n");
    let cells =
        ["", "a", "A", "NULL", "x@y.example", "X@Y.EXAMPLE", "=1+1", "\"q\"\"q\"", "ä", "a b", "\u{200b}"];
    let passwords = ["", BCRYPT, SSHA, "clear", "$2b$99$x", "{AES-GCM}AAAA", "md5$a$b", "$6$a$b"];
    for (n, cell) in cells.iter().enumerate() {
        for (m, password) in passwords.iter().enumerate() {
            let other = cells[(n + m) % cells.len()];
            text.push_str(&format!(
                "{n}{m},{cell},{other},{other},{},{password}\n",
                ["", "on", "deleted"][m % 3]
            ));
        }
    }
    text.push_str("too,few\n\"never closed,a,b,c,d,e\n");
    let id = checked(&world, &bid, &text).await;
    let verdicts = async || {
        let mut conn = world.console.store.read().await.unwrap();
        let mut found = BTreeMap::new();
        for state in RowState::ALL {
            for row in user_migrations::by_state(&mut conn, id, *state, 0, 1_000).await.unwrap() {
                found.insert(row.line, (row.verdict, *state));
            }
        }
        found
    };
    let said = verdicts().await;
    assert!(said.len() > 80, "{}", said.len());
    ask(&world, id, MigrationAct::Start).await;
    world.work().await;
    let it = find(&world, id).await;
    assert_eq!(it.state, MigrationState::Finished, "{:?}", it.stop);
    for (line, (verdict, state)) in verdicts().await {
        assert_eq!(said[&line].0, verdict, "line {line}");
        let moved = state == RowState::Verified;
        assert_eq!(moved, verdict != Some(Verdict::Reject), "line {line}: {verdict:?} became {state}");
    }
}

#[tokio::test]
async fn a_refused_batch_is_split_so_that_one_bad_row_harms_no_other() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let pool = world.pool_of(&bid).await;
        let id = checked(&world, &bid, &file(150)).await;
        // Somebody takes a name after the check.
        world.users(&pool, 1).await;
        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(in_state(&world, id, RowState::Verified).await, 149);
        let compared = find(&world, id).await.comparison.unwrap();
        assert_eq!((compared.compared, compared.strangers, compared.sample.len()), (149, 1, 1));
        let counts = counts(&world, id).await;
        assert_eq!((counts[&Count::State(RowState::Failed)], counts[&Count::Cause(Cause::InPool)]), (1, 1));
        // Corrected and fed back: that row alone is moved.
        let ops = world.person(Role::Ops);
        let failed = migration::failed_rows(&world.console, &ops, id).await.unwrap();
        let failed = String::from_utf8(failed).unwrap();
        assert!(failed.contains("(kept)") && !failed.contains("$2b$"), "{failed}");
        let corrected = failed.replace("user0,", "user-zero,");
        let taken = migration::feed_back(&world.console, &ops, id, corrected.as_bytes()).await.unwrap();
        assert_eq!(taken, 1);
        world.work().await;
        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(find(&world, id).await.state, MigrationState::Finished);
        assert_eq!(in_state(&world, id, RowState::Verified).await, 150);
        let result =
            world.console.vendor.verify_password(&PoolId::parse(&pool).unwrap(), "user-zero", "U*U").await;
        assert_eq!(result.unwrap().result, PasswordResult::Correct, "the kept hash came with it");
    })
    .await;
}

#[tokio::test]
async fn an_uncertain_batch_is_read_back_and_never_sent_over_a_newer_state() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let id = checked(&world, &bid, &file(120)).await;
        ask(&world, id, MigrationAct::Start).await;
        for phase in [Phase::BeforeApplying, Phase::AfterApplying] {
            let lost =
                FaultRule::new("identitysystem.importTenantConfiguration", Fault::Reset { phase }).times(1);
            world.sandbox.faults().add(lost).unwrap();
            work_patiently(&world).await;
        }
        work_patiently(&world).await;
        assert_eq!(find(&world, id).await.state, MigrationState::Finished);
        assert_eq!(in_state(&world, id, RowState::Verified).await, 120);
        assert_eq!(users_at_vendor(&world, &bid).len(), 120);
    })
    .await;
}

/// Works, and lets the time pass that a move waits.
async fn work_patiently(world: &World) {
    for _ in 0..6 {
        world.work().await;
        world.clock.advance(Duration::from_secs(31));
    }
}

#[tokio::test]
async fn a_move_stopped_at_any_effect_loses_and_doubles_nobody() {
    World::each(async |world: World| {
        for n in 1.. {
            let bid = world.enabled_biller(&format!("f{n}"), "City of Abbeville").await;
            let id = checked(&world, &bid, &file(5)).await;
            ask(&world, id, MigrationAct::Start).await;
            let fuse = Fuse::at(n);
            let console = fuse.fitted(&world.console);
            let blown = tokio::select! {
                done = worker::run_until_idle(&console) => { done.unwrap(); false }
                () = fuse.blown() => true,
            };
            drop(console);
            world.clock.advance(Duration::from_secs(120));
            let reopened = world.reopen().await;
            worker::run_until_idle(&reopened).await.unwrap();
            let it = find(&world, id).await;
            assert_eq!(it.state, MigrationState::Finished, "fuse at {n}: {:?} {:?}", it.stop, it.throttle);
            assert_eq!(in_state(&world, id, RowState::Verified).await, 5, "fuse at {n}");
            assert_eq!(users_at_vendor(&world, &bid).len(), 5, "fuse at {n}");
            if !blown {
                assert!(n > 10, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn somebody_changed_since_is_left_alone_by_a_delta_and_by_an_undo() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let first = checked(&world, &bid, &file(4)).await;
        ask(&world, first, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(in_state(&world, first, RowState::Verified).await, 4);
        world.clock.advance(Duration::from_secs(3_600));
        let touched = users_at_vendor(&world, &bid)[0].clone();
        let name =
            touched["identifiers"].as_array().unwrap().iter().map(|it| it["identifier"].as_str().unwrap());
        let name = name.min_by_key(|name| name.len()).unwrap().to_owned();
        world.touch_user(&touched).await;

        // The same file again with new hashes for two, one of them the person who changed something at SecureAuth.
        let other = if name == "user3" { "user2" } else { "user3" };
        let renewed: String = file(4)
            .lines()
            .map(|line| {
                let renewed = line.contains(&format!(",{name},")) || line.contains(&format!(",{other},"));
                format!("{}\n", if renewed { line.replace(BCRYPT, SSHA) } else { line.to_owned() })
            })
            .collect();
        let second = checked(&world, &bid, &renewed).await;
        assert_eq!(in_state(&world, second, RowState::Unchanged).await, 2);
        ask(&world, second, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(find(&world, second).await.state, MigrationState::Finished);
        assert_eq!(in_state(&world, second, RowState::Verified).await, 1);
        assert_eq!(in_state(&world, second, RowState::Skipped).await, 1);
        assert_eq!(users_at_vendor(&world, &bid).len(), 4, "nobody is doubled");
        let pool = PoolId::parse(&world.pool_of(&bid).await).unwrap();
        let check = async |name: &str, password: &str| {
            world.console.vendor.verify_password(&pool, name, password).await.unwrap().result
        };
        assert_eq!(check(other, "correct horse").await, PasswordResult::Correct);
        assert_eq!(check(&name, "U*U").await, PasswordResult::Correct, "the newer state stays");

        ask(&world, first, MigrationAct::Undo).await;
        world.work().await;
        assert_eq!(find(&world, first).await.state, MigrationState::Undone);
        assert_eq!(in_state(&world, first, RowState::Undone).await, 2);
        assert_eq!(users_at_vendor(&world, &bid).len(), 2, "renewed and changed people stay");
    })
    .await;
}

#[tokio::test]
async fn pausing_going_on_and_cancelling_lose_nobody() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let id = checked(&world, &bid, &file(250)).await;
    ask(&world, id, MigrationAct::Start).await;
    ask(&world, id, MigrationAct::Pause).await;
    world.work().await;
    assert_eq!(find(&world, id).await.state, MigrationState::Paused);
    assert!(users_at_vendor(&world, &bid).is_empty());
    ask(&world, id, MigrationAct::Resume).await;
    world.work().await;
    assert_eq!(in_state(&world, id, RowState::Verified).await, 250);
    let second = checked(&world, &bid, &format!("{HEADER}\n900,zoe,zoe@x.example,,,{BCRYPT}\n")).await;
    ask(&world, second, MigrationAct::Cancel).await;
    world.work().await;
    assert_eq!(find(&world, second).await.state, MigrationState::Cancelled);
    assert_eq!(users_at_vendor(&world, &bid).len(), 250);
}

#[tokio::test]
async fn a_vendor_that_asks_to_slow_down_is_obeyed_and_everybody_arrives() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let id = checked(&world, &bid, &file(300)).await;
    ask(&world, id, MigrationAct::Start).await;
    let slow = Fault::TooManyRequests { retry_after_seconds: 0 };
    let rule = FaultRule::new("identitysystem.importTenantConfiguration", slow).times(3);
    world.sandbox.faults().add(rule).unwrap();
    work_patiently(&world).await;
    assert_eq!(in_state(&world, id, RowState::Verified).await, 300);
}

#[tokio::test]
async fn a_password_that_the_tenant_does_not_accept_stops_everything_before_the_first_user() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let id = checked(&world, &bid, &file(3)).await;
    ask(&world, id, MigrationAct::Start).await;
    let refused = Fault::Error { status: 422, error_code: None };
    world.sandbox.faults().add(FaultRule::new("identitysystem.importTenantConfiguration", refused)).unwrap();
    world.work().await;
    let it = find(&world, id).await;
    assert_eq!(it.state, MigrationState::Held);
    assert!(it.stop.unwrap().message.contains("bcrypt"));
    assert_eq!(in_state(&world, id, RowState::Ready).await, 3);
    world.sandbox.faults().clear();
    ask(&world, id, MigrationAct::Resume).await;
    world.work().await;
    assert_eq!(in_state(&world, id, RowState::Verified).await, 3);
}

#[tokio::test]
async fn a_password_that_came_encrypted_is_hashed_at_once_and_kept() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let sealed = encrypted(&[9; 32], "correct horse");
    let foreign = encrypted(&[8; 32], "correct horse");
    let text = format!("{HEADER}\n1,ann,ann@x.example,,,{sealed}\n2,bob,bob@x.example,,,{foreign}\n");
    let id = checked(&world, &bid, &text).await;
    let before = counts(&world, id).await;
    assert_eq!(
        (before[&Count::Verdict(Verdict::Import)], before[&Count::Cause(Cause::NotDecrypted)]),
        (1, 1)
    );
    ask(&world, id, MigrationAct::Start).await;
    world.work().await;
    let it = find(&world, id).await;
    assert_eq!(it.state, MigrationState::Finished, "{:?}", it.stop);
    let pool = PoolId::parse(&world.pool_of(&bid).await).unwrap();
    let result = world.console.vendor.verify_password(&pool, "ann", "correct horse").await.unwrap();
    assert_eq!(result.result, PasswordResult::Correct);
}

fn encrypted(key: &[u8; 32], clear: &str) -> String {
    use aes_gcm::{Aes256Gcm, KeyInit as _, aead::Aead as _};
    use base64::Engine as _;
    let nonce = [3_u8; 12];
    let body = Aes256Gcm::new(key.into()).encrypt(&nonce.into(), clear.as_bytes()).unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode([nonce.as_slice(), &body].concat());
    format!("{{AES-GCM}}{text}")
}

#[tokio::test]
async fn only_those_who_may_move_users_do_and_one_move_at_a_time() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    for role in Role::ALL.iter().filter(|role| !matches!(role, Role::Ops | Role::PlatformOwner)) {
        let actor: Actor = world.person(*role);
        let text = file(1);
        let result = migration::stage(&world.console, &actor, &bid, "users.csv", text.as_bytes()).await;
        assert!(matches!(result, Err(ServiceError::Refused(_))), "{role}");
    }
    let id = checked(&world, &bid, &file(1)).await;
    let ops = world.person(Role::Ops);
    let text = file(1);
    let second = migration::stage(&world.console, &ops, &bid, "users.csv", text.as_bytes()).await;
    assert!(matches!(second, Err(ServiceError::Refused(_))));
    let limited = world.limited(Role::Ops, "Coast");
    let unseen = migration::ask(&world.console, &limited, id, MigrationAct::Start, None, "").await;
    assert!(matches!(unseen, Err(ServiceError::NotFound { .. })), "{unseen:?}");
}
