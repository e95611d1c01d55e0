//! What a user did at SecureAuth's own login page is seen by whoever helps that user, and by nobody else's page.

use axum::http::header::LOCATION;
use domain::{Bid, account::Said, actor::Role};
use services::{
    ServiceError,
    accounts::{self, Announcement, PasswordSaid, SignIn},
    start_login::{self, LoginStart},
};

use crate::world::World;

/// bcrypt of `U*U`.
const BCRYPT: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/// A user of a biller as IC told of it, with the password `U*U`; its id at SecureAuth.
pub(crate) async fn mirrored(world: &World, bid: &Bid, name: &str) -> String {
    let said = Said {
        username: Some(name.to_owned()),
        email: Some(format!("{name}@x.example")),
        email_verified: true,
        ..Said::default()
    };
    let password =
        PasswordSaid { hash: BCRYPT.to_owned(), salt: String::new(), changed_at: world.console.now() };
    let told = Announcement { version: 1, said, password: Some(password) };
    accounts::put(&world.console, &world.integration(), bid, name, told).await.unwrap();
    world.work().await;
    let mut conn = world.console.store.read().await.unwrap();
    storage::accounts::find(&mut conn, bid, name).await.unwrap().unwrap().ids.user.to_string()
}

/// Types a password into SecureAuth's login page, as the biller's login URL brings people there.
pub(crate) async fn types(world: &World, slug: &str, name: &str, password: &str) {
    let LoginStart::Redirect(page) = start_login::start(&world.console, slug).await.unwrap() else {
        panic!("it leads elsewhere");
    };
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("Firefox of a person")
        .build()
        .unwrap();
    let answer = http.get(page).send().await.unwrap();
    let login = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    http.post(login).form(&[("username", name), ("password", password)]).send().await.unwrap();
}

async fn seen(world: &World, bid: &Bid, user: &str) -> Vec<SignIn> {
    accounts::sign_ins(&world.console, &world.person(Role::Support), bid, user).await.unwrap()
}

#[tokio::test]
async fn the_sign_ins_of_a_user_show_how_each_ended_and_from_where_only_with_a_reason() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("1", "Town of Ames").await;
        world.change(&bid, "on off off inherit").await.unwrap();
        world.work().await;
        let (ann, bob) = (mirrored(&world, &bid, "ann").await, mirrored(&world, &bid, "bob").await);
        assert_eq!(seen(&world, &bid, &ann).await, []);

        types(&world, "town-of-ames", "ann", "wrong").await;
        types(&world, "town-of-ames", "ann", "U*U").await;
        types(&world, "town-of-ames", "nobody", "U*U").await;
        let masked = seen(&world, &bid, &ann).await;
        let ends: Vec<_> = masked.iter().map(|it| (it.what.as_str(), it.succeeded)).collect();
        assert_eq!(
            ends,
            [
                ("login accepted", Some(true)),
                ("user authenticated", Some(true)),
                ("login failed", Some(false)),
                ("user authenticated", Some(false)),
            ],
            "the newest first, both with what SecureAuth says of them"
        );
        assert!(masked.iter().all(|it| it.from.is_none() && it.agent.is_none()), "{masked:#?}");
        assert_eq!(seen(&world, &bid, &bob).await, [], "another user's stay with that user");

        let support = world.person(Role::Support);
        accounts::reveal(&world.console, &support, &bid, &ann, "the caller was locked out").await.unwrap();
        let open = seen(&world, &bid, &ann).await;
        assert_eq!(open[0].from.as_deref(), Some("127.0.0.1"));
        assert_eq!(open[0].agent.as_deref(), Some("Firefox of a person"));

        let nobody = accounts::sign_ins(&world.console, &support, &bid, "no-such-user").await;
        assert!(matches!(nobody, Err(ServiceError::NotFound { .. })), "{nobody:?}");
    })
    .await;
}
