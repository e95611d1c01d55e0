//! Places in the list of billers, and what narrows it.

use domain::{
    biller::CiamStatus,
    filter::{BillerFilter, Cursor, Direction, ListQuery, PAGE, Side, SortBy},
};
use proptest::prelude::*;

use crate::samples::{any_bid, bid};

#[test]
fn a_cursor_reads_as_side_bid_and_key() {
    let cursor = Cursor { side: Side::Before, key: "city of a~b".to_owned(), bid: bid("34") };
    assert_eq!(cursor.to_string(), "b~34~city of a~b");
}

#[test]
fn what_is_no_cursor_is_the_beginning_of_the_list() {
    for text in ["", "a", "a~", "a~34", "c~34~x", "a~~x", "a~3/4~x", "A~34~x", "a~..~x", "~34~x"] {
        assert_eq!(Cursor::parse(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_cursor_survives_the_url(
        before: bool,
        key in prop_oneof![any::<String>(), "[a-z0-9 ~]{0,20}"],
        bid in any_bid(),
    ) {
        let cursor = Cursor { side: if before { Side::Before } else { Side::After }, key, bid };
        prop_assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
    }

    #[test]
    fn whatever_reads_as_a_cursor_keeps_its_key(key in "[a-z~é ]{0,9}", spaces in " {0,2}") {
        let read = Cursor::parse(&["a~", &spaces, "34~", &key].concat());
        prop_assert_eq!(read, Some(Cursor { side: Side::After, key, bid: bid("34") }));
    }
}

#[test]
fn the_list_begins_with_all_billers_by_name() {
    let query = ListQuery::default();
    assert!(query.filter.is_empty());
    assert_eq!((query.sort, query.direction, query.cursor), (SortBy::Name, Direction::Ascending, None));
    assert_eq!(query.limit, PAGE);
}

#[test]
fn a_filter_of_nothing_but_spaces_narrows_nothing() {
    assert!(BillerFilter { search: "  ".to_owned(), ..BillerFilter::default() }.is_empty());
    let some = Some("x".to_owned());
    for filter in [
        BillerFilter { search: "a".to_owned(), ..BillerFilter::default() },
        BillerFilter { statuses: vec![CiamStatus::Enabled], ..BillerFilter::default() },
        BillerFilter { needs_attention: true, ..BillerFilter::default() },
        BillerFilter { state: some.clone(), ..BillerFilter::default() },
        BillerFilter { ownership: some.clone(), ..BillerFilter::default() },
        BillerFilter { tier: some, search: " ".to_owned(), ..BillerFilter::default() },
    ] {
        assert!(!filter.is_empty(), "{filter:?}");
    }
}

#[test]
fn reversing_twice_changes_nothing() {
    for direction in Direction::ALL {
        assert_ne!(direction.reversed(), *direction);
        assert_eq!(direction.reversed().reversed(), *direction);
    }
}
