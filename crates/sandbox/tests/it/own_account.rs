//! What people may do for themselves, and the codes they get for it: as the pool says.

use std::time::Duration;

use reqwest::{Method, Url};
use sandbox::ObjectKind;
use serde_json::{Value, json};

use crate::{
    sign_in::{authorize_url, open},
    world::{Answer, Biller, World, send},
};

fn settle(world: &World, biller: &Biller, fields: &Value) {
    world.sandbox.drift(ObjectKind::Pool, &biller.pool, fields).unwrap();
}

/// The sign-in page, with where it is.
async fn login(world: &World, biller: &Biller) -> (Url, Answer) {
    let (at, page) = open(world, authorize_url(world, biller, &[])).await;
    (at, page.expect(200))
}

/// A page beside the sign-in page.
fn beside(login: &Url, name: &str) -> Url {
    Url::parse(&login.as_str().replace("/login?", &format!("/{name}?"))).unwrap()
}

/// The last message to this address.
fn code(world: &World, kind: &str, address: &str) -> String {
    let all = world.sandbox.messages();
    let found = all.iter().find(|it| it["kind"] == kind && it["address"] == address);
    found.unwrap_or_else(|| panic!("no {kind} for {address}: {all:?}"))["code"].as_str().unwrap().to_owned()
}

/// What a form carries on to its next step.
fn whose(page: &Answer) -> String {
    let from = page.text.split("name=\"whose\" value=\"").nth(1).unwrap();
    from.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn people_register_where_the_pool_lets_them() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let (at, page) = login(&world, &biller).await;
    assert!(!page.text.contains("Create an account"));
    let register = beside(&at, "register");
    send(world.http.get(register.clone())).await.expect(403);
    let form = [("username", "Bob"), ("address", "bob@x.example"), ("password", "a long password 1")];
    send(world.http.post(register.clone()).form(&form)).await.expect(403);
    let direct = format!("/pools/{}/user/register", biller.pool);
    let body = json!({"identifier": "carl@x.example", "password": "a long password 1"});
    world.identity_system(Method::POST, &direct, Some(body.clone())).await.expect(422);

    settle(
        &world,
        &biller,
        &json!({
            "public_registration_allowed": true,
            "otp_settings": {"activation": {"length": 8, "ttl": "5m0s"}},
            "password_policy": {"min_length": 12},
        }),
    );
    let (_, page) = login(&world, &biller).await;
    assert!(page.text.contains("Create an account"));
    send(world.http.get(register.clone())).await.expect(200);
    let short = [("username", "Bob"), ("address", "bob@x.example"), ("password", "short")];
    let refused = send(world.http.post(register.clone()).form(&short)).await.expect(422);
    assert!(refused.text.contains("min_length 12"), "{}", refused.text);
    let users = world.sandbox.state().count(ObjectKind::User);
    let step = send(world.http.post(register.clone()).form(&form)).await.expect(200);
    assert_eq!(world.sandbox.state().count(ObjectKind::User), users + 1, "the refused try left nothing");
    let first = code(&world, "activation", "bob@x.example");
    assert!(first.len() == 8 && first.bytes().all(|it| it.is_ascii_digit()), "{first}");
    let whose = whose(&step);
    let confirm = async |code: &str| {
        let form = [("whose", whose.as_str()), ("code", code)];
        send(world.http.post(register.clone()).form(&form)).await
    };
    assert!(confirm("00000000").await.expect(422).text.contains("wrong or has expired"));
    let sign_in = async || {
        let form = [("username", "bob"), ("password", "a long password 1")];
        send(world.http.post(at.clone()).form(&form)).await
    };
    assert!(sign_in().await.expect(401).text.contains("not active"));
    let done = confirm(&first).await.expect(302);
    assert!(done.header("location").contains("/login?"));
    sign_in().await.expect(302);
    confirm(&first).await.expect(422);
    let made = world.identity_system(Method::POST, &direct, Some(body)).await.expect(201).json();
    let shown = format!("/pools/{}/users/{}", biller.pool, made["id"].as_str().unwrap());
    assert_eq!(world.identity(Method::GET, &shown, None).await.json()["status"], "new");
}

#[tokio::test]
async fn a_name_that_is_taken_is_not_told_to_who_registers() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    settle(&world, &biller, &json!({"public_registration_allowed": true}));
    let (at, _) = login(&world, &biller).await;
    let form = [("username", "Ada"), ("address", "mallory@x.example"), ("password", "a long password 1")];
    let step = send(world.http.post(beside(&at, "register")).form(&form)).await.expect(200);
    assert!(step.text.contains("a code is on its way"));
    let form = [("whose", whose(&step)), ("code", "123456".to_owned())];
    let refused = send(world.http.post(beside(&at, "register")).form(&form)).await.expect(422);
    assert!(refused.text.contains("wrong or has expired"), "{}", refused.text);
    let own = [("username", "ada"), ("password", Biller::PASSWORD)];
    send(world.http.post(at).form(&own)).await.expect(302);
}

