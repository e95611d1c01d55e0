//! Values: text and JSON lead back to the same value, and what is wrong is said at the field.

use domain::settings::{
    Agreement, Invalid, Kind, Observed, SettingValue, VendorField, agreement, duration, find, wire,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{any_pair, any_value};

/// Lays a patch over an object, as the client does it: objects are merged, null removes.
fn lay_over(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in patch {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(name);
        } else {
            lay_over(&mut target[name], value);
        }
    }
}

/// Drops what Go leaves out, as the vendor may.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), without_empty(value)))
            .filter(|(_, value)| {
                !(value.is_null()
                    || *value == json!(false)
                    || *value == json!(0)
                    || *value == json!("")
                    || *value == json!([])
                    || *value == json!({}))
            })
            .collect(),
        plain => plain.clone(),
    }
}

proptest! {
    #[test]
    fn a_text_reads_back_as_the_same_value((setting, value) in any_pair()) {
        let text = value.to_text();
        prop_assert_eq!(setting.kind.parse(&text), Ok(value), "{}: {:?}", setting.key, text);
    }

    #[test]
    fn what_was_applied_is_in_sync_however_the_vendor_writes_it(
        (setting, before, after) in super::any_watched().prop_flat_map(|setting| {
            (Just(setting), any_value(setting.kind), any_value(setting.kind))
        })
    ) {
        let mut object = json!({"id": "x", "foreign": {"kept": [1, {"a": null}]}});
        for value in [&before, &after] {
            let patch = match setting.field {
                // Set by a call of its own; the answer then names it.
                VendorField::Bound { read, .. } => json!({ read: setting.to_json(value) }),
                _ => wire::patch([(setting, value)]),
            };
            lay_over(&mut object, &patch);
            for shown in [object.clone(), without_empty(&object)] {
                let observed = setting.observe(&shown);
                prop_assert_eq!(&observed, &Observed::Value(value.clone()), "{}: {}", setting.key, shown);
                prop_assert_eq!(agreement(Some(value), Some(&observed)), Agreement::InSync);
            }
        }
        prop_assert_eq!(&object["foreign"], &json!({"kept": [1, {"a": null}]}));
    }

    #[test]
    fn another_value_is_drift((setting, value) in any_pair(), (_, other) in any_pair()) {
        let same = value == other;
        let found = agreement(Some(&value), Some(&Observed::Value(other)));
        prop_assert_eq!(found == Agreement::InSync, same, "{}", setting.key);
    }

    #[test]
    fn durations_are_written_as_go_writes_them(seconds in 0_u64..400_000_000) {
        prop_assert_eq!(duration::parse(&duration::write(seconds)), Some(seconds));
    }

    #[test]
    fn instants_are_those_of_the_calendar(text in "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,3})?(Z|[+-][01][0-9]:[0-6][0-9])") {
        // A leap second is an instant to the calendar and none to the vendor's servers.
        prop_assume!(!text.contains(":60"));
        prop_assert_eq!(duration::is_instant(&text), text.parse::<jiff::Timestamp>().is_ok(), "{}", text);
    }

    #[test]
    fn the_browser_judges_as_the_server_does((setting, _) in any_pair(), text in "[ -~\n]{0,20}") {
        if let Some(kind) = setting.kind.spec().and_then(|spec| Kind::of_spec(&spec)) {
            prop_assert_eq!(kind, setting.kind);
            prop_assert_eq!(kind.judge(&text).err(), setting.kind.parse(&text).err());
        }
    }

    #[test]
    fn no_text_breaks_the_reader((setting, _) in any_pair(), text in any::<String>()) {
        if let Ok(value) = setting.kind.parse(&text) {
            prop_assert_eq!(setting.kind.parse(&value.to_text()), Ok(value));
        }
    }
}

#[test]
fn order_and_spelling_never_count() {
    let links = Kind::Links { at_least: 0 };
    assert_eq!(
        links.parse("https://b.example\nhttps://a.example"),
        links.parse("https://a.example, https://b.example")
    );
    assert_eq!(Kind::Colour.parse("#00ff7f"), Kind::Colour.parse("#00FF7F"));
    assert_eq!(Kind::Domains.parse("Example.COM"), Kind::Domains.parse("example.com\nexample.com"));
    let span = Kind::Duration { min: 0, max: 10_000_000 };
    assert_eq!(span.parse("30d"), span.parse("720h0m0s"));
    assert_eq!(span.parse("90m"), span.parse("1 h 30 m"));
    assert_eq!(span.parse("1h"), Ok(SettingValue::Seconds(3_600)));
}

