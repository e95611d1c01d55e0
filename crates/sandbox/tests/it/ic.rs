//! IC beside the vendor: the receiver of events, and the portal that takes sign-ins back.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use sandbox::{ConsoleAccess, IcConfig, SandboxConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::{Answer, BEGINNING, Biller, World, send};

/// Seconds at which every world begins.
const NOW: i64 = BEGINNING / 1_000_000;

/// HMAC-SHA256 (RFC 2104), written out: a third reading of the specification.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect() };
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

fn signature(secret: &str, id: &str, at: i64, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    format!("v1,{}", STANDARD.encode(hmac(&key, format!("{id}.{at}.{body}").as_bytes())))
}

async fn deliver(world: &World, id: &str, at: i64, body: &str, signature: &str) -> Answer {
    let url = format!("{}/ic/events", world.sandbox.base_url());
    let request = world.http.post(url).header("webhook-id", id).header("webhook-timestamp", at);
    send(request.header("webhook-signature", signature).body(body.to_owned())).await
}

async fn page(world: &World) -> String {
    send(world.http.get(format!("{}/ic/events", world.sandbox.base_url()))).await.expect(200).text
}

const ENABLED: &str =
    r#"{"type":"biller.enabled","timestamp":"2026-01-01T00:00:00Z","data":{"bid":"34<b>"}}"#;

#[tokio::test]
async fn a_signed_event_is_taken_once_and_shown() {
    let world = World::new().await;
    assert!(page(&world).await.contains("No event has come yet"));
    let secret = &world.sandbox.config().ic.event_secret;
    let good = signature(secret, "e-1", NOW, ENABLED);
    deliver(&world, "e-1", NOW, ENABLED, &good).await.expect(200);
    let rotated = format!("v1,AAAA v1a,xyz {good}");
    deliver(&world, "e-1", NOW, ENABLED, &rotated).await.expect(200);
    let page = page(&world).await;
    assert!(page.contains("biller.enabled") && page.contains("taken"), "{page}");
    assert!(page.contains("seen before, dropped"), "{page}");
    assert!(page.contains("34&lt;b&gt;") && !page.contains("34<b>"));
    let home = send(world.http.get(world.sandbox.base_url())).await.text;
    assert!(home.contains("Events from the console</a>: 1"), "{home}");
}

#[tokio::test]
async fn what_is_not_signed_by_the_console_is_refused_with_the_reason() {
    let world = World::new().await;
    let secret = world.sandbox.config().ic.event_secret.clone();
    let other = format!("whsec_{}", STANDARD.encode("some other secret of IC"));
    let good = |at| signature(&secret, "e-1", at, ENABLED);
    for (at, body, sent, why) in [
        (NOW, ENABLED, signature(&other, "e-1", NOW, ENABLED), "no signature"),
        (NOW, ENABLED, signature(&secret, "e-2", NOW, ENABLED), "no signature"),
        (NOW, "{}", good(NOW), "no signature"),
        (NOW, "{}", signature(&secret, "e-1", NOW, "{}"), "no event"),
        (NOW - 301, ENABLED, good(NOW - 301), "five minutes"),
        (NOW, ENABLED, good(NOW).replace("v1,", "v2,"), "no signature"),
    ] {
        let answer = deliver(&world, "e-1", at, body, &sent).await.expect(401);
        assert!(answer.json()["error"].as_str().unwrap().contains(why), "{why}: {}", answer.text);
    }
    let bare = world.http.post(format!("{}/ic/events", world.sandbox.base_url())).body(ENABLED);
    assert!(send(bare).await.expect(401).text.contains("webhook-id"));
    assert!(!page(&world).await.contains("signature fits:"));
}

