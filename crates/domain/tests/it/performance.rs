//! Measurements: percentiles are close to the exact ones, merging does not depend on order, texts read back.

use std::{collections::BTreeSet, time::Duration};

use domain::Timestamp;
use domain::performance::{
    CallOutcome, Cell, Comparison, Hour, KnownMinutes, Latencies, MINUTES_PER_DAY, Minute, Range, Series,
    Tally, WORST_ERROR,
};
use proptest::{collection::vec, prelude::*};

fn histogram(values: &[u64]) -> Latencies {
    let mut latencies = Latencies::default();
    for value in values {
        latencies.add(Duration::from_micros(*value));
    }
    latencies
}

/// The nearest-rank percentile of the values themselves.
fn exact(values: &[u64], percent: f64) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted[rank.max(1) - 1]
}

/// Latencies with a heavy tail, as real ones are: most around some milliseconds, a few up to two minutes.
fn heavy_tailed() -> impl Strategy<Value = Vec<u64>> {
    let one = prop_oneof![
        80 => 200_u64..20_000,
        15 => 20_000_u64..2_000_000,
        4 => 2_000_000_u64..120_000_000,
        1 => 0_u64..64,
    ];
    vec(one, 1..400)
}

fn cell(values: &[(usize, u64)]) -> Cell {
    let mut cell = Cell::default();
    for (outcome, micros) in values {
        cell.tally.add(CallOutcome::ALL[*outcome], 1);
        cell.latencies.add(Duration::from_micros(*micros));
    }
    cell
}

fn calls() -> impl Strategy<Value = Vec<(usize, u64)>> {
    vec((0..CallOutcome::ALL.len(), 0_u64..200_000_000), 0..40)
}

proptest! {
    #[test]
    fn a_percentile_is_as_close_as_promised(values in heavy_tailed(), percent in 0.0_f64..=100.0) {
        let found = histogram(&values).percentile(percent).unwrap().as_micros() as f64;
        let exact = exact(&values, percent) as f64;
        prop_assert!((found - exact).abs() <= exact * WORST_ERROR + 0.5, "{found} for {exact}");
    }

    #[test]
    fn merging_is_adding_up_in_whichever_order(a in heavy_tailed(), b in heavy_tailed(), c in heavy_tailed()) {
        let (x, y, z) = (histogram(&a), histogram(&b), histogram(&c));
        let merged = |first: &Latencies, others: [&Latencies; 2]| {
            let mut sum = first.clone();
            others.into_iter().for_each(|other| sum.merge(other));
            sum
        };
        let mut right = y.clone();
        right.merge(&z);
        let whole = histogram(&[a, b, c].concat());
        prop_assert_eq!(&merged(&x, [&y, &z]), &whole);
        prop_assert_eq!(&merged(&z, [&x, &y]), &whole);
        prop_assert_eq!(&merged(&x, [&right, &Latencies::default()]), &whole);
    }

    #[test]
    fn calls_within_a_limit_are_those_below_it_but_for_the_limits_own_error(values in heavy_tailed(), limit in 100_u64..130_000_000) {
        let found = histogram(&values).within(Duration::from_micros(limit));
        let below = |limit: f64| values.iter().filter(|value| **value as f64 <= limit).count() as u64;
        let limit = limit as f64;
        prop_assert!(below(limit * (1.0 - 2.0 * WORST_ERROR) - 1.0) <= found);
        prop_assert!(found <= below(limit * (1.0 + 2.0 * WORST_ERROR) + 1.0));
    }

    #[test]
    fn an_hour_reads_back_as_written(minutes in vec((0_u8..60, calls()), 1..20)) {
        let mut hour = Hour::default();
        for (minute, calls) in &minutes {
            hour.merge(*minute, &cell(calls));
        }
        prop_assert_eq!(hour.to_string().parse::<Hour>().unwrap(), hour);
    }

    #[test]
    fn no_text_breaks_the_reader(text in ".{0,60}") {
        let _read = text.parse::<Hour>();
        let _read = text.parse::<Cell>();
        let _read = text.parse::<KnownMinutes>();
    }

    #[test]
    fn minutes_known_to_either_are_known_to_both_together(a in vec(0_usize..1440, 0..200), b in vec(0_usize..1440, 0..200)) {
        let known = |minutes: &[usize]| minutes.iter().copied().collect::<KnownMinutes>();
        let both: BTreeSet<usize> = a.iter().chain(&b).copied().collect();
        let mut merged = known(&a);
        merged.merge(&known(&b));
        prop_assert_eq!(merged.count(), i64::try_from(both.len()).unwrap());
        prop_assert_eq!(merged.to_string().parse::<KnownMinutes>().unwrap(), merged.clone());
        let mut other = known(&b);
        other.merge(&known(&a));
        prop_assert_eq!(other, merged);
    }
}

