//! Accounts after the move: what IC says is mirrored in order, nothing is lost or doubled, and people help users.

use std::time::Duration;

use domain::{
    Bid, Timestamp,
    account::{AccountAct, AccountStanding, ChangeDecision, ChangeState, Difference, ParkCause, Said},
    actor::Role,
    audit::AuditAction,
    object::ObjectKind,
};
use sandbox::{Fault, FaultRule};
use secureauth::{PasswordResult, PoolId};
use serde_json::Value;
use services::{
    Console, ServiceError,
    accounts::{self, AccountQuery, Announcement, PasswordSaid, PasswordTold, ToldResult, UserView},
    migration, overview, worker,
};

use crate::{fuse::Fuse, world::World};

/// bcrypt of `U*U`.
const BCRYPT: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
/// Salted SHA-256 of `correct horse`.
const SSHA: &str = "{SSHA}NSZEu/ZzEMKdBO5ESNEYml3qKRYBAgMEBQYHCA==";

fn said(username: &str, email: &str) -> Said {
    Said {
        username: Some(username.to_owned()),
        email: Some(email.to_owned()),
        email_verified: true,
        given_name: Some("Ann Mary".to_owned()),
        family_name: Some("O'Brien".to_owned()),
        ..Said::default()
    }
}

fn told(version: i64, said: Said) -> Announcement {
    Announcement { version, said, password: None }
}

async fn hosted(world: &World, bid: &str) -> Bid {
    let bid = world.enabled_biller(bid, "Town of Ames").await;
    world.change(&bid, "on off off inherit").await.unwrap();
    world.work().await;
    bid
}

async fn put(world: &World, bid: &Bid, user: &str, told: Announcement) -> ToldResult {
    accounts::put(&world.console, &world.integration(), bid, user, told).await.unwrap().result
}

fn with_password(world: &World, version: i64, hash: &str, after: u64) -> Announcement {
    let changed_at = world.console.now().plus(Duration::from_secs(after));
    let password = PasswordSaid { hash: hash.to_owned(), salt: String::new(), changed_at };
    Announcement { password: Some(password), ..told(version, said("ann", "ann@x.example")) }
}

fn at_vendor(world: &World, bid: &Bid) -> Vec<Value> {
    let prefix = format!("ic-{bid}");
    let state = world.sandbox.state();
    state
        .all(sandbox::ObjectKind::User)
        .filter(|(key, _)| key.starts_with(&prefix))
        .map(|(_, it)| it.clone())
        .collect()
}

async fn password(world: &World, bid: &Bid, name: &str, password: &str) -> PasswordResult {
    let mut conn = world.console.store.read().await.unwrap();
    let pool = storage::objects::find(&mut conn, bid, ObjectKind::Pool).await.unwrap().unwrap();
    let pool = PoolId::parse(&pool.vendor_id).unwrap();
    world.console.vendor.verify_password(&pool, name, password).await.unwrap().result
}

async fn user_of(world: &World, bid: &Bid, reference: &str) -> String {
    let mut conn = world.console.store.read().await.unwrap();
    storage::accounts::find(&mut conn, bid, reference).await.unwrap().unwrap().ids.user.to_string()
}

async fn view(world: &World, bid: &Bid, reference: &str) -> UserView {
    let user = user_of(world, bid, reference).await;
    accounts::show(&world.console, &world.person(Role::Ops), bid, &user).await.unwrap()
}

async fn found(world: &World, bid: &Bid, text: &str) -> usize {
    let query = AccountQuery { search: Some(text.to_owned()), limit: 50, ..AccountQuery::default() };
    let actor = world.person(Role::Support);
    accounts::list(&world.console, &actor, bid, &query).await.unwrap().users.len()
}

async fn do_to(world: &World, bid: &Bid, reference: &str, act: AccountAct) -> Result<(), ServiceError> {
    let user = user_of(world, bid, reference).await;
    let actor = world.person(Role::Ops);
    accounts::act(&world.console, &actor, bid, &user, act, Some("asked by phone".to_owned())).await?;
    world.work().await;
    Ok(())
}

