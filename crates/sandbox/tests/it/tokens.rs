//! Tokens of the special workspaces: how they are got, and what they open.

use std::time::Duration;

use reqwest::Method;
use sandbox::{Routing, Sandbox, SandboxConfig};
use serde_json::json;

use crate::world::{World, send};

#[tokio::test]
async fn discovery_names_a_token_endpoint_that_answers() {
    let world = World::new().await;
    let url = format!("{}/.well-known/openid-configuration", world.sandbox.admin_issuer());
    let document = send(world.http.get(url)).await.expect(200).json();
    assert_eq!(document["issuer"], world.sandbox.admin_issuer());
    let (id, secret) = world.sandbox.admin_credentials();
    let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let token = send(world.http.post(document["token_endpoint"].as_str().unwrap()).form(&form)).await;
    let token = token.expect(200).json();
    assert_eq!((token["token_type"].as_str(), token["expires_in"].as_i64()), (Some("Bearer"), Some(3600)));
}

#[tokio::test]
async fn a_wrong_client_is_401_and_an_unknown_tenant_404() {
    let world = World::new().await;
    let ask = |tenant: &str, secret: &str| {
        let url = format!("{}/{tenant}/admin/oauth2/token", world.sandbox.base_url());
        let (id, _) = world.sandbox.admin_credentials();
        send(world.http.post(url).basic_auth(id, Some(secret)).form(&[("grant_type", "client_credentials")]))
    };
    let wrong = ask("sandbox", "not the secret").await.expect(401);
    assert_eq!(wrong.json()["error"], "invalid_client");
    let (_, secret) = world.sandbox.admin_credentials();
    let unknown = ask("default", &secret).await.expect(404).json();
    assert_eq!(unknown["error"], "The requested resource could not be found");
    assert_eq!(unknown["error_code"], 404);
}

#[tokio::test]
async fn on_a_tenant_domain_no_path_carries_the_tenant() {
    let world = Sandbox::start(
        SandboxConfig { routing: Routing::TenantDomain, ..SandboxConfig::default() },
        World::new().await.clock,
        std::sync::Arc::new(Zeros),
    )
    .await
    .unwrap();
    let http = reqwest::Client::new();
    let base = world.base_url().to_owned();
    let (id, secret) = world.admin_credentials();
    let form = [("grant_type", "client_credentials")];
    let token = http.post(format!("{base}/admin/oauth2/token")).basic_auth(&id, Some(&secret)).form(&form);
    let token = send(token).await.expect(200).json();
    let with = |url: String| http.get(url).bearer_auth(token["access_token"].as_str().unwrap());
    send(with(format!("{base}/api/admin/organizations"))).await.expect(200);
    send(with(format!("{base}/api/admin/sandbox/organizations"))).await.expect(404);
    send(http.get(format!("{base}/sandbox/admin/.well-known/openid-configuration"))).await.expect(404);
}

struct Zeros;

impl domain::Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

#[tokio::test]
async fn scopes_beyond_the_clients_are_refused() {
    let world = World::new().await;
    let refused = world.ask_token("system", "manage_configuration manage_logins").await.expect(400);
    assert_eq!(refused.json()["error"], "invalid_scope");
    let granted = world.ask_token("system", "identity revoke_tokens").await.expect(200);
    assert_eq!(granted.json()["scope"], "identity revoke_tokens");
}

#[tokio::test]
async fn a_token_opens_its_own_workspace_and_scope_only() {
    let world = World::new().await;
    let list = |token: String, api: &str| {
        let url = format!("{}/api/{api}/sandbox/organizations", world.sandbox.base_url());
        send(world.http.get(url).bearer_auth(token))
    };
    let admin = world.token("admin", "").await;
    let foreign = list(admin.clone(), "system").await.expect(401).json();
    assert_eq!(foreign["error_code"], "unauthorized");
    list(admin, "admin").await.expect(200);
    let identity = world.token("system", "identity").await;
    let missing = list(identity, "system").await.expect(403).json();
    assert_eq!(
        (missing["status_code"].as_i64(), missing["error_code"].as_str()),
        (Some(403), Some("forbidden"))
    );
    let unknown = list("made-up".to_owned(), "admin").await.expect(401).json();
    assert_eq!(unknown["error_code"], "invalid_access_token");
    send(world.http.get(format!("{}/api/admin/sandbox/organizations", world.sandbox.base_url())))
        .await
        .expect(401);
}

#[tokio::test]
async fn a_token_dies_when_its_time_is_over() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(3_599));
    world.admin(Method::GET, "/environment", None).await.expect(200);
    world.clock.advance(Duration::from_secs(1));
    let dead = world.admin(Method::GET, "/environment", None).await.expect(401);
    assert_eq!(dead.json()["error_code"], "invalid_access_token");
}

#[tokio::test]
async fn a_service_client_registered_in_a_special_workspace_gets_tokens_of_its_scopes() {
    let world = World::new().await;
    let body = json!({
        "tenant_id": "sandbox", "authorization_server_id": "system", "client_id": "revoker",
        "grant_types": ["client_credentials"], "scopes": ["revoke_tokens"],
    });
    let made = world.admin(Method::POST, "/clients", Some(body)).await.expect(201).json();
    assert_eq!(made["application_types"], json!(["service"]));
    let url = format!("{}/oauth2/token", world.sandbox.system_issuer());
    let secret = made["client_secret"].as_str().unwrap();
    let ask = |scope: &'static str| {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        send(world.http.post(&url).basic_auth("revoker", Some(secret)).form(&form))
    };
    ask("revoke_tokens").await.expect(200);
    ask("manage_configuration").await.expect(400);
}
