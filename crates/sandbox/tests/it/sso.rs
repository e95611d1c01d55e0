//! Single sign-on: a session spares the next sign-in, for as long as the organization lets it.

use std::time::Duration;

use reqwest::{Method, Url};
use sandbox::ObjectKind;
use serde_json::{Value, json};

use crate::{
    sign_in::{VERIFIER, authorize_url, open, redeem, token},
    world::{Answer, Biller, World, send},
};

fn settle(world: &World, sso: Value) {
    world.sandbox.drift(ObjectKind::Organization, "acme", &json!({ "sso": sso })).unwrap();
}

/// Signs in with the form: the cookie that came, without its attributes.
async fn cookie(world: &World, biller: &Biller) -> Option<String> {
    let (login, page) = open(world, authorize_url(world, biller, &[])).await;
    page.expect(200);
    let form = [("username", "ada"), ("password", Biller::PASSWORD)];
    let answer = send(world.http.post(login).form(&form)).await.expect(302);
    assert!(answer.header("location").starts_with(Biller::REDIRECT));
    let cookie = answer.header("set-cookie").to_owned();
    if !cookie.is_empty() {
        assert!(cookie.contains("; Path=/sandbox/acme; HttpOnly; SameSite=Lax"), "{cookie}");
    }
    cookie.split(';').next().filter(|pair| !pair.is_empty()).map(str::to_owned)
}

async fn again(world: &World, biller: &Biller, cookie: &str, changes: &[(&str, &str)]) -> Answer {
    let request = world.http.get(authorize_url(world, biller, changes)).header("cookie", cookie);
    send(request).await.expect(302)
}

/// Whether an authorization request with this cookie is answered without asking who it is.
async fn known(world: &World, biller: &Biller, cookie: &str) -> bool {
    let answer = again(world, biller, cookie, &[]).await;
    let to = answer.header("location");
    assert!(to.starts_with(Biller::REDIRECT) || to.contains("/login?"), "{to}");
    to.starts_with(Biller::REDIRECT)
}

#[tokio::test]
async fn without_single_sign_on_everybody_signs_in_each_time() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    assert_eq!(cookie(&world, &biller).await, None);
    settle(&world, json!({"enabled": true}));
    let kept = cookie(&world, &biller).await.unwrap();
    assert!(known(&world, &biller, &kept).await);
    settle(&world, json!({"enabled": false}));
    assert!(!known(&world, &biller, &kept).await, "off is off for sessions that were there, too");
    settle(&world, json!({"enabled": true}));
    assert!(!known(&world, &biller, &kept).await, "and they do not come back");
    assert!(!known(&world, &biller, "sandbox_sso=made-up").await);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    settle(&world, json!({"enabled": true, "max_idle": "10m0s", "max_age": "25m0s"}));
    let kept = cookie(&world, &biller).await.unwrap();
    for _ in 0..2 {
        world.clock.advance(Duration::from_secs(599));
        assert!(known(&world, &biller, &kept).await, "each use begins the idle time anew");
    }
    world.clock.advance(Duration::from_secs(302));
    assert!(!known(&world, &biller, &kept).await, "25 minutes after the sign-in, however busy");
    let kept = cookie(&world, &biller).await.unwrap();
    world.clock.advance(Duration::from_secs(600));
    assert!(!known(&world, &biller, &kept).await, "idle for ten minutes");
}

#[tokio::test]
async fn a_token_tells_when_the_person_really_signed_in() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    settle(&world, json!({"enabled": true}));
    let kept = cookie(&world, &biller).await.unwrap();
    world.clock.advance(Duration::from_secs(300));
    let back = again(&world, &biller, &kept, &[]).await;
    let back = Url::parse(back.header("location")).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let tokens = token(&world, &biller, &redeem(&json!(code), VERIFIER)).await.expect(200).json();
    let claims = crate::sign_in::claims(&tokens);
    assert_eq!(claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap(), 300);
    assert_eq!(claims["sub"], Biller::USER);
    // What the client asks for counts more than the session.
    for ask in [("prompt", "login"), ("max_age", "299")] {
        let to = again(&world, &biller, &kept, &[ask]).await;
        assert!(to.header("location").contains("/login?"), "{ask:?}");
    }
    let none = send(world.http.get(authorize_url(&world, &biller, &[("prompt", "none")]))).await.expect(302);
    assert!(none.header("location").contains("error=login_required"), "{}", none.header("location"));
    let to = again(&world, &biller, &kept, &[("prompt", "none")]).await;
    assert!(to.header("location").contains("code="));
}

#[tokio::test]
async fn revoking_locking_and_opting_out_end_sessions() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    settle(&world, json!({"enabled": true}));
    let kept = cookie(&world, &biller).await.unwrap();
    let revoke = json!({"users": [Biller::USER]});
    world.admin(Method::DELETE, &format!("/pools/{}/tokens", biller.pool), Some(revoke)).await.expect(204);
    assert!(!known(&world, &biller, &kept).await);
    let kept = cookie(&world, &biller).await.unwrap();
    let user = format!("/pools/{}/users/{}", biller.pool, Biller::USER);
    world.identity(Method::PUT, &user, Some(json!({"status": "inactive"}))).await.expect(200);
    assert!(!known(&world, &biller, &kept).await);
    world.identity(Method::PUT, &user, Some(json!({"status": "active"}))).await.expect(200);
    let fields = json!({"sso_settings": {"disabled": true}});
    world.sandbox.drift(ObjectKind::Binding, &biller.binding, &fields).unwrap();
    assert_eq!(cookie(&world, &biller).await, None);
}
