//! Values of settings, drawn at random. The tests of the services draw theirs here, too.

use domain::settings::{Kind, SettingValue, bounds::Word};
use proptest::{collection::vec, prelude::*, sample::select, sample::subsequence};

/// Any value that a setting of this kind takes.
pub(crate) fn any_value(kind: Kind) -> BoxedStrategy<SettingValue> {
    let words = |of: &'static [Word]| of.iter().map(|word| word.word.to_owned()).collect::<Vec<_>>();
    let text = |pattern: &str| proptest::string::string_regex(pattern).unwrap();
    let raw = match kind {
        Kind::Flag => any::<bool>().prop_map(SettingValue::Flag).boxed(),
        Kind::Whole { min, max } => (min..=max).prop_map(SettingValue::Whole).boxed(),
        Kind::Duration { min, max } => (min..=max).prop_map(SettingValue::Seconds).boxed(),
        Kind::Choice(of) => select(words(of)).prop_map(SettingValue::Text).boxed(),
        Kind::Choices { of, at_least } => {
            subsequence(words(of), at_least..=of.len()).prop_shuffle().prop_map(SettingValue::List).boxed()
        }
        Kind::Text { min, max } => text("([!-~à-þ]([ -~à-þ]{0,60}[!-~à-þ])?)?")
            .prop_filter("too short", move |text| text.chars().count() >= min)
            .prop_map(move |text| {
                SettingValue::Text(text.chars().take(max).collect::<String>().trim().to_owned())
            })
            .boxed(),
        Kind::Colour => text("#[0-9a-fA-F]{6}").prop_map(SettingValue::Text).boxed(),
        Kind::Link => text("(https://[a-z]{1,9}\\.example(:[1-9][0-9]{2})?(/[a-zA-Z0-9._~-]{0,9}){0,3})?")
            .prop_map(SettingValue::Text)
            .boxed(),
        Kind::Links { at_least } => {
            vec(text("(https://[a-z]{1,9}\\.example|http://localhost:[1-9][0-9]{3})/[a-z]{0,9}"), at_least..6)
                .prop_map(SettingValue::List)
                .boxed()
        }
        Kind::Domains => {
            vec(text("[a-zA-Z0-9]{1,9}(\\.[a-z]{2,9}){1,2}"), 0..6).prop_map(SettingValue::List).boxed()
        }
        Kind::Host => text("([a-zA-Z0-9]{1,9}(\\.[a-z]{2,9}){1,2})?").prop_map(SettingValue::Text).boxed(),
        Kind::Instant => text("(20[0-9]{2}-0[1-9]-[12][0-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](Z|\\+02:00))?")
            .prop_map(SettingValue::Text)
            .boxed(),
        Kind::Id => text("[a-zA-Z0-9._-]{0,20}").prop_map(SettingValue::Text).boxed(),
    };
    raw.prop_map(move |value| kind.canonical(value)).boxed()
}
