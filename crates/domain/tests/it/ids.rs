//! Bids, slugs and our own row ids.

use domain::{Bid, InvalidId, Portfolio, RunId, Slug, Timestamp, id::new_uuid};
use proptest::prelude::*;
use uuid::Version;

use crate::samples::{FixedClock, NOW, Same, any_bid};

const BID_CHARACTERS: &str = "letters without accents, digits, '.', '_' and '-'";
const SLUG_CHARACTERS: &str = "lower-case letters, digits and '-'";

#[test]
fn a_bid_is_taken_as_it_is_but_for_spaces_around_it() {
    for (given, taken) in
        [("34", "34"), (" 34\t", "34"), ("AbC", "AbC"), ("a.b_c-d", "a.b_c-d"), ("0034", "0034")]
    {
        assert_eq!(Bid::parse(given).unwrap().as_str(), taken);
    }
}

#[test]
fn a_wrong_bid_is_refused_with_what_is_wrong_and_what_is_allowed() {
    let character = |found| InvalidId::Character { what: "bid", found, allowed: BID_CHARACTERS };
    for (given, error) in [
        ("", InvalidId::Empty { what: "bid" }),
        (" \t ", InvalidId::Empty { what: "bid" }),
        (".", InvalidId::OnlyDots { what: "bid" }),
        ("..", InvalidId::OnlyDots { what: "bid" }),
        ("3 4", character(' ')),
        ("a/b", character('/')),
        ("a%2fb", character('%')),
        ("a~b", character('~')),
        ("é", character('é')),
        ("34\u{200b}", character('\u{200b}')),
    ] {
        assert_eq!(Bid::parse(given), Err(error), "{given:?}");
    }
    assert!(Bid::parse(&"a".repeat(64)).is_ok());
    let error = Bid::parse(&"a".repeat(65)).unwrap_err();
    assert_eq!(error.to_string(), "the bid has 65 characters: at most 64 are allowed");
    let error = Bid::parse("a/b").unwrap_err();
    assert_eq!(error.to_string(), format!("the bid holds '/': use {BID_CHARACTERS} only"));
}

#[test]
fn a_slug_is_lower_case_letters_digits_and_dashes() {
    for good in ["a", "city-of-abbeville", "city-of-abbeville--34", "9"] {
        assert_eq!(Slug::parse(good).unwrap().as_str(), good);
    }
    for (bad, found) in [("City", 'C'), ("a_b", '_'), ("a b", ' '), ("a/..", '/'), ("é", 'é'), (" a", ' ')]
    {
        let error = InvalidId::Character { what: "login address", found, allowed: SLUG_CHARACTERS };
        assert_eq!(Slug::parse(bad), Err(error), "{bad:?}");
    }
    assert_eq!(Slug::parse(""), Err(InvalidId::Empty { what: "login address" }));
    assert!(Slug::parse(&"a".repeat(80)).is_ok());
    assert!(matches!(Slug::parse(&"a".repeat(81)), Err(InvalidId::TooLong { length: 81, limit: 80, .. })));
}

#[test]
fn a_portfolio_is_taken_as_it_is_but_for_spaces_around_it() {
    for (given, taken) in
        [("North", "North"), (" Gulf & South\t", "Gulf & South"), ("Łódź – 東京", "Łódź – 東京"), ("a", "a")]
    {
        assert_eq!(Portfolio::parse(given).unwrap().as_str(), taken);
    }
    // Compared exactly.
    assert_ne!(Portfolio::parse("North"), Portfolio::parse("north"));
    assert!(Portfolio::parse(&"é".repeat(64)).is_ok());
}

#[test]
fn a_portfolio_that_cannot_be_read_on_a_page_is_refused() {
    for given in ["", "  ", "\u{a0}"] {
        assert_eq!(Portfolio::parse(given), Err(InvalidId::Empty { what: "portfolio" }), "{given:?}");
    }
    for found in ['\0', '\n', '\u{7f}', '\u{85}', '\u{ad}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}'] {
        let error = InvalidId::Character { what: "portfolio", found, allowed: "visible characters" };
        assert_eq!(Portfolio::parse(&format!("Nor{found}th")), Err(error), "{found:?}");
    }
    let error = Portfolio::parse(&"a".repeat(65)).unwrap_err();
    assert_eq!(error.to_string(), "the portfolio has 65 characters: at most 64 are allowed");
}

#[test]
fn json_lets_no_wrong_id_in() {
    assert!(serde_json::from_str::<Bid>("\"a/b\"").is_err());
    assert!(serde_json::from_str::<Slug>("\"../admin\"").is_err());
    assert!(serde_json::from_str::<RunId>("\"34\"").is_err());
    assert!(serde_json::from_str::<Portfolio>("\"\"").is_err());
    assert_eq!(serde_json::from_str::<Slug>("\"north\"").unwrap(), Slug::parse("north").unwrap());
}

#[test]
fn a_row_id_that_is_none_says_where_to_get_one() {
    let error = "34".parse::<RunId>().unwrap_err();
    assert_eq!(error.to_string(), "\"34\" is not an id of ours: copy it from the page again");
}

proptest! {
    #[test]
    fn a_bid_survives_text_and_json(bid in any_bid()) {
        prop_assert_eq!(bid.to_string().parse(), Ok(bid.clone()));
        let json = serde_json::to_string(&bid).unwrap();
        prop_assert_eq!(serde_json::from_str::<Bid>(&json).unwrap(), bid);
    }

    #[test]
    fn whatever_is_a_bid_leaves_the_path_of_a_url_alone(text in any::<String>()) {
        if let Ok(bid) = Bid::parse(&text) {
            prop_assert!((1..=64).contains(&bid.as_str().len()));
            prop_assert!(bid.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
            prop_assert!(bid.as_str() != "." && bid.as_str() != "..");
        }
    }

    #[test]
    fn a_later_row_id_is_greater_as_uuid_and_as_text(
        earlier in 0_i64..4_000_000_000_000_000,
        later_by_millis in 1_i64..1_000_000_000,
        random: (u8, u8),
    ) {
        let at = |micros, random| new_uuid(&FixedClock(Timestamp::from_micros(micros)), &Same(random));
        let first = at(earlier, random.0);
        let second = at(earlier + later_by_millis * 1_000, random.1);
        prop_assert!(first < second);
        prop_assert!(first.to_string() < second.to_string());
    }

    #[test]
    fn a_row_id_carries_its_millisecond_and_its_version(micros in 0_i64..4_000_000_000_000_000, random: u8) {
        let id = new_uuid(&FixedClock(Timestamp::from_micros(micros)), &Same(random));
        prop_assert_eq!(id.get_version(), Some(Version::SortRand));
        prop_assert_eq!(i64::try_from(id.as_u128() >> 80).unwrap(), micros / 1_000);
    }
}

#[test]
fn at_one_instant_randomness_tells_row_ids_apart() {
    let clock = FixedClock(NOW);
    assert_ne!(RunId::new(&clock, &Same(1)), RunId::new(&clock, &Same(2)));
    assert_eq!(RunId::new(&clock, &Same(1)).to_string(), "01a20a5c-bea0-7101-8101-010101010101");
}

#[test]
fn a_row_id_survives_text_and_json() {
    let id = RunId::new(&FixedClock(NOW), &Same(0xab));
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(RunId::from_uuid(id.uuid()), id);
    assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
}
