//! Audit events: every change leaves who and what, sign-ins leave how they ended.

use reqwest::Method;
use sandbox::ObjectKind;
use serde_json::{Value, json};

use crate::world::{Biller, World, send};

async fn events(world: &World, server: &str, query: &str) -> Vec<Value> {
    let path = format!("/servers/{server}/audit-events?order=desc&limit=100&{query}");
    let answer = world.admin(Method::GET, &path, None).await.expect(200).json();
    answer["audit_events"].as_array().cloned().unwrap()
}

#[tokio::test]
async fn a_change_by_api_is_told_with_the_client_that_made_it_and_the_object_as_it_is() {
    let world = World::new().await;
    world.biller("acme").await;
    let mut server = world.admin(Method::GET, "/servers/acme", None).await.json();
    for answered_only in ["issuer_url", "mtls_issuer_url", "theme_id", "supported_application_purposes"] {
        server.as_object_mut().unwrap().remove(answered_only);
    }
    server["color"] = json!("#102030");
    world.admin(Method::PUT, "/servers/acme", Some(server)).await.expect(200);
    let found = events(&world, "admin", "event_subject=server&organization_id=acme").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["action"], "updated");
    assert_eq!(found[0]["metadata"]["client_id"], "sandbox-admin");
    assert_eq!(found[0]["payload"]["server_updated"]["color"], "#102030");
    assert!(found[0]["payload"]["server_updated"].get("secret").is_none());
    assert!(found[0].get("_at").is_none());
}

#[tokio::test]
async fn a_refused_change_leaves_no_event() {
    let world = World::new().await;
    world.biller("acme").await;
    let before = events(&world, "admin", "").await.len();
    world.admin(Method::PUT, "/servers/acme", Some(json!({"color": 7}))).await.expect(400);
    world.admin(Method::DELETE, "/clients/nobody", None).await.expect(404);
    assert_eq!(events(&world, "admin", "").await.len(), before);
}

#[tokio::test]
async fn drift_on_demand_names_the_person_and_what_has_no_event_stays_untold() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let before = events(&world, "admin", "event_action=updated").await.len();
    for (kind, id) in [
        (ObjectKind::Organization, "acme"),
        (ObjectKind::Pool, &biller.pool),
        (ObjectKind::Application, &biller.client),
        (ObjectKind::Binding, &biller.binding),
    ] {
        world.sandbox.drift(kind, id, &json!({"description": "changed"})).unwrap();
    }
    let found = events(&world, "admin", "event_action=updated&organization_id=acme").await;
    let told: Vec<_> = found.iter().map(|it| it["event_subject"].as_str().unwrap()).collect();
    assert_eq!(told[..3], ["client", "pool", "server"]);
    assert_eq!(found.len(), before + 3);
    assert_eq!(found[0]["metadata"]["subject"], "administrator@sandbox.example");
    // The contract gives three fields of a pool only: which other one changed is not told.
    assert!(found[1]["payload"]["pool_updated"].get("description").is_none());
    let ask =
        json!({"kind": "organization", "id": "acme", "fields": {"color": "#FFFFFF"}, "by": "eve@x.example"});
    let url = format!("{}/sandbox/drift", world.sandbox.base_url());
    send(world.http.post(url).json(&ask)).await.expect(200);
    let found = events(&world, "admin", "subject=eve%40x.example").await;
    assert_eq!(found[0]["payload"]["server_updated"]["color"], "#FFFFFF");
}

#[tokio::test]
async fn sign_ins_are_told_under_the_organization_whether_they_succeed_or_not() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let issuer = world.sandbox.issuer("acme");
    let query = [("response_type", "code"), ("client_id", &biller.client)];
    for (password, status) in [("wrong", 401), (Biller::PASSWORD, 302)] {
        let begin =
            send(world.http.get(format!("{issuer}/oauth2/authorize")).query(&query)).await.expect(302);
        let form = [("username", "ada"), ("password", password)];
        send(world.http.post(begin.header("location")).form(&form)).await.expect(status);
    }
    let query = format!("event_subject=login,user&user_pool_id={}&user_id={}", biller.pool, Biller::USER);
    let found = events(&world, "acme", &query).await;
    let told: Vec<_> =
        found.iter().map(|it| format!("{} {}", it["event_subject"], it["action"]).replace('"', "")).collect();
    assert_eq!(told, ["login accepted", "user authenticated", "login failed", "user authenticated"]);
    assert_eq!(found[0]["metadata"]["session_id"], found[1]["metadata"]["session_id"]);
    assert_ne!(found[0]["metadata"]["session_id"], found[2]["metadata"]["session_id"]);
    assert_eq!(found[1]["payload"]["user_authenticated"]["success"], true);
    assert_eq!(events(&world, "acme", "result=failure").await.len(), 2);
}

#[tokio::test]
async fn pages_follow_each_other_from_the_newest_event_to_the_oldest() {
    let world = World::new().await;
    world.biller("acme").await;
    let all = events(&world, "admin", "").await;
    let mut walked = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/servers/admin/audit-events?order=desc&limit=2{after}");
        let page = world.admin(Method::GET, &path, None).await.expect(200).json();
        let page = page["audit_events"].as_array().cloned().unwrap();
        let Some(last) = page.last() else { break };
        after = format!("&after_event_id={}", last["event_id"].as_str().unwrap());
        walked.extend(page);
    }
    assert!(all.len() > 3);
    assert_eq!(walked, all);
}
