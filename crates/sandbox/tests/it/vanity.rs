//! Vanity domains: the same issuer under a host name of its own.

use reqwest::{Method, RequestBuilder, Url};
use serde_json::json;

use crate::{
    sign_in::{VERIFIER, authorize_url, claims, redeem, sign_in, token},
    world::{Answer, Biller, World, send},
};

const HOST: &str = "login.acme.example";

/// Asks the sandbox under another host name, as DNS would lead there.
async fn under(
    world: &World,
    method: Method,
    path: &str,
    fill: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Answer {
    let url = format!("{}{path}", world.sandbox.base_url());
    send(fill(world.http.request(method, url).header("host", HOST))).await
}

async fn discovery(world: &World) -> Answer {
    under(world, Method::GET, "/.well-known/openid-configuration", |it| it).await
}

fn body() -> serde_json::Value {
    json!({"domain": HOST, "type": "server", "server_id": "acme", "tenant_id": "sandbox"})
}

#[tokio::test]
async fn an_issuer_answers_under_its_vanity_domain_too() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    discovery(&world).await.expect(404);
    world.admin(Method::POST, "/vanity-domains", Some(body())).await.expect(200);
    let document = discovery(&world).await.expect(200).json();
    assert_eq!(document["issuer"], format!("http://{HOST}"));
    assert_eq!(document["authorization_endpoint"], format!("http://{HOST}/oauth2/authorize"));
    // The old address keeps answering with the old issuer.
    let old = format!("{}/.well-known/openid-configuration", world.sandbox.issuer("acme"));
    let old = send(world.http.get(old)).await.expect(200).json();
    assert_eq!(old["issuer"], world.sandbox.issuer("acme"));
    world.admin(Method::DELETE, "/vanity-domains", Some(body())).await.expect(204);
    discovery(&world).await.expect(404);
    let back = sign_in(&world, &biller, &[]).await;
    token(&world, &biller, &redeem(&back["code"], VERIFIER)).await.expect(200);
}

#[tokio::test]
async fn tokens_of_a_sign_in_there_carry_that_issuer() {
    let world = World::new().await;
    let biller = world.biller("acme").await;
    world.admin(Method::POST, "/vanity-domains", Some(body())).await.expect(200);
    let query = authorize_url(&world, &biller, &[]).query().unwrap().to_owned();
    let begin = under(&world, Method::GET, &format!("/oauth2/authorize?{query}"), |it| it).await.expect(302);
    assert!(begin.header("location").starts_with(&format!("http://{HOST}/login?")));
    let form = [("username", "ada"), ("password", Biller::PASSWORD)];
    let back = under(&world, Method::POST, &format!("/login?{query}"), |it| it.form(&form)).await.expect(302);
    let back = Url::parse(back.header("location")).unwrap();
    let value = |wanted: &str| back.query_pairs().find(|(name, _)| name == wanted).unwrap().1.into_owned();
    assert_eq!(value("iss"), format!("http://{HOST}"));
    let code = json!(value("code"));
    let form = redeem(&code, VERIFIER);
    let tokens = under(&world, Method::POST, "/oauth2/token", |it| {
        it.basic_auth(&biller.client, Some(&biller.secret)).form(&form)
    });
    let claims = claims(&tokens.await.expect(200).json());
    assert_eq!((&claims["iss"], &claims["aid"]), (&json!(format!("http://{HOST}")), &json!("acme")));
}
