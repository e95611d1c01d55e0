//! What is forecast of the licence's use.

use std::time::Duration;

use domain::{
    Timestamp,
    performance::{Forecast, LicenceReading, Metered, forecast, used_between},
};
use proptest::prelude::*;

const HOUR: u64 = 3_600;

fn at(hours: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(Duration::from_secs(hours * HOUR))
}

fn reading(hours: u64, used: Option<u64>, limit: Option<u64>) -> LicenceReading {
    let tokens = Metered { limit, used };
    LicenceReading {
        at: at(hours),
        starts: None,
        ends: None,
        enforced: None,
        tokens,
        providers: Metered::default(),
        users: None,
    }
}

#[test]
fn use_goes_on_as_it_came_in_the_last_seven_days() {
    // Ten days of a hundred an hour, then ten quiet days of one an hour; the month has thirty.
    let used = |hour: u64| if hour <= 240 { 100 * hour } else { 24_000 + hour - 240 };
    let readings: Vec<_> = (1..=480).map(|hour| reading(hour, Some(used(hour)), Some(24_300))).collect();
    let found = forecast(&readings, at(720)).unwrap();
    assert_eq!(found, Forecast { at_end: 24_480, reached: Some(at(540)) });
}

#[test]
fn a_new_month_begins_where_the_count_falls() {
    let readings = [
        reading(0, Some(90_000), None),
        reading(100, Some(99_000), None),
        reading(110, Some(100), None),
        reading(120, Some(200), None),
    ];
    assert_eq!(forecast(&readings, at(220)), Some(Forecast { at_end: 1_200, reached: None }));
    assert_eq!(used_between(Some(&readings[1]), &readings[2]), Some(100));
    assert_eq!(used_between(Some(&readings[0]), &readings[1]), Some(9_000));
}

#[test]
fn what_is_not_known_is_not_guessed() {
    assert_eq!(forecast(&[], at(10)), None);
    assert_eq!(forecast(&[reading(0, Some(5), Some(10))], at(10)), None, "one reading has no rate");
    assert_eq!(forecast(&[reading(0, None, None), reading(5, None, None)], at(10)), None);
    assert_eq!(used_between(None, &reading(0, Some(5), None)), None);
    let full = [reading(0, Some(10), Some(10)), reading(2, Some(10), Some(10))];
    assert_eq!(forecast(&full, at(10)).unwrap().reached, Some(at(2)), "it is reached already");
}

proptest! {
    #[test]
    fn a_forecast_is_never_below_what_is_used_and_a_limit_is_reached_only_within_the_month(
        steps in prop::collection::vec((1_u64..50, 0_u64..10_000), 2..40),
        limit in 0_u64..300_000,
        left in 0_u64..700,
    ) {
        let (mut hours, mut used) = (0, 0);
        let readings: Vec<_> = steps
            .into_iter()
            .map(|(later, more)| {
                hours += later;
                used += more;
                reading(hours, Some(used), Some(limit))
            })
            .collect();
        let ends = at(hours + left);
        let found = forecast(&readings, ends).unwrap();
        prop_assert!(found.at_end >= used);
        match found.reached {
            Some(reached) => {
                prop_assert!(reached >= at(hours) && reached <= ends);
                prop_assert!(found.at_end + 1 >= limit, "{found:?}");
            }
            None => prop_assert!(found.at_end <= limit + 1, "{found:?}"),
        }
    }
}