#[tokio::test]
async fn what_ic_says_of_users_is_mirrored_in_ics_order_and_repeating_changes_nothing() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("1", "Town of Ames").await;
        let ic = world.integration();
        let early = accounts::put(&world.console, &ic, &bid, "7", told(1, said("a", "a@x.example")));
        assert!(matches!(early.await, Err(ServiceError::Refused(_))), "user hosting is not in effect");
        let bid = hosted(&world, "2").await;
        assert_eq!(put(&world, &bid, "7", with_password(&world, 2, BCRYPT, 0)).await, ToldResult::Accepted);
        assert_eq!(put(&world, &bid, "7", with_password(&world, 2, BCRYPT, 0)).await, ToldResult::Unchanged);
        assert_eq!(
            put(&world, &bid, "7", told(1, said("old", "old@x.example"))).await,
            ToldResult::Superseded
        );
        let other = accounts::put(&world.console, &ic, &bid, "7", told(2, said("b", "b@x.example")));
        assert!(matches!(other.await, Err(ServiceError::Refused(_))), "two contents under one number");
        world.work().await;
        assert_eq!(password(&world, &bid, "ann", "U*U").await, PasswordResult::Correct);
        assert_eq!(view(&world, &bid, "7").await.differing, []);

        // An e-mail change adds the new address before it removes the old one; the password stays.
        put(&world, &bid, "7", told(3, said("ann", "new@x.example"))).await;
        world.work().await;
        let user = at_vendor(&world, &bid).pop().unwrap();
        let mails: Vec<_> =
            user["verifiable_addresses"].as_array().unwrap().iter().map(|it| it["address"].clone()).collect();
        assert_eq!(mails, ["new@x.example"]);
        assert_eq!(password(&world, &bid, "new@x.example", "U*U").await, PasswordResult::Correct);
        assert_eq!(password(&world, &bid, "ann@x.example", "U*U").await, PasswordResult::NoUser);

        // A new password, then an edit before it was made: both arrive.
        put(&world, &bid, "7", with_password(&world, 4, SSHA, 60)).await;
        put(&world, &bid, "7", told(5, said("annie", "new@x.example"))).await;
        world.work().await;
        assert_eq!(password(&world, &bid, "annie", "correct horse").await, PasswordResult::Correct);

        let gone = accounts::remove(&world.console, &world.integration(), &bid, "7", 6).await.unwrap();
        assert_eq!(gone.result, ToldResult::Accepted);
        world.work().await;
        assert_eq!(at_vendor(&world, &bid)[0]["status"], "deleted");
        assert_eq!(
            put(&world, &bid, "7", told(5, said("annie", "x@x.example"))).await,
            ToldResult::Superseded
        );
        put(&world, &bid, "7", told(7, said("annie", "new@x.example"))).await;
        world.work().await;
        let user = at_vendor(&world, &bid).pop().unwrap();
        assert_eq!((user["status"].as_str(), at_vendor(&world, &bid).len()), (Some("active"), 1));
        assert_eq!(user["id"], gone.user, "the same user is there again");
        let mut conn = world.console.store.read().await.unwrap();
        storage::audit::verify(&mut conn).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn passwords_of_ic_are_left_out_once_people_sign_in_at_secureauth_and_a_newer_one_there_stays() {
    let world = World::new().await;
    let bid = hosted(&world, "1").await;
    put(&world, &bid, "7", with_password(&world, 1, BCRYPT, 0)).await;
    world.work().await;
    // Somebody forces a reset later than IC's next change was made: the newer state at SecureAuth stays.
    world.clock.advance(Duration::from_secs(3_600));
    do_to(&world, &bid, "7", AccountAct::ForceReset).await.unwrap();
    let mut late = with_password(&world, 2, SSHA, 0);
    late.password.as_mut().unwrap().changed_at =
        Timestamp::from_micros(world.console.now().micros() - 60_000_000);
    put(&world, &bid, "7", late).await;
    world.work().await;
    assert_eq!(password(&world, &bid, "ann", "correct horse").await, PasswordResult::Incorrect);
    world.users_moved(&bid).await;
    world.change(&bid, "on off on inherit").await.unwrap();
    world.work().await;
    let after = with_password(&world, 3, SSHA, 60);
    let answer = accounts::put(&world.console, &world.integration(), &bid, "7", after).await.unwrap();
    assert_eq!(answer.password, PasswordTold::KeptAtVendor);
    world.work().await;
    assert_eq!(password(&world, &bid, "ann", "correct horse").await, PasswordResult::Incorrect);
}

