//! Launches from the CRM: the right one opens a session, every wrong one gets the same page and leaves nothing.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use domain::Clock;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use sandbox::RunningSandbox;
use serde_json::{Value, json};
use server::runtime::SystemClock;
use storage::{OpenOptions, Store};
use tempfile::TempDir;

use crate::console_process::{API_KEY, ConsoleProcess, sandbox};

/// A console that the CRM opens.
struct House {
    sandbox: RunningSandbox,
    console: ConsoleProcess,
    store: Store,
    client: Client,
    _data: TempDir,
}

impl House {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, String)]) -> Self {
        let (sandbox, data) = (sandbox().await, tempfile::tempdir().unwrap());
        let off = [("CIAM_NEW_BILLERS__MODE", "off".to_owned())];
        let console = ConsoleProcess::start_with(data.path(), &sandbox, &[&off, settings].concat());
        let url = format!("sqlite:{}", data.path().join("console.db").display());
        let store = Store::open(&url, OpenOptions { migrate: false, max_connections: 2 }).await.unwrap();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let house = Self { sandbox, console, store, client, _data: data };
        let biller = house.request(Method::PUT, "/api/v1/billers/34").bearer_auth(API_KEY);
        biller.json(&json!({ "name": "City of Abbeville" })).send().await.unwrap();
        house
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.console.console))
    }

    fn claims(&self) -> Value {
        static LAUNCHES: AtomicU64 = AtomicU64::new(1);
        let now = now();
        json!({
            "iss": self.sandbox.crm_issuer(), "aud": "ciam-console", "iat": now, "exp": now + 60,
            "jti": format!("launch-{}", LAUNCHES.fetch_add(1, Ordering::Relaxed)),
            "sub": "u-7", "name": "Ada Byron", "roles": ["account_manager"], "bid": "34",
        })
    }

    /// A launch like the usual one but for these claims; `null` leaves one out.
    fn token(&self, changes: Value) -> String {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims = claims.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
        self.sandbox
            .sign_launch(&claims.map(|(name, value)| (name.clone(), value.clone())).collect())
            .unwrap()
    }

    /// Posts a launch as a form in the CRM does.
    fn launch(&self, token: &str) -> RequestBuilder {
        let request = self.request(Method::POST, "/launch");
        let request =
            request.header(header::ORIGIN, "https://crm.example").header("sec-fetch-site", "cross-site");
        request.form(&[("token", token)])
    }

    async fn entries(&self) -> i64 {
        storage::audit::head(&mut self.store.read().await.unwrap()).await.unwrap().0
    }

    async fn page(&self, path: &str, cookie: &str) -> Response {
        self.request(Method::GET, path).header(header::COOKIE, cookie).send().await.unwrap()
    }

    async fn refused(&self, reason: &str) -> u64 {
        let url = format!("{}/metrics", self.console.ops);
        let text = self.client.get(url).send().await.unwrap().text().await.unwrap();
        let line = format!("launch_refused_total{{reason=\"{reason}\"}} ");
        text.lines().find_map(|it| it.strip_prefix(&*line)).map_or(0, |count| count.parse().unwrap())
    }
}

fn now() -> i64 {
    SystemClock.now().seconds()
}

