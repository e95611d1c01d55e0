//! The check itself: an exchange that keeps the contract passes, the same one spoilt in one place does not.

use axum::{
    body::Bytes,
    http::{HeaderValue, Method, StatusCode},
};
use serde_json::{Value, json};

use super::{
    check::{Strictness, check},
    recorded,
    recorder::Exchange,
    spec,
};

type Spoil = fn(&mut Exchange);

fn edit(bytes: &Bytes, change: impl FnOnce(&mut Value)) -> Bytes {
    let mut value = serde_json::from_slice(bytes).unwrap();
    change(&mut value);
    Bytes::from(value.to_string())
}

fn request(exchange: &mut Exchange, change: impl FnOnce(&mut Value)) {
    exchange.request_body = edit(&exchange.request_body, change);
}

fn answer(exchange: &mut Exchange, change: impl FnOnce(&mut Value)) {
    exchange.body = edit(&exchange.body, change);
}

/// Ways to spoil the creation of an application, each with a word of the complaint.
const SPOILS: &[(&str, Spoil)] = &[
    ("nickname", |it| request(it, |body| body["nickname"] = json!("x"))),
    ("authorization_server_id", |it| {
        request(it, |body| drop(body.as_object_mut().unwrap().remove("authorization_server_id")));
    }),
    ("redirect_uris", |it| request(it, |body| body["redirect_uris"] = json!("https://x.example"))),
    ("asleep", |it| request(it, |body| body["client_status"] = json!("asleep"))),
    ("application_types", |it| request(it, |body| body["application_types"] = json!(["service"]))),
    ("surprise", |it| request(it, |body| body["token_ttls"] = json!({"surprise": "1h0m0s"}))),
    ("null", |it| request(it, |body| body["client_name"] = Value::Null)),
    ("not JSON", |it| it.request_body = Bytes::from_static(b"{")),
    ("none was sent", |it| it.request_body = Bytes::new()),
    ("verbose", |it| it.uri = format!("{}?verbose=true", it.uri.path()).parse().unwrap()),
    ("no operation", |it| it.uri = "/api/admin/sandbox/customers".parse().unwrap()),
    ("no operation", |it| it.method = Method::PATCH),
    ("bearer", |it| drop(it.request_headers.remove("authorization"))),
    ("content-type", |it| drop(it.request_headers.remove("content-type"))),
    ("x-idempotency-key", |it| {
        it.request_headers.insert("x-idempotency-key", HeaderValue::from_static("short"));
    }),
    ("internal_note", |it| answer(it, |body| body["internal_note"] = json!("x"))),
    ("integer", |it| answer(it, |body| body["client_id_issued_at"] = json!("yesterday"))),
    ("date-time", |it| answer(it, |body| body["created_at"] = json!("yesterday"))),
    ("tenant_id", |it| answer(it, |body| drop(body.as_object_mut().unwrap().remove("tenant_id")))),
    ("null", |it| answer(it, |body| body["description"] = Value::Null)),
    ("not declared", |it| it.status = StatusCode::OK),
    ("not declared", |it| it.status = StatusCode::IM_A_TEAPOT),
    ("x-trace-id", |it| drop(it.headers.remove("x-trace-id"))),
    ("etag", |it| drop(it.headers.insert("etag", HeaderValue::from_static("bare")))),
    ("content-type", |it| drop(it.headers.insert("content-type", HeaderValue::from_static("text/html")))),
    ("not JSON", |it| it.body = Bytes::from_static(b"<html>")),
];

#[tokio::test]
async fn a_spoilt_exchange_is_caught() {
    let Some(mut contract) = spec::load() else { return };
    let (world, recorder) = recorded().await;
    world.biller("acme").await;
    let exchanges = recorder.exchanges();
    let good = exchanges.iter().find(|exchange| exchange.uri.path().ends_with("/clients")).unwrap();
    assert_eq!(check(&mut contract, good, Strictness::Both), [""; 0]);
    for (word, spoil) in SPOILS {
        let mut bad = good.clone();
        spoil(&mut bad);
        let found = check(&mut contract, &bad, Strictness::Both);
        assert!(found.iter().any(|violation| violation.contains(word)), "{word}: {found:?}");
    }
}

#[tokio::test]
async fn what_only_some_operations_have_is_checked_too() {
    let Some(mut contract) = spec::load() else { return };
    let (world, recorder) = recorded().await;
    world.biller("acme").await;
    world.admin(Method::GET, "/organizations?limit=5", None).await.expect(200);
    world.admin(Method::DELETE, "/clients/acme-portal", None).await.expect(204);
    let exchanges = recorder.exchanges();
    let of = |method: Method, end: &str| {
        let found = exchanges.iter().find(|it| it.method == method && it.uri.to_string().ends_with(end));
        found.unwrap().clone()
    };
    let mut caught = |bad: &Exchange, word: &str| {
        let found = check(&mut contract, bad, Strictness::Both);
        assert!(found.iter().any(|violation| violation.contains(word)), "{word}: {found:?}");
    };
    let mut list = of(Method::GET, "limit=5");
    for (query, word) in
        [("limit=0", "limit"), ("limit=101", "limit"), ("limit=many", "limit"), ("template=1", "template")]
    {
        list.uri = format!("{}?{query}", list.uri.path()).parse().unwrap();
        caught(&list, word);
    }
    let mut deleted = of(Method::DELETE, "acme-portal");
    deleted.body = Bytes::from_static(b"{}");
    caught(&deleted, "without a declared body");
    let mut token = of(Method::POST, "/oauth2/token");
    token.request_body = Bytes::from_static(b"scope=identity");
    caught(&token, "grant_type is required");
    token.request_body = Bytes::from_static(b"grant_type=client_credentials&resource=x");
    caught(&token, "resource is not declared");
}

#[tokio::test]
async fn a_bad_request_passes_only_where_it_is_bad_on_purpose() {
    let Some(mut contract) = spec::load() else { return };
    let (world, recorder) = recorded().await;
    world.admin(Method::POST, "/organizations", Some(json!({"surprise": 1, "id": "a/b"}))).await.expect(422);
    let exchanges = recorder.exchanges();
    let refused = exchanges.last().unwrap();
    assert_eq!(check(&mut contract, refused, Strictness::Answer), [""; 0]);
    assert!(!check(&mut contract, refused, Strictness::Both).is_empty());
}
