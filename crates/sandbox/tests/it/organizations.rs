//! Organizations, workspaces and themes.

use reqwest::Method;
use sandbox::ObjectKind;
use serde_json::{Value, json};

use crate::world::World;

fn organization(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name, "parent_id": "billers"})
}

async fn make(world: &World, body: Value) -> Value {
    world.admin(Method::POST, "/organizations", Some(body)).await.expect(201).json()
}

#[tokio::test]
async fn what_was_created_is_read_back_with_its_issuer_and_defaults() {
    let world = World::new().await;
    let mut body = organization("acme", "Acme Water");
    body["metadata"] = json!({"payload": {"bid": "4711", "tiers": [1, 2]}});
    body["domains"] = json!(["acme.example"]);
    let made = make(&world, body).await;
    let read = world.admin(Method::GET, "/organizations/acme", None).await.expect(200).json();
    assert_eq!(made, read);
    assert_eq!(read["issuer_url"], world.sandbox.issuer("acme"));
    assert_eq!(read["metadata"]["payload"], json!({"bid": "4711", "tiers": [1, 2]}));
    assert_eq!((read["color"].as_str(), read["deactivated"].as_bool()), (Some("#007FFF"), Some(false)));
    let workspace = world.admin(Method::GET, "/servers/acme", None).await.expect(200).json();
    assert_eq!(workspace["organization"]["domains"], json!(["acme.example"]));
    assert_eq!(workspace["type"], "organization");
}

