//! A client secret stands in one answer, and nowhere else.

use domain::actor::Role;
use reqwest::{Method, StatusCode, header};

use super::house::{ENABLED, House, Visitor};

const MANAGER: Visitor = Visitor::As(Role::AccountManager);

/// The text that the button beside the secret copies.
fn secret_in(page: &str) -> &str {
    let button = page.split("<button").find(|it| it.contains("Copy client secret")).unwrap();
    button.split("data-copy=\"").nth(1).and_then(|it| it.split('"').next()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_stands_in_the_answer_to_its_form_and_nowhere_else() {
    let house = House::furnished().await;
    let path = format!("/billers/{ENABLED}/secret");
    let form = house.request(MANAGER, Method::GET, &path).send().await.unwrap().text().await.unwrap();
    assert!(form.contains("Make and show the secret"), "{form}");
    let post = || {
        let fields = [("name", "Biller enabled"), ("seen", ""), ("old", "ends"), ("reason", "first one")];
        house.request(MANAGER, Method::POST, &path).form(&fields).send()
    };

    let answer = post().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let cookie = answer.headers().get(header::SET_COOKIE).map(|it| it.to_str().unwrap().to_owned());
    let page = answer.text().await.unwrap();
    let secret = secret_in(&page);
    assert!(secret.len() >= 32, "{secret}");
    assert!(page.contains("You will not see it again"));
    assert!(!cookie.unwrap_or_default().contains(secret));

    // Reloading the page sends the form again.
    let again = post().await.unwrap();
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    let told = house.follow(MANAGER, again).await;
    assert!(told.contains("A secret was made since this page was opened"), "{told}");
    for other in [path.clone(), format!("/billers/{ENABLED}"), format!("/billers/{ENABLED}/activity")] {
        let page = house.request(MANAGER, Method::GET, &other).send().await.unwrap().text().await.unwrap();
        assert!(!page.contains(secret), "{other}");
    }
    for entry in std::fs::read_dir(house.data_dir()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_there_again_beside_what_is_wrong() {
    let house = House::furnished().await;
    let path = format!("/billers/{ENABLED}/secret");
    let fields = [("name", "Biller enable"), ("seen", ""), ("old", "ends"), ("reason", "a ticket")];
    let answer = house.request(MANAGER, Method::POST, &path).form(&fields).send().await.unwrap();
    assert_eq!(answer.headers()[header::LOCATION].to_str().unwrap(), path);
    let page = house.follow(MANAGER, answer).await;
    assert!(page.contains("Type the biller's name exactly as shown") && page.contains("a ticket"), "{page}");
}
