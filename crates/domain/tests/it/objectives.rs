//! Objectives: what is counted, what is left out, how a budget is spent; against months worked out by hand.

use std::time::Duration;

use domain::zone::Zone;
use domain::{
    Clock, Entropy, ObjectiveId, Timestamp,
    performance::{
        Alarm, Burn, CallOutcome, Cell, Count, Excluded, Health, IncidentRule, Indicator, Maintenance,
        Minute, Month, Objective, Pace, Range, Standing, Tally, Target, Verdict, Window, burn_down,
    },
};
use proptest::{collection::vec, prelude::*};

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0)
    }
}

impl Entropy for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn range(from: i64, to: i64) -> Range {
    Range { from: Minute(from), to: Minute(to) }
}

#[test]
fn targets_read_back_as_they_were_written() {
    for text in ["99.9", "99.95", "99.9999", "95", "0.0001", "50.5"] {
        assert_eq!(target(text).to_string(), text);
    }
    assert_eq!(target(" 99.90 % ").to_string(), "99.9");
    for text in ["", "100", "0", "-1", "99.99999", "99,9", "1e1", "++9", "9.-1", "NaN", ".5"] {
        assert!(text.parse::<Target>().is_err(), "{text}");
    }
}

#[test]
fn a_limit_is_whole_milliseconds() {
    assert_eq!(Indicator::from_limit(" "), Ok(Indicator::Available));
    assert_eq!(Indicator::from_limit("500"), Ok(Indicator::Within(Duration::from_millis(500))));
    for text in ["0", "-5", "1.5", "120001", "fast"] {
        assert!(Indicator::from_limit(text).is_err(), "{text}");
    }
}

#[test]
fn our_own_faults_are_left_out_of_availability_and_stand_in_the_raw_number() {
    let mut cell = Cell::default();
    for (outcome, calls) in [
        (CallOutcome::Ok, 90),
        (CallOutcome::Conflict, 5),
        (CallOutcome::ServerError, 3),
        (CallOutcome::Network, 2),
        (CallOutcome::ClientError, 50),
        (CallOutcome::RateLimited, 7),
        (CallOutcome::Timeout, 3),
        (CallOutcome::CircuitOpen, 1_000),
    ] {
        cell.tally.add(outcome, calls);
    }
    assert_eq!(Indicator::Available.count(&cell), Count { good: 95, valid: 100 });
    assert_eq!(Indicator::Available.count_raw(&cell), Count { good: 95, valid: 160 });
}

/// By hand: a month with a change of clocks has an hour more or less, one of a leap year a day more.
#[test]
fn a_month_has_as_many_minutes_as_on_the_wall() {
    let minutes = |name: &str, text: &str| month(text).range(&zone(name)).len();
    assert_eq!(minutes("UTC", "2026-11"), 30 * 1440);
    assert_eq!(minutes("America/New_York", "2026-11"), 30 * 1440 + 60);
    assert_eq!(minutes("America/New_York", "2026-03"), 31 * 1440 - 60);
    assert_eq!(minutes("Europe/Berlin", "2026-03"), 31 * 1440 - 60);
    assert_eq!(minutes("Europe/Berlin", "2026-10"), 31 * 1440 + 60);
    assert_eq!(minutes("Australia/Lord_Howe", "2026-04"), 30 * 1440 + 30);
    assert_eq!(minutes("UTC", "2028-02"), 29 * 1440);
    assert_eq!(minutes("UTC", "2100-02"), 28 * 1440);
    let starts = |name: &str, text: &str| month(text).range(&zone(name)).from.begins().rfc3339();
    assert_eq!(starts("America/New_York", "2026-11"), "2026-11-01T04:00:00Z");
    assert_eq!(starts("America/New_York", "2026-12"), "2026-12-01T05:00:00Z");
    // Midnight did not exist there on that day: clocks went from 24:00 to 1:00.
    assert_eq!(starts("America/Asuncion", "2017-10"), "2017-10-01T04:00:00Z");
}

