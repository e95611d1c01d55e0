//! Drift: found by scans, decided field by field; a scan survives a crash and stays inside the limits.

use std::time::Duration;

use domain::{
    access::Refusal,
    actor::Role,
    settings::{Agreement, Changed, Layer, Observed, ScanState, SettingValue},
};
use sandbox::{Fault, FaultRule, ObjectKind};
use serde_json::json;
use services::{
    ServiceError,
    biller_settings::{confirm, preview},
    drift::{decide, list, scan},
    worker,
};

use crate::{
    biller_settings::{row, set, shown},
    fuse::Fuse,
    world::World,
};

fn drift_colour(world: &World, organization: &str, colour: &str) {
    world.sandbox.drift(ObjectKind::Organization, organization, &json!({ "color": colour })).unwrap();
}

pub(crate) async fn keys(world: &World) -> Vec<String> {
    let found = list::list(&world.console, &world.person(Role::Support), None).await.unwrap();
    found.drifts.iter().map(|drift| format!("{} {}", drift.bid, drift.key)).collect()
}

pub(crate) async fn scan_all(world: &World) -> domain::settings::Scan {
    world.clock.advance(Duration::from_secs(1));
    scan::start(&world.console, &world.person(Role::PlatformOwner)).await.unwrap();
    world.work().await;
    scan::show(&world.console, &world.person(Role::Support)).await.unwrap().newest.unwrap()
}

#[tokio::test]
async fn a_scan_finds_what_drifted_and_nothing_else() {
    World::each(async |world: World| {
        for bid in ["a1", "a2", "a3", "a4", "a5", "a6"] {
            world.enabled_biller(bid, &format!("Town of {bid}")).await;
        }
        let before = world.sandbox.requests();
        let first = scan_all(&world).await;
        assert_eq!((first.state, first.total, first.done, first.calls), (ScanState::Finished, 6, 6, 24));
        assert_eq!(world.sandbox.requests() - before, 24, "the calls stated are the calls made");
        assert_eq!((first.drifted, keys(&world).await), (0, Vec::new()), "nothing drifts by itself");
        drift_colour(&world, "ic-a2", "#FF0000");
        world
            .sandbox
            .drift(
                ObjectKind::Pool,
                "ic-a5-pool",
                &json!({"second_factor_authentication_mechanisms": ["totp"]}),
            )
            .unwrap();
        world
            .sandbox
            .drift(ObjectKind::Application, "ic-a5-portal", &json!({"client_status": "inactive"}))
            .unwrap();
        let second = scan_all(&world).await;
        assert_eq!((second.drifted, second.failed), (3, 0));
        assert_eq!(
            keys(&world).await,
            ["a2 organization.color", "a5 application.status", "a5 pool.mfa.mechanisms"]
        );
    })
    .await;
}

#[tokio::test]
async fn theirs_is_adopted_ours_is_restored_and_ignoring_ends_by_itself() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("d1", "Town of Ames").await;
        let (actor, layer) = (world.person(Role::Product), Layer::Biller(bid.clone()));
        drift_colour(&world, "ic-d1", "#FF0000");
        world
            .sandbox
            .drift(ObjectKind::Pool, "ic-d1-pool", &json!({"public_registration_allowed": true}))
            .unwrap();
        assert_eq!(scan::one(&world.console, &actor, &bid).await.unwrap(), 2);
        let colour = "organization.color".parse().unwrap();
        let id = decide::adopt(&world.console, &actor, &bid, colour).await.unwrap();
        let view = preview::preview(&world.console, &actor, id).await.unwrap();
        assert!(view.parts[0].change.is_none(), "nothing is written to SecureAuth");
        confirm::confirm(&world.console, &actor, id, &view.token, None).await.unwrap();
        let found = shown(&world, &layer).await;
        assert_eq!(row(&found, "organization.color").agreement, Agreement::InSync);
        assert_eq!(row(&found, "organization.color").own, Some(SettingValue::Text("#FF0000".to_owned())));
        let registration = "pool.self_registration".parse().unwrap();
        decide::restore(&world.console, &actor, &bid, &[registration], None).await.unwrap();
        world.work().await;
        let pool = world.sandbox.state().get(ObjectKind::Pool, "ic-d1-pool").cloned().unwrap();
        assert_eq!(pool["public_registration_allowed"], false);
        assert_eq!(scan::one(&world.console, &actor, &bid).await.unwrap(), 0);
        assert_eq!(keys(&world).await, Vec::<String>::new());
        // Ignored until the end of a day, then it is back; and back at once when something else is found.
        drift_colour(&world, "ic-d1", "#00FF00");
        scan::one(&world.console, &actor, &bid).await.unwrap();
        decide::ignore(&world.console, &actor, &bid, colour, "2026-11-30").await.unwrap();
        assert_eq!(keys(&world).await, Vec::<String>::new());
        scan::one(&world.console, &actor, &bid).await.unwrap();
        assert_eq!(keys(&world).await, Vec::<String>::new(), "another scan changes nothing about it");
        world.clock.advance(Duration::from_secs(8 * 86_400));
        assert_eq!(keys(&world).await, ["d1 organization.color"]);
        decide::ignore(&world.console, &actor, &bid, colour, "2026-12-31").await.unwrap();
        drift_colour(&world, "ic-d1", "#0000FF");
        scan::one(&world.console, &actor, &bid).await.unwrap();
        assert_eq!(keys(&world).await, ["d1 organization.color"], "something else is found");
    })
    .await;
}

