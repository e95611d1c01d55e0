//! IC's own way in, over real HTTP against the real program.

use serde_json::{Value, json};

use crate::console_process::{API_KEY, ConsoleProcess, sandbox};

async fn put(console: &ConsoleProcess, bid: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1/billers/{bid}", console.console);
    let answer = reqwest::Client::new().put(url).bearer_auth(API_KEY).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn get(url: String) -> reqwest::Response {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .get(url)
        .bearer_auth(API_KEY)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_portfolio_is_announced_kept_taken_back_and_checked() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    for (body, result) in [
        (json!({ "name": "City of Abbeville", "portfolio": "Coast" }), "created"),
        (json!({ "name": "City of Abbeville" }), "unchanged"),
        (json!({ "name": "City of Abbeville", "portfolio": " Coast " }), "unchanged"),
        (json!({ "name": "City of Abbeville", "portfolio": null }), "changed"),
        (json!({ "name": "City of Abbeville" }), "unchanged"),
    ] {
        let (_, answer) = put(&console, "34", &body).await;
        assert_eq!(answer["result"], result, "{body}");
    }
    let wrong = json!({ "name": " ", "portfolio": "p".repeat(65) });
    let (status, problem) = put(&console, "34", &wrong).await;
    assert_eq!((status, &problem["fields"][0]["field"]), (422, &json!("name")), "{problem}");
    assert_eq!(problem["fields"][1]["field"], "portfolio", "{problem}");

    let document: Value = get(format!("{}/api/v1/openapi.json", console.console)).await.json().await.unwrap();
    let body = &document["components"]["schemas"]["BillerBody"];
    assert!(body["properties"]["portfolio"]["description"].is_string(), "{body}");
    assert_eq!(body["required"], json!(["name"]), "everything else may be left out");
}

#[tokio::test]
async fn a_biller_is_announced_enabled_by_policy_and_its_users_can_begin_to_sign_in() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    let body = json!({ "name": "City of Abbeville", "state": "SC", "customers": 3398 });
    let (status, created) = put(&console, "34", &body).await;
    assert_eq!((status, &created["result"]), (201, &json!("created")));
    assert!(created["run"].is_string(), "the policy is on: {created}");
    let (status, again) = put(&console, "34", &body).await;
    assert_eq!((status, &again["result"], &again["run"]), (200, &json!("unchanged"), &Value::Null));

    let oidc = console.wait_until_enabled("34").await;
    assert_eq!(oidc["client_id"], "ic-34-portal");
    let slug_url = oidc["login_url"].as_str().unwrap();
    assert!(slug_url.starts_with(&console.public), "{oidc}");
    let start = get(slug_url.to_owned()).await;
    assert_eq!(start.status(), 303);
    assert_eq!(start.headers()["cache-control"], "no-store");
    let authorize = start.headers()["location"].to_str().unwrap().to_owned();
    assert!(authorize.starts_with(oidc["issuer"].as_str().unwrap()), "{authorize}");
    let page = reqwest::get(&authorize).await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("City of Abbeville"), "the biller's own sign-in page");

    let state = authorize.split(['?', '&']).find_map(|pair| pair.strip_prefix("state=")).unwrap();
    let redeem = |state: String| {
        let url = format!("{}/api/v1/billers/34/logins/redeem", console.console);
        reqwest::Client::new().post(url).bearer_auth(API_KEY).json(&json!({ "state": state })).send()
    };
    let first: Value = redeem(state.to_owned()).await.unwrap().json().await.unwrap();
    assert!(first["code_verifier"].as_str().unwrap().len() >= 43, "{first}");
    assert_eq!(redeem(state.to_owned()).await.unwrap().status(), 404, "once only");
}

#[tokio::test]
async fn wrong_fields_are_named_with_their_cure_and_nothing_is_kept() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    let (status, problem) = put(&console, "35", &json!({ "name": " ", "customers": -1 })).await;
    assert_eq!(status, 422, "{problem}");
    let fields: Vec<_> = problem["fields"].as_array().unwrap().iter().map(|f| f["field"].clone()).collect();
    assert_eq!(fields, [json!("name"), json!("customers")]);
    let (status, problem) = put(&console, "35", &json!({ "nom": "Ada" })).await;
    assert_eq!(status, 400, "{problem}");
    let (status, _) = put(&console, "no%20bid", &json!({ "name": "Ada" })).await;
    assert_eq!(status, 400);
    assert_eq!(get(format!("{}/api/v1/billers/35/oidc", console.console)).await.status(), 404);
}