#[test]
fn months_follow_each_other_without_a_gap_and_know_their_instants() {
    for name in ["UTC", "America/New_York", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"] {
        let zone = zone(name);
        let mut at = month("2011-10");
        for _ in 0..40 {
            assert_eq!(at.range(&zone).to, at.next().range(&zone).from);
            assert_eq!(at.next().previous(), at);
            let range = at.range(&zone);
            assert_eq!(Month::of(range.from.begins(), &zone), at, "{name}");
            assert_eq!(Month::of(Minute(range.to.0 - 1).begins(), &zone), at, "{name}");
            at = at.next();
        }
    }
    for text in ["2026-13", "2026-0", "26-01", "2026-00", "2026/01", ""] {
        assert!(text.parse::<Month>().is_err(), "{text}");
    }
    assert_eq!(month("2026-02").label(), "February 2026");
}

/// By hand: 43 200 probes in November, 99.9 % promised, so 43.2 may fail.
#[test]
fn a_month_worked_out_by_hand() {
    let whole = 30 * 1440;
    let at = |bad: u64| Standing {
        counted: Count { good: 43_200 - bad, valid: 43_200 },
        raw: Count { good: 43_200 - bad, valid: 43_200 },
        elapsed: whole,
        whole,
    };
    let promised = target("99.9");
    assert_eq!(at(43).verdict(promised), Verdict::Met);
    assert_eq!(at(44).verdict(promised), Verdict::Missed);
    assert!((at(43).spent(promised).unwrap() - 43.0 / 43.2).abs() < 1e-12);
    // After a third of the month with 10 bad of 14 400: 10 / 43.2 of the whole month's budget.
    let third = Standing { counted: Count { good: 14_390, valid: 14_400 }, elapsed: whole / 3, ..at(0) };
    assert!((third.spent(promised).unwrap() - 10.0 / 43.2).abs() < 1e-12);
    // At ten times the allowed rate the rest, 33.2 / 43.2, lasts 0.1 × 33.2 / 43.2 of 30 days: 2.3056 days.
    let lasts = third.lasts(promised, Some(10.0)).unwrap();
    assert!((lasts.as_secs_f64() / 86_400.0 - 3.0 * 33.2 / 43.2).abs() < 1e-6);
    assert_eq!(third.lasts(promised, Some(0.0)), None);
    assert_eq!(third.lasts(promised, Some(0.5)), None, "it outlasts the month");
    assert_eq!(at(100).lasts(promised, Some(1.0)), Some(Duration::ZERO));
    let nothing = Standing { counted: Count::default(), ..at(0) };
    assert_eq!(nothing.verdict(promised), Verdict::Unknown, "what is not measured is not available");
    assert_eq!(nothing.spent(promised), None);
}

#[test]
fn an_alarm_needs_both_windows_and_enough_calls() {
    let count = |bad, valid| Count { good: valid - bad, valid };
    let burn = |long, short| Burn { pace: Pace::Fast, long, short }.alarm(target("99.9"));
    // 14.4 × 0.1 % is 1.44 %.
    assert_eq!(burn(count(15, 1_000), count(2, 100)), Alarm::Burning);
    assert_eq!(burn(count(14, 1_000), count(2, 100)), Alarm::Quiet);
    assert_eq!(burn(count(15, 1_000), count(0, 100)), Alarm::Quiet, "it is over");
    assert_eq!(burn(count(2, 30), count(2, 3)), Alarm::Quiet, "two bad calls are no alarm");
    assert_eq!(burn(count(29, 29), count(3, 3)), Alarm::TooFew);
    assert_eq!(burn(count(30, 30), Count::default()), Alarm::Quiet);
    let loose = Burn { pace: Pace::Fast, long: count(100, 100), short: count(10, 10) };
    assert_eq!(loose.alarm(target("90")), Alarm::Burning, "a full outage is an alarm against any target");
}

#[test]
fn a_burn_down_ends_where_the_budget_stands() {
    let objective = Objective {
        id: ObjectiveId::new(&Still, &Still),
        name: "Sign-in pages".to_owned(),
        group: None,
        indicator: Indicator::Available,
        target: target("99"),
        window: Window::Month,
        clause: None,
    };
    let days = [Count { good: 100, valid: 100 }, Count::default(), Count { good: 98, valid: 100 }];
    // Half of the month is over: 400 calls are expected, 4 may fail, 2 did.
    let left = burn_down(&objective, &days, 0.5);
    assert_eq!(left, [1.0, 1.0, 0.5]);
    assert_eq!(burn_down(&objective, &[Count::default()], 0.5), [1.0]);
}

