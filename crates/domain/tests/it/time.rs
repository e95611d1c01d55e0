//! Instants.

use std::time::Duration;

use domain::Timestamp;
use proptest::prelude::*;

use crate::samples::NOW;

proptest! {
    #[test]
    fn going_ahead_and_back_leads_to_the_same_instant(micros in -1_i64 << 60..1 << 60, by in 0_u64..1 << 60) {
        let at = Timestamp::from_micros(micros);
        let by = Duration::from_micros(by);
        prop_assert_eq!(at.plus(by).minus(by), at);
        prop_assert_eq!(at.plus(by).since(at), by);
        prop_assert_eq!(at.minus(by).since(at), Duration::ZERO);
    }

    #[test]
    fn no_span_leads_over_the_ends_of_time(micros: i64, seconds: u64) {
        let at = Timestamp::from_micros(micros);
        prop_assert!(at.plus(Duration::from_secs(seconds)) >= at);
        prop_assert!(at.minus(Duration::from_secs(seconds)) <= at);
    }

    #[test]
    fn the_written_instant_is_its_second(micros in -60_000_000_000_000_000_i64..250_000_000_000_000_000) {
        let at = Timestamp::from_micros(micros);
        let read: jiff::Timestamp = at.rfc3339().parse().unwrap();
        prop_assert_eq!(read.as_second(), at.seconds());
        prop_assert!(at.rfc3339().ends_with('Z'));
    }

    #[test]
    fn any_instant_can_be_written(micros: i64) {
        prop_assert!(!Timestamp::from_micros(micros).to_string().is_empty());
    }
}

#[test]
fn an_instant_is_written_in_utc_to_the_second_and_stored_in_microseconds() {
    assert_eq!(NOW.plus(Duration::from_millis(999)).rfc3339(), "2026-11-23T21:43:00Z");
    assert_eq!(Timestamp::from_micros(-1).rfc3339(), "1969-12-31T23:59:59Z");
    assert_eq!(serde_json::to_string(&NOW).unwrap(), "1795470180000000");
}