#[test]
fn durations_have_one_spelling() {
    for (seconds, text) in
        [(0, "0s"), (45, "45s"), (600, "10m0s"), (3_600, "1h0m0s"), (2_592_000, "720h0m0s")]
    {
        assert_eq!(duration::write(seconds), text);
    }
    for nonsense in ["", "1", "m", "1.5s", "-1s", "1s1h", "h1", "1d", "99999999999999999999h"] {
        assert_eq!(duration::parse(nonsense), None, "{nonsense}");
    }
    assert_eq!(duration::show(2_592_000), "30 days");
    assert_eq!(duration::show(5_400), "1 h 30 min");
}

#[test]
fn what_is_wrong_is_said_with_the_cure() {
    let says = |kind: Kind, text: &str| kind.parse(text).unwrap_err().to_string();
    assert_eq!(says(Kind::Whole { min: 4, max: 12 }, "3"), "Give a whole number from 4 to 12.");
    assert_eq!(says(Kind::Whole { min: 4, max: 12 }, "-5"), "Give a whole number from 4 to 12.");
    assert_eq!(says(Kind::Duration { min: 60, max: 3_600 }, "5s"), "Give a duration from 1 min to 1 h.");
    assert_eq!(says(Kind::Duration { min: 60, max: 3_600 }, "soon"), Invalid::Duration.to_string());
    assert_eq!(says(Kind::Links { at_least: 1 }, ""), "Give at least 1.");
    for link in [
        "http://ic.example/cb",
        "https://",
        "ftp://x.example",
        "https://a@b.example/",
        "https://a.example/#x",
        "javascript:alert(1)",
        "https://a.example/ b",
        "https://a.example:99999/",
        "//a.example",
    ] {
        assert!(matches!(Kind::Link.parse(link), Err(Invalid::Link { .. })), "{link}");
    }
    for domain in ["example", "@example.com", "a b.com", "-a.com", "a..com"] {
        assert!(matches!(Kind::Domains.parse(domain), Err(Invalid::Domain { .. })), "{domain}");
    }
    assert_eq!(says(Kind::Colour, "blue"), Invalid::Colour.to_string());
    assert_eq!(says(Kind::Text { min: 0, max: 3 }, "four"), "Give at most 3 characters; these are 4.");
    assert_eq!(says(Kind::Text { min: 0, max: 9 }, "a\u{7}b"), Invalid::Control.to_string());
    assert_eq!(says(Kind::Instant, "tomorrow"), Invalid::Instant.to_string());
}

#[test]
fn a_flag_that_says_the_opposite_is_turned_round() {
    let setting = find("pool.reset.self_service").unwrap();
    let off = SettingValue::Flag(false);
    let patch = wire::patch([(setting, &off)]);
    let field = "do_not_allow_users_to_self_reset_credentials";
    assert_eq!(patch, json!({"reset_credentials_settings": {field: true}}));
    assert_eq!(setting.observe(&patch), Observed::Value(off));
    assert_eq!(setting.observe(&json!({})), Observed::Value(SettingValue::Flag(true)));
}

#[test]
fn what_no_value_stands_for_is_shown_as_it_is() {
    let setting = find("organization.code_ttl").unwrap();
    let found = setting.observe(&json!({"authorization_code_ttl": "1.5s"}));
    assert_eq!(found, Observed::Foreign("\"1.5s\"".to_owned()));
    assert_eq!(agreement(Some(&SettingValue::Seconds(1)), Some(&found)), Agreement::Drifted);
    let length = find("pool.code.activation.length").unwrap();
    assert_eq!(length.observe(&json!({})), Observed::Own, "an absent length is the vendor's own");
    assert_eq!(agreement(None, Some(&Observed::Own)), Agreement::Unmanaged);
    assert_eq!(agreement(Some(&SettingValue::Whole(6)), Some(&Observed::Own)), Agreement::Drifted);
    assert_eq!(agreement(Some(&SettingValue::Whole(6)), None), Agreement::Unknown);
}

#[test]
fn values_of_one_object_make_one_patch() {
    let digits = (find("pool.password.digits").unwrap(), &SettingValue::Whole(2));
    let length = (find("pool.password.min_length").unwrap(), &SettingValue::Whole(12));
    let never = (find("pool.reset.password_older_than").unwrap(), &SettingValue::Text(String::new()));
    assert_eq!(
        wire::patch([digits, length, never]),
        json!({
            "password_policy": {"digits": 2, "min_length": 12},
            "reset_credentials_settings": {"reset_password_older_than": null},
        })
    );
}