#[tokio::test]
async fn an_id_is_taken_once_and_given_where_none_is_asked_for() {
    let world = World::new().await;
    make(&world, organization("acme", "Acme")).await;
    let again = world.admin(Method::POST, "/organizations", Some(organization("acme", "Other"))).await;
    assert_eq!(again.expect(409).json()["details"]["field"], "id");
    let given = make(&world, json!({"name": "Nameless"})).await;
    assert_eq!(given["id"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn bad_bodies_are_refused_with_the_field_at_fault() {
    let world = World::new().await;
    for (body, status, field) in [
        (json!({"id": "a", "template": "yes"}), 400, "template"),
        (
            json!({"id": "a", "authentication_mechanisms": ["carrier pigeon"]}),
            422,
            "authentication_mechanisms[0]",
        ),
        (json!({"id": "a", "parent_id": "nowhere"}), 422, "parent_id"),
        (json!({"id": "a/b"}), 422, "id"),
        (json!({"id": "a", "template_id": "billers"}), 422, "template_id"),
        (json!(["a"]), 400, "body"),
    ] {
        let answer = world.admin(Method::POST, "/organizations", Some(body.clone())).await.expect(status);
        assert_eq!(answer.json()["details"]["field"], field, "{body}");
    }
    let broken = world.request("admin", Method::POST, "/api/admin/organizations").body("{\"id\":");
    crate::world::send(broken).await.expect(400);
    assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 0);
}

#[tokio::test]
async fn an_update_replaces_every_field_but_the_id() {
    let world = World::new().await;
    let mut body = organization("acme", "Acme");
    body["description"] = json!("old");
    body["domains"] = json!(["acme.example"]);
    make(&world, body).await;
    let update = json!({"name": "Acme Energy", "parent_id": "billers", "deactivated": true});
    let after = world.admin(Method::PUT, "/organizations/acme", Some(update)).await.expect(200).json();
    assert_eq!((after["name"].as_str(), after["deactivated"].as_bool()), (Some("Acme Energy"), Some(true)));
    assert_eq!((after.get("description"), &after["domains"]), (None, &json!([])));
    let other = organization("other", "Acme");
    let refused = world.admin(Method::PUT, "/organizations/acme", Some(other)).await.expect(422);
    assert_eq!(refused.json()["details"]["field"], "id");
    world.admin(Method::PUT, "/organizations/nobody", Some(json!({"name": "x"}))).await.expect(404);
}

#[tokio::test]
async fn metadata_can_be_replaced_alone() {
    let world = World::new().await;
    let mut body = organization("acme", "Acme");
    body["metadata"] = json!({"payload": {"bid": "1"}, "schema": {"type": "object"}});
    make(&world, body).await;
    let payload = json!({"payload": {"bid": "2"}});
    let answer = world.admin(Method::PUT, "/organizations/acme/metadata", Some(payload.clone())).await;
    assert_eq!(answer.expect(200).json(), payload);
    let read = world.admin(Method::GET, "/organizations/acme", None).await.json();
    assert_eq!(read["metadata"], json!({"payload": {"bid": "2"}, "schema": {"type": "object"}}));
    assert_eq!(read["name"], "Acme");
}

#[tokio::test]
async fn lists_page_search_filter_and_sort() {
    let world = World::new().await;
    for (id, name) in [("o1", "Zeta"), ("o2", "Alpha"), ("o3", "Mid"), ("o4", "alphabet")] {
        make(&world, organization(id, name)).await;
    }
    make(&world, json!({"id": "child", "name": "Child", "parent_id": "o1", "template": true})).await;
    let ids = async |query: &str| -> Vec<String> {
        let answer = world.admin(Method::GET, &format!("/organizations?{query}"), None).await.expect(200);
        let list = answer.json()["organizations"].as_array().unwrap().clone();
        list.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("limit=2&parent_id=billers").await, ["o1", "o2"]);
    assert_eq!(ids("limit=2&parent_id=billers&after_organization_id=o2").await, ["o3", "o4"]);
    assert_eq!(ids("limit=2&parent_id=billers&before_organization_id=o4").await, ["o2", "o3"]);
    assert_eq!(ids("search_phrase=ALPHA").await, ["o2", "o4"]);
    assert_eq!(ids("sort=name&limit=3&parent_id=billers").await, ["o2", "o4", "o3"]);
    assert_eq!(ids("sort=name&order=desc&limit=1").await, ["o1"]);
    assert_eq!(ids("template=true").await, ["child"]);
    let counted =
        world.admin(Method::GET, "/organizations?with_child_count=true&search_phrase=o1", None).await;
    assert_eq!(counted.json()["organizations"][0]["number_of_child_organizations"], 1);
}

#[tokio::test]
async fn deleting_takes_applications_bindings_and_theme_along_and_leaves_the_pool() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    world.admin(Method::POST, "/servers/acme/bind-theme/shared-theme", None).await.expect(200);
    world.admin(Method::DELETE, "/organizations/acme", None).await.expect(204);
    let state = world.sandbox.state();
    for kind in
        [ObjectKind::Organization, ObjectKind::Application, ObjectKind::Binding, ObjectKind::ThemeBinding]
    {
        assert_eq!(state.count(kind), 0, "{kind:?}");
    }
    assert!(state.get(ObjectKind::Pool, &biller.pool).is_some());
    world.admin(Method::DELETE, "/organizations/acme", None).await.expect(404);
}

#[tokio::test]
async fn what_others_stand_on_is_not_deleted() {
    let world = World::new().await;
    make(&world, organization("acme", "Acme")).await;
    make(&world, json!({"id": "branch", "parent_id": "acme"})).await;
    world.admin(Method::DELETE, "/organizations/acme", None).await.expect(400);
    world.admin(Method::DELETE, "/servers/admin", None).await.expect(400);
    world.admin(Method::DELETE, "/organizations/billers", None).await.expect(404);
    assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 2);
}

