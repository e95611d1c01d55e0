//! A month as the report counts it: minutes, exclusions, credits; against months worked out by hand.

use domain::{
    Clock, Entropy, ObjectiveId, Timestamp,
    performance::{
        CallOutcome, Cell, Count, Credit, CreditTiers, Excluded, Indicator, InvalidTiers, Ledger, Minute,
        Minutes, Month, Objective, OperationGroup, Range, Target, Window,
    },
    zone::Zone,
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

fn promised(group: Option<OperationGroup>, clause: Option<&str>) -> Objective {
    Objective {
        id: ObjectiveId::new(&Still, &Still),
        name: "Pools".to_owned(),
        group,
        indicator: Indicator::Available,
        target: target("99.9"),
        window: Window::Month,
        clause: clause.map(str::to_owned),
    }
}

fn calls(outcome: CallOutcome, number: u64) -> Cell {
    let mut cell = Cell::default();
    cell.tally.add(outcome, number);
    cell
}

fn tiers(text: &[(&str, u8)]) -> CreditTiers {
    CreditTiers::new(text.iter().map(|(below, percent)| (target(below), *percent))).unwrap()
}

fn instant(text: &str) -> Minute {
    Minute::of(Timestamp::from_rfc3339(text).unwrap())
}

/// By hand: the clocks of New York are put back on 1 November 2026, so the month has 30 × 1440 + 60 = 43 260 minutes. A probe a
/// minute, but for a gap of 90 minutes. Two windows, 02:00–04:00 and 03:00–06:00 UTC on the 8th, overlap: 240 minutes, in
/// which all 240 probes fail. Elsewhere 40 fail, and 7 of our own requests are refused.
#[test]
fn a_month_with_a_change_of_clocks_a_gap_and_overlapping_maintenance() {
    let zone = Zone::named("America/New_York").unwrap();
    let month: Month = "2026-11".parse().unwrap();
    let range = month.range(&zone);
    assert_eq!(range.len(), 43_260);
    let window = |from: &str, to: &str| Range { from: instant(from), to: instant(to) };
    let maintenance = [
        window("2026-11-08T02:00:00Z", "2026-11-08T04:00:00Z"),
        window("2026-11-08T03:00:00Z", "2026-11-08T06:00:00Z"),
    ];
    let excluded = Excluded::new(maintenance);
    let gap = window("2026-11-20T10:00:00Z", "2026-11-20T11:30:00Z");
    let broken = window("2026-11-15T00:00:00Z", "2026-11-15T00:40:00Z");
    let mut ledger = Ledger::new(range, excluded.clone());
    let group = Some(OperationGroup::Identity);
    for minute in (range.from.0..range.to.0).map(Minute).filter(|minute| !gap.contains(*minute)) {
        let fails = excluded.contains(minute) || broken.contains(minute);
        let outcome = if fails { CallOutcome::ServerError } else { CallOutcome::Ok };
        assert!(ledger.add(group, minute, &calls(outcome, 1)));
    }
    ledger.add(group, instant("2026-11-16T12:00:00Z"), &calls(CallOutcome::ClientError, 7));
    assert!(!ledger.add(group, range.to, &calls(CallOutcome::ServerError, 1)), "the next month's");

    let objective = promised(group, Some("§ 4.2"));
    let (valid, bad) = (43_260 - 90 - 240, 40);
    let counted = ledger.counted(&objective);
    assert_eq!(counted, Count { good: valid - bad, valid });
    assert_eq!(ledger.left_out(&objective), Count { good: 0, valid: 240 });
    assert_eq!(ledger.raw(&objective), Count { good: valid - bad, valid: valid + 240 + 7 });
    assert_eq!(ledger.tally(group).ours(), 7);
    let minutes = Minutes { known: 42_930, unknown: 90, left_out: 240 };
    assert_eq!(ledger.minutes(group), minutes);
    let elsewhere = ledger.minutes(Some(OperationGroup::OAuth));
    assert_eq!(elsewhere, Minutes { known: 0, unknown: 43_020, left_out: 240 }, "nothing was called of it");
    // 42 890 / 42 930 = 99.9068 %.
    assert_eq!(tiers(&[("99.9", 10)]).of(&objective, counted), Credit::NotDue);
    let one_more = tiers(&[("99.91", 5), ("99.9", 10)]).of(&objective, counted);
    assert!(matches!(one_more, Credit::Due(tier) if tier.percent() == 5), "{one_more:?}");
}

/// By hand: February 2028 has a 29th, 41 760 minutes; 41 bad ones are 99.9018 %, 42 are 99.8994 %.
#[test]
fn a_leap_day_decides() {
    let range = "2028-02".parse::<Month>().unwrap().range(&Zone::utc());
    assert_eq!(range.len(), 41_760);
    let objective = promised(None, Some("§ 4.2"));
    let tiers = tiers(&[("99.9", 10)]);
    let at = |bad: i64| {
        let mut ledger = Ledger::new(range, Excluded::default());
        for place in 0..range.len() {
            let outcome = if place < bad { CallOutcome::Network } else { CallOutcome::Ok };
            ledger.add(None, Minute(range.from.0 + place), &calls(outcome, 1));
        }
        tiers.of(&objective, ledger.counted(&objective))
    };
    assert_eq!(at(41), Credit::NotDue);
    assert!(matches!(at(42), Credit::Due(tier) if tier.percent() == 10));
}

#[test]
fn only_a_clause_on_availability_gives_credit_and_nothing_measured_is_unknown() {
    let tiers = tiers(&[("99.9", 10), ("99", 25), ("95", 100)]);
    let count = |good: u64| Count { good, valid: 1_000 };
    let with_clause = promised(None, Some("§ 4.2"));
    let percent = |credit: Credit| match credit {
        Credit::Due(tier) => Some(tier.percent()),
        _ => None,
    };
    assert_eq!(tiers.of(&with_clause, count(999)), Credit::NotDue, "exactly at the limit is not below it");
    assert_eq!(percent(tiers.of(&with_clause, count(998))), Some(10));
    assert_eq!(percent(tiers.of(&with_clause, count(990))), Some(10));
    assert_eq!(percent(tiers.of(&with_clause, count(989))), Some(25));
    assert_eq!(percent(tiers.of(&with_clause, count(0))), Some(100));
    assert_eq!(tiers.of(&with_clause, Count::default()), Credit::Unknown);
    assert_eq!(tiers.of(&promised(None, None), count(0)), Credit::NotCovered);
    let limit = Indicator::from_limit("500").unwrap();
    assert_eq!(
        tiers.of(&Objective { indicator: limit, ..with_clause.clone() }, count(0)),
        Credit::NotCovered
    );
    assert_eq!(CreditTiers::default().of(&with_clause, count(0)), Credit::NoTiers);
}

#[test]
fn tiers_that_cannot_be_meant_are_refused() {
    let new = |tiers: &[(&str, u8)]| {
        CreditTiers::new(tiers.iter().map(|(below, percent)| (target(below), *percent)))
    };
    assert!(matches!(new(&[("99.9", 0)]), Err(InvalidTiers::Percent { percent: 0, .. })));
    assert!(matches!(new(&[("99.9", 101)]), Err(InvalidTiers::Percent { percent: 101, .. })));
    assert!(matches!(new(&[("99.9", 25), ("99", 10)]), Err(InvalidTiers::Order { .. })));
    assert!(matches!(new(&[("99.9", 10), ("99.9", 25)]), Err(InvalidTiers::Order { .. })));
    assert!(new(&[("99", 25), ("99.9", 10)]).is_ok(), "in any order");
}

/// By hand, on the wall: deadlines end at midnight there, whatever the clocks did in between.
#[test]
fn a_claim_ends_with_a_day_of_the_contracts_zone() {
    let after = |zone: &str, month: &str, days: u16| {
        month.parse::<Month>().unwrap().days_after(days, &Zone::named(zone).unwrap()).rfc3339()
    };
    assert_eq!(after("UTC", "2026-10", 30), "2026-12-01T00:00:00Z");
    assert_eq!(after("UTC", "2028-01", 30), "2028-03-02T00:00:00Z", "with a leap day");
    assert_eq!(after("UTC", "2027-01", 30), "2027-03-03T00:00:00Z", "without one");
    assert_eq!(after("America/New_York", "2026-10", 0), "2026-11-01T04:00:00Z");
    assert_eq!(after("America/New_York", "2026-10", 1), "2026-11-02T05:00:00Z", "that day has 25 hours");
    assert_eq!(after("Europe/Berlin", "2026-02", 30), "2026-03-30T22:00:00Z", "over the change in March");
}

fn windows() -> impl Strategy<Value = Vec<Range>> {
    vec((0_i64..600, 0_i64..90), 0..6).prop_map(|windows| {
        windows
            .into_iter()
            .map(|(from, length)| Range { from: Minute(from), to: Minute(from + length) })
            .collect()
    })
}

proptest! {
    #[test]
    fn a_ledger_is_what_counting_each_minute_by_hand_gives(
        maintenance in windows(),
        measured in vec((0_i64..700, 0_usize..CallOutcome::ALL.len(), 1_u64..5, 0_usize..OperationGroup::ALL.len()), 0..60),
    ) {
        let range = Range { from: Minute(50), to: Minute(650) };
        let mut ledger = Ledger::new(range, Excluded::new(maintenance.clone()));
        let group = Some(OperationGroup::ALL[0]);
        let objective = promised(group, None);
        let all = promised(None, None);
        let (mut counted, mut left_out, mut raw) = (Count::default(), Count::default(), Count::default());
        let mut of_all = 0;
        for (minute, outcome, number, of) in &measured {
            let of = Some(OperationGroup::ALL[*of]);
            let cell = calls(CallOutcome::ALL[*outcome], *number);
            let inside = ledger.add(of, Minute(*minute), &cell);
            prop_assert_eq!(inside, (50..650).contains(minute));
            let out = maintenance.iter().any(|window| window.contains(Minute(*minute)));
            if inside && !out {
                of_all += Indicator::Available.count(&cell).valid;
            }
            if inside && of == group {
                raw = raw.plus(Indicator::Available.count_raw(&cell));
                let into = if out { &mut left_out } else { &mut counted };
                *into = into.plus(Indicator::Available.count(&cell));
            }
        }
        prop_assert_eq!(ledger.counted(&objective), counted);
        prop_assert_eq!(ledger.left_out(&objective), left_out);
        prop_assert_eq!(ledger.raw(&objective), raw);
        prop_assert_eq!(ledger.counted(&all).valid, of_all);
        for of in [None, group] {
            let minutes = ledger.minutes(of);
            prop_assert_eq!(minutes.known + minutes.unknown + minutes.left_out, range.len());
            let known = (50..650).filter(|minute| {
                measured.iter().any(|(at, _, _, its)| at == minute && (of.is_none() || Some(OperationGroup::ALL[*its]) == of))
                    && !maintenance.iter().any(|window| window.contains(Minute(*minute)))
            });
            prop_assert_eq!(minutes.known, i64::try_from(known.count()).unwrap());
        }
    }

    #[test]
    fn one_more_bad_call_never_gives_less_back(good in 1_u64..100_000, bad in 0_u64..5_000) {
        let tiers = tiers(&[("99.99", 1), ("99.9", 10), ("99", 25), ("95", 50)]);
        let objective = promised(None, Some("§ 4.2"));
        let at = |bad: u64| tiers.of(&objective, Count { good, valid: good + bad });
        prop_assert!(at(bad + 1) >= at(bad));
        // By its definition: the greatest of all tiers that are missed.
        let missed = tiers.all().iter().filter(|tier| !tier.below().is_met(good, good + bad));
        let most = missed.map(|tier| Credit::Due(*tier)).max().unwrap_or(Credit::NotDue);
        prop_assert_eq!(at(bad), most);
    }
}
