//! Signing in at the company's identity provider: which answers are believed.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Form, State},
    http::{StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    actor::{Actor, Role},
    claims::PersonRules,
    company_sign_in::Reason,
};
use serde_json::{Value, json};
use services::{
    Console,
    company_sign_in::{self, Arrived, Callback, Pending},
    settings::{CompanySignIn, SignOut},
};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use url::Url;

use crate::{
    launch::{CrmKey, ec, rsa, shared, unsigned},
    world::World,
};

const SECRET: &str = "the-secret-of-the-console-at-the-provider";

/// What the provider answers.
#[derive(Clone)]
struct Answers {
    issuer: String,
    /// Without this one, the provider has none.
    end_session: bool,
    /// The token endpoint's answer.
    token: (u16, Value),
    userinfo: Value,
    keys: Vec<Value>,
    /// The last form that the token endpoint got, and who sent it.
    form: Vec<(String, String)>,
    authorization: String,
}

/// An identity provider that says whatever a test wants.
#[derive(Clone)]
struct Idp(Arc<Mutex<Answers>>);

impl Idp {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let issuer = format!("http://{}", listener.local_addr().expect("address"));
        let idp = Self(Arc::new(Mutex::new(Answers {
            issuer,
            end_session: true,
            token: (200, json!({})),
            userinfo: json!({}),
            keys: vec![ec("e").jwk(), rsa("r").jwk()],
            form: Vec::new(),
            authorization: String::new(),
        })));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(Self::discovery))
            .route(
                "/keys",
                get(async |State(idp): State<Self>| Json(json!({ "keys": idp.look(|it| it.keys.clone()) }))),
            )
            .route("/token", post(Self::token))
            .route("/userinfo", get(async |State(idp): State<Self>| Json(idp.look(|it| it.userinfo.clone()))))
            .with_state(idp.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        idp
    }

    fn look<T>(&self, look: impl FnOnce(&mut Answers) -> T) -> T {
        look(&mut self.0.lock().expect("answers"))
    }

    fn issuer(&self) -> String {
        self.look(|it| it.issuer.clone())
    }

    async fn discovery(State(idp): State<Self>) -> Json<Value> {
        let (issuer, end_session) = idp.look(|it| (it.issuer.clone(), it.end_session));
        let mut document = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
            "token_endpoint": format!("{issuer}/token"), "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/keys"), "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256", "none"],
        });
        if end_session {
            document["end_session_endpoint"] = json!(format!("{issuer}/logout"));
        }
        Json(document)
    }

    async fn token(
        State(idp): State<Self>,
        headers: axum::http::HeaderMap,
        Form(form): Form<Vec<(String, String)>>,
    ) -> impl IntoResponse {
        let by = headers.get(header::AUTHORIZATION).map(|it| it.to_str().expect("text").to_owned());
        let (status, body) = idp.look(|it| {
            (it.form, it.authorization) = (form, by.unwrap_or_default());
            it.token.clone()
        });
        (StatusCode::from_u16(status).expect("status"), Json(body))
    }

    /// Answers with this ID token.
    fn give(&self, token: &str) {
        let body =
            json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token });
        self.look(|it| it.token = (200, body));
    }

    fn console(&self, world: &World, edit: impl FnOnce(&mut CompanySignIn)) -> Console {
        let text = str::to_owned;
        let mut settings = CompanySignIn {
            issuer: self.issuer(),
            client_id: text("console"),
            client_secret: Some(SECRET.to_owned().into()),
            scopes: vec![text("openid"), text("profile")],
            redirect_url: "https://console.example/oidc/callback".parse().expect("url"),
            person: PersonRules {
                subject: text("sub"),
                roles: text("realm.roles"),
                portfolio: text("portfolio"),
                words: [(text("Operations"), Role::Ops)].into(),
            },
            sign_out: SignOut::Everywhere {
                address: None,
                back: "https://console.example/sign-in".parse().expect("url"),
            },
        };
        edit(&mut settings);
        world.console_with(|it| it.company_sign_in = Some(settings))
    }
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap_or_else(|| panic!("{name} in {url}")).1.into_owned()
}

/// A sign-in that somebody is about to finish.
struct Begun {
    url: Url,
    pending: Pending,
}

impl Begun {
    async fn at(console: &Console) -> Self {
        let (url, pending) =
            company_sign_in::begin(console, "/billers").await.unwrap_or_else(|refused| panic!("{refused}"));
        Self { url, pending }
    }

    fn claims(&self, world: &World, idp: &Idp) -> Value {
        let now = world.console.now().seconds();
        json!({
            "iss": idp.issuer(), "aud": "console", "iat": now, "exp": now + 300, "nonce": parameter(&self.url, "nonce"),
            "sub": "u-7", "name": "Ada Byron", "realm": { "roles": ["Operations", "Choir"] }, "portfolio": "North",
        })
    }

