//! Faults on demand, seen from the outside.

use std::{
    error::Error as _,
    io,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use sandbox::{Fault, FaultRule, KillAction, KillSpec, ObjectKind, Phase};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::Instant,
};

use crate::world::{World, send};

impl World {
    fn fault(&self, operation: &str, fault: Fault) {
        self.sandbox.faults().add(FaultRule::new(operation, fault).times(1)).unwrap();
    }

    fn organizations(&self) -> usize {
        self.sandbox.state().count(ObjectKind::Organization)
    }

    /// Creates an organization where the connection may break.
    async fn try_create(&self, id: &str) -> Result<u16, reqwest::Error> {
        let request = self.request("admin", Method::POST, "/api/admin/organizations");
        let response = request.json(&json!({ "id": id })).send().await?;
        Ok(response.status().as_u16())
    }
}

/// Whether a request failed because the peer reset the connection.
fn was_reset(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::ConnectionReset) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[tokio::test]
async fn latency_delays_the_answer() {
    let world = World::new().await;
    world.fault("admin.getEnvironment", Fault::Latency { millis: 150 });
    let started = Instant::now();
    world.admin(Method::GET, "/environment", None).await.expect(200);
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn an_error_hits_its_operation_its_number_of_times_and_applies_nothing() {
    let world = World::new().await;
    let rule =
        FaultRule::new("admin.create*", Fault::Error { status: 500, error_code: None }).times(2).after(1);
    world.sandbox.faults().add(rule).unwrap();
    let mut seen = Vec::new();
    for id in ["a", "b", "c", "d"] {
        world.admin(Method::GET, "/organizations", None).await.expect(200);
        seen.push(world.try_create(id).await.unwrap());
    }
    assert_eq!(seen, [201, 500, 500, 201]);
    assert_eq!(world.organizations(), 2);
    assert_eq!(world.sandbox.faults().status()[0].hits, 2);
}

#[tokio::test]
async fn an_asked_for_error_code_and_a_retry_after_reach_the_caller() {
    let world = World::new().await;
    let code = Some("invalid_access_token".to_owned());
    world.fault("admin.getEnvironment", Fault::Error { status: 401, error_code: code });
    let answer = world.admin(Method::GET, "/environment", None).await.expect(401);
    assert_eq!(answer.json()["error_code"], "invalid_access_token");
    assert_eq!(answer.header("x-sandbox-fault"), "error");
    world.fault("*", Fault::TooManyRequests { retry_after_seconds: 7 });
    assert_eq!(world.admin(Method::GET, "/environment", None).await.expect(429).header("retry-after"), "7");
    world.admin(Method::GET, "/environment", None).await.expect(200);
}

#[tokio::test]
async fn a_reset_breaks_the_connection_before_or_after_the_change() {
    let world = World::new().await;
    world.fault("admin.createOrganization", Fault::Reset { phase: Phase::BeforeApplying });
    let error = world.try_create("before").await.unwrap_err();
    assert!(was_reset(&error), "{error:?}");
    assert_eq!(world.organizations(), 0);
    world.fault("admin.createOrganization", Fault::Reset { phase: Phase::AfterApplying });
    let error = world.try_create("after").await.unwrap_err();
    assert!(was_reset(&error), "{error:?}");
    assert_eq!(world.organizations(), 1);
    assert_eq!(world.try_create("after").await.unwrap(), 409);
    assert_eq!(world.sandbox.last_requests(3)[1].status, None);
}

#[tokio::test]
async fn a_reset_sends_not_one_byte() {
    let world = World::new().await;
    world.fault("oauth2.jwks", Fault::Reset { phase: Phase::AfterApplying });
    let mut socket = TcpStream::connect(world.sandbox.addr()).await.unwrap();
    let request = b"GET /sandbox/admin/.well-known/jwks.json HTTP/1.1\r\nhost: x\r\n\r\n";
    socket.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let error = socket.read_to_end(&mut answer).await.unwrap_err();
    assert_eq!((error.kind(), answer.len()), (io::ErrorKind::ConnectionReset, 0));
}

#[tokio::test]
async fn a_slow_body_arrives_whole_but_late() {
    let world = World::new().await;
    world.fault("admin.listThemes", Fault::SlowBody { millis: 1_000 });
    let started = Instant::now();
    let response = world.request("admin", Method::GET, "/api/admin/themes").send().await.unwrap();
    let headers_after = started.elapsed();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["themes"][0]["id"], "shared-theme");
    assert!(started.elapsed() >= Duration::from_millis(1_000), "{:?}", started.elapsed());
    assert!(headers_after < Duration::from_millis(700), "{headers_after:?}");
}

