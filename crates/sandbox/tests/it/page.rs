//! The page for people, and the state endpoint.

use reqwest::Method;
use sandbox::{Fault, Sandbox};
use serde_json::json;

use crate::world::{Answer, World, send};

async fn post(world: &World, path: &str, form: &[(&str, &str)]) -> Answer {
    send(world.http.post(format!("{}{path}", world.sandbox.base_url())).form(form)).await
}

async fn home(world: &World) -> String {
    send(world.http.get(world.sandbox.base_url())).await.expect(200).text
}

#[tokio::test]
async fn the_page_shows_objects_and_requests_and_runs_no_script() {
    let world = World::new().await;
    world.biller("acme").await;
    world.admin(Method::GET, "/organizations/nobody", None).await.expect(404);
    let page = home(&world).await;
    assert!(page.contains("<dt>organizations</dt><dd>1</dd>"), "{page}");
    assert!(page.contains("GET /api/admin/sandbox/organizations/nobody"));
    assert!(page.contains(&world.sandbox.admin_issuer()));
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn a_fault_is_switched_on_and_off_by_forms() {
    let world = World::new().await;
    let form =
        [("operation", "admin.*"), ("kind", "error"), ("value", "503"), ("count", "2"), ("percent", "100")];
    post(&world, "/sandbox/page/faults", &form).await.expect(303);
    let status = world.sandbox.faults().status();
    assert_eq!(status[0].rule.fault, Fault::Error { status: 503, error_code: None });
    assert_eq!((status[0].rule.operation.as_str(), status[0].rule.count), ("admin.*", Some(2)));
    world.admin(Method::GET, "/environment", None).await.expect(503);
    assert!(home(&world).await.contains("answers 503"));
    post(&world, "/sandbox/page/faults/remove", &[("index", "0")]).await.expect(303);
    assert!(world.sandbox.faults().status().is_empty());
    post(&world, "/sandbox/page/faults/remove", &[("index", "0")]).await.expect(422);
}

#[tokio::test]
async fn bad_input_comes_back_with_a_reason_and_is_escaped() {
    let world = World::new().await;
    let form = [("operation", "*"), ("kind", "error"), ("value", "abc")];
    let page = post(&world, "/sandbox/page/faults", &form).await.expect(422);
    assert!(page.text.contains("Value must be a whole number."));
    let form = [("operation", "*"), ("kind", "error"), ("value", "200")];
    let page = post(&world, "/sandbox/page/faults", &form).await.expect(422);
    assert!(page.text.contains("400 to 599"), "{}", page.text);
    let form = [("operation", "<script>x"), ("kind", "outage")];
    post(&world, "/sandbox/page/faults", &form).await.expect(303);
    let page = home(&world).await;
    assert!(page.contains("&lt;script&gt;x") && !page.contains("<script>"));
}

#[tokio::test]
async fn deactivation_and_reset_are_buttons() {
    let world = World::new().await;
    world.biller("acme").await;
    assert!(home(&world).await.contains("has no effect on signing in"));
    post(&world, "/sandbox/page/settings", &[("deactivated_effect", "blocks_login")]).await.expect(303);
    assert!(home(&world).await.contains("blocks signing in"));
    post(&world, "/sandbox/page/reset", &[]).await.expect(303);
    let page = home(&world).await;
    assert!(page.contains("has no effect on signing in") && page.contains("<dt>users</dt><dd>0</dd>"));
}

#[tokio::test]
async fn the_state_endpoint_counts_objects_and_requests() {
    let world = World::new().await;
    world.biller("acme").await;
    let url = format!("{}/sandbox/state", world.sandbox.base_url());
    let state = send(world.http.get(url)).await.expect(200).json();
    assert_eq!((&state["objects"]["users"], &state["objects"]["theme_bindings"]), (&json!(1), &json!(0)));
    assert_eq!(state["requests_per_operation"]["admin.createClient"], 1);
    assert_eq!(state["requests"], world.sandbox.requests());
    let listed = state["requests_per_operation"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let names: Vec<String> = Sandbox::operations().map(|operation| operation.name).collect();
    assert!(listed.iter().all(|name| names.contains(name)), "{listed:?}");
}
