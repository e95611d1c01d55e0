//! Nothing secret leaves: not in errors, not in Debug, not in measurements.

use secrecy::ExposeSecret as _;
use secureauth::{
    ClientPatch, ErrorKind, GrantType, IdempotencyKey, NewClient, PageRequest, ResponseType, SecureAuth,
    TokenEndpointAuthMethod, WorkspaceId,
};
use serde_json::{Map, json};

use crate::vendor::{CLIENT_SECRET, CountingEntropy, Reply, TOKEN, Vendor};

const NEW_SECRET: &str = "the-secret-of-a-new-application-00";

fn new_client() -> NewClient {
    NewClient {
        client_id: None,
        workspace_id: WorkspaceId::parse("o").expect("an id"),
        client_name: "Portal".into(),
        description: None,
        redirect_uris: vec!["https://portal.example/cb".into()],
        post_logout_redirect_uris: Vec::new(),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        response_types: vec![ResponseType::Code],
        scopes: vec!["openid".into()],
        token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretBasic,
        jwks_uri: None,
        jwks: None,
        subject_type: None,
        trusted: true,
        metadata: Map::new(),
    }
}

fn answered() -> serde_json::Value {
    json!({
        "client_id": "c", "authorization_server_id": "o", "tenant_id": "acme", "client_name": "Portal",
        "client_secret": NEW_SECRET, "hashed_secret": NEW_SECRET, "rotated_secrets": [NEW_SECRET],
    })
}

fn key() -> IdempotencyKey {
    IdempotencyKey::derive(&["run", "application"])
}

#[tokio::test]
async fn the_secret_of_a_new_application_is_in_one_place_only() {
    let vendor = Vendor::start(|_, _| Reply::json(201, answered())).await;
    let made = vendor.client().create_client(&new_client(), &key()).await.expect("created");
    assert_eq!(made.secret.as_ref().map(|it| it.expose_secret()), Some(NEW_SECRET));
    assert!(!format!("{made:?}").contains(NEW_SECRET), "{made:?}");
    assert!(!made.answer.to_string().contains(NEW_SECRET), "{}", made.answer);
    let sent = &vendor.api_calls()[0].body;
    assert_eq!((&sent["tenant_id"], &sent["authorization_server_id"]), (&json!("acme"), &json!("o")));
}

#[tokio::test]
async fn a_new_secret_is_asked_for_once_and_is_in_one_place_only() {
    let vendor = Vendor::start(|_, _| Reply::json(200, json!({"secret": NEW_SECRET}))).await;
    let id = secureauth::ClientId::parse("c").expect("an id");
    let day = std::time::Duration::from_secs(86_400);
    let made = vendor.client().rotate_client_secret(&id, day, &key()).await.expect("made");
    assert_eq!(made.secret.expose_secret(), NEW_SECRET);
    assert!(!format!("{made:?}").contains(NEW_SECRET), "{made:?}");
    let call = &vendor.api_calls()[0];
    assert_eq!(call.header("x-idempotency-key"), Some(key().as_str()));
    assert!(call.is("POST", "/api/admin/acme/clients/c/rotateSecret"), "{}", call.path);
    assert_eq!(call.query, "auto_revoke_after=86400s");
    // Zero means "for ever" at the vendor, so the shortest time is a second.
    let none = std::time::Duration::ZERO;
    vendor.client().rotate_client_secret(&id, none, &key()).await.expect("made");
    assert_eq!(vendor.api_calls()[1].query, "auto_revoke_after=1s");
}

#[tokio::test]
async fn an_answer_without_a_secret_leaves_open_whether_one_was_made() {
    for answer in [json!({"secret": ""}), json!({}), json!({"secret": [NEW_SECRET]})] {
        let told = answer.to_string();
        let vendor = Vendor::start(move |_, _| Reply::json(200, answer.clone())).await;
        let id = secureauth::ClientId::parse("c").expect("an id");
        let day = std::time::Duration::from_secs(86_400);
        let error = vendor.client().rotate_client_secret(&id, day, &key()).await.expect_err("no secret");
        assert_eq!(error.kind, ErrorKind::Decode, "{told}");
        assert!(error.outcome_unknown(), "{told}");
        assert!(!format!("{error} {error:?}").contains(NEW_SECRET), "{error:?}");
    }
}

#[tokio::test]
async fn an_application_with_a_key_of_its_own_has_no_secret() {
    let vendor = Vendor::start(|_, _| {
        let mut answer = answered();
        answer["client_secret"] = json!("");
        Reply::json(201, answer)
    })
    .await;
    let keyed =
        NewClient { token_endpoint_auth_method: TokenEndpointAuthMethod::PrivateKeyJwt, ..new_client() };
    assert!(vendor.client().create_client(&keyed, &key()).await.expect("created").secret.is_none());
}

