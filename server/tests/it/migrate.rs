//! A biller's users are moved from the command line, and a console that is killed meanwhile finishes after a restart.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use sandbox::{KillAction, KillSpec, ObjectKind, Phase, RunningSandbox};
use serde_json::{Value, json};
use storage::{Bookkeeping, OpenOptions, Store};

use crate::{
    console_process::{API_KEY, ConsoleProcess, command, sandbox},
    doors::house::accounts::users_are_hosted,
};

const BCRYPT: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/// Three batches.
const USERS: usize = 230;

/// Asks on the command line; the answer is what was said, and whether it went well.
async fn migrate(data: &Path, sandbox: &RunningSandbox, args: &[&str]) -> (String, bool) {
    let mut command = command(data, sandbox);
    command.arg("migrate").args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (said, output.status.success())
}

/// The same where it has to go well.
async fn migrated(data: &Path, sandbox: &RunningSandbox, args: &[&str]) -> String {
    let (said, good) = migrate(data, sandbox, args).await;
    assert!(good, "{args:?}: {said}");
    said
}

/// An enabled biller.
async fn biller(console: &ConsoleProcess, bid: &str) {
    let url = format!("{}/api/v1/billers/{bid}", console.console);
    let body = json!({ "name": "Killed City" });
    let answer = reqwest::Client::new().put(url).bearer_auth(API_KEY).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    console.wait_until_enabled(bid).await;
}