#[tokio::test]
async fn an_outage_covers_everything_of_the_vendor_until_it_is_over() {
    let world = World::new().await;
    world.sandbox.faults().add(FaultRule::new("*", Fault::Outage)).unwrap();
    let discovery = format!("{}/.well-known/openid-configuration", world.sandbox.admin_issuer());
    send(world.http.get(&discovery)).await.expect(503);
    world.ask_token("admin", "").await.expect(503);
    world.admin(Method::GET, "/environment", None).await.expect(503);
    send(world.http.get(format!("{}/sandbox/state", world.sandbox.base_url()))).await.expect(200);
    world.sandbox.faults().clear();
    world.admin(Method::GET, "/environment", None).await.expect(200);
}

#[tokio::test]
async fn a_probability_hits_some_and_repeats_from_run_to_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let world = World::new().await;
        let rule = FaultRule::new("admin.*", Fault::Outage).with_probability(0.5);
        world.sandbox.faults().add(rule).unwrap();
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(world.admin(Method::GET, "/environment", None).await.status.as_u16());
        }
        runs.push(statuses);
    }
    assert!(runs[0].contains(&200) && runs[0].contains(&503), "{:?}", runs[0]);
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn the_kill_hook_fires_once_at_its_request_and_phase() {
    for (phase, made) in [(Phase::BeforeApplying, 1), (Phase::AfterApplying, 2)] {
        let world = World::new().await;
        let fired = Arc::new(AtomicUsize::new(0));
        let count = fired.clone();
        let action = KillAction::Call(Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        }));
        let spec = KillSpec { operation: "admin.createOrganization".to_owned(), ..KillSpec::at(2, phase) };
        world.sandbox.faults().kill_at(spec, action);
        assert_eq!(world.try_create("a").await.unwrap(), 201);
        assert!(was_reset(&world.try_create("b").await.unwrap_err()));
        assert_eq!((fired.load(Ordering::SeqCst), world.organizations()), (1, made), "{phase:?}");
        assert_eq!(world.try_create("c").await.unwrap(), 201);
        assert_eq!(fired.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn the_kill_hook_kills_a_process() {
    let world = World::new().await;
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    world.sandbox.faults().kill_at(KillSpec::at(1, Phase::AfterApplying), KillAction::Process(child.id()));
    world.try_create("a").await.unwrap_err();
    let status = child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    assert_eq!(world.organizations(), 1);
}

#[tokio::test]
async fn faults_are_switched_over_http() {
    let world = World::new().await;
    let url = format!("{}/sandbox/faults", world.sandbox.base_url());
    let rules = json!({"rules": [
        {"operation": "admin.getEnvironment", "kind": "error", "status": 502, "count": 1},
        {"kind": "latency", "millis": 1, "probability": 0.5},
    ]});
    let set = send(world.http.put(&url).json(&rules)).await.expect(200).json();
    assert_eq!(
        (set["rules"][1]["operation"].as_str(), set["rules"][0]["hits"].as_u64()),
        (Some("*"), Some(0))
    );
    world.admin(Method::GET, "/environment", None).await.expect(502);
    assert_eq!(send(world.http.get(&url)).await.expect(200).json()["rules"][0]["hits"], 1);
    let nonsense = json!({"rules": [{"kind": "latency", "millis": 1, "probability": 2.0}]});
    let refused = send(world.http.put(&url).json(&nonsense)).await.expect(422);
    assert!(refused.text.contains("from 0 to 1"), "{}", refused.text);
    assert_eq!(send(world.http.delete(&url)).await.expect(200).json()["rules"], json!([]));
}