#[tokio::test]
async fn what_follows_the_status_is_restored_and_never_adopted() {
    let world = World::new().await;
    let bid = world.enabled_biller("d1", "Town of Ames").await;
    let actor = world.person(Role::Product);
    world
        .sandbox
        .drift(ObjectKind::Application, "ic-d1-portal", &json!({"client_status": "inactive"}))
        .unwrap();
    world
        .sandbox
        .drift(ObjectKind::Organization, "ic-d1", &json!({"authorization_code_ttl": "1.5s"}))
        .unwrap();
    scan::one(&world.console, &actor, &bid).await.unwrap();
    let status = "application.status".parse().unwrap();
    let refused = decide::adopt(&world.console, &actor, &bid, status).await;
    assert!(matches!(refused, Err(ServiceError::Settings(_))), "{refused:?}");
    let odd = "organization.code_ttl".parse().unwrap();
    let refused = decide::adopt(&world.console, &actor, &bid, odd).await;
    assert!(matches!(refused, Err(ServiceError::Settings(_))), "{refused:?}");
    let found = shown(&world, &Layer::Biller(bid.clone())).await;
    assert_eq!(row(&found, "organization.code_ttl").observed, Some(Observed::Foreign("\"1.5s\"".to_owned())));
    decide::restore(&world.console, &actor, &bid, &[status, odd], Some("CIAM-9".to_owned())).await.unwrap();
    world.work().await;
    assert_eq!(scan::one(&world.console, &actor, &bid).await.unwrap(), 0);
    let again = decide::restore(&world.console, &actor, &bid, &[status], None).await;
    assert!(matches!(again, Err(ServiceError::Changed { .. })), "{again:?}");
    for day in ["soon", "2026-11-22", "2030-01-01"] {
        let refused = decide::ignore(&world.console, &actor, &bid, odd, day).await;
        assert!(matches!(refused, Err(ServiceError::Settings(_))), "{day}: {refused:?}");
    }
}

#[tokio::test]
async fn a_scan_right_after_any_apply_finds_nothing() {
    let world = World::new().await;
    let bid = world.enabled_biller("d1", "Town of Ames").await;
    let typed = [
        ("pool.mechanisms", "password\nwebauthn"),
        ("pool.preferred_mechanism", "webauthn"),
        ("pool.password.strength", "strong"),
        ("pool.password.expires_after", "90d"),
        ("pool.reset.self_service", "false"),
        ("pool.reset.password_older_than", "2026-01-31T10:00:00+01:00"),
        ("organization.domains", "Ames.example, water.example"),
        ("organization.sso.enabled", "true"),
        ("organization.sso.max_idle", "30m"),
        ("application.redirect_uris", "https://b.example/cb\nhttps://a.example/cb"),
        ("binding.reload_claims", "true"),
        ("theme.bound", "none"),
    ];
    set(&world, Layer::Biller(bid.clone()), &typed).await;
    world.work().await;
    assert_eq!(scan::one(&world.console, &world.person(Role::Product), &bid).await.unwrap(), 0);
    assert_eq!(scan_all(&world).await.drifted, 0);
}

