//! IC is told of every change of what is in effect, in the commit that makes it so.

use domain::{
    Bid,
    actor::Role,
    emergency::Decision,
    event::{EventBody, EventKind, EventUseCases},
};
use sandbox::{Fault, FaultRule};
use services::emergency_off;

use crate::world::World;

impl World {
    /// What IC was told of a biller's use cases, oldest first.
    pub(crate) async fn news(&self, bid: &Bid) -> Vec<EventUseCases> {
        let mut conn = self.console.store.read().await.unwrap();
        let query =
            storage::events::DeliveryQuery { bid: Some(bid.clone()), limit: 500, ..Default::default() };
        let mut told = Vec::new();
        for delivery in storage::events::deliveries(&mut conn, &query).await.unwrap() {
            if delivery.kind == EventKind::UseCasesChanged {
                let (_, body) = storage::events::delivery(&mut conn, delivery.id).await.unwrap().unwrap();
                let body: EventBody = serde_json::from_value(body).unwrap();
                assert_eq!((&body.data.bid, body.data.login_url.is_some()), (bid, true));
                told.extend(body.data.use_cases);
            }
        }
        told.reverse();
        told
    }
}

/// The switches that are on, and whether sign-ins are held off.
fn brief(told: &[EventUseCases]) -> Vec<String> {
    let side = |side: &domain::event::InEffect| {
        let marks = [side.user_hosting, side.delegated_login, side.hosted_login, side.held_off];
        marks.map(|on| if on { '1' } else { '0' }).iter().collect::<String>()
    };
    told.iter().map(|one| format!("{} > {}", side(&one.before), side(&one.after))).collect()
}

#[tokio::test]
async fn each_step_that_takes_effect_is_told_once_and_nothing_else_is() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("1", "Town of Ames").await;
        world.users_moved(&bid).await;
        assert!(world.news(&bid).await.is_empty(), "enabling is told as such");
        world.change(&bid, "on inherit on inherit").await.unwrap();
        assert!(world.news(&bid).await.is_empty(), "nothing is told before it is in effect");
        world.work().await;
        assert_eq!(brief(&world.news(&bid).await), ["0000 > 1010"]);
        // One goes off, then the other one on: two moments, two events.
        world.change(&bid, "on on off inherit").await.unwrap();
        world.work().await;
        let mut told = brief(&world.news(&bid).await);
        // Both of the same instant: their order is that of their ids.
        told.sort();
        assert_eq!(told, ["0000 > 1010", "1000 > 1100", "1010 > 1000"]);
        // What is only chosen, or fails, is no news.
        world.change(&bid, "on on off redirect").await.unwrap();
        let refused = Fault::Error { status: 403, error_code: None };
        world.sandbox.faults().add(FaultRule::new("admin.getClient", refused)).unwrap();
        world.change(&bid, "on on on redirect").await.unwrap();
        world.work().await;
        world.sandbox.faults().clear();
        assert_eq!(world.news(&bid).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_emergency_of_one_biller_is_told_at_once_when_it_begins_and_when_it_is_lifted() {
    let world = World::new().await;
    let (ops, product) = (world.person(Role::Ops), world.person(Role::Product));
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.users_moved(&bid).await;
    world.change(&bid, "on inherit on inherit").await.unwrap();
    world.work().await;
    let why = || Some("attack".to_owned());
    let later = || world.clock.advance(std::time::Duration::from_secs(1));
    later();
    let id = emergency_off::start(&world.console, &ops, Some(&bid), "Town of Ames", why()).await.unwrap();
    assert_eq!(brief(&world.news(&bid).await)[1..], ["1010 > 1011"]);
    later();
    emergency_off::decide(&world.console, &product, id, Decision::Keep, None).await.unwrap();
    assert_eq!(world.news(&bid).await.len(), 2, "upheld: nothing changes");
    emergency_off::decide(&world.console, &product, id, Decision::Lift, None).await.unwrap();
    assert_eq!(brief(&world.news(&bid).await)[2..], ["1011 > 1010"]);
}

#[tokio::test]
async fn everyones_emergency_is_told_of_each_biller_that_has_something_in_effect() {
    World::each(async |world: World| {
        let (ops, product) = (world.person(Role::Ops), world.person(Role::Product));
        let mut bids = Vec::new();
        for n in 0..4 {
            let bid = world.enabled_biller(&format!("n{n}"), &format!("Town {n}")).await;
            if n < 3 {
                world.change(&bid, "on inherit inherit inherit").await.unwrap();
            }
            bids.push(bid);
        }
        world.work().await;
        let why = || Some("attack".to_owned());
        let later = || world.clock.advance(std::time::Duration::from_secs(1));
        later();
        // The sign-ins of the first one are held off already: for it nothing changes.
        emergency_off::start(&world.console, &ops, Some(&bids[0]), "Town 0", why()).await.unwrap();
        let id = emergency_off::start(&world.console, &ops, None, "everyone", why()).await.unwrap();
        world.work().await;
        let told = async |n: usize| brief(&world.news(&bids[n]).await);
        assert_eq!(told(0).await, ["0000 > 1000", "1000 > 1001"]);
        assert_eq!(told(1).await, ["0000 > 1000", "1000 > 1001"]);
        assert_eq!(told(2).await, ["0000 > 1000", "1000 > 1001"]);
        assert!(told(3).await.is_empty(), "nothing is in effect for it");
        later();
        emergency_off::decide(&world.console, &product, id, Decision::Lift, None).await.unwrap();
        world.work().await;
        assert_eq!(told(0).await.len(), 2, "its own emergency goes on");
        assert_eq!(told(1).await[2..], ["1001 > 1000"]);
        assert_eq!(told(2).await[2..], ["1001 > 1000"]);
    })
    .await;
}
