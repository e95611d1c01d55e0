//! Folding, terms and the range of a prefix.

use domain::search::{biller_terms, fold, prefix_end, words};
use proptest::prelude::*;

use crate::samples::{any_bid, any_name};

fn in_range(prefix: &str, text: &str) -> bool {
    prefix <= text && prefix_end(prefix).is_none_or(|end| text < end.as_str())
}

/// Texts over few characters, among them the last ones of ASCII, of each length in UTF-8 and around the surrogates.
fn tricky_text() -> impl Strategy<Value = String> {
    "[ab}~\u{7e}-\u{81}\u{7ff}-\u{800}\u{d7fe}-\u{d7ff}\u{e000}\u{ffff}-\u{10000}\u{10fffe}-\u{10ffff}]{0,4}"
}

#[test]
fn people_find_names_as_they_type_them() {
    for (typed, meant) in [
        ("ZÜRICH", "Zurich"),
        ("o'brien light", "O’Brien Light"),
        ("  city   of  abbeville sc ", "City of Abbeville - (SC)"),
        ("strasse", "Straße"),
        ("lodz", "Łódź"),
        ("u s power", "U.S. Power"),
    ] {
        assert_eq!(fold(typed), fold(meant), "{typed:?} {meant:?}");
    }
    assert_ne!(fold("North"), fold("South"));
}

#[test]
fn a_biller_is_found_by_words_and_bid_without_repeats() {
    assert_eq!(biller_terms("North & South North", "N-34.b"), ["34", "b", "n", "n-34.b", "north", "south"]);
    assert_eq!(biller_terms("34 Power", "34"), ["34", "power"]);
}

proptest! {
    #[test]
    fn a_folded_text_is_short_plain_words_and_folds_to_itself(name in any_name()) {
        let key = fold(&name);
        prop_assert!(key.len() <= 200);
        prop_assert!(key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b' '), "{:?}", key);
        prop_assert!(key.is_empty() || key.split(' ').all(|word| !word.is_empty()), "{:?}", key);
        prop_assert_eq!(fold(&key), key);
    }

    #[test]
    fn case_does_not_matter(name in "[a-zA-Z0-9 .,'&-]{0,40}") {
        prop_assert_eq!(fold(&name.to_uppercase()), fold(&name.to_lowercase()));
    }

    #[test]
    fn any_beginning_of_any_word_finds_the_biller(name in any_name(), bid in any_bid()) {
        let terms = biller_terms(&name, bid.as_str());
        for word in words(&name).iter().chain(&words(bid.as_str())) {
            for end in 1..=word.len() {
                let typed = &word[..end];
                prop_assert!(terms.iter().any(|term| in_range(typed, term)), "{} in {:?}", typed, terms);
            }
        }
        let mut sorted = terms.clone();
        sorted.sort();
        sorted.dedup();
        prop_assert_eq!(terms, sorted);
    }

    #[test]
    fn the_range_of_a_prefix_holds_what_begins_with_it(prefix in tricky_text(), rest in any::<String>()) {
        let text = prefix.clone() + &rest;
        prop_assert!(in_range(&prefix, &text));
    }

    #[test]
    fn the_range_of_a_prefix_holds_nothing_else(prefix in tricky_text(), text in tricky_text()) {
        prop_assert_eq!(in_range(&prefix, &text), text.starts_with(&prefix), "{:?} {:?}", prefix, text);
    }

    #[test]
    fn a_word_has_an_end(word in "[a-z0-9]{1,20}") {
        prop_assert!(prefix_end(&word).is_some_and(|end| end.len() <= word.len() && end > word));
    }
}

#[test]
fn no_text_comes_after_every_text() {
    assert_eq!(prefix_end(""), None);
    assert_eq!(prefix_end("\u{10ffff}"), None);
    assert_eq!(prefix_end("a\u{10ffff}").as_deref(), Some("b"));
    assert_eq!(prefix_end("ab").as_deref(), Some("ac"));
    assert_eq!(prefix_end("az").as_deref(), Some("a{"));
}