#[tokio::test]
async fn people_reset_their_password_where_the_pool_lets_them() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    settle(&world, &biller, &json!({"otp_settings": {"reset_password": {"length": 10, "ttl": "2m0s"}}}));
    let (at, page) = login(&world, &biller).await;
    assert!(page.text.contains("Forgot password?"));
    let reset = beside(&at, "reset");
    send(world.http.get(reset.clone())).await.expect(200);
    let ask = async |address: &str| {
        send(world.http.post(reset.clone()).form(&[("address", address)])).await.expect(200)
    };
    let unknown = ask("nobody@x.example").await;
    assert!(unknown.text.contains("If the address is known here"));
    assert_eq!(world.sandbox.messages().len(), 0);
    let step = ask("ada@example.com").await;
    let late = code(&world, "reset_password", "ada@example.com");
    assert_eq!(late.len(), 10);
    let set = async |code: &str| {
        let form = [
            ("whose", whose(&step)),
            ("code", code.to_owned()),
            ("new_password", "fresh words 42".to_owned()),
        ];
        send(world.http.post(reset.clone()).form(&form)).await
    };
    world.clock.advance(Duration::from_secs(120));
    set(&late).await.expect(422);
    ask("ada@example.com").await;
    let fresh = code(&world, "reset_password", "ada@example.com");
    world.clock.advance(Duration::from_secs(119));
    set(&fresh).await.expect(302);
    for (password, status) in [(Biller::PASSWORD, 401), ("fresh words 42", 302)] {
        let form = [("username", "ada"), ("password", password)];
        send(world.http.post(at.clone()).form(&form)).await.expect(status);
    }
    // Off: neither offered nor done, while an administrator may still send a code.
    let off = json!({"reset_credentials_settings": {"do_not_allow_users_to_self_reset_credentials": true}});
    settle(&world, &biller, &off);
    assert!(!login(&world, &biller).await.1.text.contains("Forgot password?"));
    send(world.http.get(reset.clone())).await.expect(403);
    send(world.http.post(reset.clone()).form(&[("address", "ada@example.com")])).await.expect(403);
    let before = world.sandbox.messages().len();
    let own = json!({"address": "ada@example.com"});
    let path = format!("/pools/{}/user/password/reset/request", biller.pool);
    world.identity_system(Method::POST, &path, Some(own.clone())).await.expect(204);
    assert_eq!(world.sandbox.messages().len(), before);
    let path = format!("/pools/{}/users/{}/password/reset/request", biller.pool, Biller::USER);
    world.identity(Method::POST, &path, Some(own)).await.expect(204);
    let by_hand = code(&world, "reset_password", "ada@example.com");
    let body = json!({"code": by_hand, "userID": Biller::USER, "new_password": "third words 43"});
    let path = format!("/pools/{}/user/password/reset/complete", biller.pool);
    world.identity_system(Method::POST, &path, Some(body.clone())).await.expect(204);
    world.identity_system(Method::POST, &path, Some(body)).await.expect(401);
}

#[tokio::test]
async fn every_kind_of_code_is_as_long_and_as_good_as_the_pool_says() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let user = format!("/pools/{}/users/{}", biller.pool, Biller::USER);
    let address = json!({"address": "new@x.example", "type": "email", "verified": false});
    world.identity(Method::POST, &format!("{user}/addresses/add"), Some(address)).await.expect(200);
    let make = async |kind: &str, address: Option<&str>| {
        let mut body = json!({ "type": kind });
        if let Some(address) = address {
            body["address"] = json!(address);
        }
        let path = format!("{user}/code/generate");
        world.identity_system(Method::POST, &path, Some(body)).await.expect(201).json()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(make("authentication", None).await.len(), 6, "where the pool says nothing");
    let lengths = [("authentication", 4), ("challenge", 5), ("reset_password", 7), ("verify_address", 9)];
    let rules: serde_json::Map<String, Value> = lengths
        .iter()
        .map(|(kind, length)| ((*kind).to_owned(), json!({"length": length, "ttl": "1m0s"})))
        .collect();
    settle(&world, &biller, &json!({ "otp_settings": rules }));
    for (kind, length) in lengths {
        let address = (kind == "verify_address").then_some("new@x.example");
        assert_eq!(make(kind, address).await.len(), length, "{kind}");
    }
    let complete = async |code: &str| {
        let body = json!({"address": "new@x.example", "code": code});
        let path = format!("{user}/address/verification/complete");
        world.identity_system(Method::POST, &path, Some(body)).await
    };
    let verify = json!({"address": "new@x.example"});
    let path = format!("{user}/address/verification/request");
    world.identity_system(Method::POST, &path, Some(verify)).await.expect(204);
    let sent = code(&world, "verify_address", "new@x.example");
    world.clock.advance(Duration::from_secs(60));
    complete(&sent).await.expect(422);
    let fresh = make("verify_address", Some("new@x.example")).await;
    complete(&sent).await.expect(422);
    world.clock.advance(Duration::from_secs(59));
    complete(&fresh).await.expect(204);
    let shown = world.identity(Method::GET, &user, None).await.json();
    assert_eq!(shown["verifiable_addresses"][1]["verified"], true);
    let page = send(world.http.get(world.sandbox.base_url())).await.expect(200);
    assert!(page.text.contains(&sent), "what would be sent is on the sandbox's page");
}
