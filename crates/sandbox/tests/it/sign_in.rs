//! Signing in: the authorize page, codes, PKCE, ID tokens, and what switches them off.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::JwkSet};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use reqwest::{Method, Url};
use sandbox::{DeactivatedEffect, ObjectKind};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Answer, Biller, World, send};

pub(crate) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// An authorization request as a good client makes it, with some parameters changed.
pub(crate) fn authorize_url(world: &World, biller: &Biller, changes: &[(&str, &str)]) -> Url {
    let challenge = challenge();
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", biller.client.as_str()),
        ("redirect_uri", Biller::REDIRECT),
        ("scope", "openid"),
        ("state", "a state & more"),
        ("nonce", "n-1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        query.retain(|(other, _)| other != name);
        query.push((name, value));
    }
    query.retain(|(_, value)| !value.is_empty());
    let url = format!("{}/oauth2/authorize", world.sandbox.issuer(&biller.id));
    Url::parse_with_params(&url, query).unwrap()
}

/// Opens the authorization request and follows it to the page a person sees.
pub(crate) async fn open(world: &World, url: Url) -> (Url, Answer) {
    let first = send(world.http.get(url)).await.expect(302);
    let location = Url::parse(first.header("location")).unwrap();
    let page = send(world.http.get(location.clone())).await;
    (location, page)
}

/// Signs in and gives the query of the URL the client is sent to.
pub(crate) async fn sign_in(world: &World, biller: &Biller, changes: &[(&str, &str)]) -> Map<String, Value> {
    let (login, page) = open(world, authorize_url(world, biller, changes)).await;
    page.expect(200);
    let form = [("username", "ada"), ("password", Biller::PASSWORD)];
    let answer = send(world.http.post(login).form(&form)).await.expect(302);
    let back = Url::parse(answer.header("location")).unwrap();
    assert!(back.as_str().starts_with(Biller::REDIRECT), "{back}");
    back.query_pairs().map(|(name, value)| (name.into_owned(), json!(value))).collect()
}

pub(crate) fn redeem<'a>(code: &'a Value, verifier: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code.as_str().unwrap()),
        ("redirect_uri", Biller::REDIRECT),
        ("code_verifier", verifier),
    ]
}

pub(crate) async fn token(world: &World, biller: &Biller, form: &[(&str, &str)]) -> Answer {
    let url = format!("{}/oauth2/token", world.sandbox.issuer(&biller.id));
    send(world.http.post(url).basic_auth(&biller.client, Some(&biller.secret)).form(form)).await
}

#[tokio::test]
async fn a_person_signs_in_and_the_portal_gets_a_verifiable_id_token() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let back = sign_in(&world, &biller, &[]).await;
    assert_eq!(back["state"], "a state & more");
    assert_eq!(back["iss"], world.sandbox.issuer("acme"));
    let tokens = token(&world, &biller, &redeem(&back["code"], VERIFIER)).await.expect(200).json();

    let url = format!("{}/.well-known/jwks.json", world.sandbox.issuer("acme"));
    let keys: JwkSet = serde_json::from_value(send(world.http.get(url)).await.expect(200).json()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.set_audience(&[&biller.client]);
    validation.set_issuer(&[world.sandbox.issuer("acme")]);
    let key = DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    let id_token = tokens["id_token"].as_str().unwrap();
    let claims = decode::<Map<String, Value>>(id_token, &key, &validation).unwrap().claims;
    assert_eq!((&claims["sub"], &claims["nonce"]), (&json!(Biller::USER), &json!("n-1")));
    assert_eq!((&claims["email"], &claims["name"]), (&json!("ada@example.com"), &json!("Ada Byron")));

    let url = format!("{}/userinfo", world.sandbox.issuer("acme"));
    let info = world.http.get(url).bearer_auth(tokens["access_token"].as_str().unwrap());
    assert_eq!(send(info).await.expect(200).json()["preferred_username"], "Ada");
}

#[tokio::test]
async fn the_sign_in_page_is_a_plain_form_that_says_where_one_is() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let (login, page) = open(&world, authorize_url(&world, &biller, &[])).await;
    let page = page.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    for part in
        ["<html lang=\"en\">", "Sign in to Utility acme", "for=\"username\"", "for=\"password\"", "Portal"]
    {
        assert!(page.text.contains(part), "{part} is missing");
    }
    assert!(!page.text.contains("<script"));
    let form = [("username", "\"><b>ada"), ("password", "wrong")];
    let again = send(world.http.post(login).form(&form)).await.expect(401);
    assert!(again.text.contains("Username or password is wrong."));
    assert!(!again.text.contains("<b>ada"));
}