#[tokio::test]
async fn a_template_brings_a_pool_and_a_binding_of_its_own() {
    let world = World::new().await;
    make(
        &world,
        json!({"id": "tpl", "name": "Template", "template": true,
        "authentication_mechanisms": ["password", "totp"]}),
    )
    .await;
    let pool = json!({"tenant_id": "sandbox", "name": "Users", "password_policy": {"min_length": 12}});
    let path = "/workspace/tpl/pools?with_idp=true";
    let source = world.identity(Method::POST, path, Some(pool)).await.expect(201).json();
    let made = make(&world, json!({"id": "acme", "name": "Acme & Sons", "template_id": "tpl"})).await;
    assert_eq!(made["authentication_mechanisms"], json!(["password", "totp"]));
    let pools = world.identity(Method::GET, "/workspace/acme/pools", None).await.json();
    let pool = &pools["pools"][0];
    assert_ne!(pool["id"], source["id"]);
    assert_eq!(
        (pool["name"].as_str(), &pool["password_policy"]),
        (Some("Acme Sons Users"), &json!({"min_length": 12}))
    );
    let bindings = world.admin(Method::GET, "/servers/acme/idps", None).await.json();
    assert_eq!(bindings["idps"].as_array().unwrap().len(), 1);
    assert_eq!(bindings["idps"][0]["identity_pool_id"], pool["id"]);
    assert_eq!(world.sandbox.state().count(ObjectKind::Binding), 2);
}

#[tokio::test]
async fn a_workspace_is_created_read_replaced_and_deleted() {
    let world = World::new().await;
    let body = json!({"tenant_id": "sandbox", "id": "ws", "name": "Workspace", "enforce_pkce": true,
        "styling": {"logo_url": "https://x.example/l.svg"}});
    let path = "/servers?with_identity_pool=true&with_identity_pool_idp=true";
    let made = world.admin(Method::POST, path, Some(body)).await.expect(201).json();
    let secret = made["secret"].clone();
    assert_eq!(
        world.admin(Method::GET, "/servers/ws/idps", None).await.json()["idps"].as_array().unwrap().len(),
        1
    );
    let update = json!({"tenant_id": "sandbox", "name": "Renamed"});
    let after = world.admin(Method::PUT, "/servers/ws", Some(update)).await.expect(200).json();
    assert_eq!((&after["secret"], after["enforce_pkce"].as_bool()), (&secret, Some(false)));
    assert_eq!(after.get("styling"), None);
    let light =
        world.admin(Method::GET, "/workspaces?workspace_types=regular", None).await.expect(200).json();
    let ids: Vec<&str> =
        light["workspaces"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["billers", "ws"]);
    assert_eq!(light["workspaces"][1].get("secret"), None);
    world.admin(Method::DELETE, "/servers/ws", None).await.expect(204);
    world.admin(Method::GET, "/servers/ws", None).await.expect(404);
}

#[tokio::test]
async fn a_theme_is_bound_read_and_unbound() {
    let world = World::new().await;
    make(&world, organization("acme", "Acme")).await;
    world.admin(Method::GET, "/servers/acme/theme", None).await.expect(404);
    let bound = world.admin(Method::POST, "/servers/acme/bind-theme/shared-theme", None).await.expect(200);
    let wanted = json!({"tenant_id": "sandbox", "server_id": "acme", "theme_id": "shared-theme"});
    assert_eq!(bound.json(), wanted);
    assert_eq!(world.admin(Method::GET, "/servers/acme/theme", None).await.json(), wanted);
    let read = world.admin(Method::GET, "/organizations/acme", None).await.json();
    assert_eq!(read["theme_id"], "shared-theme");
    world.admin(Method::POST, "/servers/acme/bind-theme/unknown", None).await.expect(404);
    world.admin(Method::POST, "/servers/acme/unbind-theme", None).await.expect(200);
    world.admin(Method::GET, "/servers/acme/theme", None).await.expect(404);
}

#[tokio::test]
async fn the_system_api_works_on_the_same_organizations() {
    let world = World::new().await;
    world.system(Method::POST, "/organizations", Some(organization("acme", "Acme"))).await.expect(201);
    world.admin(Method::GET, "/organizations/acme", None).await.expect(200);
    let update = json!({"name": "New", "parent_id": "billers"});
    world.system(Method::PUT, "/organizations/acme", Some(update)).await.expect(200);
    assert_eq!(world.admin(Method::GET, "/organizations/acme", None).await.json()["name"], "New");
    world.system(Method::DELETE, "/organizations/acme", None).await.expect(204);
    assert_eq!(world.sandbox.state().count(ObjectKind::Organization), 0);
}