/// A console that redeems one state of one biller, and says how its application proves itself.
async fn console(issuer: String, method: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let redeem = async |State(issuer): State<String>, Json(body): Json<Value>| {
        assert_eq!(body, json!({ "state": "the-state" }));
        Json(json!({
            "code_verifier": VERIFIER, "nonce": "n-1", "issuer": issuer, "client_id": "acme-portal",
            "redirect_uri": Biller::REDIRECT,
        }))
    };
    let router = Router::new()
        .route("/api/v1/billers/{bid}/logins/redeem", post(redeem))
        .route(
            "/api/v1/billers/{bid}/oidc",
            get(move || async move { Json(json!({ "token_endpoint_auth_method": method })) }),
        )
        .with_state(issuer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";

/// A world with a biller whose application proves itself like this, and a portal that knows a console. The address
/// of console and sandbox are known only once both listen, so the portal's console is a stand-in that relays.
async fn with_portal(method: &'static str) -> (World, Biller) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let issuer = format!("http://{addr}/sandbox/acme");
    let url = console(issuer, method).await;
    let access = ConsoleAccess { url, api_key: "a-key".to_owned() };
    let ic = IcConfig { console: Some(access), ..IcConfig::default() };
    let world = World::with(SandboxConfig { addr, ic, ..SandboxConfig::default() }).await;
    let biller = world.biller("acme").await;
    let mut client = world.admin(Method::GET, "/clients/acme-portal", None).await.json();
    client["token_endpoint_auth_method"] = json!(method);
    client["jwks_uri"] = json!(format!("{}/portal/jwks.json", world.sandbox.base_url()));
    for answered_only in ["application_types", "server_issuer_url"] {
        client.as_object_mut().unwrap().remove(answered_only);
    }
    world.admin(Method::PUT, "/clients/acme-portal", Some(client)).await.expect(200);
    (world, biller)
}

/// Signs in on the vendor's page; the answer is the code.
async fn code(world: &World, nonce: &str) -> String {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use sha2::{Digest, Sha256};
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let query = [
        ("response_type", "code"),
        ("client_id", "acme-portal"),
        ("redirect_uri", Biller::REDIRECT),
        ("scope", "openid"),
        ("state", "the-state"),
        ("nonce", nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = format!("{}/login", world.sandbox.issuer("acme"));
    let url = reqwest::Url::parse_with_params(&url, query).unwrap();
    let form = [("username", "ada"), ("password", Biller::PASSWORD)];
    let answer = send(world.http.post(url).form(&form)).await.expect(302);
    let back = reqwest::Url::parse(answer.header("location")).unwrap();
    back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn callback(world: &World, query: &[(&str, &str)]) -> String {
    let url = format!("{}/portal/acme/callback", world.sandbox.base_url());
    let url = reqwest::Url::parse_with_params(&url, query).unwrap();
    send(world.http.get(url)).await.expect(200).text
}

#[tokio::test]
async fn the_portal_proves_itself_with_its_published_key_and_names_who_signed_in() {
    let (world, _) = with_portal("private_key_jwt").await;
    let keys = send(world.http.get(format!("{}/portal/jwks.json", world.sandbox.base_url()))).await.json();
    assert_eq!((&keys["keys"][0]["kty"], keys["keys"][0].get("d")), (&json!("EC"), None), "public only");
    let code = code(&world, "n-1").await;
    let page = callback(&world, &[("code", &code), ("state", "the-state")]).await;
    assert!(page.contains("<h1>Signed in</h1>") && page.contains("Ada Byron"), "{page}");
    assert!(page.contains("proved itself by private_key_jwt"), "{page}");
}

#[tokio::test]
async fn a_key_that_is_not_published_is_not_believed() {
    let (world, _) = with_portal("private_key_jwt").await;
    let mut client = world.admin(Method::GET, "/clients/acme-portal", None).await.json();
    for answered_only in ["application_types", "server_issuer_url"] {
        client.as_object_mut().unwrap().remove(answered_only);
    }
    for (uri, why) in [
        (format!("{}/sandbox/acme/.well-known/jwks.json", world.sandbox.base_url()), "no key in the client"),
        ("http://127.0.0.1:9/jwks.json".to_owned(), "cannot be fetched"),
        (format!("{}/alive", world.sandbox.base_url()), "not JSON"),
    ] {
        client["jwks_uri"] = json!(uri);
        world.admin(Method::PUT, "/clients/acme-portal", Some(client.clone())).await.expect(200);
        let code = code(&world, "n-1").await;
        let page = callback(&world, &[("code", &code), ("state", "the-state")]).await;
        assert!(page.contains("<h1>Not signed in</h1>") && page.contains(why), "{why}: {page}");
    }
}

#[tokio::test]
async fn with_a_secret_the_portal_has_to_be_given_it() {
    let (world, biller) = with_portal("client_secret_basic").await;
    let first = code(&world, "n-1").await;
    let page = callback(&world, &[("code", &first), ("state", "the-state")]).await;
    assert!(page.contains("The portal has no client secret of this biller"), "{page}");
    let url = format!("{}/portal/acme/secret", world.sandbox.base_url());
    send(world.http.post(url).form(&[("secret", &biller.secret)])).await.expect(303);
    let home = send(world.http.get(format!("{}/portal/acme", world.sandbox.base_url()))).await.text;
    assert!(home.contains("It has one.") && !home.contains(&biller.secret));
    let page = callback(&world, &[("code", &first), ("state", "the-state")]).await;
    assert!(page.contains("<h1>Signed in</h1>"), "{page}");
}

#[tokio::test]
async fn an_id_token_of_another_sign_in_is_not_believed() {
    let (world, _) = with_portal("private_key_jwt").await;
    let code = code(&world, "another-nonce").await;
    let page = callback(&world, &[("code", &code), ("state", "the-state")]).await;
    assert!(page.contains("<h1>Not signed in</h1>") && page.contains("(nonce)"), "{page}");
}

#[tokio::test]
async fn without_a_console_the_portal_shows_what_came_back() {
    let world = World::new().await;
    let page = callback(&world, &[("code", "c<1>"), ("state", "s")]).await;
    assert!(page.contains("<h1>Came back</h1>") && page.contains("c&lt;1&gt;"), "{page}");
    let page = callback(&world, &[("error", "access_denied")]).await;
    assert!(page.contains("<h1>Not signed in</h1>") && page.contains("access_denied"), "{page}");
}

/// What the page in the CRM's frame posts to the console: where to, and the claims of its token.
async fn launch(world: &World, query: &str) -> (String, Value) {
    let url = format!("{}/crm/console{query}", world.sandbox.base_url());
    let page = send(world.http.get(url)).await.expect(200).text;
    let between = |before: &str| page.split(before).nth(1).unwrap().split('"').next().unwrap().to_owned();
    (between("action=\""), claims_of(&between("name=\"token\" value=\"")))
}

fn claims_of(token: &str) -> Value {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

async fn world_with_console() -> World {
    let console = ConsoleAccess { url: "http://127.0.0.1:3000/".to_owned(), api_key: "a-key".to_owned() };
    let ic = IcConfig { console: Some(console), launch_audience: "us".to_owned(), ..IcConfig::default() };
    World::with(SandboxConfig { ic, ..SandboxConfig::default() }).await
}

#[tokio::test]
async fn the_crm_signs_a_launch_for_whoever_was_chosen() {
    let world = world_with_console().await;
    let (action, claims) = launch(&world, "?person=ops&bid=34&portfolio=North&theme=dark").await;
    assert_eq!(action, "http://127.0.0.1:3000/launch");
    let expected = json!({
        "iss": world.sandbox.crm_issuer(), "aud": "us", "iat": NOW, "exp": NOW + 60, "jti": claims["jti"],
        "sub": "crm-1003", "name": "Tomás Rivera", "roles": ["ops"], "locale": "en-US",
        "bid": "34", "portfolio": "North", "theme": "dark",
    });
    assert_eq!(claims, expected);
    let (_, plain) = launch(&world, "").await;
    assert_eq!((&plain["sub"], plain.get("bid"), plain.get("portfolio")), (&json!("crm-1001"), None, None));
    assert_ne!(plain["jti"], claims["jti"], "each is used once");

    let url = format!("{}/crm/launches?person=auditor", world.sandbox.base_url());
    let again = send(world.http.post(url)).await.expect(200);
    assert_eq!(again.header("cache-control"), "no-store");
    assert_eq!(claims_of(&again.text)["sub"], "crm-1007", "a console that goes on gets the bare token");

    let nowhere = World::new().await;
    let page =
        send(nowhere.http.get(format!("{}/crm/console", nowhere.sandbox.base_url()))).await.expect(200);
    assert!(page.text.contains("The sandbox knows no console"), "{}", page.text);
}

#[tokio::test]
async fn the_crm_is_of_another_site_than_the_console() {
    let world = world_with_console().await;
    let address = format!("{}/crm?bid=34", world.sandbox.base_url());
    let answer = send(world.http.get(&address)).await.expect(303);
    assert_eq!(answer.header("location"), address.replace("127.0.0.1", "localhost"));
    let host = world.sandbox.crm_origin().replace("http://", "");
    assert!(host.starts_with("localhost:"), "{host}");
    let page =
        send(world.http.get(format!("{}/crm?bid=3%3Cb%3E", world.sandbox.base_url())).header("host", host));
    let page = page.await.expect(200).text;
    assert!(page.contains("<iframe") && page.contains("src=\"/crm/console?bid=3%3Cb%3E\""), "{page}");
    assert!(page.contains("Biller 3&lt;b&gt;") && !page.contains("3<b>"), "{page}");
}