#[tokio::test]
async fn a_code_works_once_for_its_client_with_its_verifier_in_its_time() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let other = world.biller("other").await;
    let code = sign_in(&world, &biller, &[]).await["code"].clone();
    let refused =
        token(&world, &biller, &redeem(&code, "another-verifier-of-forty-three-characters-xx")).await;
    assert_eq!(refused.expect(400).json()["error"], "invalid_grant");
    let mut without = redeem(&code, VERIFIER);
    without.retain(|(name, _)| *name != "code_verifier");
    token(&world, &biller, &without).await.expect(400);
    token(&world, &other, &redeem(&code, VERIFIER)).await.expect(400);
    token(&world, &biller, &redeem(&code, VERIFIER)).await.expect(200);
    token(&world, &biller, &redeem(&code, VERIFIER)).await.expect(400);
    let late = sign_in(&world, &biller, &[]).await["code"].clone();
    world.clock.advance(Duration::from_secs(600));
    token(&world, &biller, &redeem(&late, VERIFIER)).await.expect(400);
}

#[tokio::test]
async fn a_request_that_cannot_be_trusted_ends_on_an_error_page() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    for (changes, reason) in [
        ([("client_id", "nobody")], "no client nobody"),
        ([("client_id", "")], "client_id is required"),
        ([("redirect_uri", "https://evil.example/")], "not registered"),
        ([("idp_hint", "unknown")], "No sign-in provider"),
    ] {
        let (at, page) = open(&world, authorize_url(&world, &biller, &changes)).await;
        assert!(at.path().ends_with("/error"), "{at}");
        let page = page.expect(400);
        assert!(page.text.contains(reason), "{reason}: {}", page.text);
    }
    let unknown =
        format!("{}/oauth2/authorize?client_id=x&response_type=code", world.sandbox.issuer("nowhere"));
    let unknown = send(world.http.get(unknown)).await.expect(404).json();
    assert_eq!(unknown["error_code"], 404);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_goes_back_to_the_client_with_an_error() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    for (changes, error) in [
        ([("response_type", "token")], "unsupported_response_type"),
        ([("code_challenge_method", "plain")], "invalid_request"),
    ] {
        let answer = send(world.http.get(authorize_url(&world, &biller, &changes))).await.expect(302);
        let back = Url::parse(answer.header("location")).unwrap();
        assert!(back.as_str().starts_with(Biller::REDIRECT), "{back}");
        let pairs: Map<String, Value> = back.query_pairs().map(|(k, v)| (k.into_owned(), json!(v))).collect();
        assert_eq!((&pairs["error"], &pairs["state"]), (&json!(error), &json!("a state & more")));
    }
}

#[tokio::test]
async fn an_inactive_application_lets_nobody_in() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let code = sign_in(&world, &biller, &[]).await["code"].clone();
    let set = async |status: &str| {
        let mut body = world.admin(Method::GET, "/clients/acme-portal", None).await.json();
        body["client_status"] = json!(status);
        world.admin(Method::PUT, "/clients/acme-portal", Some(body)).await.expect(200);
    };
    set("inactive").await;
    let (_, page) = open(&world, authorize_url(&world, &biller, &[])).await;
    assert!(page.expect(400).text.contains("inactive"));
    let refused = token(&world, &biller, &redeem(&code, VERIFIER)).await.expect(401);
    assert_eq!(refused.json()["error"], "invalid_client");
    set("active").await;
    token(&world, &biller, &redeem(&code, VERIFIER)).await.expect(200);
}

#[tokio::test]
async fn a_disabled_binding_closes_and_a_hidden_one_only_hides() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let path = format!("/servers/acme/idps/identity_pool/{}", biller.binding);
    let set = async |field: &str, value: bool| {
        let mut body = world.admin(Method::GET, &path, None).await.json();
        body[field] = json!(value);
        world.admin(Method::PUT, &path, Some(body)).await.expect(200);
    };
    set("disabled", true).await;
    open(&world, authorize_url(&world, &biller, &[])).await.1.expect(400);
    let hinted = [("idp_hint", biller.binding.as_str())];
    open(&world, authorize_url(&world, &biller, &hinted)).await.1.expect(400);
    set("disabled", false).await;
    open(&world, authorize_url(&world, &biller, &[])).await.1.expect(200);
    set("hidden", true).await;
    open(&world, authorize_url(&world, &biller, &[])).await.1.expect(400);
    open(&world, authorize_url(&world, &biller, &hinted)).await.1.expect(200);
}

#[tokio::test]
async fn deactivation_has_the_effect_that_is_switched_on() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let code = sign_in(&world, &biller, &[]).await["code"].clone();
    let mut body = world.admin(Method::GET, "/organizations/acme", None).await.json();
    body["deactivated"] = json!(true);
    world.admin(Method::PUT, "/organizations/acme", Some(body)).await.expect(200);
    open(&world, authorize_url(&world, &biller, &[])).await.1.expect(200);
    world.sandbox.set_deactivated_effect(DeactivatedEffect::BlocksLogin);
    let page = open(&world, authorize_url(&world, &biller, &[])).await.1.expect(400);
    assert!(page.text.contains("deactivated"));
    token(&world, &biller, &redeem(&code, VERIFIER)).await.expect(400);
    world.sandbox.set_deactivated_effect(DeactivatedEffect::None);
    token(&world, &biller, &redeem(&code, VERIFIER)).await.expect(200);
}