fn cookie(answer: &Response) -> String {
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

fn location(answer: &Response) -> &str {
    answer.headers()[header::LOCATION].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_opens_the_page_of_its_biller_in_the_persons_name() {
    let house = House::new().await;
    let before = house.entries().await;
    let answer =
        house.launch(&house.token(json!({ "theme": "dark", "locale": "de-DE" }))).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&answer), "/billers/34");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(house.entries().await, before + 1);
    let page = house.page("/billers/34", &cookie(&answer)).await.text().await.unwrap();
    assert!(page.contains("City of Abbeville") && page.contains("Ada Byron"), "{page}");
    assert!(page.contains("data-theme=\"dark\""), "{page}");

    let overview = house.launch(&house.token(json!({ "bid": null }))).send().await.unwrap();
    assert_eq!(location(&overview), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_never_leads_out_of_the_console() {
    let house = House::new().await;
    for bid in [
        "//evil.example",
        "https://evil.example",
        "..",
        "../sign-in",
        "/\\evil.example",
        "a\r\nb",
        "<b>",
        "99",
    ] {
        let answer = house.launch(&house.token(json!({ "bid": bid }))).send().await.unwrap();
        assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/"), "{bid:?}");
        let page = house.page("/", &cookie(&answer)).await.text().await.unwrap();
        assert!(
            page.contains("which is not here, or not among yours") && !page.contains("<b>"),
            "{bid:?}: {page}"
        );
    }
    // What comes beside the token is nothing that anybody signed.
    let request = house.request(Method::POST, "/launch?next=//evil.example&bid=34");
    let form = [("token", house.token(json!({ "bid": null }))), ("next", "https://evil.example".to_owned())];
    assert_eq!(location(&request.form(&form).send().await.unwrap()), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_from_before_is_never_signed_in() {
    let house = House::new().await;
    let theme = house.request(Method::POST, "/do/set_theme").form(&[("theme", "dark")]).send().await.unwrap();
    let planted = cookie(&theme);
    let launch = house.launch(&house.token(json!({}))).header(header::COOKIE, &planted);
    let fresh = cookie(&launch.send().await.unwrap());
    assert_ne!(fresh, planted);
    assert_eq!(house.page("/billers", &planted).await.status(), StatusCode::SEE_OTHER, "it is nobody's");
    assert_eq!(house.page("/billers", &fresh).await.status(), StatusCode::OK);

    let other = house.token(json!({ "sub": "u-8", "name": "Grace Hopper", "roles": "auditor" }));
    let launch = house.launch(&other).header(header::COOKIE, &fresh).send().await.unwrap();
    assert_ne!(cookie(&launch), fresh);
    assert_eq!(house.page("/billers", &fresh).await.status(), StatusCode::SEE_OTHER, "the one before is out");
    let page = house.page("/billers", &cookie(&launch)).await.text().await.unwrap();
    assert!(
        page.contains("Grace Hopper") && !page.contains("data-theme=\"dark\""),
        "with nothing of the other's"
    );
}

/// What answers to a refused launch have in common: all but the reference.
async fn shown(answer: Response) -> (StatusCode, Vec<String>, String) {
    let reference = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let mut names: Vec<String> = answer.headers().keys().map(ToString::to_string).collect();
    names.sort();
    (answer.status(), names, answer.text().await.unwrap().replace(&reference, "REFERENCE"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_launch_gets_the_same_page_and_leaves_nothing_but_a_count() {
    let (house, stranger) = (House::new().await, sandbox().await);
    let before = house.entries().await;
    let now = now();
    let good = house.token(json!({}));
    let (text, signature) = good.rsplit_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIn0";
    let claims = text.split_once('.').unwrap().1;
    let foreign = stranger.sign_launch(house.claims().as_object().unwrap()).unwrap();
    let mut tampered = signature.to_owned();
    tampered.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });
    let mut bodies = Vec::new();
    for (token, reason) in [
        (String::new(), "no_token"),
        ("hello".to_owned(), "malformed"),
        ("x".repeat(9_000), "too_long"),
        ("x".repeat(20_000), "too_long"),
        (format!("{text}."), "unsigned"),
        (format!("{none}.{claims}."), "unsigned"),
        (format!("{none}.{claims}.{signature}"), "unsigned"),
        (format!("{text}.{tampered}"), "signature"),
        (foreign, "unknown_key"),
        (house.token(json!({ "iss": "https://crm.example" })), "issuer"),
        (house.token(json!({ "aud": "portal" })), "audience"),
        (house.token(json!({ "iat": now - 120, "exp": now - 60 })), "late"),
        (house.token(json!({ "iat": now + 120, "exp": now + 180 })), "early"),
        (house.token(json!({ "exp": now + 3_600 })), "lifetime"),
        (house.token(json!({ "exp": null })), "claim"),
        (house.token(json!({ "jti": null })), "claim"),
        (house.token(json!({ "portfolio": "" })), "claim"),
        (house.token(json!({ "roles": ["emperor"] })), "no_role"),
    ] {
        let counted = house.refused(reason).await;
        let answer = house.launch(&token).send().await.unwrap();
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{reason}");
        bodies.push((reason, shown(answer).await));
        assert_eq!(house.refused(reason).await, counted + 1, "{reason}");
    }
    let used = house.token(json!({}));
    house.launch(&used).send().await.unwrap();
    bodies.push(("replayed", shown(house.launch(&used).send().await.unwrap()).await));
    assert_eq!(house.refused("replayed").await, 1);
    let (_, first) = &bodies[0];
    assert_eq!(first.0, StatusCode::FORBIDDEN);
    assert!(
        first.2.contains("open the console from there again") && first.2.contains("REFERENCE"),
        "{first:?}"
    );
    for (reason, answer) in &bodies {
        assert_eq!(answer, first, "{reason}");
    }
    assert_eq!(house.entries().await, before + 1, "the one good launch");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_crm_is_named_no_other_site_launches_anybody() {
    let house = House::with(&[("CIAM_EMBEDDING__CRM_ORIGINS", "[\"https://crm.example\"]".to_owned())]).await;
    for (site, status) in [
        ("https://evil.example", StatusCode::FORBIDDEN),
        ("https://crm.example.evil.example", StatusCode::FORBIDDEN),
        ("null", StatusCode::FORBIDDEN),
        ("https://crm.example", StatusCode::SEE_OTHER),
    ] {
        let (token, counted) = (house.token(json!({})), house.refused("origin").await);
        let request = house.request(Method::POST, "/launch").header(header::ORIGIN, site);
        let answer =
            request.header("sec-fetch-site", "cross-site").form(&[("token", &token)]).send().await.unwrap();
        assert_eq!(answer.status(), status, "{site}");
        let refused = u64::from(status == StatusCode::FORBIDDEN);
        assert_eq!(house.refused("origin").await, counted + refused, "{site}");
        assert_eq!(answer.headers().get(header::SET_COOKIE).is_none(), refused == 1, "{site}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_frame_goes_on_without_losing_what_was_typed() {
    let house = House::new().await;
    let go_on = |token: String, cookie: &str| {
        let request = house.launch(&token).header(header::ACCEPT, "application/json");
        request.header(header::COOKIE, cookie.to_owned()).send()
    };
    let first = cookie(&house.launch(&house.token(json!({}))).send().await.unwrap());
    let refused = house.request(Method::POST, "/do/set_go_live").header(header::COOKIE, &first);
    let typed = [("bid", "34"), ("seen", ""), ("go_live", "sometime soon")];
    refused.form(&typed).send().await.unwrap();

    let somebody = house.token(json!({ "sub": "u-8" }));
    let entries = house.entries().await;
    let answer = go_on(somebody.clone(), &first).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    assert!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("application/problem+json"));
    assert_eq!(house.entries().await, entries, "nothing was done");
    // The sign-in page shows the notice and leaves it.
    let page = house.page("/sign-in", &first).await.text().await.unwrap();
    assert!(page.contains("You are signed in as Ada Byron"), "the one there stays: {page}");

    let answer = go_on(house.token(json!({})), &first).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let renewed = cookie(&answer);
    assert_ne!(renewed, first);
    assert_eq!(house.page("/billers", &first).await.status(), StatusCode::SEE_OTHER);
    let page = house.page("/billers/34", &renewed).await.text().await.unwrap();
    assert!(
        page.contains("one field needs a correction"),
        "the notice of the form that was refused is there: {page}"
    );

    let answer = go_on("hello".to_owned(), &renewed).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["title"], "The console was not opened");
    // Whoever was told 409 may still come in by the door: the launch was not used.
    let answer = house.launch(&somebody).header(header::COOKIE, &renewed).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_configured_or_the_crm_is_away_nobody_is_launched() {
    let away = [
        ("CIAM_LAUNCH__ISSUER", "https://crm.example".to_owned()),
        ("CIAM_LAUNCH__JWKS_URL", "http://127.0.0.1:9/jwks.json".to_owned()),
    ];
    let house = House::with(&away).await;
    let begun = std::time::Instant::now();
    let answer = house.launch(&house.token(json!({ "iss": "https://crm.example" }))).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(house.refused("no_keys").await, 1);
    assert!(begun.elapsed() < Duration::from_secs(10), "it does not wait for long");
}
