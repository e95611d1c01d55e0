//! The curve of adoption adds up, and its outlook stays within what is possible.

use domain::migration::{AdoptionDay, AdoptionPoint, curve, outlook};
use proptest::{collection::vec, prelude::*};

fn changes() -> impl Strategy<Value = Vec<AdoptionDay>> {
    vec((0_i64..60, 0_i64..50, 0_i64..50), 0..40).prop_map(|mut days| {
        days.sort_unstable();
        days.into_iter().map(|(day, moved, signed_in)| AdoptionDay { day, moved, signed_in }).collect()
    })
}

/// Of so many moved on the first day this share of the rest signs in each day.
fn steady(moved: u64, share: f64, days: i64) -> Vec<AdoptionPoint> {
    let mut never = moved as f64;
    (0..days)
        .map(|day| {
            if day > 0 {
                never *= 1.0 - share;
            }
            AdoptionPoint { day, moved, signed_in: moved - never.round() as u64 }
        })
        .collect()
}

proptest! {
    #[test]
    fn each_point_is_the_sum_of_what_changed_up_to_its_day(changes in changes(), from in -5_i64..70, days in 0_i64..40) {
        let points = curve(&changes, from, from + days);
        prop_assert_eq!(points.len(), usize::try_from(days + 1).unwrap());
        for point in points {
            let until: Vec<&AdoptionDay> = changes.iter().filter(|change| change.day <= point.day).collect();
            prop_assert_eq!(point.moved, until.iter().map(|change| change.moved as u64).sum::<u64>());
            prop_assert_eq!(point.signed_in, until.iter().map(|change| change.signed_in as u64).sum::<u64>());
        }
    }

    #[test]
    fn an_outlook_never_leaves_what_is_possible_and_never_goes_back(changes in changes(), days in 0_i64..400) {
        let points = curve(&changes, 20, 60);
        let Some(outlook) = outlook(&points) else { return Ok(()) };
        let (now, then) = (points.last().unwrap(), outlook.signed_in_by(60 + days));
        prop_assert!(then.slow <= then.likely && then.likely <= then.fast, "{then:?}");
        prop_assert!(now.signed_in <= then.slow && then.fast <= now.moved, "{now:?} {then:?}");
        let later = outlook.signed_in_by(61 + days);
        prop_assert!(then.likely <= later.likely);
    }

    #[test]
    fn what_goes_on_steadily_is_foreseen(moved in 5_000_u64..100_000, share in 0.005_f64..0.2, ahead in 1_i64..60) {
        let points = steady(moved, share, 15);
        let foreseen = outlook(&points).unwrap().signed_in_by(14 + ahead);
        let exact = steady(moved, share, 15 + ahead).last().unwrap().signed_in;
        let close = (moved as f64 * 0.02).max(20.0);
        prop_assert!((foreseen.likely as f64 - exact as f64).abs() < close, "{foreseen:?} is not {exact}");
    }
}

#[test]
fn the_day_on_which_nearly_all_have_signed_in_is_when_the_curve_says_so() {
    let points = steady(100_000, 0.1, 15);
    let outlook = outlook(&points).unwrap();
    let day = outlook.day_of(0.95).likely.unwrap();
    assert!(outlook.signed_in_by(day).likely >= 95_000);
    assert!(outlook.signed_in_by(day - 1).likely < 95_000);
    assert_eq!(outlook.day_of(0.1).likely, Some(14), "it is reached already");
    assert_eq!(outlook.day_of(1.0).likely, None, "a share of the rest never is the whole rest");
}

#[test]
fn too_little_is_no_outlook() {
    assert_eq!(outlook(&[]), None);
    assert_eq!(outlook(&steady(100_000, 0.1, 14)), None, "less than two weeks");
    assert_eq!(outlook(&steady(100, 0.01, 15)), None, "14 people say nothing");
    let done: Vec<AdoptionPoint> = (0..15)
        .map(|day| AdoptionPoint { day, moved: 50, signed_in: if day < 14 { 0 } else { 50 } })
        .collect();
    assert_eq!(outlook(&done), None, "nobody is left");
}
