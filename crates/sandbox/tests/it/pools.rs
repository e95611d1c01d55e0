//! Pools, bindings, users and passwords.

use reqwest::Method;
use sandbox::ObjectKind;
use serde_json::{Value, json};

use crate::world::{Biller, World};

fn pool(id: &str, name: &str) -> Value {
    json!({"tenant_id": "sandbox", "id": id, "name": name})
}

#[tokio::test]
async fn pool_names_are_plain_and_unique() {
    let world = World::new().await;
    world.identity(Method::POST, "/pools", Some(pool("p1", "City Water 1"))).await.expect(201);
    for (body, status) in [
        (pool("p2", "City Water 1"), 409),
        (pool("p1", "Other"), 409),
        (pool("p3", "Müller & Söhne"), 422),
        (pool("p3", " "), 422),
        (json!({"tenant_id": "sandbox"}), 422),
        (json!({"tenant_id": "elsewhere", "name": "Fine"}), 422),
    ] {
        world.identity(Method::POST, "/pools", Some(body.clone())).await.expect(status);
    }
    let renamed = world.identity(Method::PUT, "/pools/p1", Some(pool("p1", "City Water 1"))).await;
    assert_eq!(renamed.expect(200).json()["name"], "City Water 1");
    assert_eq!(world.sandbox.state().count(ObjectKind::Pool), 1);
}

#[tokio::test]
async fn a_pool_belongs_to_its_workspace_and_with_idp_binds_it_there() {
    let world = World::new().await;
    let path = "/workspace/billers/pools";
    world.identity(Method::POST, path, Some(pool("alone", "Alone"))).await.expect(201);
    assert_eq!(world.sandbox.state().count(ObjectKind::Binding), 0);
    let bound =
        world.identity(Method::POST, &format!("{path}?with_idp=true"), Some(pool("bound", "Bound"))).await;
    assert_eq!(bound.expect(201).json()["workspace_id"], "billers");
    let bindings = world.admin(Method::GET, "/pools/bound/idps", None).await.expect(200).json();
    assert_eq!(bindings["idps"][0]["authorization_server_id"], "billers");
    let listed = world.identity(Method::GET, path, None).await.json();
    assert_eq!(listed["pools"].as_array().unwrap().len(), 2);
    assert_eq!(
        world.identity(Method::GET, "/workspace/nowhere/pools", None).await.json()["pools"],
        json!([])
    );
    world.identity(Method::DELETE, "/workspace/admin/pools/bound", None).await.expect(404);
    world.identity(Method::DELETE, "/workspace/billers/pools/bound?with_idp=true", None).await.expect(204);
    assert_eq!(world.sandbox.state().count(ObjectKind::Binding), 0);
}

#[tokio::test]
async fn a_binding_is_created_mapped_disabled_and_removed() {
    let world = World::new().await;
    world.identity(Method::POST, "/pools", Some(pool("p", "Pool"))).await.expect(201);
    let path = "/servers/billers/idps/identity_pool";
    for body in [
        json!({"identity_pool_id": "p"}),
        json!({"name": "x"}),
        json!({"name": "x", "identity_pool_id": "q"}),
    ] {
        world.admin(Method::POST, path, Some(body)).await.expect(422);
    }
    let body = json!({"id": "b", "name": "People", "identity_pool_id": "p"});
    let made = world.admin(Method::POST, path, Some(body.clone())).await.expect(201).json();
    assert_eq!((made["method"].as_str(), made["disabled"].as_bool()), (Some("identity_pool"), Some(false)));
    // The contract has no 409 here: the nearest it declares is 422.
    world.admin(Method::POST, path, Some(body)).await.expect(422);
    let update = json!({
        "name": "People", "identity_pool_id": "p", "disabled": true,
        "mappings": [{"source": "email", "target": "email", "type": "string", "mode": "copy"}],
    });
    let at = format!("{path}/b");
    let after = world.admin(Method::PUT, &at, Some(update.clone())).await.expect(200).json();
    assert_eq!((&after["mappings"], after["disabled"].as_bool()), (&update["mappings"], Some(true)));
    assert_eq!(world.admin(Method::GET, &at, None).await.json(), after);
    let broken = json!({"name": "x", "identity_pool_id": "p", "mappings": [{"source": "email"}]});
    world.admin(Method::PUT, &at, Some(broken)).await.expect(422);
    world.admin(Method::GET, "/servers/admin/idps/identity_pool/b", None).await.expect(404);
    world.admin(Method::DELETE, "/servers/billers/idps/b", None).await.expect(204);
    assert_eq!(world.admin(Method::GET, "/servers/billers/idps", None).await.json()["idps"], json!([]));
}

