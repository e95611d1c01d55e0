//! Settings as a file: the same settings make the same bytes, and what is wrong is named.

use std::collections::BTreeMap;

use domain::settings::{Layer, SettingValue, Values, catalogue, file::SettingsFile};
use proptest::{collection::btree_map, prelude::*, sample::select};

use super::any_value;
use crate::samples::bid;

fn any_values() -> impl Strategy<Value = Values> {
    let editable: Vec<_> = catalogue::editable().collect();
    let pair = select(editable).prop_flat_map(|setting| (Just(setting.key()), any_value(setting.kind)));
    proptest::collection::vec(pair, 0..12).prop_map(|pairs| pairs.into_iter().collect())
}

fn any_layer() -> impl Strategy<Value = Layer> {
    prop_oneof![
        Just(Layer::Everywhere),
        "[a-z]{1,9}".prop_map(Layer::Tier),
        "[A-Za-z0-9._-]{1,8}[a-z0-9]".prop_map(|text| Layer::Biller(bid(&text))),
    ]
}

proptest! {
    #[test]
    fn a_file_reads_back_byte_by_byte(levels in btree_map(any_layer(), any_values(), 0..6)) {
        let file = SettingsFile { levels };
        let text = file.write();
        let read = SettingsFile::read(&text).unwrap();
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(read.write(), text);
    }

    #[test]
    fn a_file_of_toml_reads_back_byte_by_byte(levels in btree_map(any_layer(), any_values(), 0..6)) {
        let file = SettingsFile { levels };
        let text = file.write_toml();
        let value: serde_json::Value = toml::from_str(&text).unwrap();
        let read = SettingsFile::read_value(&value).unwrap();
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(read.write_toml(), text);
    }

    #[test]
    fn no_text_breaks_the_reader(text in any::<String>()) {
        let _ = SettingsFile::read(&text);
    }
}

#[test]
fn the_form_of_the_file_is_stable() {
    let set = |key: &str, value| (key.parse().unwrap(), value);
    let all = Values::from([
        set("organization.pkce", SettingValue::Flag(true)),
        set("organization.access_token_ttl", SettingValue::Seconds(1_800)),
        set("pool.password.digits", SettingValue::Whole(2)),
    ]);
    let file = SettingsFile {
        levels: BTreeMap::from([(Layer::Everywhere, all), (Layer::Biller(bid("42")), Values::new())]),
    };
    let text = "{\n  \"format\": \"ciam-settings\",\n  \"levels\": {\n    \"all\": {\n      \"organization.access_token_ttl\": \"30m0s\",\n      \
        \"organization.pkce\": true,\n      \"pool.password.digits\": 2\n    },\n    \"biller:42\": {}\n  },\n  \"version\": 1\n}\n";
    assert_eq!(file.write(), text);
}

#[test]
fn the_form_of_toml_is_stable() {
    let set = |key: &str, value| (key.parse().unwrap(), value);
    let all = Values::from([
        set("organization.pkce", SettingValue::Flag(true)),
        set("organization.access_token_ttl", SettingValue::Seconds(1_800)),
        set("organization.domains", SettingValue::List(vec!["a.example".to_owned(), "b.example".to_owned()])),
        set("pool.password.digits", SettingValue::Whole(2)),
        set("pool.name", SettingValue::Text("a \"b\"\u{7f}".to_owned())),
    ]);
    let levels = BTreeMap::from([(Layer::Everywhere, all), (Layer::Biller(bid("42")), Values::new())]);
    let text = r#"format = "ciam-settings"
version = 1

[levels."all"]
"organization.access_token_ttl" = "30m0s"
"organization.domains" = ["a.example", "b.example"]
"organization.pkce" = true
"pool.name" = "a \"b\"\u007f"
"pool.password.digits" = 2

[levels."biller:42"]
"#;
    assert_eq!(SettingsFile { levels }.write_toml(), text);
    assert_eq!(SettingsFile::default().write_toml(), "format = \"ciam-settings\"\nversion = 1\n\n[levels]\n");
}

#[test]
fn everything_that_is_wrong_is_named_with_its_place() {
    let text = r##"{"format":"ciam-settings","version":1,"levels":{
        "all":{"organization.color":"blue","nonsense":1,"application.status":"active","organization.pkce":"yes"},
        "tier:":{}}}"##;
    let told: Vec<String> = SettingsFile::read(text).unwrap_err().iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    for part in [
        "Level all, organization.color: Give a colour",
        "\"nonsense\" is no setting",
        "application.status cannot be set",
        "organization.pkce: \"yes\" is of another type",
        "Level \"tier:\" is none",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    for other in ["", "[]", "{}", r#"{"format":"other","version":1,"levels":{}}"#] {
        assert_eq!(SettingsFile::read(other).unwrap_err().len(), 1, "{other}");
    }
}
