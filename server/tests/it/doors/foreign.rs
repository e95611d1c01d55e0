//! Requests that another site makes a signed-in browser send.

use domain::actor::Role;
use reqwest::{Method, StatusCode};
use server::doors;

use super::house::{House, Visitor};

const OWNER: Visitor = Visitor::As(Role::PlatformOwner);

#[tokio::test(flavor = "multi_thread")]
async fn every_write_refuses_what_another_site_sends() {
    let house = House::furnished().await;
    let foreign = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    let before = house.entries().await;
    for door in doors::of_console().into_iter().filter(|door| door.method != Method::GET) {
        let path = door.path.replace("{bid}", "enabled");
        for (name, value) in foreign {
            let request = house.request(OWNER, door.method.clone(), &path).header(name, value);
            let answer = request.form(&[("role", "support"), ("bid", "enabled")]).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} with {name}: {value}");
        }
    }
    assert_eq!(house.entries().await, before, "nothing was done");
    let still_in = house.request(OWNER, Method::GET, "/billers").send().await.unwrap();
    assert_eq!(still_in.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_was_typed_before_signing_in_never_leads_to_another_site() {
    let house = House::furnished().await;
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0aX: y",
        "javascript:alert(1)",
    ] {
        let request = house.request(Visitor::Nobody, Method::POST, "/do/sign_in");
        let answer = request.form(&[("role", "support"), ("next", next)]).send().await.unwrap();
        let to = answer.headers()["location"].to_str().unwrap();
        assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'), "{next} led to {to}");
        let request = house.request(OWNER, Method::POST, "/do/set_theme");
        let answer = request.form(&[("theme", "dark"), ("next", next)]).send().await.unwrap();
        let to = answer.headers()["location"].to_str().unwrap();
        assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'), "{next} led to {to}");
    }
}
