//! Launches: whose signature is believed, how often keys are asked for, and that each launch opens one session.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    actor::Role,
    audit::AuditAction,
    claims::PersonRules,
    launch::{Launch, LaunchRules, MAX_TOKEN, Reason, Refused},
    session::{Means, SignIn},
};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};
use services::{
    Console,
    launch::{self, Landing},
    settings::{LaunchKeys, LaunchSettings},
};
use tokio::net::TcpListener;
use url::Url;

use crate::world::World;

const SHARED: &str = "a-secret-that-crm-and-console-share";

fn sign_in() -> SignIn {
    SignIn::new(Means::Launch, None)
}

/// A key of the CRM.
#[derive(Clone)]
pub(crate) struct CrmKey {
    name: &'static str,
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
}

pub(crate) fn ec(name: &'static str) -> CrmKey {
    let key = EncodingKey::from_ec_pem(include_bytes!("keys/ec.pem")).expect("key");
    CrmKey { name, algorithm: Algorithm::ES256, key }
}

pub(crate) fn rsa(name: &'static str) -> CrmKey {
    let key = EncodingKey::from_rsa_pem(include_bytes!("keys/rsa.pem")).expect("key");
    CrmKey { name, algorithm: Algorithm::RS256, key }
}

pub(crate) fn shared(secret: &[u8]) -> CrmKey {
    CrmKey { name: "s", algorithm: Algorithm::HS256, key: EncodingKey::from_secret(secret) }
}

impl CrmKey {
    /// As it is published.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).expect("public key");
        jwk.common.key_id = Some(self.name.to_owned());
        serde_json::to_value(jwk).expect("JSON")
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({ "alg": self.algorithm, "kid": self.name }), claims)
    }

    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature =
            jsonwebtoken::crypto::sign(text.as_bytes(), &self.key, self.algorithm).expect("signature");
        format!("{text}.{signature}")
    }
}

pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// Where the CRM publishes its keys.
struct Crm {
    url: Url,
    set: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
}