#[tokio::test]
async fn nothing_is_open_without_a_key_and_the_public_listener_shows_nothing_of_the_console() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    let http = reqwest::Client::new();
    for key in ["", "wrong", &API_KEY[1..]] {
        let url = format!("{}/api/v1/billers/34/oidc", console.console);
        let answer = http.get(url).bearer_auth(key).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{key:?}");
    }
    let document: Value = http
        .get(format!("{}/api/v1/openapi.json", console.console))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(document["paths"]["/api/v1/billers/{bid}"]["put"].is_object());
    for path in [
        "/",
        "/billers",
        "/sign-in",
        "/api/v1/openapi.json",
        "/metrics",
        "/b/nobody",
        "/pkg/ciam-console.css",
    ] {
        let answer = http.get(format!("{}{path}", console.public)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path} on the public listener");
    }
}

#[tokio::test]
async fn health_readiness_metrics_and_headers_are_there() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    put(&console, "36", &json!({ "name": "Ada" })).await;
    console.wait_until_enabled("36").await;
    for (path, expected) in [("/healthz", "ok"), ("/readyz", "\"ready\":true")] {
        let answer = get(format!("{}{path}", console.console)).await;
        assert_eq!(answer.status(), 200);
        assert!(answer.text().await.unwrap().contains(expected), "{path}");
    }
    let metrics = get(format!("{}/metrics", console.ops)).await.text().await.unwrap();
    assert!(metrics.contains("secureauth_calls_total{operation=\"create_organization\""), "{metrics}");
    for path in ["/sign-in", "/nowhere", "/healthz", "/api/v1/openapi.json"] {
        let answer = get(format!("{}{path}", console.console)).await;
        for header in ["content-security-policy", "x-content-type-options", "referrer-policy"] {
            assert!(answer.headers().contains_key(header), "{header} on {path}");
        }
    }
}

#[tokio::test]
async fn a_write_from_another_site_is_refused() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let console = ConsoleProcess::start(data.path(), &sandbox);
    let url = format!("{}/do/sign_in", console.console);
    let post = |origin: &str| {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap()
            .post(&url)
            .header("origin", origin)
            .form(&[("role", "ops"), ("next", "/")])
            .send()
    };
    let foreign = post("https://evil.example").await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert!(!foreign.headers().contains_key("set-cookie"));
    let ours = post(&console.console).await.unwrap();
    assert!(ours.status().is_redirection(), "{}", ours.status());
    let cookie = ours.headers()["set-cookie"].to_str().unwrap();
    for part in ["__Host-ciam-console=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
}

#[tokio::test]
async fn a_file_is_compressed_once_on_the_way_and_as_it_is_where_nobody_asks_for_less() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let site = tempfile::tempdir().unwrap();
    let text = (0..4_000).map(|n| format!("line {n}\n")).collect::<String>();
    std::fs::create_dir(site.path().join("pkg")).unwrap();
    std::fs::write(site.path().join("pkg/some.js"), &text).unwrap();
    let root = ("LEPTOS_SITE_ROOT", site.path().display().to_string());
    let console = ConsoleProcess::start_with(data.path(), &sandbox, &[root]);
    for (accepted, encoding) in [("gzip, br", Some("br")), ("gzip", Some("gzip")), ("identity", None)] {
        let url = format!("{}/pkg/some.js", console.console);
        let answer =
            reqwest::Client::new().get(url).header("accept-encoding", accepted).send().await.unwrap();
        let header = |name: &str| {
            let all = answer.headers().get_all(name).iter().map(|it| it.to_str().unwrap().to_owned());
            all.collect::<Vec<_>>()
        };
        assert_eq!(header("content-encoding"), encoding.into_iter().collect::<Vec<_>>(), "{accepted}");
        assert_eq!(header("cache-control"), ["no-cache"]);
        let bytes = answer.bytes().await.unwrap();
        match encoding {
            Some(_) => assert!(bytes.len() * 3 < text.len(), "{accepted}: {} bytes", bytes.len()),
            None => assert_eq!(bytes, text.as_bytes()),
        }
    }
}