    async fn finish(&self, console: &Console) -> Result<Arrived, Reason> {
        self.finish_with(console, &format!("code=c&state={}", parameter(&self.url, "state"))).await
    }

    async fn finish_with(&self, console: &Console, query: &str) -> Result<Arrived, Reason> {
        let callback = Callback::read(query).map_err(|refused| refused.reason)?;
        let arrived = company_sign_in::finish(console, Some(&self.pending), &callback).await;
        arrived.map_err(|refused| refused.reason)
    }
}

fn refused(arrived: Result<Arrived, Reason>) -> Option<Reason> {
    arrived.err()
}

#[tokio::test]
async fn whom_the_provider_names_comes_in() {
    let (world, idp) = (World::new().await, Idp::new().await);
    let console = idp.console(&world, |_| {});
    let begun = Begun::at(&console).await;
    assert!(
        begun.url.as_str().starts_with(&format!("{}/authorize?tenant=1&", idp.issuer())),
        "{}",
        begun.url
    );
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "console"),
        ("redirect_uri", "https://console.example/oidc/callback"),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(&begun.url, name), value);
    }
    for key in [ec("e"), rsa("r")] {
        let token = key.sign(&begun.claims(&world, &idp));
        idp.give(&token);
        let arrived = begun.finish(&console).await.unwrap_or_else(|reason| panic!("{reason}"));
        let person = Actor::Person {
            id: "u-7".to_owned(),
            name: "Ada Byron".to_owned(),
            roles: Role::Ops.into(),
            portfolio: Some("North".parse().expect("portfolio")),
        };
        assert_eq!((arrived.actor, arrived.id_token), (person, token));
    }
    let (form, by) = idp.look(|it| (it.form.clone(), it.authorization.clone()));
    let sent = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!((sent("grant_type"), sent("code")), (Some("authorization_code"), Some("c")));
    assert_eq!(sent("redirect_uri"), Some("https://console.example/oidc/callback"));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(sent("code_verifier").expect("verifier")));
    assert_eq!(challenge, parameter(&begun.url, "code_challenge"));
    assert!(by.starts_with("Basic "), "{by}");
    let another = Begun::at(&console).await;
    for fresh in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&another.url, fresh), parameter(&begun.url, fresh), "{fresh}");
    }
}

#[tokio::test]
async fn roles_may_be_told_on_demand_only_and_only_of_the_same_person() {
    let (world, idp) = (World::new().await, Idp::new().await);
    let console = idp.console(&world, |_| {});
    let begun = Begun::at(&console).await;
    let mut claims = begun.claims(&world, &idp);
    claims.as_object_mut().expect("claims").remove("realm");
    idp.give(&ec("e").sign(&claims));
    idp.look(|it| {
        it.userinfo = json!({ "sub": "u-7", "realm": { "roles": "Operations" }, "portfolio": "South" })
    });
    let arrived = begun.finish(&console).await.unwrap_or_else(|reason| panic!("{reason}"));
    assert_eq!(arrived.actor.portfolio().expect("portfolio").as_str(), "North", "the ID token comes first");
    idp.look(|it| it.userinfo = json!({ "sub": "u-8", "realm": { "roles": "Operations" } }));
    assert_eq!(refused(begun.finish(&console).await), Some(Reason::NoAnswer));
}

#[tokio::test]
async fn no_other_token_is_believed() {
    let (world, idp) = (World::new().await, Idp::new().await);
    let console = idp.console(&world, |_| {});
    let begun = Begun::at(&console).await;
    let good = begun.claims(&world, &idp);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let now = world.console.now().seconds();
    let key = ec("e");
    let none = format!("{}.", unsigned(&json!({ "alg": "none" }), &good));
    let tampered = {
        let token = key.sign(&good);
        let signature = token.rsplit_once('.').expect("parts").1.to_owned();
        let other = unsigned(&json!({ "alg": "ES256", "kid": "e" }), &with("sub", json!("u-8")));
        format!("{other}.{signature}")
    };
    let by_name =
        |key: &CrmKey, name: &str| key.sign_with(&json!({ "alg": key.algorithm, "kid": name }), &good);
    for (what, token, reason) in [
        ("another nonce", key.sign(&with("nonce", json!("another"))), Reason::Token),
        ("no nonce", key.sign(&with("nonce", Value::Null)), Reason::Token),
        ("another audience", key.sign(&with("aud", json!("portal"))), Reason::Token),
        ("a second audience", key.sign(&with("aud", json!(["console", "portal"]))), Reason::Token),
        ("another issuer", key.sign(&with("iss", json!("https://id.example"))), Reason::Token),
        ("expired", key.sign(&with("exp", json!(now))), Reason::Token),
        ("not signed", none, Reason::Token),
        ("changed", tampered, Reason::Token),
        ("a secret as key", shared(SECRET.as_bytes()).sign(&good), Reason::Token),
        ("an unknown key", by_name(&key, "x"), Reason::Token),
        ("another key's name", by_name(&key, "r"), Reason::Token),
        ("no role", key.sign(&with("realm", json!({ "roles": ["Choir"] }))), Reason::NoRole),
        ("a portfolio that cannot be read", key.sign(&with("portfolio", json!(""))), Reason::Claim),
    ] {
        idp.give(&token);
        assert_eq!(refused(begun.finish(&console).await), Some(reason), "{what}");
    }
    for (what, answer, reason) in [
        ("no ID token", (200, json!({ "access_token": "a", "token_type": "Bearer" })), Reason::Token),
        ("a refusal", (400, json!({ "error": "invalid_grant" })), Reason::Code),
        ("a fault", (500, json!("oops")), Reason::Code),
    ] {
        idp.look(|it| it.token = answer);
        assert_eq!(refused(begun.finish(&console).await), Some(reason), "{what}");
    }
    idp.give(&key.sign(&good));
    assert!(begun.finish(&console).await.is_ok(), "and the right one still is");
}

