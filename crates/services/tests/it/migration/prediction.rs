//! The dry run knows what SecureAuth would refuse: who is in the pool already, and what the pool demands of its users.

use serde_json::json;

use super::*;

type Verdicts = BTreeMap<i64, (Option<Verdict>, RowState)>;

async fn verdicts(world: &World, id: MigrationId) -> Verdicts {
    let mut conn = world.console.store.read().await.unwrap();
    let mut found = BTreeMap::new();
    for state in RowState::ALL {
        for row in user_migrations::by_state(&mut conn, id, *state, 0, 1_000).await.unwrap() {
            found.insert(row.line, (row.verdict, *state));
        }
    }
    found
}

/// Somebody of whom IC knows nothing.
async fn stranger(world: &World, pool: &str, identifiers: &[(&str, &str)], addresses: &[(&str, &str)]) {
    let identifiers: Vec<Value> =
        identifiers.iter().map(|(text, kind)| json!({"identifier": text, "type": kind})).collect();
    let addresses: Vec<Value> = addresses
        .iter()
        .map(|(text, kind)| json!({"address": text, "type": kind, "status": "active", "verified": false}))
        .collect();
    let body = json!({"status": "active", "identifiers": identifiers, "verifiable_addresses": addresses});
    world.new_user(pool, &body).await;
}

const NAMED: &str = "id,username,email,phone,status,password,first_name,last_name";

fn row(n: &str, name: &str, more: &str) -> String {
    format!("{n},{name},{name}@x.example,{more}\n")
}

/// Four users with these hashes.
fn four(kinds: [&str; 4]) -> String {
    let names = ["same", "renewed", "changed", "gone"].iter().zip(kinds);
    names.map(|(name, hash)| row(&format!("m-{name}"), name, &format!(",active,{hash},Ann,Lee"))).collect()
}

/// Four who were moved before: one stays as it is, one will get a new password, one was changed at SecureAuth, and one
/// was removed there.
async fn four_moved(world: &World, bid: &Bid) {
    let first = checked(world, bid, &format!("{NAMED}\n{}", four([BCRYPT; 4]))).await;
    ask(world, first, MigrationAct::Start).await;
    world.work().await;
    assert_eq!(in_state(world, first, RowState::Verified).await, 4);
    world.clock.advance(Duration::from_secs(3_600));
    let named = |name: &str| {
        let own =
            |user: &Value| user["identifiers"].as_array().unwrap().iter().any(|it| it["identifier"] == name);
        users_at_vendor(world, bid).into_iter().find(own).unwrap()
    };
    world.touch_user(&named("changed")).await;
    let gone = secureauth::UserId::parse(named("gone")["id"].as_str().unwrap()).unwrap();
    let pool = PoolId::parse(&world.pool_of(bid).await).unwrap();
    world.console.vendor.delete_user(&pool, &gone).await.unwrap();
}

/// Strangers in the pool, and what it demands.
async fn strangers(world: &World, bid: &Bid) {
    let pool = world.pool_of(bid).await;
    stranger(world, &pool, &[("Taken", "uid")], &[]).await;
    stranger(world, &pool, &[("s1", "uid")], &[("mail@x.example", "email")]).await;
    stranger(world, &pool, &[("s2", "uid")], &[("+15550100199", "mobile")]).await;
    let schema = json!({
        "type": "object", "required": ["family_name"], "additionalProperties": false,
        "properties": {
            "given_name": {"type": "string", "maxLength": 10}, "family_name": {"type": "string", "minLength": 2},
        },
    });
    world.give_schema(bid, &schema).await;
}

/// The four again, three of them with a new password, and rows of which SecureAuth would refuse most.
fn hostile() -> String {
    let plain = format!(",active,{BCRYPT},Ann,Lee");
    let mut text = format!("{NAMED}\n{}", four([BCRYPT, SSHA, SSHA, SSHA]));
    for (n, name, more) in [
        ("1", "ann", plain.as_str()),
        ("2", "taken", &plain),
        ("3", "mail", &plain),
        ("4", "caller", &format!("+15550100199,active,{BCRYPT},Ann,Lee")),
        ("5", "nameless", &format!(",active,{BCRYPT},Ann,")),
        ("6", "short", &format!(",active,{BCRYPT},Ann,L")),
        ("7", "long", ",new,,Bartholomaeus,Lee"),
        ("8", "s1", &plain),
        ("9", "ANN", &plain),
        ("10", "new", &plain),
        ("11", "same", &plain),
    ] {
        text.push_str(&row(n, name, more));
    }
    text
}

