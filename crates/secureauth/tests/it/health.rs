//! Slow, broken and absent vendors: time limits, the circuit breaker, probes.

use std::time::Duration;

use secureauth::{
    AuthorizeProbe, BreakerPolicy, CallError, ErrorKind, OutcomeClass, PoolId, RetryPolicy, SecureAuth,
    WorkspaceId,
};
use serde_json::json;
use tokio::time::Instant;

use crate::vendor::{Reply, Vendor, document};

fn once(config: &mut secureauth::SecureAuthConfig) {
    config.retry = RetryPolicy { max_attempts: 1, ..config.retry };
    config.breaker = BreakerPolicy { failures: 3, open_for: Duration::from_millis(250) };
}

async fn read(client: &SecureAuth) -> Result<(), CallError> {
    client.get_organization(&WorkspaceId::parse("o").expect("an id")).await.map(drop)
}

#[tokio::test]
async fn a_slow_answer_is_given_up_and_a_read_is_tried_again() {
    let vendor = Vendor::start(|_, before| {
        let wait = if before == 0 { Duration::from_secs(60) } else { Duration::ZERO };
        Reply::json(200, json!({"id": "o"})).slow(wait)
    })
    .await;
    let start = Instant::now();
    read(&vendor.client()).await.expect("the second attempt");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let outcomes: Vec<_> = vendor
        .records()
        .iter()
        .filter(|it| it.operation.as_str() == "get_organization")
        .map(|it| it.outcome)
        .collect();
    assert_eq!(outcomes, [OutcomeClass::Timeout, OutcomeClass::Ok]);
}

#[tokio::test]
async fn a_write_without_answer_has_an_unknown_outcome() {
    let vendor = Vendor::start(|_, _| Reply::json(204, json!(null)).slow(Duration::from_secs(60))).await;
    let client = vendor.client_with(once);
    let id = WorkspaceId::parse("o").expect("an id");
    let error = client.delete_organization(&id).await.expect_err("no answer");
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(error.outcome_unknown() && error.is_retryable());
    assert!(!read(&client).await.expect_err("no answer").outcome_unknown(), "a read changes nothing");
}

#[tokio::test]
async fn nobody_there_is_a_network_error_and_nothing_was_done() {
    let vendor = Vendor::start(|_, _| Reply::json(200, json!({}))).await;
    let client = vendor.client_with(|config| {
        once(config);
        config.api_base = url::Url::parse("http://127.0.0.1:9").expect("an address where nobody listens");
    });
    let id = WorkspaceId::parse("o").expect("an id");
    let error = client.delete_organization(&id).await.expect_err("nobody");
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(!error.outcome_unknown(), "it never left");
}

#[tokio::test]
async fn failures_in_a_row_open_the_breaker_and_a_trial_closes_it() {
    let vendor = Vendor::start(|seen, before| match (seen.path.contains("/identity/"), before) {
        (false, 0..3) => Reply::error(500, ""),
        _ => Reply::json(200, json!({"id": "o"})),
    })
    .await;
    let client = vendor.client_with(once);
    for _ in 0..3 {
        assert_eq!(read(&client).await.expect_err("down").kind, ErrorKind::Server);
    }
    let error = read(&client).await.expect_err("resting");
    assert_eq!(error.kind, ErrorKind::CircuitOpen);
    assert!(error.retry_after.is_some_and(|wait| wait <= Duration::from_millis(250)));
    assert_eq!(vendor.api_calls().len(), 3, "nothing was sent while open");
    let pool = PoolId::parse("p").expect("an id");
    client.get_pool(&pool).await.expect("another group is not concerned");
    assert_eq!(vendor.records().last().map(|it| it.outcome), Some(OutcomeClass::Ok));
    tokio::time::sleep(Duration::from_millis(260)).await;
    read(&client).await.expect("the trial");
    read(&client).await.expect("closed again");
}

#[tokio::test]
async fn rate_limits_do_not_open_the_breaker() {
    let vendor =
        Vendor::start(
            |_, before| if before < 9 { Reply::error(429, "") } else { Reply::json(200, json!({"id": "o"})) },
        )
        .await;
    let client = vendor.client_with(once);
    for _ in 0..9 {
        assert_eq!(read(&client).await.expect_err("limited").kind, ErrorKind::RateLimited);
    }
    read(&client).await.expect("still asked");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let vendor = Vendor::start(|_, _| Reply::json(200, json!({"id": "x".repeat(9 * 1024 * 1024)}))).await;
    let client = vendor.client_with(|config| config.request_timeout = Duration::from_secs(20));
    assert_eq!(read(&client).await.expect_err("too large").kind, ErrorKind::Decode);
}

#[tokio::test]
async fn an_authorize_page_is_followed_to_the_sign_in_with_its_cookies() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/acme/o/oauth2/authorize" => Reply::page(302)
            .header("location", "/acme/o/login?id=7")
            .header("set-cookie", "flow=f7; Path=/; HttpOnly"),
        "/acme/o/login" if seen.header("cookie") == Some("flow=f7") => Reply::page(200),
        _ => Reply::page(400),
    })
    .await;
    let probe = vendor.client().probe_authorize(&vendor.url("/acme/o/oauth2/authorize?client_id=c")).await;
    assert_eq!(probe.expect("an answer"), AuthorizeProbe::Answers);
}

#[tokio::test]
async fn an_authorize_page_that_refuses_says_why_and_one_in_circles_is_refused() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/inactive" => Reply::error(401, "").header("x-other", "1"),
        "/circle" => Reply::page(302).header("location", "/circle"),
        _ => Reply::error(503, ""),
    })
    .await;
    let client = vendor.client();
    let refused = client.probe_authorize(&vendor.url("/inactive")).await.expect("an answer");
    assert_eq!(refused, AuthorizeProbe::Refused { status: 401, reason: "said the vendor".into() });
    let circle = client.probe_authorize(&vendor.url("/circle")).await.expect("an answer");
    assert!(matches!(circle, AuthorizeProbe::Refused { status: 302, .. }), "{circle:?}");
    let down = client.probe_authorize(&vendor.url("/down")).await.expect_err("nothing is known");
    assert_eq!(down.kind, ErrorKind::Server);
}

#[tokio::test]
async fn a_biller_issuer_is_asked_anew_each_time_and_must_name_itself() {
    let vendor = Vendor::start(|seen, before| {
        let base =
            url::Url::parse(&format!("http://{}", seen.header("host").unwrap_or_default())).expect("a base");
        let own = base.join("/acme/b-1").expect("an issuer");
        let other = base.join("/acme/b-2").expect("an issuer");
        match before {
            0 => Reply::json(200, document(&own)).header("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            1 => Reply::json(200, document(&other)),
            _ => Reply::error(404, ""),
        }
    })
    .await;
    let client = vendor.client();
    let issuer = vendor.url("/acme/b-1");
    let probe = client.probe_discovery(&issuer).await.expect("a document");
    assert_eq!(probe.discovery.authorization_endpoint, vendor.url("/acme/b-1/oauth2/authorize"));
    assert_eq!(probe.server_time.map(domain::Timestamp::seconds), Some(784_111_777));
    let foreign = client.discover(&issuer).await.expect_err("another issuer's document");
    assert_eq!(foreign.kind, ErrorKind::Discovery);
    let gone = client.discover(&issuer).await.expect_err("no document");
    assert_eq!((&gone.kind, gone.status), (&ErrorKind::Discovery, Some(404)));
    assert!(gone.cure().contains("organization still exists"), "{}", gone.cure());
}