#[tokio::test]
async fn a_scan_stopped_at_any_effect_is_finished_and_reads_nothing_twice() {
    World::each(async |world: World| {
        for bid in ["c1", "c2", "c3", "c4", "c5"] {
            world.enabled_biller(bid, &format!("Town of {bid}")).await;
        }
        drift_colour(&world, "ic-c4", "#FF0000");
        for n in 1.. {
            scan::start(&world.console, &world.person(Role::PlatformOwner)).await.unwrap();
            let fuse = Fuse::at(n);
            let console = fuse.fitted(&world.console);
            let blown = tokio::select! {
                done = worker::run_until_idle(&console) => { done.unwrap(); false }
                () = fuse.blown() => true,
            };
            world.clock.advance(Duration::from_secs(120));
            worker::run_until_idle(&world.reopen().await).await.unwrap();
            let view = scan::show(&world.console, &world.person(Role::Support)).await.unwrap();
            let done = view.newest.unwrap();
            assert_eq!((done.state, done.done, done.drifted), (ScanState::Finished, 5, 1), "fuse at {n}");
            // One more while it is not known yet who changed the one value.
            assert!((20..=21).contains(&done.calls), "fuse at {n}: {} calls", done.calls);
            assert_eq!(keys(&world).await, ["c4 organization.color"], "fuse at {n}");
            if !blown {
                assert!(n > 15, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_scan_waits_when_it_is_asked_to_and_passes_over_who_does_not_answer() {
    let world = World::new().await;
    for bid in ["w1", "w2"] {
        world.enabled_biller(bid, &format!("Town of {bid}")).await;
    }
    let slow = FaultRule::new("identity.getPool", Fault::TooManyRequests { retry_after_seconds: 30 });
    world.sandbox.faults().add(slow).unwrap();
    scan::start(&world.console, &world.person(Role::Product)).await.unwrap();
    world.work().await;
    let view = scan::show(&world.console, &world.person(Role::Support)).await.unwrap();
    assert_eq!(view.newest.unwrap().done, 0, "nobody is passed over for being asked to wait");
    let twice = scan::start(&world.console, &world.person(Role::Product)).await;
    assert!(matches!(twice, Err(ServiceError::Changed { .. })), "{twice:?}");
    world.sandbox.faults().clear();
    world
        .sandbox
        .faults()
        .add(FaultRule::new("admin.getClient", Fault::Error { status: 500, error_code: None }))
        .unwrap();
    world.clock.advance(Duration::from_secs(31));
    // A client of its own: the first one keeps SecureAuth's pause by the machine's clock.
    worker::run_until_idle(&world.reopen().await).await.unwrap();
    let newest = scan::show(&world.console, &world.person(Role::Support)).await.unwrap().newest.unwrap();
    assert_eq!((newest.state, newest.done, newest.failed), (ScanState::Finished, 2, 2));
    let limited = scan::start(&world.console, &world.limited(Role::Product, "north")).await;
    assert!(matches!(limited, Err(ServiceError::Refused(Refusal::Portfolio { .. }))));
}

/// Who changed each value that drifted, as the audit events tell.
async fn told(world: &World) -> Vec<String> {
    let found = list::list(&world.console, &world.person(Role::Support), None).await.unwrap();
    let told = |changed: Option<Changed>| match changed {
        None => "not asked".to_owned(),
        Some(Changed::Nothing) => "nothing".to_owned(),
        Some(Changed::Value { by, at }) => format!("value {by} {at}"),
        Some(Changed::Object { by, at }) => format!("object {by} {at}"),
    };
    found.drifts.into_iter().map(|drift| format!("{}: {}", drift.key, told(drift.changed))).collect()
}

#[tokio::test]
async fn who_changed_a_value_is_told_where_the_vendors_events_tell() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("d1", "Town of Ames").await;
        drift_colour(&world, "ic-d1", "#00FF00");
        let at = world.console.now();
        world.clock.advance(Duration::from_secs(60));
        // The same person changes something else: the colour was changed by the event before.
        world
            .sandbox
            .drift(ObjectKind::Organization, "ic-d1", &json!({"logo_uri": "https://x.example/l"}))
            .unwrap();
        let later = world.console.now();
        let pool = json!({"public_registration_allowed": true, "password_policy": {"digits": 9}});
        world.sandbox.drift(ObjectKind::Pool, "ic-d1-pool", &pool).unwrap();
        world.sandbox.drift(ObjectKind::Binding, "ic-d1-binding", &json!({"hidden": true})).unwrap();
        set(&world, Layer::Biller(bid.clone()), &[("pool.password.digits", "2")]).await;
        let before = world.sandbox.requests();
        scan::one(&world.console, &world.person(Role::Product), &bid).await.unwrap();
        assert_eq!(world.sandbox.requests() - before, 5, "one more call, whatever drifted");
        let person = "administrator@sandbox.example";
        let told = told(&world).await;
        for expected in [
            format!("organization.color: value {person} {at}"),
            // The vendor's events of a pool show this field, and not that one.
            format!("pool.self_registration: value {person} {later}"),
            format!("pool.password.digits: object {person} {later}"),
            // It has no events of providers at all.
            "binding.hidden: nothing".to_owned(),
        ] {
            assert!(told.contains(&expected), "{expected} is not in {told:#?}");
        }
        let before = world.sandbox.requests();
        scan::one(&world.console, &world.person(Role::Product), &bid).await.unwrap();
        assert_eq!(world.sandbox.requests() - before, 4, "what was told is not asked again");
    })
    .await;
}

#[tokio::test]
async fn events_that_cannot_be_read_leave_it_open_until_the_next_read() {
    let world = World::new().await;
    let bid = world.enabled_biller("d1", "Town of Ames").await;
    drift_colour(&world, "ic-d1", "#00FF00");
    let refused = FaultRule::new("admin.listAuditEvents", Fault::Error { status: 403, error_code: None });
    world.sandbox.faults().add(refused).unwrap();
    assert_eq!(scan::one(&world.console, &world.person(Role::Product), &bid).await.unwrap(), 1);
    assert_eq!(told(&world).await, ["organization.color: not asked"]);
    world.sandbox.faults().clear();
    scan::one(&world.console, &world.person(Role::Product), &bid).await.unwrap();
    assert!(told(&world).await[0].starts_with("organization.color: value administrator@"));
}