#[tokio::test]
async fn a_run_does_what_the_check_said_also_where_secureauth_would_refuse() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        four_moved(&world, &bid).await;
        strangers(&world, &bid).await;
        let id = checked(&world, &bid, &hostile()).await;
        let it = find(&world, id).await;
        assert_eq!(it.state, MigrationState::Checked, "{:?} {:?}", it.stop, it.throttle);
        let known = it.prediction.unwrap();
        // Three moved ones are there and three strangers; the pool, one schema, one page.
        assert_eq!((known.users, known.calls), (6, 3));
        let said = verdicts(&world, id).await;
        let counted = counts(&world, id).await;
        let of = |count| counted.get(&count).copied().unwrap_or(0);
        assert_eq!(of(Count::Cause(Cause::InPool)), 4, "taken, mail, s1, and the name of somebody moved");
        assert_eq!(of(Count::Cause(Cause::PhoneInPool)), 1);
        assert_eq!(of(Count::Cause(Cause::BreaksSchema)), 3);
        assert_eq!(of(Count::Cause(Cause::ChangedAtVendor)), 1);
        assert_eq!(of(Count::State(RowState::Skipped)), 1);

        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        let it = find(&world, id).await;
        assert_eq!(it.state, MigrationState::Finished, "{:?}", it.stop);
        let mut moved = 0;
        for (line, (verdict, state)) in verdicts(&world, id).await {
            assert_eq!(said[&line].0, verdict, "line {line}");
            let there = matches!(state, RowState::Verified | RowState::Unchanged);
            assert_eq!(there, verdict != Some(Verdict::Reject), "line {line}: {verdict:?} became {state}");
            moved += u64::from(there);
        }
        // ann, caller, new, and of the four: as they are, renewed, and gone.
        assert_eq!(moved, 6);
        assert_eq!(in_state(&world, id, RowState::Failed).await, 0, "SecureAuth refused nobody");
    })
    .await;
}

#[tokio::test]
async fn a_pool_is_read_page_by_page_and_reading_goes_on_after_any_stop() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        world.users(&world.pool_of(&bid).await, 120).await;
        for n in 1.. {
            let text = file(130);
            let id =
                migration::stage(&world.console, &ops, &bid, "users.csv", text.as_bytes()).await.unwrap();
            let blown = stopped_at(&world, n).await;
            let it = find(&world, id).await;
            assert_eq!(it.state, MigrationState::Checked, "fuse at {n}: {:?} {:?}", it.stop, it.throttle);
            assert_eq!(it.prediction.unwrap().users, 120, "fuse at {n}");
            let counts = counts(&world, id).await;
            assert_eq!(counts[&Count::Cause(Cause::InPool)], 120, "fuse at {n}");
            assert_eq!(counts[&Count::State(RowState::Ready)], 10, "fuse at {n}");
            if !blown {
                assert!(n > 8, "the fuse must blow somewhere: {n}");
                break;
            }
            ask(&world, id, MigrationAct::Cancel).await;
            world.work().await;
        }
    })
    .await;
}

#[tokio::test]
async fn without_a_pool_nothing_is_predicted_and_a_later_check_does() {
    let world = World::new().await;
    let bid = world.biller("4711", "City of Abbeville").await;
    let id = checked(&world, &bid, &file(2)).await;
    let known = find(&world, id).await.prediction.unwrap();
    assert_eq!((known.whole, known.pool, known.calls), (true, None, 0));
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    world.users(&world.pool_of(&bid).await, 1).await;
    let ops = world.person(Role::Ops);
    let blind = migration::ask(&world.console, &ops, id, MigrationAct::Start, None, "").await;
    assert!(matches!(blind, Err(ServiceError::Field { field: "act", .. })), "{blind:?}");
    let mapping = find(&world, id).await.mapping;
    migration::choose_columns(&world.console, &ops, id, mapping).await.unwrap();
    world.work().await;
    assert_eq!(find(&world, id).await.prediction.unwrap().users, 1);
    assert_eq!(counts(&world, id).await[&Count::Cause(Cause::InPool)], 1);
}

#[tokio::test]
async fn a_check_waits_for_secureauth_and_says_so() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let busy = Fault::Error { status: 503, error_code: None };
    world.sandbox.faults().add(FaultRule::new("identity.listUsers", busy)).unwrap();
    let id = checked(&world, &bid, &file(2)).await;
    let it = find(&world, id).await;
    assert_eq!(it.state, MigrationState::Checking);
    assert!(it.throttle.unwrap().starts_with("Reading the pool waits"));
    world.sandbox.faults().clear();
    work_patiently(&world).await;
    assert_eq!(find(&world, id).await.state, MigrationState::Checked);
}

#[tokio::test]
async fn a_schema_that_we_may_not_read_is_told_of_and_its_judgement_left_to_secureauth() {
    for status in [403, 404] {
        let world = World::new().await;
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        world.give_schema(&bid, &json!({"type": "object", "required": ["given_name"]})).await;
        let unseen = Fault::Error { status, error_code: None };
        world.sandbox.faults().add(FaultRule::new("identity.getSchema", unseen)).unwrap();
        let id = checked(&world, &bid, &file(2)).await;
        let it = find(&world, id).await;
        assert_eq!(it.state, MigrationState::Checked, "{status}");
        let schema = it.prediction.unwrap().payload.unwrap();
        assert!(schema.unread.unwrap().contains(&status.to_string()), "{status}");
        assert_eq!(
            counts(&world, id).await[&Count::Verdict(Verdict::Import)],
            2,
            "nobody is refused for it here"
        );

        // SecureAuth knows the schema and refuses the users one by one; what it says is kept with their rows.
        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(find(&world, id).await.state, MigrationState::Finished, "{status}");
        assert_eq!(in_state(&world, id, RowState::Failed).await, 2, "{status}");
        assert!(users_at_vendor(&world, &bid).is_empty());
    }
}
