//! What all operations share: ETags, replay, trace ids, limits, error bodies.

use std::time::Duration;

use reqwest::Method;
use sandbox::{ObjectKind, RateLimit, SandboxConfig};
use serde_json::json;

use crate::world::{Biller, World, send};

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn an_etag_names_one_state_of_one_resource() {
    let world = World::new().await;
    world.biller("acme").await;
    let read = async || world.admin(Method::GET, "/organizations/acme", None).await.header("etag").to_owned();
    let first = read().await;
    assert!(first.starts_with('"') && first.ends_with('"'), "{first}");
    assert_eq!(first, read().await);
    let update = json!({"name": "Other", "parent_id": "billers"});
    let after = world.admin(Method::PUT, "/organizations/acme", Some(update)).await.expect(200);
    assert_ne!(after.header("etag"), first);
    assert_eq!(after.header("etag"), read().await);
    assert_eq!(world.admin(Method::GET, "/organizations", None).await.header("etag"), "");
}

#[tokio::test]
async fn a_stale_if_match_is_412_only_where_the_contract_promises_it() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let user = format!("/api/identity/system/pools/{}/users/{}", biller.pool, Biller::USER);
    let tag = send(world.request("system", Method::GET, &user)).await.expect(200).header("etag").to_owned();
    let put = |tag: &str, status: &str| {
        let request = world.request("system", Method::PUT, &user).header("if-match", tag);
        send(request.json(&json!({ "status": status })))
    };
    put(&tag, "inactive").await.expect(200);
    let stale = put(&tag, "active").await.expect(412).json();
    assert_eq!(stale["status_code"], 412);
    put("*", "active").await.expect(200);
    // The admin part declares no 412, so there the header is a hint that is ignored.
    let organization = world.request("admin", Method::PUT, "/api/admin/organizations/acme");
    let body = json!({"name": "Other", "parent_id": "billers"});
    send(organization.header("if-match", "\"stale\"").json(&body)).await.expect(200);
}

#[tokio::test]
async fn the_same_key_makes_one_object_and_repeats_the_answer_for_a_minute() {
    let world = World::new().await;
    let post = |body: serde_json::Value| {
        let request = world.request("admin", Method::POST, "/api/admin/organizations");
        send(request.header("x-idempotency-key", KEY).json(&body))
    };
    let first = post(json!({"name": "Acme"})).await.expect(201);
    let again = post(json!({"name": "Acme"})).await.expect(201);
    assert_eq!(first.json(), again.json());
    assert_eq!((first.header("x-idempotent-replayed"), again.header("x-idempotent-replayed")), ("", "true"));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 1);
    post(json!({"name": "Somebody else"})).await.expect(422);
    world.clock.advance(Duration::from_secs(60));
    post(json!({"name": "Acme"})).await.expect(201);
    assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 2);
}

#[tokio::test]
async fn a_refused_request_is_not_replayed_and_a_short_key_is_refused() {
    let world = World::new().await;
    let post = |key: &str, id: &str| {
        let request = world.request("admin", Method::POST, "/api/admin/organizations");
        send(request.header("x-idempotency-key", key).json(&json!({"id": id, "parent_id": "later"})))
    };
    post(KEY, "acme").await.expect(422);
    world.admin(Method::POST, "/organizations", Some(json!({"id": "later"}))).await.expect(201);
    post(KEY, "acme").await.expect(201);
    post("too-short", "other").await.expect(400);
    post(&"x".repeat(256), "other").await.expect(400);
}

#[tokio::test]
async fn every_answer_has_a_trace_id_of_its_own() {
    let world = World::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for path in ["/environment", "/organizations/nobody", "/themes"] {
        let answer = world.admin(Method::GET, path, None).await;
        let trace = answer.header("x-trace-id").to_owned();
        assert_eq!(trace.len(), 32);
        seen.insert(trace);
    }
    assert_eq!(seen.len(), 3);
    let noted = world.request("admin", Method::GET, "/api/admin/environment");
    send(noted.header("x-correlation-id", "run-7")).await.expect(200);
    assert_eq!(world.sandbox.last_requests(1)[0].correlation_id.as_deref(), Some("run-7"));
}

#[tokio::test]
async fn errors_have_the_contracts_shape() {
    let world = World::new().await;
    let error = world.admin(Method::GET, "/organizations/nobody", None).await.expect(404).json();
    assert_eq!(error["status_code"], 404);
    assert!(error["error"].is_string() && error["error_code"].is_string() && error["details"].is_object());
    let nowhere =
        send(world.http.get(format!("{}/no/such/path", world.sandbox.base_url()))).await.expect(404);
    assert_eq!(nowhere.json()["error_code"], 404);
    assert_eq!(nowhere.header("x-trace-id"), world.sandbox.last_requests(1)[0].trace_id);
    let wrong_method = world.admin(Method::PATCH, "/organizations/nobody", None).await.expect(404);
    assert_eq!(wrong_method.json()["error"], "The requested resource could not be found");
}

#[tokio::test]
async fn too_many_requests_are_429_until_the_time_told() {
    let limit = Some(RateLimit { per_second: 0.5, burst: 3 });
    let world = World::with(SandboxConfig { rate_limit: limit, ..SandboxConfig::default() }).await;
    for _ in 0..3 {
        world.admin(Method::GET, "/environment", None).await.expect(200);
    }
    let limited = world.admin(Method::GET, "/environment", None).await.expect(429);
    assert_eq!(
        (limited.header("retry-after"), limited.json()["error"].as_str()),
        ("2", Some("Too many requests"))
    );
    // Another API group has a limit of its own.
    world.identity(Method::GET, "/pools", None).await.expect(200);
    world.clock.advance(Duration::from_secs(2));
    world.admin(Method::GET, "/environment", None).await.expect(200);
}

#[tokio::test]
async fn a_refusal_changes_nothing_even_after_the_first_change_was_made() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let before = world.sandbox.state();
    // The first identifier is free and claimed, the second is taken: both must be undone.
    let user = json!({"status": "active", "identifiers": [
        {"identifier": "free", "type": "uid"}, {"identifier": "ada", "type": "uid"}]});
    let path = format!("/pools/{}/users", biller.pool);
    world.identity(Method::POST, &path, Some(user)).await.expect(409);
    assert_eq!(world.sandbox.state(), before);
    let free = json!({"status": "active", "identifiers": [{"identifier": "free", "type": "uid"}]});
    world.identity(Method::POST, &path, Some(free)).await.expect(201);
}
