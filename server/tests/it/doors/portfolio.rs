//! To the account manager of another portfolio, the billers of the house do not exist.

use domain::actor::{Capability, Role};
use reqwest::{Method, StatusCode, header};
use server::doors::{self, Opens};

use super::house::{CALM, ENABLED, FAILED, FRESH, House, SUSPENDED, Visitor, accounts::USER};

const BILLERS: [&str; 5] = [FRESH, ENABLED, CALM, SUSPENDED, FAILED];

/// Status and content of a page; where it names the biller, a question mark stands.
async fn page(house: &House, visitor: Visitor, path: &str, bid: &str) -> (StatusCode, String) {
    let answer = house.request(visitor, Method::GET, path).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    // A file has no frame: all of it counts.
    let content = text.split_once("<main").map_or(text.as_str(), |(_, content)| content);
    let content = content.split_once("</main>").map_or(content, |(content, _)| content);
    (status, if bid.is_empty() { content.to_owned() } else { content.replace(bid, "?") })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_portfolio_is_that_of_a_biller_nobody_heard_of() {
    let house = House::furnished().await;
    for bid in BILLERS {
        house.an_account(bid).await;
    }
    let mut compared = 0;
    for door in doors::of_console() {
        if door.method != Method::GET || !matches!(door.opens, Opens::MayFor(_)) {
            continue;
        }
        let at = |bid: &str| door.path.replace("{bid}", bid).replace("{user}", USER);
        let (status, nowhere) = page(&house, Visitor::Elsewhere, &at("nobody"), "nobody").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{}", door.path);
        for bid in BILLERS {
            let found = page(&house, Visitor::Elsewhere, &at(bid), bid).await;
            assert_eq!(found, (status, nowhere.clone()), "{} of {bid}", door.path);
            let own = page(&house, Visitor::As(Role::AccountManager), &at(bid), bid).await;
            assert_eq!(own.0, StatusCode::OK, "{} of {bid}", door.path);
            compared += 1;
        }
    }
    assert!(compared >= 30, "only {compared} pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_about_many_billers_holds_any_of_another_portfolio() {
    let house = House::furnished().await;
    let wave = house.request(Visitor::As(Role::Ops), Method::POST, "/do/start_wave");
    let fields = [("bids", FRESH), ("parallel", "1"), ("stop_above_percent", "20")];
    let wave = wave.form(&fields).send().await.unwrap();
    let wave = wave.headers()[header::LOCATION].to_str().unwrap().to_owned();

    let selected = "/waves/new?sel=fresh&sel=enabled";
    let everything = "/waves/new?all=1&portfolio=Coast";
    let searched = "/billers?q=biller&portfolio=Coast";
    let mut paths = vec![selected, everything, searched];
    paths.extend(
        doors::of_console()
            .into_iter()
            .filter(|door| door.method == Method::GET && !door.path.contains('{') && door.path != "/events")
            .filter(|door| {
                matches!(door.opens, Opens::May(Capability::ViewBillers | Capability::ViewActivity))
            })
            .map(|door| door.path),
    );
    assert!(paths.len() >= 8, "{paths:?}");
    for path in paths {
        let (status, content) = page(&house, Visitor::Elsewhere, path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        for bid in BILLERS {
            assert!(!content.contains(&format!("Biller {bid}")), "{path} tells of {bid}");
            assert!(!content.contains(&format!("/billers/{bid}")), "{path} leads to {bid}");
        }
        assert!(!content.contains(&wave), "{path} leads to the wave");
    }
    for (visitor, expected) in
        [(Visitor::Elsewhere, StatusCode::NOT_FOUND), (Visitor::As(Role::AccountManager), StatusCode::OK)]
    {
        assert_eq!(page(&house, visitor, &wave, "").await.0, expected, "{wave} as {visitor:?}");
        let wave = wave.rsplit('/').next().unwrap();
        for topic in [format!("wave:{wave}"), format!("biller:{ENABLED}")] {
            let events = house.request(visitor, Method::GET, &format!("/events?topic={topic}"));
            assert_eq!(events.send().await.unwrap().status(), expected, "{topic} as {visitor:?}");
        }
    }
}
