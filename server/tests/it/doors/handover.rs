//! The go-live day, which two people may change at once.

use domain::actor::Role;
use reqwest::{Method, Response};

use super::house::{ENABLED, House, Visitor};

const ONE: Visitor = Visitor::As(Role::AccountManager);
const OTHER: Visitor = Visitor::As(Role::Product);

async fn save(house: &House, who: Visitor, seen: &str, day: &str) -> Response {
    let fields = [("bid", ENABLED), ("seen", seen), ("go_live", day)];
    house.request(who, Method::POST, "/do/set_go_live").form(&fields).send().await.unwrap()
}

/// The value of the input with this name.
fn value_of(page: &str, name: &str) -> String {
    let input = page.split("<input").find(|it| it.contains(&format!("name=\"{name}\""))).unwrap();
    let input = input.split('>').next().unwrap();
    input.split("value=\"").nth(1).and_then(|it| it.split('"').next()).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_saves_later_keeps_what_was_typed_and_sees_what_is_set() {
    let house = House::furnished().await;
    let open = async |who| {
        let path = format!("/billers/{ENABLED}");
        house.request(who, Method::GET, &path).send().await.unwrap().text().await.unwrap()
    };
    let (one, other) = (open(ONE).await, open(OTHER).await);
    let before = house.entries().await;
    let saved = save(&house, ONE, &value_of(&one, "seen"), "2027-03-01").await;
    assert!(house.follow(ONE, saved).await.contains("The go-live day is set."));

    let refused = save(&house, OTHER, &value_of(&other, "seen"), "2027-04-15").await;
    assert_eq!(house.entries().await, before + 1, "one of the two was done");
    let page = house.follow(OTHER, refused).await;
    assert!(page.contains("The go-live day was changed by someone else meanwhile"), "{page}");
    assert_eq!(value_of(&page, "go_live"), "2027-04-15", "what was typed is kept");
    assert!(page.contains("Set now: 1 March 2027."), "{page}");

    // Now that the present day was shown, it may be overwritten.
    let again = save(&house, OTHER, &value_of(&page, "seen"), "2027-04-15").await;
    assert!(house.follow(OTHER, again).await.contains("The go-live day is set."));
    let page = open(ONE).await;
    assert_eq!(
        (value_of(&page, "go_live"), value_of(&page, "seen")),
        ("2027-04-15".into(), "2027-04-15".into())
    );
    assert!(!page.contains("Set now:"), "nothing is in doubt");
}
