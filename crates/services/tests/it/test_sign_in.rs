//! A test sign-in shows each hop and each claim, and leaves nothing behind.

use std::time::Duration;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    Bid, TestSignInId,
    actor::{Actor, Role},
    audit::AuditAction,
    emergency::Decision,
    test_sign_in::{TestSignIn, TestState},
};
use sandbox::{Fault, FaultRule, ObjectKind};
use services::{
    Console, ServiceError, emergency_off, redeem_login,
    start_login::{self, LoginStart},
    test_sign_in::{self, Returned, TestView},
};
use tokio::net::TcpListener;
use url::Url;

use crate::world::World;

/// A world whose login URLs answer, as the public listener answers them.
async fn reachable() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let world = World::with(|settings| settings.public_url = Url::parse(&address).unwrap()).await;
    let console = world.console.clone();
    let login = move |Path(slug): Path<String>| answer(console.clone(), slug);
    let router = Router::new().route("/b/{slug}", get(login));
    tokio::spawn(async move { axum::serve(listener, router).await });
    world
}

async fn answer(console: Console, slug: String) -> Response {
    match start_login::start(&console, &slug).await.unwrap() {
        LoginStart::Redirect(url) | LoginStart::Legacy(url) => {
            (StatusCode::SEE_OTHER, [(LOCATION, url.to_string())]).into_response()
        }
        LoginStart::Unknown => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn start(world: &World, bid: &Bid) -> TestSignInId {
    test_sign_in::start(&world.console, &world.person(Role::Product), bid).await.unwrap()
}

async fn shown(world: &World, actor: &Actor, bid: &Bid) -> TestView {
    test_sign_in::show(&world.console, actor, bid).await.unwrap()
}

async fn newest(world: &World, bid: &Bid) -> TestSignIn {
    shown(world, &world.person(Role::Product), bid).await.newest.unwrap()
}

/// Opens the login URL of a test and signs in; the answer is what the browser brings back.
async fn sign_in(world: &World, slug: &str, id: TestSignInId) -> Returned {
    let LoginStart::Redirect(page) = test_sign_in::open(&world.console, slug, &id.to_string()).await.unwrap()
    else {
        panic!("it leads elsewhere");
    };
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let to = |answer: &reqwest::Response| answer.headers()[LOCATION].to_str().unwrap().to_owned();
    let login = to(&http.get(page).send().await.unwrap());
    let form = [("username", "ann"), ("password", "correct horse battery")];
    let back = Url::parse(&to(&http.post(login).form(&form).send().await.unwrap())).unwrap();
    assert!(back.path().ends_with("/test-sign-in"), "{back}");
    let parameter =
        |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    Returned { code: parameter("code"), state: parameter("state"), ..Returned::default() }
}

fn applications(world: &World) -> usize {
    world.sandbox.state().all(ObjectKind::Application).count()
}

#[tokio::test]
async fn somebody_signs_in_and_sees_each_hop_and_claim_and_nothing_is_left() {
    let world = reachable().await;
    let product = world.person(Role::Product);
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.user_with_password(&bid, "ann", "correct horse battery").await;
    let (before, events) = (applications(&world), world.deliveries(&bid).await);
    let id = start(&world, &bid).await;
    let view = shown(&world, &product, &bid).await;
    let test = view.newest.unwrap();
    assert_eq!((test.state, view.own), (TestState::Waiting, true));
    let statuses: Vec<_> = test.report.hops.iter().map(|hop| hop.status).collect();
    assert_eq!(statuses, [Some(303), Some(302), Some(200)], "{:#?}", test.report);
    assert!(view.sign_in_at.unwrap().ends_with(&format!("/b/town-of-ames?test={id}")));
    assert_eq!(applications(&world), before + 1);
    let mut conn = world.console.store.read().await.unwrap();
    let started = storage::logins::count_since(&mut conn, &bid, domain::Timestamp::from_micros(0)).await;
    assert_eq!(started.unwrap(), 0, "it does not count as a sign-in of the biller's users");
    drop(conn);

    let returned = sign_in(&world, "town-of-ames", id).await;
    let (code, state) = (returned.code.clone().unwrap(), returned.state.clone().unwrap());
    let redeemed = redeem_login::redeem(&world.console, &world.integration(), &bid, &state).await;
    assert!(redeemed.is_err(), "it is nothing that IC could finish");
    assert!(test_sign_in::finish(&world.console, returned.clone()).await.unwrap());
    let test = newest(&world, &bid).await;
    assert_eq!((test.state, &test.report.failure), (TestState::Passed, &None), "{:#?}", test.report);
    assert_eq!((test.report.checks.len(), test.report.hops.len()), (5, 7));
    let claim =
        |name: &str| test.report.claims.iter().find(|claim| claim.name == name).map(|it| it.value.clone());
    assert_eq!(claim("iss"), Some(world.sandbox.issuer("ic-1")));
    assert_eq!(claim("nonce").as_deref(), Some("as it was sent"));
    assert!(claim("aud").unwrap().contains("-test-"), "{:#?}", test.report.claims);
    let kept = format!("{:?} {:?}", test.report, world.audit().await);
    assert!(!kept.contains(&code) && !kept.contains(&state), "neither code nor state is kept or shown");

    assert!(!test_sign_in::finish(&world.console, returned).await.unwrap(), "once");
    let again = test_sign_in::open(&world.console, "town-of-ames", &id.to_string()).await.unwrap();
    assert_eq!(again, LoginStart::Unknown);
    world.work().await;
    assert_eq!(applications(&world), before, "the application is deleted again");
    assert_eq!(newest(&world, &bid).await.client_id, None);
    assert_eq!(world.deliveries(&bid).await, events, "IC hears nothing of it");
    assert!(!shown(&world, &world.person(Role::Ops), &bid).await.own, "claims are for who began it");
    let actions: Vec<_> = world.audit().await.into_iter().take(2).map(|it| it.entry.action).collect();
    assert_eq!(actions, [AuditAction::TestSignInEnded, AuditAction::TestSignInStarted]);
}

#[tokio::test]
async fn a_test_that_nobody_finishes_ends_by_itself_and_leaves_no_application() {
    let world = reachable().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    let before = applications(&world);
    let id = start(&world, &bid).await;
    // A crash right after the application was made leaves the job that deletes it.
    world.clock.advance(Duration::from_secs(16 * 60));
    assert_eq!(
        test_sign_in::open(&world.console, "town-of-ames", &id.to_string()).await.unwrap(),
        LoginStart::Unknown
    );
    let unavailable = Fault::Error { status: 403, error_code: None };
    world.sandbox.faults().add(FaultRule::new("admin.deleteClient", unavailable)).unwrap();
    world.work().await;
    assert_eq!(applications(&world), before + 1, "SecureAuth does not delete it");
    world.sandbox.faults().clear();
    world.clock.advance(Duration::from_secs(60));
    world.work().await;
    assert_eq!(applications(&world), before, "it is tried again");
    let test = newest(&world, &bid).await;
    assert_eq!((test.state, test.client_id), (TestState::Failed, None));
    assert_eq!(test.report.failure.as_deref(), Some("Nobody signed in within 15 minutes."));
}

#[tokio::test]
async fn what_goes_wrong_is_told_at_the_hop_where_it_did() {
    let world = reachable().await;
    let (ops, product) = (world.person(Role::Ops), world.person(Role::Product));
    let bid = world.enabled_biller("1", "Town of Ames").await;
    let before = applications(&world);
    let why = || Some("attack".to_owned());
    let emergency =
        emergency_off::start(&world.console, &ops, Some(&bid), "Town of Ames", why()).await.unwrap();
    start(&world, &bid).await;
    let test = newest(&world, &bid).await;
    assert_eq!(test.report.failure.as_deref(), Some("The login URL does not lead to SecureAuth."));
    assert_eq!(test.report.hops.len(), 1);
    emergency_off::decide(&world.console, &product, emergency, Decision::Lift, None).await.unwrap();

    world.clock.advance(Duration::from_secs(1));
    let broken = Fault::Error { status: 503, error_code: None };
    world.sandbox.faults().add(FaultRule::new("oauth2.authorize", broken)).unwrap();
    start(&world, &bid).await;
    let failure = newest(&world, &bid).await.report.failure.unwrap();
    assert!(failure.starts_with("Authorize page answers 503"), "{failure}");
    world.sandbox.faults().clear();

    world.clock.advance(Duration::from_secs(1));
    start(&world, &bid).await;
    let mut conn = world.console.store.read().await.unwrap();
    let id = newest(&world, &bid).await.id;
    let state = storage::test_sign_ins::secrets(&mut conn, id).await.unwrap().unwrap().state;
    drop(conn);
    let refused =
        Returned { state: Some(state), error: Some("access_denied".to_owned()), ..Returned::default() };
    assert!(test_sign_in::finish(&world.console, refused).await.unwrap());
    let failure = newest(&world, &bid).await.report.failure.unwrap();
    assert!(failure.contains("access_denied"), "{failure}");
    world.work().await;
    assert_eq!(applications(&world), before);
}

#[tokio::test]
async fn only_who_may_change_use_cases_begins_a_test_and_only_of_an_enabled_biller_they_see() {
    let world = World::new().await;
    let bid = world.biller("1", "Town of Ames").await;
    let begin = async |actor: &Actor| test_sign_in::start(&world.console, actor, &bid).await;
    assert!(matches!(begin(&world.person(Role::Support)).await, Err(ServiceError::Refused(_))));
    assert!(
        matches!(begin(&world.person(Role::Product)).await, Err(ServiceError::Refused(_))),
        "not enabled"
    );
    world.put_into(&bid, Some("Coast")).await;
    let elsewhere = begin(&world.limited(Role::Product, "Plains")).await;
    assert!(matches!(elsewhere, Err(ServiceError::NotFound { .. })), "{elsewhere:?}");
    let unknown = Returned { state: Some("made up".to_owned()), ..Returned::default() };
    assert!(!test_sign_in::finish(&world.console, unknown).await.unwrap());
}