#[tokio::test]
async fn only_the_answer_to_what_was_asked_is_looked_at() {
    let (world, idp) = (World::new().await, Idp::new().await);
    let console = idp.console(&world, |_| {});
    let begun = Begun::at(&console).await;
    let state = parameter(&begun.url, "state");
    idp.give(&ec("e").sign(&begun.claims(&world, &idp)));
    for (query, reason) in [
        (String::new(), Reason::State),
        ("code=c".to_owned(), Reason::State),
        ("code=c&state=another".to_owned(), Reason::State),
        (format!("code=c&state={state}x"), Reason::State),
        (format!("code=c&state={state}&state={state}"), Reason::Malformed),
        (format!("state={state}"), Reason::Malformed),
        (format!("code=c&state={state}&iss=https://id.example"), Reason::Issuer),
        (format!("state={state}&error=access_denied"), Reason::Denied),
    ] {
        assert_eq!(refused(begun.finish_with(&console, &query).await), Some(reason), "{query}");
    }
    assert_eq!(idp.look(|it| it.form.len()), 0, "the code was not shown to anybody");
    let named = format!("code=c&state={state}&iss={}", idp.issuer());
    assert!(begun.finish_with(&console, &named).await.is_ok());

    let callback = Callback::read(&named).unwrap_or_else(|refused| panic!("{refused}"));
    let nobody = company_sign_in::finish(&console, None, &callback).await;
    assert_eq!(nobody.err().map(|refused| refused.reason), Some(Reason::NotBegun));
    world.clock.advance(std::time::Duration::from_secs(30 * 60));
    assert_eq!(refused(begun.finish_with(&console, &named).await), Some(Reason::NotBegun));
    let unset = company_sign_in::begin(&world.console, "/").await;
    assert_eq!(unset.err().map(|refused| refused.reason), Some(Reason::NotConfigured));
}

#[tokio::test]
async fn whoever_claims_to_be_the_provider_must_name_itself_so() {
    let (world, idp) = (World::new().await, Idp::new().await);
    let elsewhere = idp.console(&world, |it| it.issuer = format!("{}/", it.issuer));
    let begun = company_sign_in::begin(&elsewhere, "/").await;
    assert_eq!(begun.err().map(|refused| refused.reason), Some(Reason::NoAnswer));
    let gone = idp.console(&world, |it| it.issuer = "http://127.0.0.1:9".to_owned());
    let begun = company_sign_in::begin(&gone, "/").await;
    assert_eq!(begun.err().map(|refused| refused.reason), Some(Reason::NoAnswer));
}

#[tokio::test]
async fn signing_out_ends_the_session_at_the_provider_where_that_is_wanted() {
    let (world, idp) = (World::new().await, Idp::new().await);
    let console = idp.console(&world, |_| {});
    let url = company_sign_in::sign_out_url(&console, "the-token").await.expect("address");
    assert!(url.as_str().starts_with(&format!("{}/logout?", idp.issuer())), "{url}");
    assert_eq!(parameter(&url, "id_token_hint"), "the-token");
    assert_eq!(parameter(&url, "client_id"), "console");
    assert_eq!(parameter(&url, "post_logout_redirect_uri"), "https://console.example/sign-in");

    let here = idp.console(&world, |it| it.sign_out = SignOut::HereOnly);
    assert_eq!(company_sign_in::sign_out_url(&here, "the-token").await, None);
    let silent = Idp::new().await;
    silent.look(|it| it.end_session = false);
    let unknown = world.reopen().await;
    let mut nowhere = silent.console(&world, |_| {});
    nowhere = {
        let mut fresh = unknown;
        fresh.settings = nowhere.settings;
        fresh
    };
    assert_eq!(company_sign_in::sign_out_url(&nowhere, "the-token").await, None);
}