#[tokio::test]
async fn an_outage_loses_nothing_and_its_lag_shows() {
    World::each(async |world: World| {
        let bid = hosted(&world, "1").await;
        let down = Fault::Error { status: 503, error_code: None };
        world.sandbox.faults().add(FaultRule::new("*", down)).unwrap();
        for n in 0..5 {
            let said = said(&format!("user{n}"), &format!("user{n}@x.example"));
            put(&world, &bid, &n.to_string(), told(1, said)).await;
        }
        world.work().await;
        let ops = world.person(Role::Ops);
        let outbox = accounts::outbox(&world.console, &ops).await.unwrap();
        assert_eq!((outbox.lag[0].waiting, outbox.lag[0].parked), (5, 0), "an outage parks nobody");
        assert!(outbox.lag[0].oldest.is_some());
        assert!(!outbox.waits_for.is_empty());
        let overview = overview::show(&world.console, &ops).await.unwrap().mirror;
        assert_eq!((overview.waiting, overview.billers, overview.parked), (5, 1, 0));
        assert_eq!(overview.oldest, outbox.lag[0].oldest);
        // What is newer takes the place of what waits.
        put(&world, &bid, "0", told(2, said("renamed", "user0@x.example"))).await;
        world.sandbox.faults().clear();
        world.clock.advance(Duration::from_secs(120));
        worker::run_until_idle(&world.reopen().await).await.unwrap();
        assert_eq!(at_vendor(&world, &bid).len(), 5);
        assert!(accounts::outbox(&world.console, &ops).await.unwrap().lag.is_empty());
        assert_eq!(found(&world, &bid, "renamed").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_secureauth_will_not_take_is_parked_for_a_person_and_holds_nobody_else_up() {
    World::each(async |world: World| {
        let bid = hosted(&world, "1").await;
        put(&world, &bid, "1", told(1, said("ann", "ann@x.example"))).await;
        world.work().await;
        put(&world, &bid, "2", told(1, said("ANN", "other@x.example"))).await;
        put(&world, &bid, "3", told(1, said("cid", "cid@x.example"))).await;
        world.work().await;
        let ops = world.person(Role::Ops);
        let outbox = accounts::outbox(&world.console, &ops).await.unwrap();
        assert_eq!(outbox.parked.len(), 1);
        assert_eq!(outbox.parked[0].cause, Some(ParkCause::Taken));
        assert_eq!(overview::show(&world.console, &ops).await.unwrap().mirror.parked, 1);
        assert_eq!(at_vendor(&world, &bid).len(), 2, "the others went on");
        let (user, revision) = (outbox.parked[0].user.clone(), outbox.parked[0].revision);
        let decide = async |decision, reason: Option<&str>| {
            let reason = reason.map(str::to_owned);
            accounts::decide(&world.console, &ops, &bid, &user, revision, decision, reason).await
        };
        decide(ChangeDecision::Retry, None).await.unwrap();
        assert!(matches!(decide(ChangeDecision::Retry, None).await, Err(ServiceError::Refused(_))));
        world.work().await;
        assert_eq!(view(&world, &bid, "2").await.change.unwrap().state, ChangeState::Parked);
        assert!(matches!(decide(ChangeDecision::Discard, None).await, Err(ServiceError::Field { .. })));
        decide(ChangeDecision::Discard, Some("a double")).await.unwrap();
        assert_eq!(view(&world, &bid, "2").await.differing, [Difference::NotThere]);
        // IC's next word of the user is a new change.
        put(&world, &bid, "2", told(2, said("ann2", "other@x.example"))).await;
        world.work().await;
        assert_eq!(view(&world, &bid, "2").await.differing, []);
    })
    .await;
}

#[tokio::test]
async fn the_identifier_of_a_deleted_user_can_be_given_to_another() {
    World::each(async |world: World| {
        let bid = hosted(&world, "1").await;
        put(&world, &bid, "1", told(1, said("ann", "ann@x.example"))).await;
        world.work().await;
        do_to(&world, &bid, "1", AccountAct::Delete).await.unwrap();
        put(&world, &bid, "2", told(1, said("ann", "ann@x.example"))).await;
        world.work().await;
        assert_eq!(view(&world, &bid, "2").await.differing, []);
        // Whoever comes back finds the name taken, and that waits for a person.
        do_to(&world, &bid, "1", AccountAct::Recreate).await.unwrap();
        let back = view(&world, &bid, "1").await;
        assert_eq!(back.vendor.as_ref().unwrap().profile.username, None);
    })
    .await;
}

/// Works until the fuse blows, then finishes on a reopened console; tells whether it blew.
async fn stopped_at(world: &World, n: i64) -> bool {
    let fuse = Fuse::at(n);
    let console = fuse.fitted(&world.console);
    let blown = tokio::select! {
        done = worker::run_until_idle(&console) => { done.unwrap(); false }
        () = fuse.blown() => true,
    };
    world.clock.advance(Duration::from_secs(120));
    let console: Console = world.reopen().await;
    worker::run_until_idle(&console).await.unwrap();
    blown
}

#[tokio::test]
async fn changes_stopped_at_any_effect_are_finished_without_loss_or_double() {
    World::each(async |world: World| {
        let bid = hosted(&world, "1").await;
        let mut most = 0;
        for n in 1.. {
            let (user, name) = (format!("r{n}"), format!("user{n}"));
            let mail = |text: &str| format!("{text}{n}@x.example");
            put(&world, &bid, &user, told(1, said(&name, &mail("a")))).await;
            let made = stopped_at(&world, n).await;
            assert_eq!(view(&world, &bid, &user).await.differing, [], "create, fuse at {n}");
            let wanted =
                Said { phone: Some(format!("+155501{n:05}")), ..said(&format!("renamed{n}"), &mail("b")) };
            put(&world, &bid, &user, told(2, wanted)).await;
            let edited = stopped_at(&world, n).await;
            assert_eq!(view(&world, &bid, &user).await.differing, [], "edit, fuse at {n}");
            let password = PasswordSaid {
                hash: BCRYPT.to_owned(),
                salt: String::new(),
                changed_at: world.console.now(),
            };
            let with = Announcement { password: Some(password), ..told(3, said(&name, &mail("c"))) };
            put(&world, &bid, &user, with).await;
            let changed = stopped_at(&world, n).await;
            assert_eq!(
                self::password(&world, &bid, &name, "U*U").await,
                PasswordResult::Correct,
                "password, fuse at {n}"
            );
            accounts::remove(&world.console, &world.integration(), &bid, &user, 4).await.unwrap();
            let removed = stopped_at(&world, n).await;
            let now = view(&world, &bid, &user).await;
            assert!(now.change.is_none() && now.differing.is_empty(), "delete, fuse at {n}");
            assert_eq!(
                at_vendor(&world, &bid).len(),
                usize::try_from(n).unwrap(),
                "one user each, fuse at {n}"
            );
            most = n;
            if !(made || edited || changed || removed) {
                break;
            }
        }
        assert!(most > 15, "the fuse ran out of effects at {most}: are all effects on it?");
        let mut conn = world.console.store.read().await.unwrap();
        storage::audit::verify(&mut conn).await.unwrap();
        assert!(storage::accounts::lag(&mut conn, None, None).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one user's way through the console, from the move on")]
async fn moved_users_become_accounts_that_are_found_and_helped() {
    World::each(async |world: World| {
        let bid = hosted(&world, "1").await;
        let ops = world.person(Role::Ops);
        let text = format!(
            "id,username,email,phone,given_name,family_name,status,password\n\
             1,ann,ann@x.example,+15550100199,Ann Mary,O'Brien,active,{BCRYPT}\n\
             2,bob,bob@x.example,,Bob,Brown,new,\n"
        );
        let id = migration::stage(&world.console, &ops, &bid, "users.csv", text.as_bytes()).await.unwrap();
        world.work().await;
        migration::ask(&world.console, &ops, id, domain::migration::MigrationAct::Start, None, "")
            .await
            .unwrap();
        world.work().await;
        for (text, n) in [
            ("ann", 1),
            ("ANN@x.example", 1),
            ("+15550100199", 1),
            ("mary", 1),
            ("obrien", 1),
            ("O'Brien Ann", 1),
            ("ann mary o", 1),
            ("b", 1),
            ("1", 1),
            ("zoe", 0),
            ("", 0),
            ("%", 0),
        ] {
            assert_eq!(found(&world, &bid, text).await, n, "{text}");
        }
        let list =
            accounts::list(&world.console, &ops, &bid, &AccountQuery { limit: 1, ..AccountQuery::default() })
                .await
                .unwrap();
        assert_eq!((list.counts.total(), list.counts.differing, list.users.len()), (2, 0, 1));
        assert_eq!(list.users[0].name, "B••• B•••", "masked, by family name");
        assert!(list.next.is_some());

        let shown = view(&world, &bid, "1").await;
        assert_eq!(shown.vendor.as_ref().unwrap().profile.email.as_deref(), Some("a•••@•••.example"));
        let no_reason = accounts::reveal(&world.console, &ops, &bid, &shown.user, " ").await;
        assert!(matches!(no_reason, Err(ServiceError::Field { .. })));
        accounts::reveal(&world.console, &ops, &bid, &shown.user, "caller's identity").await.unwrap();
        let open = view(&world, &bid, "1").await;
        assert_eq!(open.vendor.as_ref().unwrap().profile.email.as_deref(), Some("ann@x.example"));
        world.clock.advance(Duration::from_secs(16 * 60));
        assert!(view(&world, &bid, "1").await.revealed_until.is_none(), "a reason does not last");

        do_to(&world, &bid, "1", AccountAct::Lock).await.unwrap();
        let locked = view(&world, &bid, "1").await;
        assert_eq!(locked.differing, [Difference::Status]);
        // IC's change does not lift what was decided here.
        put(&world, &bid, "1", told(1, said("ann", "ann@x.example"))).await;
        world.work().await;
        assert_eq!(
            view(&world, &bid, "1").await.vendor.unwrap().status,
            domain::account::AccountStatus::Inactive
        );
        do_to(&world, &bid, "1", AccountAct::Unlock).await.unwrap();
        assert_eq!(view(&world, &bid, "1").await.differing, []);
        assert!(do_to(&world, &bid, "1", AccountAct::SendActivation).await.is_err(), "only new users");
        do_to(&world, &bid, "2", AccountAct::SendActivation).await.unwrap();
        do_to(&world, &bid, "1", AccountAct::SendReset).await.unwrap();
        do_to(&world, &bid, "1", AccountAct::ForceReset).await.unwrap();
        do_to(&world, &bid, "1", AccountAct::Delete).await.unwrap();
        let counts =
            accounts::list(&world.console, &ops, &bid, &AccountQuery { limit: 1, ..AccountQuery::default() })
                .await
                .unwrap()
                .counts;
        assert_eq!(
            (counts.of(AccountStanding::Deleted), counts.of(AccountStanding::New), counts.differing),
            (1, 1, 1)
        );
        do_to(&world, &bid, "1", AccountAct::Recreate).await.unwrap();
        assert_eq!(view(&world, &bid, "1").await.differing, []);
        let actions: Vec<AuditAction> = world.audit().await.iter().map(|it| it.entry.action).collect();
        for action in [
            AuditAction::UserRevealed,
            AuditAction::UserAsked,
            AuditAction::UserMirrored,
            AuditAction::UserMessageEnded,
        ] {
            assert!(actions.contains(&action), "{action}");
        }
        let log = serde_json::to_string(&world.audit().await).unwrap();
        assert!(!log.contains("ann@x.example") && !log.contains("Brien"), "the log names users by their ids");
    })
    .await;
}

#[tokio::test]
async fn a_user_made_here_waits_for_its_activation_and_can_be_changed() {
    let world = World::new().await;
    let bid = hosted(&world, "1").await;
    let ops = world.person(Role::Ops);
    let user =
        accounts::create(&world.console, &ops, &bid, "", &said("zoe", "zoe@x.example"), None).await.unwrap();
    world.work().await;
    let mine = accounts::show(&world.console, &ops, &bid, &user).await.unwrap();
    assert_eq!(mine.differing, [Difference::NotAtIc]);
    assert_eq!(at_vendor(&world, &bid)[0]["status"], "new");
    accounts::act(&world.console, &ops, &bid, &user, AccountAct::SendActivation, None).await.unwrap();
    accounts::edit(&world.console, &ops, &bid, &user, &said("zoe", "zoe2@x.example"), None).await.unwrap();
    world.work().await;
    assert_eq!(found(&world, &bid, "zoe2@").await, 1);
    assert_eq!(found(&world, &bid, "zoe@").await, 0);
    let support = world.person(Role::Support);
    let refused = accounts::create(&world.console, &support, &bid, "", &said("a", "b@x.example"), None).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))));
    let wrong = accounts::create(&world.console, &ops, &bid, "", &said("a", "no address"), None).await;
    assert!(matches!(wrong, Err(ServiceError::Fields(_))));
}

#[tokio::test]
async fn a_hash_on_its_way_is_not_readable_at_rest() {
    let world = World::new().await;
    let bid = hosted(&world, "1").await;
    put(&world, &bid, "7", with_password(&world, 1, BCRYPT, 0)).await;
    for path in world.database_files() {
        let bytes = std::fs::read(path).unwrap();
        assert!(!bytes.windows(20).any(|window| window == &BCRYPT.as_bytes()[9..29]));
    }
}
