//! Each door opens to exactly those whom the table names.

use domain::actor::{Actor, Capability, Role};
use reqwest::{Method, StatusCode, header};
use server::doors::{self, Door, Opens};

use super::house::{House, Visitor};

/// What became of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The door opened. Whether there was something behind it is another question.
    Opened,
    /// Asked to say who they are.
    Unknown,
    /// Told that they may not.
    Refused,
    /// Told that there is no such biller.
    NotThere,
}

#[test]
fn no_page_and_no_server_function_is_without_a_row() {
    assert_eq!(doors::mismatches(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_opens_to_those_the_table_names_and_to_nobody_else() {
    let house = House::furnished().await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for door in doors::of_console() {
        for visitor in Visitor::all() {
            // Signing in or out would change who the visitor is.
            if matches!(door.path, "/do/sign_in" | "/do/sign_out" | "/launch") && visitor != Visitor::Nobody {
                continue;
            }
            let (outcome, expected) = (outcome(&house, visitor, &door).await, expected(visitor, door.opens));
            tried += 1;
            if outcome != expected {
                wrong.push(format!(
                    "{} {} as {visitor:?}: {outcome:?}, not {expected:?}",
                    door.method, door.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 350, "only {tried} attempts");
}

fn expected(visitor: Visitor, opens: Opens) -> Outcome {
    let may = |actor: Actor, capability: Capability| {
        if actor.may(capability).is_ok() { Outcome::Opened } else { Outcome::Refused }
    };
    match (opens, visitor) {
        (Opens::Anyone, _) => Outcome::Opened,
        (Opens::Key(capability), Visitor::Keyed) => {
            may(Actor::Integration { name: "test".to_owned() }, capability)
        }
        (Opens::SignedIn, Visitor::As(_) | Visitor::Elsewhere) => Outcome::Opened,
        (Opens::May(capability) | Opens::MayFor(capability), Visitor::As(role)) => may(
            Actor::Person { id: "p".to_owned(), name: "P".to_owned(), roles: role.into(), portfolio: None },
            capability,
        ),
        // Nobody learns that it is there from being kept out of it.
        (Opens::MayFor(capability), Visitor::Elsewhere) => match may(manager(), capability) {
            Outcome::Opened => Outcome::NotThere,
            refused => refused,
        },
        (Opens::May(capability), Visitor::Elsewhere) => may(manager(), capability),
        _ => Outcome::Unknown,
    }
}

fn manager() -> Actor {
    Actor::Person {
        id: "p".to_owned(),
        name: "P".to_owned(),
        roles: Role::AccountManager.into(),
        portfolio: "Plains".parse().ok(),
    }
}

async fn outcome(house: &House, visitor: Visitor, door: &Door) -> Outcome {
    let answer = house.knock(visitor, door).await;
    let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    match answer.status() {
        StatusCode::UNAUTHORIZED => Outcome::Unknown,
        StatusCode::FORBIDDEN => Outcome::Refused,
        StatusCode::NOT_FOUND if matches!(door.opens, Opens::MayFor(_)) => Outcome::NotThere,
        status if status.is_server_error() => {
            panic!("{} {} as {visitor:?}: {status}", door.method, door.path)
        }
        status if status.is_redirection() && to.starts_with("/sign-in") && door.path != "/do/sign_out" => {
            Outcome::Unknown
        }
        status if status.is_redirection() && door.method == Method::POST && visitor != Visitor::Nobody => {
            let page = house.follow(visitor, answer).await;
            // Other forms of the page may say that they are not for this person: what counts is the answer to this one.
            let page = match page.split_once("id=\"flash\"") {
                Some((_, said)) => said.split_once("<h1").map_or(said, |(said, _)| said),
                // What is for anyone answers without a word; the page that follows it is another one's.
                None if matches!(door.opens, Opens::Anyone) => "",
                None => page.as_str(),
            };
            if page.contains("Your role may not") {
                Outcome::Refused
            } else if page.contains("There is no biller") || page.contains("There is no run") {
                Outcome::NotThere
            } else {
                Outcome::Opened
            }
        }
        _ => Outcome::Opened,
    }
}

#[tokio::test]
async fn the_public_listener_has_nothing_of_the_console() {
    let house = House::furnished().await;
    let public: Vec<Door> = doors::of_public();
    for door in doors::of_console().into_iter().filter(|door| !public.contains(door)) {
        let path = door.path.replace("{bid}", "enabled").replace("{id}", "1");
        let url = format!("{}{path}", house.console.public);
        let answer = house.plain(door.method.clone(), &url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{} {path}", door.method);
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{path}");
    }
}

#[tokio::test]
async fn the_listener_for_monitoring_has_its_three_doors_and_no_other_one_tells_measurements() {
    let house = House::furnished().await;
    let ops = doors::of_ops();
    for door in &ops {
        let url = format!("{}{}", house.console.ops, door.path);
        assert_eq!(
            house.plain(door.method.clone(), &url).send().await.unwrap().status(),
            StatusCode::OK,
            "{url}"
        );
    }
    let elsewhere = doors::of_console().into_iter().chain(doors::of_public());
    for door in elsewhere.filter(|door| !ops.contains(door)) {
        let path = door.path.replace("{bid}", "enabled").replace("{id}", "1").replace("{slug}", "enabled");
        let url = format!("{}{path}", house.console.ops);
        let answer = house.plain(door.method.clone(), &url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{} {path}", door.method);
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{path}");
    }
    for (visitor, base) in [
        (Visitor::Nobody, &house.console.console),
        (Visitor::As(domain::actor::Role::PlatformOwner), &house.console.console),
        (Visitor::Nobody, &house.console.public),
    ] {
        let answer = house.request_at(visitor, Method::GET, base, "/metrics").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{visitor:?} at {base}");
    }
}
