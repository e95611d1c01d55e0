//! Addresses, headers, bodies, pages, and what is repeated.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use secureauth::{
    CallGate, Deleted, ErrorKind, IdempotencyKey, NewOrganization, NewPool, Operation, OrganizationFilter,
    OutcomeClass, PageRequest, PageSize, PoolId, Routing, UserId, WithBinding, WorkspaceId,
};
use serde_json::{Map, json};
use tokio::time::Instant;

use crate::vendor::{Reply, Vendor};

fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::parse(id).expect("a workspace id")
}

fn key() -> IdempotencyKey {
    IdempotencyKey::derive(&["run", "step"])
}

fn organization() -> NewOrganization {
    NewOrganization {
        id: workspace("b-1"),
        name: "Biller One".into(),
        description: None,
        parent_id: workspace("billers"),
        template_id: None,
        domains: Vec::new(),
        authentication_mechanisms: Vec::new(),
        metadata: json!({"bid": "1"}).as_object().cloned().unwrap_or_default(),
    }
}

fn created() -> Reply {
    Reply::json(
        201,
        json!({"id": "b-1", "name": "Biller One", "parent_id": "billers", "theme_id": "", "domains": null}),
    )
}

#[tokio::test]
async fn a_creation_sends_key_correlation_and_only_what_was_said() {
    let vendor = Vendor::start(|_, _| created()).await;
    let made = vendor.client().create_organization(&organization(), &key()).await.expect("created");
    assert_eq!(made.object.id.as_str(), "b-1");
    assert_eq!(made.object.theme_id, None, "empty text means nothing");
    assert_eq!(made.trace_id.as_deref(), Some("trace-201"));
    let calls = vendor.api_calls();
    let [call] = &calls[..] else { panic!("one call: {calls:?}") };
    assert!(call.is("POST", "/api/admin/acme/organizations"));
    assert_eq!(call.header("x-idempotency-key"), Some(key().as_str()));
    assert_eq!(call.header("x-correlation-id").map(str::len), Some(32));
    assert_eq!(
        call.body,
        json!({"id": "b-1", "name": "Biller One", "parent_id": "billers", "metadata": {"payload": {"bid": "1"}}})
    );
}

#[tokio::test]
async fn a_tenant_domain_has_no_tenant_in_its_paths() {
    let vendor = Vendor::start(|_, _| Reply::json(200, json!({"id": "p"}))).await;
    let client = vendor.client_with(|config| config.routing = Routing::TenantDomain);
    client.get_pool(&PoolId::parse("p").expect("an id")).await.expect("a pool");
    assert!(vendor.api_calls()[0].is("GET", "/api/identity/admin/pools/p"));
}

#[tokio::test]
async fn pools_carry_their_tenant_and_say_whether_they_are_bound() {
    let vendor =
        Vendor::start(|_, _| Reply::json(201, json!({"id": "p", "name": "P", "tenant_id": "acme"}))).await;
    let pool = NewPool {
        id: Some(PoolId::parse("p").expect("an id")),
        name: "P".into(),
        description: None,
        authentication_mechanisms: Vec::new(),
        public_registration_allowed: false,
        identifier_case_insensitive: true,
        metadata: Map::new(),
    };
    vendor.client().create_pool(&workspace("o"), &pool, WithBinding::No, &key()).await.expect("created");
    let call = &vendor.api_calls()[0];
    assert!(call.is("POST", "/api/identity/acme/admin/workspace/o/pools"));
    assert_eq!(call.query, "with_idp=false");
    assert_eq!(call.body["tenant_id"], "acme");
}

#[tokio::test]
async fn lists_go_on_until_a_page_is_short() {
    let vendor = Vendor::start(|seen, _| {
        let ids: &[&str] = if seen.query.contains("after_organization_id=b") { &["c"] } else { &["a", "b"] };
        let organizations: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        Reply::json(200, json!({"organizations": organizations}))
    })
    .await;
    let client = vendor.client();
    let mut filter = OrganizationFilter {
        parent_id: Some(workspace("billers")),
        search: Some("a&b".into()),
        page: PageRequest { after: None, size: PageSize::clamped(2) },
    };
    let first = client.list_organizations(&filter).await.expect("a page");
    filter.page = filter.page.following(&first).expect("another page");
    let second = client.list_organizations(&filter).await.expect("a page");
    assert_eq!(second.items.len(), 1);
    assert_eq!(second.next_after, None);
    assert_eq!(
        vendor.api_calls()[1].query,
        "limit=2&after_organization_id=b&parent_id=billers&search_phrase=a%26b"
    );
}

#[tokio::test]
async fn a_list_of_nothing_may_be_null_or_absent() {
    let vendor = Vendor::start(|_, before| match before {
        0 => Reply::json(200, json!({"users": null})),
        1 => Reply::json(200, json!({})),
        _ => Reply::json(200, json!({"users": "none"})),
    })
    .await;
    let (client, pool) = (vendor.client(), PoolId::parse("p").expect("an id"));
    for _ in 0..2 {
        assert!(client.list_users(&pool, &PageRequest::default()).await.expect("a page").items.is_empty());
    }
    let error = client.list_users(&pool, &PageRequest::default()).await.expect_err("not a list");
    assert_eq!(error.kind, ErrorKind::Decode);
}