fn minutes(words: &str) -> Vec<(Minute, Tally)> {
    let one = |(place, word): (usize, char)| {
        let mut tally = Tally::default();
        match word {
            'u' => tally.add(CallOutcome::Ok, 10),
            'd' => tally.add(CallOutcome::ServerError, 10),
            'h' => {
                tally.add(CallOutcome::Ok, 5);
                tally.add(CallOutcome::Network, 5);
            }
            'o' => tally.add(CallOutcome::Timeout, 10),
            _ => return None,
        }
        Some((Minute(place as i64), tally))
    };
    words.chars().enumerate().filter_map(one).collect()
}

#[test]
fn an_incident_begins_and_ends_with_minutes_in_a_row() {
    let rule = IncidentRule { open_after: 3, close_after: 4 };
    let judge = |words: &str| rule.judge(&minutes(words));
    assert_eq!(judge(""), Health::Unsure);
    assert_eq!(judge("uuudd"), Health::Unsure);
    assert_eq!(judge("uuuddd"), Health::Down(Minute(3)));
    assert_eq!(judge("uudhd"), Health::Down(Minute(2)), "half is enough");
    assert_eq!(judge("uud.d.d"), Health::Down(Minute(2)), "minutes of which nothing is known do not end it");
    assert_eq!(judge("uudodod"), Health::Down(Minute(2)), "our own patience says nothing of the vendor");
    assert_eq!(judge("ddduuu"), Health::Unsure);
    assert_eq!(judge("ddduuuu"), Health::Up(Minute(3)));
    assert_eq!(judge(&format!("dd{}d", ".".repeat(15))), Health::Unsure, "an hour without calls is no row");
}

#[test]
fn a_maintenance_window_is_short_and_goes_forward() {
    assert!(Maintenance::check(range(10, 10)).is_err());
    assert!(Maintenance::check(range(10, 9)).is_err());
    assert!(Maintenance::check(range(0, 7 * 1440)).is_ok());
    assert!(Maintenance::check(range(0, 7 * 1440 + 1)).is_err());
}

proptest! {
    #[test]
    fn what_is_left_out_is_what_lies_in_any_window(windows in vec((0_i64..300, 0_i64..60), 0..12), minute in 0_i64..400) {
        let windows: Vec<Range> = windows.into_iter().map(|(from, length)| range(from, from + length)).collect();
        let excluded = Excluded::new(windows.clone());
        let inside = |minute: i64| windows.iter().any(|window| window.contains(Minute(minute)));
        prop_assert_eq!(excluded.contains(Minute(minute)), inside(minute));
        let counted = (50..250).filter(|minute| inside(*minute)).count();
        prop_assert_eq!(excluded.minutes_in(range(50, 250)), counted as i64);
        prop_assert!(excluded.windows().windows(2).all(|pair| pair[0].to < pair[1].from));
    }

    #[test]
    fn a_budget_is_overspent_exactly_when_the_promise_is_broken(bad in 0_u64..5_000, good in 0_u64..100_000, millionths in 1_u32..1_000_000) {
        let target = Target::from_millionths(millionths).unwrap();
        let counted = Count { good, valid: good + bad };
        let standing = Standing { counted, raw: counted, elapsed: 100, whole: 100 };
        match (standing.verdict(target), standing.spent(target)) {
            (Verdict::Unknown, spent) => prop_assert!(spent.is_none()),
            (Verdict::Met, Some(spent)) => prop_assert!(spent <= 1.0 + 1e-9),
            (Verdict::Missed, Some(spent)) => prop_assert!(spent >= 1.0 - 1e-9),
            (verdict, None) => prop_assert!(false, "{verdict:?} without a budget"),
        }
    }

    #[test]
    fn one_more_bad_call_never_helps(bad in 0_u64..500, good in 1_u64..10_000) {
        let promised: Target = "99.5".parse().unwrap();
        let at = |bad: u64| Count { good, valid: good + bad };
        prop_assert!(at(bad + 1).burn(promised) > at(bad).burn(promised));
        prop_assert!(at(bad + 1).share() < at(bad).share());
    }
}
