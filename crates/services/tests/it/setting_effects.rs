//! What settings do outside: written by a run of the console, seen by a person at the stand-in's pages.

use std::time::Duration;

use domain::{Bid, settings::Layer};
use reqwest::{Client, RequestBuilder, Url, redirect::Policy};

use crate::{biller_settings::set, world::World};

const CALLBACK: &str = "https://portal.example/town-of-ames/callback";
const ADDRESS: &str = "bob@x.example";
const PASSWORD: &str = "a long password 1";

/// A person with a browser that keeps nothing by itself.
struct Person<'a> {
    world: &'a World,
    http: Client,
    authorize: Url,
}

/// A page: its status, where it sends to, the cookie it sets, its text.
struct Page {
    status: u16,
    location: String,
    cookie: String,
    text: String,
}

impl<'a> Person<'a> {
    fn of(world: &'a World, organization: &str) -> Self {
        let portal = format!("{organization}-portal");
        let query = [
            ("response_type", "code"),
            ("client_id", portal.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        let url = format!("{}/oauth2/authorize", world.sandbox.issuer(organization));
        let authorize = Url::parse_with_params(&url, query).unwrap();
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { world, http, authorize }
    }

    async fn send(&self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let (status, location, cookie) =
            (response.status().as_u16(), header("location"), header("set-cookie"));
        Page { status, location, cookie, text: response.text().await.unwrap() }
    }

    /// The address of a page beside the sign-in page.
    fn at(&self, page: &str) -> Url {
        Url::parse(&self.authorize.as_str().replace("/oauth2/authorize?", &format!("/{page}?"))).unwrap()
    }

    async fn login(&self) -> Page {
        self.send(self.http.get(self.at("login"))).await
    }

    async fn fill_in(&self, page: &str, form: &[(&str, &str)]) -> Page {
        self.send(self.http.post(self.at(page)).form(form)).await
    }

    /// The code of the last message of a kind.
    fn code(&self, kind: &str) -> String {
        let all = self.world.sandbox.messages();
        let found = all.iter().find(|it| it["kind"] == kind && it["address"] == ADDRESS).unwrap();
        found["code"].as_str().unwrap().to_owned()
    }

    /// Signs in; the cookie that came with it, if any.
    async fn sign_in(&self) -> Option<String> {
        let page = self.fill_in("login", &[("username", "bob"), ("password", PASSWORD)]).await;
        assert_eq!(page.status, 302, "{}", page.text);
        page.cookie.split(';').next().filter(|cookie| !cookie.is_empty()).map(str::to_owned)
    }

    /// Whether who has this cookie goes through without signing in.
    async fn goes_through(&self, cookie: &str) -> bool {
        let page = self.send(self.http.get(self.authorize.clone()).header("cookie", cookie)).await;
        page.location.starts_with(CALLBACK)
    }
}

async fn write(world: &World, bid: &Bid, typed: &[(&str, &str)]) {
    set(world, Layer::Biller(bid.clone()), typed).await;
    world.work().await;
}

#[tokio::test]
async fn registering_resetting_codes_and_single_sign_on_follow_what_the_console_wrote() {
    let world = World::new().await;
    let bid = world.enabled_biller("e1", "Town of Ames").await;
    write(&world, &bid, &[("application.redirect_uris", CALLBACK)]).await;
    let person = Person::of(&world, "ic-e1");
    let page = person.login().await;
    assert!(
        !page.text.contains("Create an account") && page.text.contains("Forgot password?"),
        "{}",
        page.text
    );
    let form = [("username", "bob"), ("address", ADDRESS), ("password", PASSWORD)];
    assert_eq!(person.fill_in("register", &form).await.status, 403);
    let typed = [
        ("pool.self_registration", "true"),
        ("pool.reset.self_service", "false"),
        ("pool.code.activation.length", "9"),
        ("pool.code.activation.ttl", "2m"),
    ];
    write(&world, &bid, &typed).await;
    let page = person.login().await;
    assert!(page.text.contains("Create an account") && !page.text.contains("Forgot password?"));
    assert_eq!(person.fill_in("reset", &[("address", ADDRESS)]).await.status, 403);
    let step = person.fill_in("register", &form).await;
    let whose =
        step.text.split("name=\"whose\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let code = person.code("activation");
    assert_eq!(code.len(), 9);
    let confirm = async || person.fill_in("register", &[("whose", &whose), ("code", &code)]).await.status;
    world.clock.advance(Duration::from_secs(120));
    assert_eq!(confirm().await, 422, "two minutes are over");
    write(&world, &bid, &[("pool.code.activation.ttl", "10m")]).await;
    assert_eq!(confirm().await, 422, "a code keeps the life that it was made with");
    let user = secureauth::UserId::parse(&whose).unwrap();
    let pool = secureauth::PoolId::parse("ic-e1-pool").unwrap();
    let workspace = secureauth::WorkspaceId::parse("ic-e1").unwrap();
    world.console.vendor.send_activation(&pool, &user, ADDRESS, &workspace).await.unwrap();
    let code = person.code("activation");
    world.clock.advance(Duration::from_secs(599));
    let done = person.fill_in("register", &[("whose", &whose), ("code", &code)]).await;
    assert_eq!(done.status, 302, "{}", done.text);
    single_sign_on(&world, &bid, &person).await;
    let typed = [("pool.reset.self_service", "true"), ("pool.code.reset_password.length", "5")];
    write(&world, &bid, &typed).await;
    assert_eq!(person.fill_in("reset", &[("address", ADDRESS)]).await.status, 200);
    assert_eq!(person.code("reset_password").len(), 5);
}

/// A session spares a sign-in for as long as the settings written say.
async fn single_sign_on(world: &World, bid: &Bid, person: &Person<'_>) {
    assert_eq!(person.sign_in().await, None, "single sign-on is off");
    let typed = [
        ("organization.sso.enabled", "true"),
        ("organization.sso.max_idle", "10m"),
        ("organization.sso.max_age", "15m"),
    ];
    write(world, bid, &typed).await;
    let cookie = person.sign_in().await.unwrap();
    world.clock.advance(Duration::from_secs(590));
    assert!(person.goes_through(&cookie).await);
    world.clock.advance(Duration::from_secs(310));
    assert!(!person.goes_through(&cookie).await, "15 minutes are over");
    let cookie = person.sign_in().await.unwrap();
    world.clock.advance(Duration::from_secs(600));
    assert!(!person.goes_through(&cookie).await, "idle for ten minutes");
    let cookie = person.sign_in().await.unwrap();
    write(world, bid, &[("organization.sso.enabled", "false")]).await;
    assert!(!person.goes_through(&cookie).await);
}
