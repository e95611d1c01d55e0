//! Applications: OAuth clients of an organization.

use std::time::Duration;

use reqwest::Method;
use sandbox::ObjectKind;
use serde_json::{Value, json};

use crate::world::{World, send};

fn client(id: &str) -> Value {
    json!({"tenant_id": "sandbox", "authorization_server_id": "billers", "client_id": id, "client_name": id})
}

#[tokio::test]
async fn a_new_application_has_the_contracts_defaults_and_a_secret() {
    let world = World::new().await;
    let made = world.admin(Method::POST, "/clients", Some(client("portal"))).await.expect(201).json();
    assert_eq!(made["grant_types"], json!(["authorization_code"]));
    assert_eq!(made["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(made["client_secret"].as_str().unwrap().len(), 43);
    assert_eq!(made["server_issuer_url"], world.sandbox.issuer("billers"));
    assert_eq!(made["created_at"], "2026-01-01T00:00:00Z");
    let mut without = client("spa");
    without["token_endpoint_auth_method"] = json!("private_key_jwt");
    let made = world.admin(Method::POST, "/clients", Some(without)).await.expect(201).json();
    assert_eq!(made.get("client_secret"), None);
    world.admin(Method::POST, "/clients", Some(client("portal"))).await.expect(409);
}

#[tokio::test]
async fn bad_applications_are_refused() {
    let world = World::new().await;
    for (field, value) in [
        ("redirect_uris", json!(["/relative"])),
        ("redirect_uris", json!(["https://x.example/#fragment"])),
        ("client_secret", json!("short")),
        ("client_status", json!("asleep")),
        ("authorization_server_id", json!("nowhere")),
        ("tenant_id", json!("elsewhere")),
        // The contract has no 400 for this operation: the nearest it declares is 422.
        ("trusted", json!("yes")),
    ] {
        let mut body = client("c");
        body[field] = value;
        let answer = world.admin(Method::POST, "/clients", Some(body)).await.expect(422);
        assert!(answer.json()["details"]["field"].as_str().unwrap().starts_with(field), "{}", answer.text);
    }
    assert_eq!(world.sandbox.state().count(ObjectKind::Application), 0);
}

#[tokio::test]
async fn an_update_replaces_but_keeps_secret_and_birth() {
    let world = World::new().await;
    let mut body = client("c");
    body["description"] = json!("old");
    let made = world.admin(Method::POST, "/clients", Some(body)).await.expect(201).json();
    world.clock.advance(Duration::from_secs(60));
    let mut update = client("c");
    update["client_status"] = json!("inactive");
    let after = world.admin(Method::PUT, "/clients/c", Some(update)).await.expect(200).json();
    assert_eq!(after.get("description"), None);
    for kept in ["client_secret", "created_at", "client_id_issued_at"] {
        assert_eq!(after[kept], made[kept], "{kept}");
    }
    assert_eq!(after["updated_at"], "2026-01-01T00:01:00Z");
    let mut moved = client("c");
    moved["authorization_server_id"] = json!("admin");
    world.admin(Method::PUT, "/clients/c", Some(moved)).await.expect(422);
}

#[tokio::test]
async fn fields_nobody_knows_are_dropped_and_noted() {
    let world = World::new().await;
    let mut body = client("c");
    body["favourite_colour"] = json!("blue");
    let made = world.admin(Method::POST, "/clients", Some(body)).await.expect(201).json();
    assert_eq!(made.get("favourite_colour"), None);
    assert_eq!(world.sandbox.last_requests(1)[0].dropped, ["favourite_colour"]);
}

#[tokio::test]
async fn a_rotated_secret_works_until_it_is_revoked() {
    let world = World::new().await;
    let mut body = client("svc");
    body["grant_types"] = json!(["client_credentials"]);
    let old =
        world.admin(Method::POST, "/clients", Some(body)).await.expect(201).json()["client_secret"].clone();
    let rotate = "/clients/svc/rotateSecret?auto_revoke_after=1h";
    let new = world.admin(Method::POST, rotate, None).await.expect(200).json()["secret"].clone();
    assert_ne!(old, new);
    let url = format!("{}/oauth2/token", world.sandbox.issuer("billers"));
    let token = async |secret: &Value| {
        let form = [("grant_type", "client_credentials")];
        let request = world.http.post(&url).basic_auth("svc", secret.as_str());
        send(request.form(&form)).await.status.as_u16()
    };
    assert_eq!((token(&old).await, token(&new).await), (200, 200));
    world.clock.advance(Duration::from_secs(3_600));
    assert_eq!((token(&old).await, token(&new).await), (401, 200));
    let mut world = world;
    world.renew_tokens().await;
    world.admin(Method::POST, "/clients/svc/rotateSecret?auto_revoke_after=soon", None).await.expect(400);
    world.admin(Method::POST, "/clients/svc/revokeRotatedSecrets", None).await.expect(204);
}

#[tokio::test]
async fn lists_are_of_one_workspace() {
    let world = World::new().await;
    world.biller("acme").await;
    for id in ["c1", "c2", "c3"] {
        world.admin(Method::POST, "/clients", Some(client(id))).await.expect(201);
    }
    let ids = async |path: &str| -> Vec<String> {
        let list = world.admin(Method::GET, path, None).await.expect(200).json();
        list["clients"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["client_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids("/servers/billers/clients?limit=2").await, ["c1", "c2"]);
    assert_eq!(ids("/servers/billers/clients?limit=2&after_client_id=c2").await, ["c3"]);
    assert_eq!(ids("/servers/acme/clients").await, ["acme-portal"]);
    assert_eq!(ids("/servers/billers/clients?client_types=saml").await, [""; 0]);
    world.admin(Method::GET, "/servers/billers/clients?limit=101", None).await.expect(400);
}