#[tokio::test]
async fn a_private_key_is_never_sent() {
    let vendor = Vendor::start(|_, _| Reply::json(201, answered())).await;
    let private = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "1", "y": "2", "d": "3"}]});
    let client = vendor.client();
    let leaky = NewClient { jwks: Some(private.clone()), ..new_client() };
    let error = client.create_client(&leaky, &key()).await.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::Config);
    let id = secureauth::ClientId::parse("c").expect("an id");
    let change = |patch: &mut ClientPatch| patch.jwks = Some(private);
    assert_eq!(client.update_client(&id, change).await.expect_err("refused").kind, ErrorKind::Config);
    assert!(vendor.api_calls().is_empty());
}

#[tokio::test]
async fn a_vendor_that_repeats_our_secrets_does_not_get_them_into_our_words() {
    let vendor = Vendor::start(|seen, _| {
        let token = seen.header("authorization").unwrap_or_default().to_owned();
        let said = format!("bad {token} and {CLIENT_SECRET}");
        Reply::json(422, json!({"error": said, "error_code": said, "details": {"token": token, "why": said}}))
    })
    .await;
    let client = vendor.client();
    let error = client.create_client(&new_client(), &key()).await.expect_err("refused");
    let said = format!("{error} {error:?} {}", error.cure());
    assert!(error.message.contains("bad"), "{said}");
    assert!(!said.contains(CLIENT_SECRET) && !said.contains(TOKEN), "{said}");
    let measured = format!("{:?}", vendor.records());
    assert!(!measured.contains(CLIENT_SECRET) && !measured.contains(TOKEN), "{measured}");
    let shown = format!("{client:?}");
    assert!(shown.contains("admin-client") && !shown.contains(CLIENT_SECRET), "{shown}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_quoted() {
    let vendor = Vendor::start(|_, _| {
        let secret_in_the_wrong_place =
            json!({"clients": [{"client_id": 7, "client_secret": NEW_SECRET, "metadata": NEW_SECRET}]});
        Reply::json(200, secret_in_the_wrong_place)
    })
    .await;
    let workspace = WorkspaceId::parse("o").expect("an id");
    let error =
        vendor.client().list_clients(&workspace, &PageRequest::default()).await.expect_err("unreadable");
    assert_eq!(error.kind, ErrorKind::Decode);
    assert!(!format!("{error} {error:?}").contains(NEW_SECRET), "{error:?}");
}

#[tokio::test]
async fn a_configuration_that_would_leak_or_cannot_work_is_refused_with_its_key() {
    let vendor = Vendor::start(|_, _| Reply::json(200, json!({}))).await;
    crate::vendor::install_tls();
    let refused = |change: fn(&mut secureauth::SecureAuthConfig)| {
        let mut config = vendor.config();
        change(&mut config);
        let observer = std::sync::Arc::new(secureauth::NoObserver);
        let built = SecureAuth::new(config, std::sync::Arc::new(CountingEntropy::default()), observer);
        built.expect_err("refused").to_string()
    };
    assert!(refused(|c| c.api_base = "http://vendor.example".parse().expect("url")).contains("use https"));
    assert!(
        refused(|c| c.admin_issuer = "https://u:pw@x.example/a".parse().expect("url"))
            .contains("admin_issuer")
    );
    assert!(!refused(|c| c.admin_issuer = "https://u:pw@x.example/a".parse().expect("url")).contains("pw"));
    assert!(refused(|c| c.tenant_id = " ".into()).contains("tenant_id"));
    assert!(refused(|c| c.system.client_secret = "".into()).contains("system"));
    assert!(refused(|c| c.limits.burst = 0).contains("limits.burst"));
}

#[test]
fn a_configuration_file_needs_little_and_says_times_in_milliseconds() {
    let file = json!({
        "api_base": "https://acme.eu.connect.secureauth.com", "tenant_id": "acme", "routing": "tenant_domain",
        "admin_issuer": "https://acme.eu.connect.secureauth.com/admin",
        "system_issuer": "https://acme.eu.connect.secureauth.com/system",
        "admin": {"client_id": "a", "client_secret": "s"},
        "system": {"client_id": "b", "client_secret": "s", "auth_method": "post"},
        "request_timeout_ms": 1500, "retry": {"base_delay_ms": 10}, "limits": {"max_in_flight": 2},
    });
    let config: secureauth::SecureAuthConfig = serde_json::from_value(file).expect("a configuration");
    assert_eq!(config.request_timeout.as_millis(), 1_500);
    assert_eq!((config.retry.base_delay.as_millis(), config.retry.max_attempts), (10, 4));
    assert_eq!(config.limits.max_in_flight, 2);
    assert!(!format!("{config:?}").contains("\"s\""), "{config:?}");
}
