//! When a failing job is tried again.

use std::time::Duration;

use domain::job::backoff;
use proptest::prelude::*;

#[test]
fn pauses_double_from_two_seconds_to_five_minutes() {
    let seconds: Vec<_> = (1..=10).map(|attempts| backoff(attempts).as_secs()).collect();
    assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
}

proptest! {
    #[test]
    fn a_pause_is_never_shorter_than_two_seconds_or_longer_than_five_minutes(attempts: i64) {
        let bounds = Duration::from_secs(2)..=Duration::from_secs(300);
        prop_assert!(bounds.contains(&backoff(attempts)));
        prop_assert!(backoff(attempts) <= backoff(attempts.saturating_add(1)));
    }
}
