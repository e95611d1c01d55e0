//! State that survives a restart, and a state file that survives a crash.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use reqwest::Method;
use sandbox::{ObjectKind, SandboxConfig, SandboxError, SandboxState, Snapshot};
use serde_json::json;
use tempfile::TempDir;

use crate::world::{Biller, World, send};

fn config(file: &Path) -> SandboxConfig {
    SandboxConfig { state_file: Some(file.to_owned()), ..SandboxConfig::default() }
}

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("deep/state.json");
    (folder, file)
}

struct Nothing;

impl domain::Clock for Nothing {
    fn now(&self) -> domain::Timestamp {
        domain::Timestamp::from_micros(crate::world::BEGINNING)
    }
}

impl domain::Entropy for Nothing {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(1);
    }
}

/// What a sandbox that starts on this file would know.
fn reopened(file: &Path) -> Result<Snapshot, SandboxError> {
    SandboxState::open(config(file), Arc::new(Nothing), Arc::new(Nothing)).map(|state| state.snapshot())
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let (_folder, file) = place();
    let world = World::with(config(&file)).await;
    let biller = world.biller("acme").await;
    let keys = async |world: &World| {
        let url = format!("{}/.well-known/jwks.json", world.sandbox.issuer("acme"));
        send(world.http.get(url)).await.expect(200).json()
    };
    let (key, state) = (keys(&world).await, world.sandbox.state());
    let old_token = world.request("admin", Method::GET, "/api/admin/organizations/acme").build().unwrap();
    let bearer = old_token.headers()["authorization"].clone();
    world.sandbox.shutdown().await;

    let world = World::with(config(&file)).await;
    for kind in [ObjectKind::Organization, ObjectKind::Pool, ObjectKind::Binding, ObjectKind::Application] {
        assert_eq!(state.count(kind), 1);
    }
    let after = world.sandbox.state();
    for kind in ObjectKind::ALL.into_iter().filter(|kind| *kind != ObjectKind::Token) {
        assert_eq!(after.all(kind).collect::<Vec<_>>(), state.all(kind).collect::<Vec<_>>(), "{kind:?}");
    }
    assert_eq!(keys(&world).await, key);
    let url = format!("{}/api/admin/sandbox/organizations/acme", world.sandbox.base_url());
    send(world.http.get(url).header("authorization", bearer)).await.expect(200);
    let verify = json!({"identifier": "ada", "password": Biller::PASSWORD});
    let path = format!("/pools/{}/user/password/v2/verify", biller.pool);
    let verified = world.identity_system(Method::POST, &path, Some(verify)).await.expect(200);
    assert_eq!(verified.json()["result"], "password_correct");
}

#[tokio::test]
async fn a_replay_survives_a_restart() {
    let (_folder, file) = place();
    let key = "k".repeat(32);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let world = World::with(config(&file)).await;
        let request = world.request("admin", Method::POST, "/api/admin/organizations");
        let answer = send(request.header("x-idempotency-key", &key).json(&json!({"name": "Acme"}))).await;
        answers.push(answer.expect(201).json()["id"].clone());
        assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 1);
        world.sandbox.shutdown().await;
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_change_is_on_disk_before_its_answer() {
    let (folder, file) = place();
    let world = World::with(config(&file)).await;
    for n in 1..=5 {
        let body = json!({"id": format!("o{n}")});
        world.admin(Method::POST, "/organizations", Some(body)).await.expect(201);
        // A copy is what a crash at this instant would leave behind.
        let copy = folder.path().join("copy.json");
        fs::copy(&file, &copy).unwrap();
        assert_eq!(reopened(&copy).unwrap().count(ObjectKind::Organization), n);
    }
}

#[tokio::test]
async fn a_file_cut_anywhere_in_its_last_line_loses_at_most_that_change() {
    let (folder, file) = place();
    let world = World::with(config(&file)).await;
    world.admin(Method::POST, "/organizations", Some(json!({"id": "kept"}))).await.expect(201);
    let whole_before = fs::metadata(&file).unwrap().len();
    world.admin(Method::POST, "/organizations", Some(json!({"id": "cut"}))).await.expect(201);
    let bytes = fs::read(&file).unwrap();
    let before = usize::try_from(whole_before).unwrap();
    for end in (before..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
        let cut = folder.path().join("cut.json");
        fs::write(&cut, &bytes[..end]).unwrap();
        let state = reopened(&cut).unwrap();
        assert_eq!(state.count(ObjectKind::Organization), 1, "cut at {end} of {}", bytes.len());
        // The file is whole again: what follows is appended to whole lines.
        assert!(reopened(&cut).unwrap().get(ObjectKind::Organization, "kept").is_some());
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_trusted_is_refused_with_the_cure() {
    let (folder, file) = place();
    let world = World::with(config(&file)).await;
    world.admin(Method::POST, "/organizations", Some(json!({"id": "a"}))).await.expect(201);
    world.sandbox.shutdown().await;
    let text = fs::read_to_string(&file).unwrap();

    let damaged = folder.path().join("damaged.json");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "[{\"t\":";
    fs::write(&damaged, lines.join("\n") + "\n").unwrap();
    let error = reopened(&damaged).unwrap_err();
    assert!(matches!(error, SandboxError::StateDamaged { line: 3, .. }), "{error}");
    assert_eq!(
        fs::read_to_string(&damaged).unwrap(),
        lines.join("\n") + "\n",
        "a refused file is left alone"
    );

    let stranger = folder.path().join("notes.txt");
    fs::write(&stranger, "my notes\n").unwrap();
    assert!(matches!(reopened(&stranger).unwrap_err(), SandboxError::StateUnknown { .. }));

    let other = SandboxConfig { tenant_id: "other".to_owned(), ..config(&file) };
    let error = SandboxState::open(other, Arc::new(Nothing), Arc::new(Nothing)).err().unwrap();
    assert!(error.to_string().contains("of tenant sandbox"), "{error}");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let world = World::new().await;
    let config = SandboxConfig { addr: world.sandbox.addr(), ..SandboxConfig::default() };
    let error = sandbox::Sandbox::start(config, Arc::new(Nothing), Arc::new(Nothing)).await.err().unwrap();
    assert!(error.to_string().contains(&world.sandbox.addr().to_string()), "{error}");
}

#[tokio::test]
async fn a_reset_begins_afresh_on_disk_too() {
    let (_folder, file) = place();
    let world = World::with(config(&file)).await;
    world.biller("acme").await;
    let url = format!("{}/sandbox/reset", world.sandbox.base_url());
    let state = send(world.http.post(url)).await.expect(200).json();
    assert_eq!(state["objects"]["organizations"], 0);
    assert_eq!(world.sandbox.state().count(ObjectKind::Workspace), 3);
    world.sandbox.shutdown().await;
    assert_eq!(reopened(&file).unwrap().count(ObjectKind::User), 0);
}
