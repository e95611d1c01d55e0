//! Access tokens: one fetch for many callers, renewal, refusal, separate clients per power.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secureauth::{
    AuthMethod, Credentials, ErrorKind, PoolId, Power, SecureAuth, TokenSubject, UserId, Workspace,
    WorkspaceId,
};
use serde_json::json;

use crate::vendor::{CLIENT_SECRET, Reply, Seen, TOKEN, Vendor, document};

fn id() -> WorkspaceId {
    WorkspaceId::parse("o").expect("an id")
}

async fn revoke(client: &SecureAuth) {
    let pool = PoolId::parse("p").expect("an id");
    client.revoke_pool_user_tokens(&pool, &[UserId::parse("u").expect("an id")]).await.expect("revoked");
}

fn client_of(request: &Seen) -> String {
    let header = request.header("authorization").and_then(|it| it.strip_prefix("Basic ")).unwrap_or_default();
    String::from_utf8(STANDARD.decode(header).expect("base64")).expect("text")
}

#[tokio::test]
async fn many_first_calls_cause_one_token_request() {
    let vendor = Vendor::start(|_, _| Reply::json(200, json!({"id": "o"}))).await;
    let client = vendor.client();
    let id = id();
    let all = futures::future::join_all((0..20).map(|_| client.get_organization(&id))).await;
    assert!(all.iter().all(Result::is_ok));
    let requests = vendor.token_requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].text, "grant_type=client_credentials", "the admin client asks for no scope");
    assert_eq!(client_of(&requests[0]), format!("admin-client:{CLIENT_SECRET}"));
    let documents = vendor.seen().iter().filter(|it| it.path.ends_with("openid-configuration")).count();
    assert_eq!(documents, 1);
}