#[tokio::test]
async fn users_are_created_listed_changed_and_deleted() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let users = format!("/pools/{}/users", biller.pool);
    let taken = json!({"status": "new", "identifiers": [{"identifier": "ADA", "type": "uid"}]});
    world.identity(Method::POST, &users, Some(taken)).await.expect(409);
    let bob = json!({"status": "new", "identifiers": [{"identifier": "bob", "type": "uid"}], "payload": {"name": "Bob"}});
    let bob = world.identity(Method::POST, &users, Some(bob)).await.expect(201).json();
    let listed = world.identity(Method::GET, &users, None).await.expect(200).json();
    assert_eq!(listed["users"].as_array().unwrap().len(), 2);
    let ada = &listed["users"][0];
    assert_eq!(ada["verified addresses"], json!(["ada@example.com"]));
    assert_eq!(ada["identifiers_with_details"], json!([{"type": "uid", "value": "Ada"}]));
    assert_eq!(ada.get("credentials"), None);
    let query = "?query=%7B%22user_key%22%3A%22bo%22%7D";
    let found = world.identity(Method::GET, &format!("{users}{query}"), None).await.json();
    assert_eq!(found["users"][0]["id"], bob["id"]);
    let at = format!("{users}/{}", bob["id"].as_str().unwrap());
    let changed =
        world.identity(Method::PUT, &at, Some(json!({"status": "active"}))).await.expect(200).json();
    assert_eq!((changed["status"].as_str(), &changed["payload"]), (Some("active"), &json!({"name": "Bob"})));
    assert_eq!(
        world.identity(Method::GET, &format!("/pools/{}", biller.pool), None).await.json()["number_of_users"],
        2
    );
    world.identity(Method::DELETE, &at, None).await.expect(204);
    world.identity(Method::GET, &at, None).await.expect(404);
    assert_eq!(
        world.identity(Method::GET, &format!("/pools/{}", biller.pool), None).await.json()["number_of_users"],
        1
    );
    let again = json!({"status": "new", "identifiers": [{"identifier": "bob", "type": "uid"}]});
    world.identity(Method::POST, &users, Some(again)).await.expect(201);
}

#[tokio::test]
async fn passwords_obey_the_policy_and_are_never_answered() {
    let world = World::new().await;
    let mut body = pool("p", "Strict");
    body["password_policy"] = json!({"min_length": 10, "digits": 1});
    world.identity(Method::POST, "/pools", Some(body)).await.expect(201);
    let user = |password: &str| {
        json!({"id": "u", "status": "active", "credentials": [{"type": "password", "password": password}],
            "identifiers": [{"identifier": "u", "type": "uid"}]})
    };
    world.identity(Method::POST, "/pools/p/users", Some(user("short1"))).await.expect(422);
    world.identity(Method::POST, "/pools/p/users", Some(user("long but no digit"))).await.expect(422);
    let made = world.identity(Method::POST, "/pools/p/users", Some(user("long enough 1"))).await.expect(201);
    assert!(!made.text.contains("long enough 1"), "{}", made.text);
    assert_eq!(made.json()["credentials"][0]["payload"], json!({}));
}

#[tokio::test]
async fn a_password_is_verified_by_identifier_or_id() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let path = format!("/pools/{}/user/password/v2/verify", biller.pool);
    let verify =
        async |body: Value| world.identity_system(Method::POST, &path, Some(body)).await.expect(200).json();
    let right = verify(json!({"identifier": "ada", "password": Biller::PASSWORD})).await;
    assert_eq!(
        (right["id"].as_str(), right["result"].as_str()),
        (Some(Biller::USER), Some("password_correct"))
    );
    let by_id = verify(json!({"userID": Biller::USER, "password": "wrong"})).await;
    assert_eq!(by_id["result"], "password_incorrect");
    let nobody = verify(json!({"identifier": "eve", "password": "x"})).await;
    assert_eq!((nobody["id"].as_str(), nobody["result"].as_str()), (Some(""), Some("user_not_found")));
    world.identity_system(Method::POST, &path, Some(json!({"identifier": "ada"}))).await.expect(422);
}
