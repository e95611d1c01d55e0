//! A round of probes on request, what the rule makes of it at once, and what monitoring is told.

use std::time::Duration;

use domain::{
    actor::Role,
    performance::{IncidentRule, IncidentState, OperationGroup, Window},
};
use sandbox::{Fault, FaultRule};
use services::{
    ServiceError,
    performance::{
        exposed::exposed,
        incidents,
        objectives::{self, Promise},
        probe,
    },
};

use crate::world::World;

#[tokio::test]
async fn an_outage_is_found_and_its_end_too_by_asking_for_probes() {
    World::each(async |world: World| {
        let world = world
            .restarted_with(|settings| settings.watch.rule = IncidentRule { open_after: 1, close_after: 1 })
            .await;
        let reviewer = world.person(Role::VendorReview);
        let refused = probe::ask(&world.console, &world.person(Role::Support)).await;
        assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");

        let down =
            FaultRule::new("identity.listWorkspacePools", Fault::Error { status: 503, error_code: None });
        world.sandbox.faults().add(down).unwrap();
        probe::ask(&world.console, &reviewer).await.unwrap();
        probe::ask(&world.console, &reviewer).await.unwrap();
        world.work().await;
        let open = incidents::list(&world.console, &reviewer).await.unwrap();
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((open[0].group, open[0].state), (Some(OperationGroup::Identity), IncidentState::Open));
        let told = exposed(&world.console).await.unwrap();
        assert_eq!((told.incidents.len(), told.firing), (1, 1));

        world.sandbox.faults().clear();
        world.clock.advance(Duration::from_secs(60));
        probe::ask(&world.console, &reviewer).await.unwrap();
        world.work().await;
        let closed = incidents::list(&world.console, &reviewer).await.unwrap();
        assert_eq!(closed[0].state, IncidentState::Closed, "{closed:?}");
        let told = exposed(&world.console).await.unwrap();
        assert_eq!((told.incidents.len(), told.firing), (0, 0));
        assert!(told.last_probe.is_some());
    })
    .await;
}

#[tokio::test]
async fn monitoring_is_told_the_numbers_of_the_page() {
    World::each(async |world: World| {
        let reviewer = world.person(Role::VendorReview);
        let promise = Promise {
            name: "Issuers".to_owned(),
            group: OperationGroup::Discovery.as_str().to_owned(),
            target: "99.9".to_owned(),
            window: Window::Rolling.as_str().to_owned(),
            ..Promise::default()
        };
        objectives::set(&world.console, &reviewer, None, promise).await.unwrap();
        probe::ask(&world.console, &reviewer).await.unwrap();
        world.work().await;
        world.clock.advance(Duration::from_secs(60));
        let told = exposed(&world.console).await.unwrap();
        let shown = objectives::show(&world.console, &reviewer).await.unwrap();
        assert_eq!(told.objectives.len(), 1);
        assert_eq!(told.objectives[0].standing, shown[0].standing);
        assert!(shown[0].standing.counted.valid >= 2, "discovery and keys: {:?}", shown[0].standing);
        let groups: Vec<OperationGroup> = told.groups.iter().map(|(group, _)| *group).collect();
        assert!(groups.contains(&OperationGroup::Discovery), "{groups:?}");
    })
    .await;
}