#[test]
fn what_was_changed_by_hand_is_named() {
    for broken in ["", "x", "60:0.1;5.1", "5:9.1;", "5:0.1", "5:0.-1;"] {
        let error = broken.parse::<Hour>().unwrap_err();
        assert!(error.to_string().contains("restore the row"), "{error}");
    }
}

#[test]
fn availability_leaves_our_own_faults_out_and_shows_the_raw_number_beside() {
    let mut tally = Tally::default();
    assert_eq!((tally.availability(), tally.availability_raw()), (None, None), "nothing known is not 'up'");
    for (outcome, calls) in [
        (CallOutcome::Ok, 90),
        (CallOutcome::Conflict, 5),
        (CallOutcome::ServerError, 4),
        (CallOutcome::Network, 1),
        (CallOutcome::ClientError, 50),
        (CallOutcome::RateLimited, 20),
        (CallOutcome::Timeout, 30),
        (CallOutcome::CircuitOpen, 1000),
    ] {
        tally.add(outcome, calls);
    }
    assert_eq!((tally.good(), tally.failed(), tally.ours(), tally.sent()), (95, 5, 100, 200));
    assert_eq!(tally.availability(), Some(0.95));
    assert_eq!(tally.availability_raw(), Some(0.475));
}

#[test]
fn a_series_keeps_gaps_and_leaves_out_what_is_outside() {
    let now = Timestamp::from_micros(1_000_000 * 60 * 100);
    let range = Range::last(10, now);
    assert_eq!((range.from, range.to), (Minute(90), Minute(100)));
    let mut series = Series::new(range, 4);
    assert_eq!(series.buckets.len(), 3, "two whole ones and a shorter one");
    let one = cell(&[(0, 1000)]);
    for minute in [89, 90, 93, 98, 100] {
        series.put(Minute(minute), &one);
    }
    let known: Vec<i64> = series.buckets.iter().map(|bucket| bucket.known.count()).collect();
    assert_eq!(known, [2, 0, 1]);
    assert_eq!(series.total().tally.good(), 3);
    assert_eq!(series.begins(2), Minute(98).begins());
    assert_eq!(Minute(-1).in_hour(), (-1, 59));
    assert_eq!(Minute(-1).day(), -1);
}

#[test]
fn a_range_is_compared_with_one_that_is_divided_in_the_same_way() {
    let range = Range { from: Minute(10_000), to: Minute(10_010) };
    assert_eq!(Comparison::Before.of(range, 1), Range { from: Minute(9_990), to: Minute(10_000) });
    let of_four = Comparison::Before.of(range, 4);
    assert_eq!(of_four, Range { from: Minute(9_988), to: Minute(10_000) }, "its last stretch is whole");
    for (comparison, days) in [(Comparison::Week, 7), (Comparison::FourWeeks, 28), (Comparison::Year, 364)] {
        let earlier = comparison.of(range, 5);
        assert_eq!((range.from.0 - earlier.from.0, earlier.len()), (days * MINUTES_PER_DAY, 10));
        assert_eq!(days % 7, 0, "the same days of the week");
    }
}

#[test]
fn a_range_is_moved_and_zoomed_around_its_middle() {
    let range = Range { from: Minute(1_000), to: Minute(1_060) };
    assert_eq!(range.moved(-1), Range { from: Minute(940), to: Minute(1_000) });
    assert_eq!(range.closer(), Range { from: Minute(1_015), to: Minute(1_045) });
    assert_eq!(range.wider(), Range { from: Minute(970), to: Minute(1_090) });
    let one = Range { from: Minute(1_000), to: Minute(1_001) };
    assert_eq!(one.closer(), one, "a minute is the shortest");
}