#[tokio::test]
async fn a_broken_creation_is_repeated_with_the_same_key() {
    let vendor = Vendor::start(|_, before| match before {
        0 => created().broken(),
        1 => Reply::error(503, ""),
        _ => created().header("x-idempotent-replayed", "true"),
    })
    .await;
    let made = vendor.client().create_organization(&organization(), &key()).await.expect("created");
    assert!(made.replayed);
    let calls = vendor.api_calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|it| it.header("x-idempotency-key") == Some(key().as_str())));
    let correlations: Vec<_> = calls.iter().map(|it| it.header("x-correlation-id")).collect();
    assert!(correlations.iter().all(|it| *it == correlations[0]), "attempts of one call share it");
    let outcomes: Vec<_> =
        vendor.records().iter().filter(|it| it.operation.is_mutating()).map(|it| it.outcome).collect();
    assert_eq!(outcomes, [OutcomeClass::Network, OutcomeClass::ServerError, OutcomeClass::Ok]);
}

#[tokio::test]
async fn an_unseen_outcome_is_remembered_through_later_refusals() {
    let vendor =
        Vendor::start(|_, before| if before == 0 { created().broken() } else { Reply::error(409, "") }).await;
    let error = vendor.client().create_organization(&organization(), &key()).await.expect_err("a conflict");
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.outcome_unknown(), "the first attempt may have made it");
    let plain = Vendor::start(|_, _| Reply::error(409, "")).await;
    let error = plain.client().create_organization(&organization(), &key()).await.expect_err("a conflict");
    assert!(!error.outcome_unknown());
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for (status, kind) in [
        (400, ErrorKind::Invalid),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (422, ErrorKind::Invalid),
    ] {
        let vendor = Vendor::start(move |_, _| Reply::error(status, "")).await;
        let error = vendor.client().create_organization(&organization(), &key()).await.expect_err("refused");
        assert_eq!((&error.kind, error.status), (&kind, Some(status)));
        assert_eq!(vendor.api_calls().len(), 1);
        assert!(!error.is_retryable() && !error.outcome_unknown());
        assert_eq!(error.trace_id, Some(format!("trace-{status}")));
    }
}

#[tokio::test]
async fn what_is_gone_counts_as_deleted() {
    let vendor =
        Vendor::start(
            |_, before| {
                if before == 0 { Reply::json(204, json!(null)) } else { Reply::error(404, "") }
            },
        )
        .await;
    let client = vendor.client();
    let first = client.delete_organization(&workspace("o")).await.expect("deleted");
    assert_eq!(first, Deleted::Now { trace_id: Some("trace-204".into()) });
    assert_eq!(client.delete_organization(&workspace("o")).await.expect("deleted"), Deleted::Already);
}

#[tokio::test]
async fn revocations_name_one_to_a_hundred_users() {
    let vendor = Vendor::start(|_, _| Reply::json(204, json!(null))).await;
    let (client, pool) = (vendor.client(), PoolId::parse("p").expect("an id"));
    let users: Vec<_> = (0..101).map(|n| UserId::parse(&format!("u{n}")).expect("an id")).collect();
    for wrong in [&users[..0], &users[..]] {
        let error = client.revoke_pool_user_tokens(&pool, wrong).await.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Config);
    }
    assert_eq!(client.revoke_pool_user_tokens(&pool, &users[..100]).await.expect("revoked").users, 100);
    let calls = vendor.api_calls();
    assert_eq!(calls.len(), 1);
    assert!(calls[0].is("DELETE", "/api/system/acme/pools/p/tokens"));
    assert_eq!(calls[0].body["users"].as_array().map(Vec::len), Some(100));
    assert_eq!(calls[0].header("authorization").map(|it| it.contains("token-number-system")), Some(true));
}

/// Stops the world before the first write.
struct ShutGate;

impl CallGate for ShutGate {
    fn before_send(&self, operation: Operation) -> BoxFuture<'_, ()> {
        assert!(operation.is_mutating(), "{operation} changes nothing");
        Box::pin(std::future::pending())
    }

    fn after_answer(&self, _operation: Operation) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_gate_stops_writes_and_nothing_else() {
    let vendor = Vendor::start(|_, _| created()).await;
    let client = vendor.client().with_gate(Arc::new(ShutGate));
    client.get_organization(&workspace("b-1")).await.expect("reads pass, and the token request too");
    let new = organization();
    let key = key();
    let write =
        tokio::time::timeout(Duration::from_millis(100), client.create_organization(&new, &key)).await;
    assert!(write.is_err(), "the write waits for ever");
    assert!(vendor.api_calls().iter().all(|it| it.method == "GET"), "nothing was sent");
}

#[tokio::test]
async fn a_pause_asked_for_is_obeyed_by_every_call_of_the_group() {
    let vendor =
        Vendor::start(
            |_, before| {
                if before == 0 { Reply::error(429, "").header("retry-after", "1") } else { created() }
            },
        )
        .await;
    let client = vendor.client();
    let start = Instant::now();
    client.get_organization(&workspace("b-1")).await.expect("an organization");
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(vendor.api_calls().len(), 2);
}

#[tokio::test]
async fn a_pause_too_long_to_sit_out_is_reported_and_nothing_is_sent_meanwhile() {
    let vendor = Vendor::start(|_, _| {
        let date = |at: &str| format!("Sun, 06 Nov 1994 {at} GMT");
        Reply::error(429, "").header("date", date("08:49:00")).header("retry-after", date("08:50:00"))
    })
    .await;
    let client = vendor.client();
    for _ in 0..3 {
        let error = client.get_organization(&workspace("b-1")).await.expect_err("limited");
        assert_eq!(error.kind, ErrorKind::RateLimited);
        assert!(error.is_retryable());
        let wait = error.retry_after.expect("the vendor said when");
        assert!((58..=60).contains(&wait.as_secs()), "{wait:?}");
    }
    assert_eq!(vendor.api_calls().len(), 1, "the vendor was asked once");
    let outcomes: Vec<_> = vendor.records().iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes.iter().filter(|it| **it == OutcomeClass::RateLimited).count(), 3);
}
