//! A pause is felt at once: what is on its way arrives, and nothing more is sent.

use super::*;

/// Requests in flight at a time, of a hundred users each.
const IN_FLIGHT: usize = 8 * 100;

#[tokio::test]
async fn after_a_pause_only_what_is_on_its_way_arrives() {
    const USERS: usize = 6_000;
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let id = checked(&world, &bid, &file(USERS)).await;
    let slow = FaultRule::new("identitysystem.importTenantConfiguration", Fault::Latency { millis: 300 });
    world.sandbox.faults().add(slow).unwrap();
    ask(&world, id, MigrationAct::Start).await;
    let pause = async {
        // By then as many are in flight as ever will be, and twice as many are noted and ready to go.
        while in_state(&world, id, RowState::Imported).await < 1_500 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        ask(&world, id, MigrationAct::Pause).await;
        users_at_vendor(&world, &bid).len()
    };
    let (worked, at_pause) = tokio::join!(worker::run_until_idle(&world.console), pause);
    worked.unwrap();
    assert_eq!(find(&world, id).await.state, MigrationState::Paused);
    let arrived = users_at_vendor(&world, &bid).len();
    // One round may have been on its way, and one may just have begun.
    assert!(arrived <= at_pause + 2 * IN_FLIGHT, "{at_pause} had arrived, and then {arrived}");
    assert_eq!(in_state(&world, id, RowState::Imported).await, arrived as u64, "every end was written down");

    world.sandbox.faults().clear();
    ask(&world, id, MigrationAct::Resume).await;
    world.work().await;
    assert_eq!(find(&world, id).await.state, MigrationState::Finished);
    assert_eq!(users_at_vendor(&world, &bid).len(), USERS);
}