#[tokio::test]
async fn only_active_users_with_a_usable_password_get_in() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let (login, _) = open(&world, authorize_url(&world, &biller, &[])).await;
    let attempt = async || {
        let form = [("username", "ada"), ("password", Biller::PASSWORD)];
        send(world.http.post(login.clone()).form(&form)).await
    };
    let user = format!("/pools/{}/users/{}", biller.pool, Biller::USER);
    world.identity(Method::PUT, &user, Some(json!({"status": "inactive"}))).await.expect(200);
    assert!(attempt().await.expect(401).text.contains("not active"));
    world.identity(Method::PUT, &user, Some(json!({"status": "active"}))).await.expect(200);
    attempt().await.expect(302);
}

#[tokio::test]
async fn revoking_a_users_tokens_ends_token_and_code() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let first = sign_in(&world, &biller, &[]).await["code"].clone();
    let tokens = token(&world, &biller, &redeem(&first, VERIFIER)).await.expect(200).json();
    let second = sign_in(&world, &biller, &[]).await["code"].clone();
    let path = format!("/pools/{}/tokens", biller.pool);
    world.admin(Method::DELETE, &path, Some(json!({"users": []}))).await.expect(422);
    let too_many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    world.admin(Method::DELETE, &path, Some(json!({"users": too_many}))).await.expect(422);
    world.system(Method::DELETE, &path, Some(json!({"users": [Biller::USER]}))).await.expect(204);
    let url = format!("{}/userinfo", world.sandbox.issuer("acme"));
    let access = tokens["access_token"].as_str().unwrap();
    send(world.http.get(url).bearer_auth(access)).await.expect(401);
    token(&world, &biller, &redeem(&second, VERIFIER)).await.expect(400);
}

#[tokio::test]
async fn a_client_with_keys_of_its_own_needs_no_secret() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut body = world.admin(Method::GET, "/clients/acme-portal", None).await.json();
    body["token_endpoint_auth_method"] = json!("private_key_jwt");
    body["jwks"] =
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y), "alg": "ES256"}]});
    world.admin(Method::PUT, "/clients/acme-portal", Some(body)).await.expect(200);

    let issuer = world.sandbox.issuer("acme");
    let assertion = |audience: &str, expires: i64| {
        let claims =
            json!({"iss": biller.client, "sub": biller.client, "aud": audience, "jti": "1", "exp": expires});
        let text = format!(
            "{}.{}",
            encode(br#"{"alg":"ES256","typ":"JWT"}"#),
            encode(claims.to_string().as_bytes())
        );
        let signature: Signature = key.sign(text.as_bytes());
        format!("{text}.{}", encode(&signature.to_bytes()))
    };
    let code = sign_in(&world, &biller, &[]).await["code"].clone();
    let ask = |jwt: String| {
        let mut form = redeem(&code, VERIFIER);
        form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        form.push(("client_assertion", &jwt));
        send(world.http.post(format!("{issuer}/oauth2/token")).form(&form))
    };
    let soon = crate::world::BEGINNING / 1_000_000 + 60;
    ask(assertion("https://elsewhere.example", soon)).await.expect(401);
    ask(assertion(&issuer, soon - 120)).await.expect(401);
    let mut forged = assertion(&issuer, soon);
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    ask(forged).await.expect(401);
    // The secret it still has no longer counts.
    token(&world, &biller, &redeem(&code, VERIFIER)).await.expect(401);
    ask(assertion(&issuer, soon)).await.expect(200);
}

/// What an ID token says, its signature unchecked.
pub(crate) fn claims(tokens: &Value) -> Value {
    let claims = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// Changes the organization's settings as its owner would.
fn settle(world: &World, fields: &Value) {
    world.sandbox.drift(ObjectKind::Organization, "acme", fields).unwrap();
}

#[tokio::test]
async fn codes_and_tokens_live_as_long_as_the_organization_says() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    settle(
        &world,
        &json!({"authorization_code_ttl": "30s", "access_token_ttl": "5m0s", "id_token_ttl": "2m0s"}),
    );
    let back = sign_in(&world, &biller, &[]).await;
    world.clock.advance(Duration::from_secs(31));
    let late = token(&world, &biller, &redeem(&back["code"], VERIFIER)).await.expect(400).json();
    assert_eq!(late["error"], "invalid_grant");
    let back = sign_in(&world, &biller, &[]).await;
    world.clock.advance(Duration::from_secs(29));
    let tokens = token(&world, &biller, &redeem(&back["code"], VERIFIER)).await.expect(200).json();
    assert_eq!(tokens["expires_in"], 300);
    let claims = claims(&tokens);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    let info = || {
        let url = format!("{}/userinfo", world.sandbox.issuer("acme"));
        world.http.get(url).bearer_auth(tokens["access_token"].as_str().unwrap())
    };
    send(info()).await.expect(200);
    world.clock.advance(Duration::from_secs(301));
    send(info()).await.expect(401);
}