#[tokio::test]
async fn a_token_called_invalid_is_replaced_once() {
    let vendor = Vendor::start(|seen, _| {
        if seen.header("authorization") == Some(&format!("Bearer {TOKEN}admin-0")) {
            Reply::error(401, "invalid_access_token")
        } else {
            Reply::json(200, json!({"id": "o"}))
        }
    })
    .await;
    let client = vendor.client();
    let id = id();
    let all = futures::future::join_all((0..10).map(|_| client.get_organization(&id))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(vendor.token_requests().len(), 2, "all callers share the new token");
}

#[tokio::test]
async fn a_token_refused_again_or_for_another_reason_is_an_error() {
    let vendor = Vendor::start(|_, _| Reply::error(401, "invalid_access_token")).await;
    let error = vendor.client().get_organization(&id()).await.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert_eq!(vendor.api_calls().len(), 2);
    let vendor = Vendor::start(|_, _| Reply::error(401, "something_else")).await;
    vendor.client().get_organization(&id()).await.expect_err("refused");
    assert_eq!(vendor.api_calls().len(), 1);
}

#[tokio::test]
async fn a_short_lived_token_is_renewed_before_it_ends() {
    let vendor = Vendor::start(|seen, before| match seen.path.as_str() {
        "/short/admin/.well-known/openid-configuration" => {
            let base = format!("http://{}/short/admin", seen.header("host").unwrap_or_default());
            Reply::json(200, document(&base.parse().expect("an issuer")))
        }
        "/short/admin/oauth2/token" => Reply::json(
            200,
            json!({"access_token": format!("t{before}"), "token_type": "bearer", "expires_in": 1}),
        ),
        _ => Reply::json(200, json!({"id": "o"})),
    })
    .await;
    let issuer = vendor.url("/short/admin");
    let client = vendor.client_with(|config| config.admin_issuer = issuer);
    client.get_organization(&id()).await.expect("an organization");
    tokio::time::sleep(Duration::from_millis(850)).await;
    client.get_organization(&id()).await.expect("an organization");
    let used: Vec<_> =
        vendor.api_calls().iter().filter_map(|it| it.header("authorization").map(str::to_owned)).collect();
    assert_eq!(used, ["Bearer t0", "Bearer t1"]);
}

#[tokio::test]
async fn a_power_has_its_own_client_where_one_is_configured() {
    let vendor = Vendor::start(|_, _| Reply::json(204, json!(null))).await;
    revoke(&vendor.client()).await;
    let own = Credentials {
        client_id: "revoker".into(),
        client_secret: CLIENT_SECRET.into(),
        auth_method: AuthMethod::Post,
    };
    revoke(&vendor.client_with(|config| config.system_powers.revoke_tokens = Some(own))).await;
    let requests = vendor.token_requests();
    assert_eq!(client_of(&requests[0]), format!("system-client:{CLIENT_SECRET}"));
    assert_eq!(requests[0].text, "grant_type=client_credentials&scope=revoke_tokens");
    let posted = format!("client_id=revoker&client_secret={CLIENT_SECRET}");
    assert!(requests[1].text.ends_with(&posted), "{}", requests[1].text);
    assert_eq!(requests[1].header("authorization"), None);
}

#[tokio::test]
async fn the_doctor_sees_what_a_client_was_granted_and_never_a_kept_token() {
    let vendor = Vendor::start(|_, _| Reply::json(200, json!({"id": "o"}))).await;
    let client = vendor.client();
    client.get_organization(&id()).await.expect("an organization");
    let grant = client.check_token(Workspace::Admin).await.expect("granted");
    assert_eq!((grant.client_id.as_str(), grant.expires_in), ("admin-client", Duration::from_secs(3_600)));
    assert_eq!(vendor.token_requests().len(), 2);
    let grant = client.check_token(TokenSubject::Power(Power::Identity)).await.expect("granted");
    assert_eq!(grant.scopes, ["identity"]);
}

async fn check(reply: Reply) -> secureauth::CallError {
    let vendor = Vendor::start(move |seen, _| match seen.path.as_str() {
        "/x/system/.well-known/openid-configuration" => {
            let base = format!("http://{}/x/system", seen.header("host").unwrap_or_default());
            Reply::json(200, document(&base.parse().expect("an issuer")))
        }
        _ => reply.clone(),
    })
    .await;
    let issuer = vendor.url("/x/system");
    let client = vendor.client_with(|config| config.system_issuer = issuer);
    client.check_token(Power::RevokeTokens).await.expect_err("refused")
}

#[tokio::test]
async fn each_refusal_of_a_token_has_its_own_cure() {
    let wrong = check(Reply::json(401, json!({"error": "invalid_client", "error_description": "no"}))).await;
    assert_eq!(wrong.kind, ErrorKind::Unauthenticated);
    assert!(wrong.cure().contains("client secret"), "{}", wrong.cure());
    let scope = check(Reply::json(400, json!({"error": "invalid_scope"}))).await;
    assert!(matches!(scope.kind, ErrorKind::Forbidden { .. }));
    let grant = check(Reply::json(400, json!({"error": "unauthorized_client"}))).await;
    assert!(grant.cure().contains("client-credentials grant"), "{}", grant.cure());
    let less =
        check(Reply::json(200, json!({"access_token": "t", "token_type": "Bearer", "scope": "identity"})))
            .await;
    assert_eq!(less.kind, ErrorKind::Forbidden { missing: "revoke_tokens" });
    let dpop = check(Reply::json(200, json!({"access_token": "t", "token_type": "DPoP"}))).await;
    assert_eq!(dpop.kind, ErrorKind::Config);
}

#[tokio::test]
async fn the_generic_not_found_is_explained() {
    let generic =
        Reply::json(404, json!({"error": "The requested resource could not be found", "error_code": 404}));
    let error = check(generic.clone()).await;
    assert_eq!(error.kind, ErrorKind::NotFound);
    for cause in ["\"default\"", "names the tenant", "SecureAuth Support", "own domain"] {
        assert!(error.cure().contains(cause), "{}", error.cure());
    }
    let vendor = Vendor::start(move |_, _| generic.clone()).await;
    let issuer = vendor.url("/default/admin");
    let client = vendor.client_with(|config| config.admin_issuer = issuer);
    let error = client.get_environment().await.expect_err("no discovery document");
    assert_eq!(error.kind, ErrorKind::Discovery);
    assert!(error.cure().contains("four reasons"), "{}", error.cure());
}
