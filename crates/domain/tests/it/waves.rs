//! When a wave stops by itself, and how many runs it starts.

use domain::{
    migration::MigrationState,
    run::RunState,
    wave::{InvalidRules, WaveCounts, WaveItemState, WaveNext, WaveRules},
};
use proptest::prelude::*;

const fn stop_above(stop_above_percent: u8) -> WaveRules {
    WaveRules { parallel: 4, stop_above_percent, pilot: 0, stage: 0 }
}

#[test]
fn a_wave_stops_when_too_large_a_share_failed() {
    for (percent, succeeded, failed, stops) in [
        (20, 8, 2, false),
        (20, 7, 2, true),
        (20, 80, 20, false),
        (20, 80, 21, true),
        (50, 5, 5, false),
        (50, 5, 6, true),
        (99, 0, 5, true),
        (100, 0, 1_000, false),
        (20, 0, 0, false),
    ] {
        assert_eq!(
            stop_above(percent).must_stop(succeeded, failed),
            stops,
            "{percent} % {succeeded}+{failed}"
        );
    }
}

#[test]
fn while_few_runs_have_finished_only_an_unbroken_row_of_failures_stops() {
    for (succeeded, failed, stops) in [
        (0, 1, false),
        (0, 2, false),
        (0, 3, true),
        (0, 4, true),
        (1, 3, false),
        (2, 2, false),
        (3, 1, false),
    ] {
        assert_eq!(stop_above(20).must_stop(succeeded, failed), stops, "{succeeded}+{failed}");
    }
    assert!(!stop_above(100).must_stop(0, 4));
}

#[test]
fn a_threshold_of_zero_stops_at_the_first_failure() {
    assert!(!stop_above(0).must_stop(0, 0));
    assert!(!stop_above(0).must_stop(500, 0));
    assert!(stop_above(0).must_stop(0, 1));
    assert!(stop_above(0).must_stop(500, 1));
}

#[test]
fn rules_out_of_range_are_refused_with_the_range() {
    for (parallel, percent, checked) in [
        (1, 0, Ok(())),
        (8, 100, Ok(())),
        (0, 20, Err(InvalidRules::Parallel(0))),
        (9, 20, Err(InvalidRules::Parallel(9))),
        (4, 101, Err(InvalidRules::Percent(101))),
    ] {
        let rules = WaveRules { parallel, stop_above_percent: percent, ..WaveRules::default() };
        assert_eq!(rules.checked(), checked.map(|()| rules));
    }
    assert_eq!(InvalidRules::Parallel(9).to_string(), "9 runs at a time is out of range: choose 1 to 8");
    assert_eq!(InvalidRules::Percent(101).to_string(), "101 % is out of range: choose 0 to 100");
    assert!(WaveRules::default().checked().is_ok());
}

proptest! {
    #[test]
    fn another_failure_never_starts_a_stopped_wave_again(
        percent in 0_u8..=100, succeeded in 0_usize..500, failed in 0_usize..500, more in 1_usize..50,
    ) {
        let rules = stop_above(percent);
        if rules.must_stop(succeeded, failed) {
            prop_assert!(rules.must_stop(succeeded, failed + more));
        }
    }

    #[test]
    fn another_success_never_stops_a_wave_that_has_a_fair_sample(
        percent in 0_u8..=100, succeeded in 0_usize..500, failed in 0_usize..500, more in 1_usize..50,
    ) {
        let rules = stop_above(percent);
        if succeeded + failed >= 5 && !rules.must_stop(succeeded, failed) {
            prop_assert!(!rules.must_stop(succeeded + more, failed));
        }
    }

    #[test]
    fn a_higher_threshold_never_stops_sooner(
        low in 0_u8..=100, high in 0_u8..=100, succeeded in 0_usize..60, failed in 0_usize..60,
    ) {
        if low <= high && stop_above(high).must_stop(succeeded, failed) {
            prop_assert!(stop_above(low).must_stop(succeeded, failed));
        }
    }

    #[test]
    fn without_a_failure_nothing_stops(percent in 0_u8..=100, succeeded in 0_usize..1_000_000) {
        prop_assert!(!stop_above(percent).must_stop(succeeded, 0));
    }

    #[test]
    fn never_more_runs_at_a_time_than_allowed(parallel in 1_u8..=8, running in 0_usize..20) {
        let rules = WaveRules { parallel, ..WaveRules::default() };
        let room = rules.room(running);
        prop_assert!(room == 0 || running + room == usize::from(parallel));
        prop_assert_eq!(room == 0, running >= usize::from(parallel));
    }
}

