//! Emergency off takes effect at once, whatever is under way, and a second person decides.

use domain::{
    access::Refusal,
    actor::{Actor, Role},
    audit::AuditAction,
    emergency::Decision,
    use_case::UseCase,
};
use services::{
    ServiceError, emergency_off,
    start_login::{self, LoginStart},
};

use crate::world::World;

async fn leads_to_secureauth(world: &World, slug: &str) -> bool {
    matches!(start_login::start(&world.console, slug).await.unwrap(), LoginStart::Redirect(_))
}

fn why() -> Option<String> {
    Some("attack".to_owned())
}

#[tokio::test]
async fn a_billers_sign_ins_are_held_off_at_once_even_while_a_run_turns_them_on() {
    World::each(async |world: World| {
        let (ops, product) = (world.person(Role::Ops), world.person(Role::Product));
        let bid = world.enabled_biller("1", "Town of Ames").await;
        let other = world.enabled_biller("2", "Town of Boone").await;
        world.users_moved(&bid).await;
        world.change(&bid, "on inherit on inherit").await.unwrap();
        let id = emergency_off::start(&world.console, &ops, Some(&bid), "Town of Ames", why()).await.unwrap();
        assert!(!leads_to_secureauth(&world, "town-of-ames").await);
        world.work().await;
        assert!(world.in_effect(&bid).await.has(UseCase::HostedLogin), "the run went its way");
        assert!(!leads_to_secureauth(&world, "town-of-ames").await, "and sign-ins stay held off");
        assert!(leads_to_secureauth(&world, "town-of-boone").await, "{other} is not touched");
        let refused = world.change(&bid, "on on on inherit").await.unwrap_err();
        assert!(refused.to_string().contains("held off in an emergency"), "{refused}");
        let own = emergency_off::decide(&world.console, &ops, id, Decision::Lift, None).await;
        assert!(matches!(own, Err(ServiceError::Refused(Refusal::OwnEmergency))), "{own:?}");
        emergency_off::decide(&world.console, &product, id, Decision::Keep, why()).await.unwrap();
        assert!(!leads_to_secureauth(&world, "town-of-ames").await);
        emergency_off::decide(&world.console, &ops, id, Decision::Lift, None).await.unwrap();
        assert!(leads_to_secureauth(&world, "town-of-ames").await);
        assert_eq!(world.audit().await[0].entry.action, AuditAction::EmergencyDecided);
        let over = emergency_off::decide(&world.console, &product, id, Decision::Lift, None).await;
        assert!(matches!(over, Err(ServiceError::Refused(Refusal::EmergencyOver))), "{over:?}");
        let shown = emergency_off::list(&world.console, &product).await.unwrap().list.remove(0);
        assert_eq!(shown.emergency.review.map(|review| review.by), Some(product), "the first second person");
    })
    .await;
}

#[tokio::test]
async fn everyones_sign_ins_are_held_off_by_whoever_may_and_means_it() {
    let world = World::new().await;
    let (ops, manager) = (world.person(Role::Ops), world.person(Role::AccountManager));
    world.enabled_biller("1", "Town of Ames").await;
    let start = async |actor: &Actor, typed: &str, reason: Option<String>| {
        emergency_off::start(&world.console, actor, None, typed, reason).await
    };
    assert!(matches!(start(&manager, "everyone", why()).await, Err(ServiceError::Refused(_))));
    let limited = world.limited(Role::Ops, "Coast");
    assert!(matches!(start(&limited, "everyone", why()).await, Err(ServiceError::Refused(_))));
    assert!(matches!(start(&ops, "all", why()).await, Err(ServiceError::Field { field: "name", .. })));
    assert!(matches!(start(&ops, "everyone", None).await, Err(ServiceError::Field { field: "reason", .. })));
    assert!(leads_to_secureauth(&world, "town-of-ames").await);
    let id = start(&ops, "everyone", why()).await.unwrap();
    assert!(!leads_to_secureauth(&world, "town-of-ames").await);
    assert!(
        matches!(start(&ops, "everyone", why()).await, Err(ServiceError::Field { .. })),
        "once is enough"
    );
    let own = emergency_off::decide(&world.console, &ops, id, Decision::Lift, None).await;
    assert!(matches!(own, Err(ServiceError::Refused(Refusal::OwnEmergency))), "{own:?}");
    let owner = world.person(Role::PlatformOwner);
    emergency_off::decide(&world.console, &owner, id, Decision::Lift, None).await.unwrap();
    assert!(leads_to_secureauth(&world, "town-of-ames").await);
}

#[tokio::test]
async fn an_emergency_of_another_portfolio_is_not_there() {
    let world = World::new().await;
    let bid = world.enabled_biller("1", "Town of Ames").await;
    world.put_into(&bid, Some("Coast")).await;
    let ops = world.person(Role::Ops);
    let id = emergency_off::start(&world.console, &ops, Some(&bid), "Town of Ames", why()).await.unwrap();
    let elsewhere = world.limited(Role::Ops, "Plains");
    assert!(emergency_off::list(&world.console, &elsewhere).await.unwrap().list.is_empty());
    let decide = emergency_off::decide(&world.console, &elsewhere, id, Decision::Lift, None).await;
    assert!(matches!(decide, Err(ServiceError::NotFound { .. })), "{decide:?}");
}
