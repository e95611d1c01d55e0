//! A host name leads to one biller: who asks for another's learns so before anything is set, and of two at the same moment
//! one wins.

use domain::{
    Bid, ProposalId,
    actor::{Actor, Role},
    settings::{Layer, RequestDecision},
};
use services::{
    ServiceError,
    biller_settings::{
        as_code,
        confirm::{self, Confirmed},
        preview, propose, requests, show,
    },
};

use crate::{
    biller_settings::{form, set, shown},
    vanity::{HOST, KEY, request},
    world::World,
};

async fn two(world: &World) -> (Bid, Bid) {
    let one = world.enabled_biller("h1", "Town of Ames").await;
    (one, world.enabled_biller("h2", "Town of Boone").await)
}

async fn ask(world: &World, actor: &Actor, bid: &Bid, host: &str) -> Result<ProposalId, ServiceError> {
    propose::propose(&world.console, actor, &form(Layer::Biller(bid.clone()), &[(KEY, host)])).await
}

/// What is told at the field of the host name.
fn told<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    let Err(ServiceError::Settings(problems)) = result else { panic!("{result:?}") };
    assert_eq!((problems.len(), problems[0].key.as_str()), (1, KEY));
    problems[0].problem.clone()
}

async fn confirmed(
    world: &World,
    actor: &Actor,
    id: ProposalId,
    token: &str,
) -> Result<Confirmed, ServiceError> {
    confirm::confirm(&world.console, actor, id, token, Some("asked for".to_owned())).await
}

#[tokio::test]
async fn the_host_name_of_another_biller_is_refused_at_its_field_and_names_who_has_it() {
    World::each(async |world: World| {
        let (one, other) = two(&world).await;
        let product = world.person(Role::Product);
        set(&world, Layer::Biller(one.clone()), &[(KEY, HOST)]).await;
        assert_eq!(
            told(ask(&world, &product, &other, "LOGIN.Ames.localhost").await),
            format!(
                "{HOST} belongs to Town of Ames (h1): a host name leads to one biller. Choose another one, or take it \
                 away there first."
            )
        );
        // Who does not see that biller learns no more than that it is taken.
        world.put_into(&other, Some("north")).await;
        let limited = world.limited(Role::Product, "north");
        let hidden = told(ask(&world, &limited, &other, HOST).await);
        assert!(hidden.starts_with(&format!("{HOST} belongs to another biller:")), "{hidden}");
        // Its own one is no other's, and any other host name is free.
        world.work().await;
        ask(&world, &product, &one, "login2.ames.localhost").await.unwrap();
        ask(&world, &product, &other, "login.boone.localhost").await.unwrap();
        // A file: by another biller's, and by its own lines.
        let file = |levels: &str| {
            format!("{{\"format\":\"ciam-settings\",\"version\":1,\"levels\":{{{levels}}}}}")
        };
        let level = |bid: &str, host: &str| format!("\"biller:{bid}\":{{\"{KEY}\":\"{host}\"}}");
        let taken = as_code::import(&world.console, &product, &file(&level("h2", HOST))).await;
        assert!(
            matches!(&taken, Err(ServiceError::Field { field: "file", problem }) if problem.contains("Town of Ames (h1)")),
            "{taken:?}"
        );
        let host = "login.both.localhost";
        let both = file(&[level("h1", host), level("h2", host)].join(","));
        let twice = as_code::import(&world.console, &product, &both).await;
        assert!(
            matches!(&twice, Err(ServiceError::Field { field: "file", problem }) if problem.contains("belongs to Town of Ames")),
            "{twice:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_host_name_that_is_taken_between_preview_and_confirmation_is_refused() {
    World::each(async |world: World| {
        let (one, other) = two(&world).await;
        let product = world.person(Role::Product);
        let id = ask(&world, &product, &other, HOST).await.unwrap();
        set(&world, Layer::Biller(one.clone()), &[(KEY, HOST)]).await;
        let view = preview::preview(&world.console, &product, id).await.unwrap();
        assert!(view.parts[0].taken[0].problem.contains("Town of Ames (h1)"));
        assert!(told(confirmed(&world, &product, id, &view.token).await).contains("Town of Ames (h1)"));
        assert_eq!(shown(&world, &Layer::Biller(other.clone())).await.vanity_host, None);
        // Given up in our records, it is still there at SecureAuth until the run has taken it away.
        world.work().await;
        set(&world, Layer::Biller(one.clone()), &[(KEY, "none")]).await;
        assert!(told(ask(&world, &product, &other, HOST).await).contains("Town of Ames (h1)"));
        world.work().await;
        show::look_again(&world.console, &product, &one).await.unwrap();
        request(&world, &other, HOST).await;
    })
    .await;
}

#[tokio::test]
async fn a_request_for_a_host_name_that_was_taken_meanwhile_cannot_be_approved() {
    World::each(async |world: World| {
        let (one, other) = two(&world).await;
        let world = world.restarted_with(|settings| settings.second_person = true).await;
        let (product, owner) = (world.person(Role::Product), world.person(Role::PlatformOwner));
        let mut asked = Vec::new();
        for bid in [&one, &other] {
            let id = ask(&world, &product, bid, HOST).await.unwrap();
            let view = preview::preview(&world.console, &product, id).await.unwrap();
            asked.push(confirmed(&world, &product, id, &view.token).await.unwrap().request.unwrap());
        }
        let approve = async |id| {
            let token = requests::show(&world.console, &owner, id).await.unwrap().view.token;
            let approve = RequestDecision::Approve;
            requests::decide(&world.console, &owner, id, approve, &token, None).await
        };
        approve(asked[0]).await.unwrap();
        assert!(told(approve(asked[1]).await).contains("Town of Ames (h1)"));
        let view = requests::show(&world.console, &owner, asked[1]).await.unwrap();
        assert!(view.moved[0].told.contains("belongs to Town of Ames (h1)"), "{:?}", view.moved);
    })
    .await;
}

#[tokio::test]
async fn of_two_that_ask_at_the_same_moment_one_wins() {
    World::each(async |world: World| {
        let (one, other) = two(&world).await;
        let product = world.person(Role::Product);
        for n in 0..8 {
            let host = format!("login{n}.race.localhost");
            let mut asked = Vec::new();
            for bid in [&one, &other] {
                let id = ask(&world, &product, bid, &host).await.unwrap();
                let view = preview::preview(&world.console, &product, id).await.unwrap();
                asked.push((id, view.token));
            }
            let (first, second) = tokio::join!(
                confirmed(&world, &product, asked[0].0, &asked[0].1),
                confirmed(&world, &product, asked[1].0, &asked[1].1),
            );
            let won = [&first, &second].iter().filter(|it| it.is_ok()).count();
            assert_eq!(won, 1, "{first:?} {second:?}");
            let lost = told(if first.is_ok() { second } else { first });
            assert!(lost.contains("belongs to Town of"), "{lost}");
            world.work().await;
        }
    })
    .await;
}