#[test]
fn a_line_shows_where_its_run_stands() {
    for (run, line) in [
        (RunState::Queued, WaveItemState::Running),
        (RunState::Running, WaveItemState::Running),
        (RunState::Succeeded, WaveItemState::Succeeded),
        (RunState::Failed, WaveItemState::Failed),
        (RunState::Superseded, WaveItemState::Failed),
    ] {
        assert_eq!(WaveItemState::of_run(run), line);
    }
}

#[test]
fn a_line_shows_where_its_move_of_users_stands() {
    use WaveItemState::{Failed, Running, Succeeded};
    let of = |state, arrived, left| WaveItemState::of_move(state, arrived, left, stop_above(20));
    for state in [MigrationState::Checked, MigrationState::Canary, MigrationState::Running] {
        assert_eq!(of(state, 0, 0), Running, "{state}");
    }
    assert_eq!(of(MigrationState::Paused, 5, 0), Running, "whoever paused it lets it go on");
    assert_eq!(of(MigrationState::Held, 5, 0), Failed, "what stopped one is likely to stop the next");
    assert_eq!(of(MigrationState::Cancelled, 5, 0), Failed);
    assert_eq!(of(MigrationState::Finished, 80, 20), Succeeded, "as much as the wave bears");
    assert_eq!(of(MigrationState::Finished, 79, 21), Failed);
    assert_eq!(of(MigrationState::Finished, 0, 0), Succeeded, "all had been moved before");
    assert_eq!(
        WaveItemState::of_move(MigrationState::Finished, 99, 1, stop_above(0)),
        Failed,
        "the first failure is one too many"
    );
}

#[test]
fn every_line_is_counted_once() {
    let counts = WaveCounts { waiting: 1, running: 10, succeeded: 100, failed: 1_000, skipped: 10_000 };
    assert_eq!(counts.total(), 11_111);
    assert_eq!(WaveCounts::default().total(), 0);
}

proptest! {
    /// Plays a wave to its end: every run succeeds.
    #[test]
    fn a_wave_ends_with_the_pilot_first_and_stage_after_stage(
        total in 1_usize..40,
        pilot in 0_u16..8,
        stage in 0_u16..8,
        parallel in 1_u8..=8,
    ) {
        let rules = WaveRules { parallel, pilot, stage, ..WaveRules::default() };
        let mut counts = WaveCounts { waiting: total, ..WaveCounts::default() };
        let mut released = rules.first_release(total);
        let mut looks = 0;
        for _ in 0..10_000 {
            match rules.next(counts, released) {
                WaveNext::Finish => break,
                WaveNext::Stop => prop_assert!(false, "nothing failed"),
                WaveNext::Hold => {
                    looks += 1;
                    prop_assert_eq!(counts.succeeded, usize::from(pilot), "the pilot is through, and nobody else began");
                    released = rules.next_release(released, total);
                }
                WaveNext::Release(next) => {
                    prop_assert_eq!((counts.running, counts.succeeded), (0, released), "the stage is through");
                    prop_assert!(next > released && next <= total);
                    released = next;
                }
                WaveNext::Start(n) => {
                    counts.waiting -= n;
                    counts.running += n;
                    prop_assert!(counts.running <= usize::from(parallel));
                    prop_assert!(total - counts.waiting <= released, "only what was let go begins");
                    prop_assert!(n > 0 || counts.running > 0, "it never waits for nobody");
                    let through = usize::from(counts.running > 0);
                    counts.running -= through;
                    counts.succeeded += through;
                }
            }
        }
        prop_assert_eq!(counts.succeeded, total);
        prop_assert_eq!(looks, usize::from(pilot > 0 && usize::from(pilot) < total));
    }
}