fn users_of(sandbox: &RunningSandbox, bid: &str) -> Vec<Value> {
    let (state, pool) = (sandbox.state(), format!("ic-{bid}"));
    let users = state.all(ObjectKind::User).map(|(_, user)| user.clone());
    users.filter(|user| user["user_pool_id"].as_str().unwrap().starts_with(&pool)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_in_checked_started_watched_and_corrected_from_the_command_line() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    biller(&console, "4711").await;
    let file = data.path().join("users.csv");
    std::fs::write(&file, format!("who,post,secret\nann,ann@x.example,{BCRYPT}\nbob,nowhere,{BCRYPT}\n"))
        .unwrap();
    let file = file.to_str().unwrap();
    let ask = async |args: &[&str]| migrate(data.path(), &sandbox, args).await;

    let (said, good) = ask(&["show", "4711"]).await;
    assert!(!good && said.contains("upload a file"), "{said}");
    let (said, good) = ask(&["upload", "4711", file, "--column", "nonsense=who"]).await;
    assert!(!good && said.contains("is no field; fields are reference, username"), "{said}");
    let (said, good) = ask(&["upload", "4711", file, "--column", "username=nobody"]).await;
    assert!(!good && said.contains("who, post, secret"), "{said}");
    migrated(data.path(), &sandbox, &["cancel", "4711"]).await;

    let columns =
        ["username=who", "email=post", "password=secret"].map(|column| ["--column", column]).concat();
    let said =
        migrated(data.path(), &sandbox, &[&["upload", "4711", file], columns.as_slice()].concat()).await;
    for part in ["100 %", "Ready to start: 2 rows", "bcrypt", "Unusable e-mail address", "line 3"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    migrated(data.path(), &sandbox, &["start", "4711", "--reason", "pilot"]).await;
    let said = migrated(data.path(), &sandbox, &["watch", "4711"]).await;
    assert!(said.contains("Finished") && said.contains("canary accepted"), "{said}");
    let failed = migrated(data.path(), &sandbox, &["failed", "4711", "-"]).await;
    assert!(failed.contains("nowhere") && !failed.contains("$2b$"), "{failed}");
    let corrected = data.path().join("corrected.csv");
    std::fs::write(&corrected, failed.replace("nowhere", "bob@x.example")).unwrap();
    migrated(data.path(), &sandbox, &["correct", "4711", corrected.to_str().unwrap()]).await;
    migrated(data.path(), &sandbox, &["watch", "4711"]).await;
    migrated(data.path(), &sandbox, &["start", "4711"]).await;
    let said = migrated(data.path(), &sandbox, &["watch", "4711"]).await;
    assert!(said.contains("2 of 2 users at SecureAuth"), "{said}");
    assert_eq!(users_of(&sandbox, "4711").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_missing_in_a_later_delivery_is_locked_from_the_command_line() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    biller(&console, "4711").await;
    let file = data.path().join("users.csv");
    for users in ["ann,ann@x.example\nbob,bob@x.example\n", "ann,ann@x.example\n"] {
        std::fs::write(&file, format!("username,email\n{users}")).unwrap();
        migrated(data.path(), &sandbox, &["upload", "4711", file.to_str().unwrap()]).await;
        migrated(data.path(), &sandbox, &["start", "4711"]).await;
        migrated(data.path(), &sandbox, &["watch", "4711"]).await;
    }
    let said = migrated(data.path(), &sandbox, &["show", "4711"]).await;
    assert!(
        said.contains("1 users that were moved before are missing in this file; nobody decided"),
        "{said}"
    );
    let lock = ["lock-missing", "4711", "--name"];
    let (said, good) = migrate(data.path(), &sandbox, &[lock.as_slice(), &["Killed City"]].concat()).await;
    assert!(!good && said.contains("User hosting is not in effect"), "{said}");

    let database = format!("sqlite:{}", data.path().join("console.db").display());
    let store = Store::open(&database, OpenOptions { migrate: false, max_connections: 1 }).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    users_are_hosted(&mut tx, &"4711".parse().unwrap()).await;
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
    let (said, good) = migrate(data.path(), &sandbox, &[lock.as_slice(), &["Killed"]].concat()).await;
    assert!(!good && said.contains("Killed City"), "{said}");
    let said = migrated(data.path(), &sandbox, &[lock.as_slice(), &["Killed City"]].concat()).await;
    assert!(said.contains("they are being locked") || said.contains("they were locked"), "{said}");
    let deadline = Instant::now() + Duration::from_secs(60);
    let inactive = || users_of(&sandbox, "4711").iter().filter(|user| user["status"] == "inactive").count();
    while inactive() != 1 {
        assert!(Instant::now() < deadline, "nobody was locked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let said = migrated(data.path(), &sandbox, &["show", "4711"]).await;
    assert!(said.contains("they were locked"), "{said}");
}

/// Somebody changes a user at SecureAuth; the answer is who.
async fn touch(sandbox: &RunningSandbox, user: &Value) -> String {
    let http = reqwest::Client::new();
    let (id, secret) = sandbox.admin_credentials();
    let answer = http
        .post(format!("{}/oauth2/token", sandbox.admin_issuer()))
        .basic_auth(id, Some(secret))
        .form(&[("grant_type", "client_credentials")]);
    let token: Value = answer.send().await.unwrap().json().await.unwrap();
    let (pool, id) = (user["user_pool_id"].as_str().unwrap(), user["id"].as_str().unwrap());
    let url = format!("{}/api/identity/sandbox/admin/pools/{pool}/users/{id}", sandbox.base_url());
    let changed = http.put(url).bearer_auth(token["access_token"].as_str().unwrap());
    let answer = changed.json(&json!({ "payload": { "given_name": "Newer" } })).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    id.to_owned()
}

/// Every import of a move — the canary's and each batch's — once before and once after it is applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_console_killed_at_any_import_loses_doubles_and_brings_back_nobody() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let mut console = ConsoleProcess::start(data.path(), &sandbox);
    let file = data.path().join("users.csv");
    let mut text = "id,username,email,password\n".to_owned();
    for n in 0..USERS {
        text.push_str(&format!("{n},user{n},user{n}@x.example,{BCRYPT}\n"));
    }
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let (mut killed, mut touched) = (0, 0);
    'requests: for at_request in 1.. {
        for phase in [Phase::BeforeApplying, Phase::AfterApplying] {
            let bid = format!("k{at_request}{}", if phase == Phase::BeforeApplying { "b" } else { "a" });
            biller(&console, &bid).await;
            migrated(data.path(), &sandbox, &["upload", &bid, file]).await;
            let spec = KillSpec { at_request, phase, operation: "*importTenantConfiguration".to_owned() };
            sandbox.faults().kill_at(spec, KillAction::Process(console.id()));
            migrated(data.path(), &sandbox, &["start", &bid]).await;
            if !was_killed(&mut console, data.path(), &sandbox, &bid).await {
                sandbox.faults().clear();
                break 'requests;
            }
            killed += 1;
            let there = users_of(&sandbox, &bid);
            let newer = match there.first().filter(|_| at_request > 1) {
                Some(user) => Some(touch(&sandbox, user).await),
                None => None,
            };
            console = ConsoleProcess::start(data.path(), &sandbox);
            let said = migrated(data.path(), &sandbox, &["watch", &bid]).await;
            assert!(said.contains(&format!("{USERS} of {USERS} users at SecureAuth")), "{bid}: {said}");
            let users = users_of(&sandbox, &bid);
            let ids: BTreeSet<&str> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
            assert_eq!((users.len(), ids.len()), (USERS, USERS), "{bid}");
            if let Some(id) = newer {
                touched += 1;
                let user = users.iter().find(|user| user["id"] == id.as_str()).unwrap();
                assert_eq!(user["payload"]["given_name"], "Newer", "{bid}: a newer state was overwritten");
            }
        }
    }
    assert!(killed >= 8, "only {killed} kills: the hook no longer meets the imports of a move");
    assert!(touched > 0, "nobody was changed meanwhile");
}

/// Waits for the kill, or for the end of a move that was not met by it.
async fn was_killed(console: &mut ConsoleProcess, data: &Path, sandbox: &RunningSandbox, bid: &str) -> bool {
    let begun = Instant::now();
    loop {
        if console.has_ended() {
            return true;
        }
        if migrated(data, sandbox, &["show", bid]).await.contains("Finished") {
            return false;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{bid}: neither killed nor finished");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
