//! What SecureAuth says about itself is read on a schedule and kept: licence, its own measurements, sign-ins by biller.

use std::time::Duration;

use domain::{
    actor::Role,
    performance::{MINUTES_PER_DAY, Minute, Range, SignIns},
};
use sandbox::{Fault, FaultRule};
use services::{
    ServiceError,
    settings::{NumbersSettings, ProbeSettings},
    vendor_numbers::{figures, licence, sign_ins},
    worker,
};

use crate::{
    account_sign_ins::{mirrored, types},
    world::World,
};

const ALL: NumbersSettings = NumbersSettings {
    every_minutes: Some(60),
    sign_ins_every_hours: Some(24),
    sign_in_events_every_minutes: None,
};

const HOUR: Duration = Duration::from_secs(3_600);

/// Everything is read, and the recurring jobs are in the queue.
async fn reading(world: &World) -> World {
    let world = world.restarted_with(|settings| settings.numbers = ALL).await;
    worker::prepare(&world.console).await.unwrap();
    world.work().await;
    world
}

async fn shown(world: &World) -> licence::LicenceView {
    licence::show(&world.console, &world.person(Role::VendorReview)).await.unwrap()
}

#[tokio::test]
async fn the_licence_is_read_every_hour_and_shows_where_its_use_leads() {
    World::each(async |world: World| {
        let world = reading(&world).await;
        let first = shown(&world).await;
        let last = first.last.unwrap();
        assert!(last.tokens.used > Some(0) && last.tokens.limit == Some(100_000), "{last:?}");
        assert!(last.starts < last.ends && last.users == Some(0), "{last:?}");
        assert_eq!((first.forecast, first.read.unwrap().why), (None, None), "one reading has no rate");

        // A day later tokens were issued; the day has its use.
        for _ in 0..25 {
            world.clock.advance(HOUR);
            world.console.vendor.check_token(secureauth::Workspace::Admin).await.unwrap();
            world.work().await;
        }
        let later = shown(&world).await;
        let forecast = later.forecast.unwrap();
        let used = later.last.unwrap().tokens.used.unwrap();
        assert!(forecast.at_end > used, "{forecast:?} of {used}");
        assert_eq!(forecast.reached, None);
        let today = later.days.last().unwrap();
        assert!(today.tokens >= Some(24), "{today:?}");
        assert_eq!(later.days[later.days.len() - 3].tokens, None, "what was not read is not known");
    })
    .await;
}

#[tokio::test]
async fn what_secureauth_refuses_is_told_with_its_cure_and_what_was_known_stays() {
    World::each(async |world: World| {
        let world = reading(&world).await;
        let before = shown(&world).await.last;
        let refused =
            FaultRule::new("licensingadmin.getUsage", Fault::Error { status: 403, error_code: None });
        world.sandbox.faults().add(refused).unwrap();
        world.clock.advance(HOUR);
        world.work().await;
        let after = shown(&world).await;
        assert_eq!(after.last, before);
        let why = after.read.unwrap().why.unwrap();
        assert!(why.contains("ask SecureAuth for the right"), "{why}");
        let stranger = licence::show(&world.console, &world.person(Role::Support)).await;
        assert!(matches!(stranger, Err(ServiceError::Refused(_))), "{stranger:?}");
    })
    .await;
}

#[tokio::test]
async fn sign_ins_are_counted_by_biller_once_and_a_pause_of_the_vendor_skips_nobody() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("1", "Town of Ames").await;
        let other = world.enabled_biller("2", "City of Boone").await;
        world.put_into(&other, Some("Coast")).await;
        world.change(&bid, "on off off inherit").await.unwrap();
        world.work().await;
        mirrored(&world, &bid, "ann").await;
        types(&world, "town-of-ames", "ann", "wrong").await;
        types(&world, "town-of-ames", "ann", "U*U").await;

        let wait = Fault::TooManyRequests { retry_after_seconds: 1 };
        let slow = FaultRule::new("analytics.workspaceAggregatedAuthenticationMetrics", wait).times(1);
        world.sandbox.faults().add(slow).unwrap();
        let world = reading(&world).await;
        world.clock.advance(HOUR);
        // A client of its own: the first one keeps SecureAuth's pause by the machine's clock.
        worker::run_until_idle(&world.reopen().await).await.unwrap();

        let reviewer = world.person(Role::VendorReview);
        let once = SignIns { succeeded: 1, failed: 1 };
        let seen = sign_ins::show(&world.console, &reviewer, 30).await.unwrap();
        assert_eq!((seen.total, seen.by_day.len()), (once, 30));
        assert_eq!(seen.by_day.last().unwrap().counted, once);
        assert_eq!(seen.by_biller.len(), 1, "{:?}", seen.by_biller);
        assert_eq!((&seen.by_biller[0].bid, seen.by_biller[0].counted), (&bid, once));

        let limited = world.limited(Role::VendorReview, "Coast");
        let theirs = sign_ins::show(&world.console, &limited, 30).await.unwrap();
        assert_eq!((theirs.total, theirs.by_biller.len()), (SignIns::default(), 0));
        let hidden = sign_ins::of_biller(&world.console, &limited, &bid).await;
        assert!(matches!(hidden, Err(ServiceError::NotFound { .. })), "{hidden:?}");

        // The next day the same days are read again: nothing is counted twice.
        world.clock.advance(25 * HOUR);
        worker::run_until_idle(&world.reopen().await).await.unwrap();
        let again = sign_ins::of_biller(&world.console, &reviewer, &bid).await.unwrap();
        assert_eq!(again, once);
    })
    .await;
}

#[tokio::test]
async fn the_vendors_own_figures_stand_beside_ours() {
    World::each(async |world: World| {
        world.enabled_biller("1", "Town of Ames").await;
        world.clock.advance(Duration::from_secs(60));
        let world = reading(&world).await;
        world.console.calls.flush(&world.console.store).await;
        let now = Minute::of(world.console.now());
        let range = Range { from: Minute(now.0 - 60), to: Minute(now.0 + 1) };
        let seen = figures::show(&world.console, &world.person(Role::Ops), range).await.unwrap();
        let admin = seen.days.iter().find(|beside| beside.theirs.api == "admin").unwrap();
        assert!(admin.theirs.requests > Some(0) && admin.theirs.p50.is_some(), "{admin:?}");
        let ours = admin.ours.as_ref().unwrap();
        assert!(ours.tally.sent() > 0 && ours.p50.is_some(), "{ours:?}");
        assert_eq!(seen.read.unwrap().why, None);

        let long_ago =
            Range { from: Minute(now.0 - 9 * MINUTES_PER_DAY), to: Minute(now.0 - 8 * MINUTES_PER_DAY) };
        let none = figures::show(&world.console, &world.person(Role::Ops), long_ago).await.unwrap();
        assert!(none.days.is_empty());
    })
    .await;
}

#[test]
fn what_reading_costs_is_computed_from_the_schedule() {
    assert_eq!(ALL.calls_a_month(3_403), 720 * 7 + 30 * 3_403);
    assert_eq!(NumbersSettings::OFF.calls_a_month(3_403), 0);
    assert_eq!(ProbeSettings::OFF.use_a_month().all_calls(), 0);
}