impl Crm {
    async fn with(keys: &[Value]) -> Self {
        let (asked, set) = (Arc::<AtomicUsize>::default(), Arc::new(Mutex::new((200, String::new()))));
        let (count, shown) = (asked.clone(), set.clone());
        let answer = move || {
            count.fetch_add(1, Ordering::SeqCst);
            let (status, text) = shown.lock().expect("keys").clone();
            async move { (axum::http::StatusCode::from_u16(status).expect("status"), text) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let url = format!("http://{}/jwks.json", listener.local_addr().expect("address"));
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/jwks.json", get(answer))).await },
        );
        let crm = Self { url: url.parse().expect("url"), set, asked };
        crm.publish(keys);
        crm
    }

    fn publish(&self, keys: &[Value]) {
        self.answer(200, &json!({ "keys": keys }).to_string());
    }

    fn answer(&self, status: u16, text: &str) {
        *self.set.lock().expect("keys") = (status, text.to_owned());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn keys(&self) -> LaunchKeys {
        LaunchKeys::Published(self.url.clone())
    }
}

fn settings(keys: LaunchKeys) -> LaunchSettings {
    let text = |text: &str| text.to_owned();
    let person = PersonRules {
        subject: text("sub"),
        roles: text("roles"),
        portfolio: text("portfolio"),
        words: [].into(),
    };
    LaunchSettings {
        rules: LaunchRules { issuer: text("https://crm.example"), audience: text("ciam-console"), person },
        keys,
    }
}

/// The console of a world, opened by such launches.
fn console(world: &World, keys: LaunchKeys) -> Console {
    world.console_with(|it| it.launch = Some(settings(keys)))
}

fn claims(world: &World, jti: &str) -> Value {
    let now = world.console.now().seconds();
    json!({
        "iss": "https://crm.example", "aud": "ciam-console", "iat": now, "exp": now + 60, "jti": jti,
        "sub": "u-7", "name": "Ada Byron", "roles": ["account_manager"],
    })
}

async fn reason(console: &Console, token: &str) -> Option<Reason> {
    launch::read(console, token).await.err().map(|refused| refused.reason)
}

#[tokio::test]
async fn what_the_crm_signed_is_believed_whichever_key_it_used() {
    let world = World::new().await;
    let (ec, rsa) = (ec("e"), rsa("r"));
    let crm = Crm::with(&[rsa.jwk(), ec.jwk(), json!({ "kty": "OKP", "crv": "X25519", "x": "AA" })]).await;
    let console = console(&world, crm.keys());
    for key in [&ec, &rsa] {
        assert_eq!(reason(&console, &key.sign(&claims(&world, "1"))).await, None, "{}", key.name);
        let nameless = key.sign_with(&json!({ "alg": key.algorithm }), &claims(&world, "1"));
        assert_eq!(reason(&console, &nameless).await, None, "the only one that fits");
    }
    assert_eq!(crm.asked(), 1, "keys are kept");
    crm.publish(&[ec.jwk(), {
        let mut twin = ec.jwk();
        twin["kid"] = json!("twin");
        twin
    }]);
    world.clock.advance(Duration::from_secs(601));
    let nameless = ec.sign_with(&json!({ "alg": "ES256" }), &claims(&world, "1"));
    assert_eq!(reason(&console, &nameless).await, Some(Reason::UnknownKey), "it could be either");

    let by_secret = self::console(&world, LaunchKeys::Shared(SHARED.to_owned().into()));
    assert_eq!(reason(&by_secret, &shared(SHARED.as_bytes()).sign(&claims(&world, "1"))).await, None);
}

#[tokio::test]
async fn nothing_else_is_believed() {
    let world = World::new().await;
    let (ec, rsa) = (ec("e"), rsa("r"));
    let short = EncodingKey::from_rsa_pem(include_bytes!("keys/short.pem")).expect("key");
    let short = CrmKey { name: "short", algorithm: Algorithm::RS256, key: short };
    let oct = json!({ "kty": "oct", "kid": "oct", "k": URL_SAFE_NO_PAD.encode(SHARED) });
    let crm = Crm::with(&[rsa.jwk(), ec.jwk(), short.jwk(), oct]).await;
    let console = console(&world, crm.keys());
    let claims = claims(&world, "1");
    let good = ec.sign(&claims);
    let (text, signature) = good.rsplit_once('.').expect("three parts");
    let changed = {
        let mut other = claims.clone();
        other["sub"] = json!("somebody-else");
        format!("{}.{signature}", unsigned(&json!({ "alg": "ES256", "kid": "e" }), &other))
    };
    let public = ec.jwk().to_string();
    let head = |header: Value, key: &CrmKey| key.sign_with(&header, &claims);
    let hs = |kid: &str, secret: &[u8]| head(json!({ "alg": "HS256", "kid": kid }), &shared(secret));
    for (what, token, expected) in [
        ("nothing", String::new(), Reason::NoToken),
        ("too long", format!("{good}{}", "A".repeat(MAX_TOKEN)), Reason::TooLong),
        ("no token at all", "hello".to_owned(), Reason::Malformed),
        ("two parts", text.to_owned(), Reason::Malformed),
        ("four parts", format!("{good}.x"), Reason::Malformed),
        ("no base64", format!("{{}}.{good}"), Reason::Malformed),
        ("a header that is no JSON", format!("aGVsbG8.{signature}.{signature}"), Reason::Malformed),
        ("no signature", format!("{text}."), Reason::Unsigned),
        ("alg none", format!("{}.", unsigned(&json!({ "alg": "none" }), &claims)), Reason::Unsigned),
        (
            "alg nOnE",
            format!("{}.{signature}", unsigned(&json!({ "alg": "nOnE" }), &claims)),
            Reason::Unsigned,
        ),
        ("other claims", changed, Reason::Signature),
        ("half a signature", format!("{text}.{}", &signature[..40]), Reason::Signature),
        ("the other key's name", head(json!({ "alg": "ES256", "kid": "r" }), &ec), Reason::Algorithm),
        ("a name nobody knows", head(json!({ "alg": "ES256", "kid": "x" }), &ec), Reason::UnknownKey),
        ("another algorithm", head(json!({ "alg": "ES384", "kid": "e" }), &ec), Reason::Algorithm),
        ("a public key taken for a secret", hs("e", public.as_bytes()), Reason::Algorithm),
        ("a published secret", hs("oct", SHARED.as_bytes()), Reason::Algorithm),
        (
            "a published secret under another name",
            head(json!({ "alg": "ES256", "kid": "oct" }), &ec),
            Reason::Algorithm,
        ),
        ("a key that is too short", short.sign(&claims), Reason::Algorithm),
        ("extensions", head(json!({ "alg": "ES256", "kid": "e", "crit": ["x"] }), &ec), Reason::Malformed),
    ] {
        assert_eq!(reason(&console, &token).await, Some(expected), "{what}");
    }
    let list = ec.sign(&json!(["no", "object"]));
    assert_eq!(reason(&console, &list).await, Some(Reason::Malformed));
    assert_eq!(reason(&console, &good).await, None, "and the right one still is");
    assert_eq!(reason(&world.console, &good).await, Some(Reason::NotConfigured));

    let by_secret = self::console(&world, LaunchKeys::Shared(SHARED.to_owned().into()));
    for token in [&good, &head(json!({ "alg": "HS512" }), &shared(SHARED.as_bytes()))] {
        assert_eq!(reason(&by_secret, token).await, Some(Reason::Algorithm));
    }
    let other = shared(b"another-secret-of-somebody-else").sign(&claims);
    assert_eq!(reason(&by_secret, &other).await, Some(Reason::Signature));
}

#[tokio::test]
async fn a_key_in_the_token_itself_is_not_looked_at() {
    let world = World::new().await;
    let crm = Crm::with(&[rsa("r").jwk()]).await;
    let thief = ec("mine");
    let console = console(&world, crm.keys());
    let header = json!({ "alg": "ES256", "jwk": thief.jwk(), "jku": crm.url, "x5u": crm.url });
    let token = thief.sign_with(&header, &claims(&world, "1"));
    assert_eq!(reason(&console, &token).await, Some(Reason::UnknownKey));
}

#[tokio::test]
async fn keys_are_asked_for_at_most_once_a_minute() {
    let world = World::new().await;
    let (old, new) = (ec("old"), ec("new"));
    let crm = Crm::with(&[old.jwk()]).await;
    let console = console(&world, crm.keys());
    assert_eq!(reason(&console, &old.sign(&claims(&world, "1"))).await, None);
    crm.publish(&[new.jwk()]);
    for _ in 0..20 {
        assert_eq!(reason(&console, &new.sign(&claims(&world, "1"))).await, Some(Reason::UnknownKey));
    }
    assert_eq!(crm.asked(), 1, "it was asked just now");
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(reason(&console, &new.sign(&claims(&world, "1"))).await, None, "the CRM has a new key");
    assert_eq!(reason(&console, &old.sign(&claims(&world, "1"))).await, Some(Reason::UnknownKey));
    assert_eq!(crm.asked(), 2);
    let hopeless = shared(b"x").sign(&claims(&world, "1"));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(reason(&console, &hopeless).await, Some(Reason::Algorithm));
    assert_eq!(crm.asked(), 2, "a token that cannot be right is not worth asking for");
}

#[tokio::test]
async fn while_the_crm_does_not_answer_the_last_keys_serve_for_a_day() {
    let world = World::new().await;
    let key = ec("e");
    let crm = Crm::with(&[]).await;
    let console = console(&world, crm.keys());
    let attempt = async || reason(&console, &key.sign(&claims(&world, "1"))).await;
    for (status, text) in [(500, ""), (200, "no JSON"), (200, "{}"), (200, &*"x".repeat(300_000))] {
        crm.answer(status, text);
        assert_eq!(attempt().await, Some(Reason::NoKeys), "{status}");
        world.clock.advance(Duration::from_secs(5));
    }
    crm.publish(&[key.jwk()]);
    assert_eq!(attempt().await, None);
    crm.answer(503, "");
    let asked = crm.asked();
    world.clock.advance(Duration::from_secs(23 * 3600));
    assert_eq!((attempt().await, attempt().await), (None, None));
    assert_eq!(crm.asked(), asked + 1, "and it is left alone in between");
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(attempt().await, Some(Reason::NoKeys), "a key that was taken back must not be good for ever");
}

fn good(world: &World, jti: &str, bid: Option<&str>) -> Result<Launch, Refused> {
    let mut claims = claims(world, jti);
    claims["bid"] = json!(bid);
    let rules = settings(LaunchKeys::Shared(SHARED.to_owned().into())).rules;
    rules.read(claims.as_object().expect("claims"), world.console.now())
}

#[tokio::test]
async fn a_launch_opens_one_session_and_that_is_written_down() {
    World::each(async |world: World| {
        let launch = good(&world, "1", None).expect("good");
        launch::enter(&world.console, &launch, &sign_in()).await.expect("the first time");
        let other_server = world.reopen().await;
        for console in [&world.console, &other_server] {
            let again = launch::enter(console, &launch, &sign_in()).await.expect_err("the second time");
            assert_eq!(again.reason, Reason::Replayed);
        }
        let entries = world.audit().await;
        assert_eq!(entries.len(), 1, "only the first one came in");
        assert_eq!(entries[0].entry.action, AuditAction::SignedIn);
        assert_eq!(entries[0].entry.actor, launch.actor);
        launch::enter(&world.console, &good(&world, "2", None).expect("good"), &sign_in())
            .await
            .expect("another launch");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_servers_one_takes_a_launch() {
    World::each(async |world: World| {
        let launch = good(&world, "1", None).expect("good");
        let mut entering = Vec::new();
        for _ in 0..6 {
            let (console, launch) = (world.reopen().await, launch.clone());
            entering.push(tokio::spawn(async move { launch::enter(&console, &launch, &sign_in()).await }));
        }
        let mut entered = 0;
        for attempt in entering {
            match attempt.await.expect("ended") {
                Ok(_) => entered += 1,
                Err(refused) => assert_eq!(refused.reason, Reason::Replayed),
            }
        }
        assert_eq!((entered, world.audit().await.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_launch_lands_on_its_biller_if_that_is_here() {
    World::each(async |world: World| {
        let bid = world.biller("34", "City of Abbeville").await;
        let land = async |jti: &str, bid: Option<&str>| {
            launch::enter(&world.console, &good(&world, jti, bid).expect("good"), &sign_in())
                .await
                .expect("in")
        };
        assert_eq!(land("1", Some("34")).await, Landing::Biller(bid));
        assert_eq!(land("2", None).await, Landing::Overview);
        let mut limited = good(&world, "7", Some("34")).expect("good");
        limited.actor = world.limited(Role::AccountManager, "Coast");
        let landed = launch::enter(&world.console, &limited, &sign_in()).await.expect("in");
        assert_eq!(landed, Landing::NoSuchBiller, "it is in another portfolio");
        for (jti, elsewhere) in [("3", "35"), ("4", "../admin"), ("5", "//evil.example"), ("6", "..")] {
            assert_eq!(land(jti, Some(elsewhere)).await, Landing::NoSuchBiller, "{elsewhere}");
        }
    })
    .await;
}

#[tokio::test]
async fn used_launches_are_forgotten_only_when_they_are_too_old_anyway() {
    World::each(async |world: World| {
        let launch = good(&world, "1", None).expect("good");
        launch::enter(&world.console, &launch, &sign_in()).await.expect("in");
        world.clock.advance(Duration::from_secs(3600));
        services::worker::prepare(&world.console).await.expect("prepare");
        world.work().await;
        assert!(launch::enter(&world.console, &launch, &sign_in()).await.is_err(), "kept for an hour more");
        world.clock.advance(Duration::from_secs(2 * 24 * 3600));
        world.work().await;
        let known = launch::enter(&world.console, &launch, &sign_in()).await.is_err();
        assert!(!known, "forgotten; its token would be refused as too old");
    })
    .await;
}
