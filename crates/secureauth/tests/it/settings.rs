//! Every setting of the catalogue against the sandbox: what was written reads back as the same value, and nothing else
//! of the object changes.

use domain::settings::{Agreement, Kind, Scope, Setting, SettingValue, agreement, catalogue, wire};
use secureauth::{ErrorKind, SettingsObject};
use serde_json::{Value, json};

use crate::sandboxed::{Made, World, enable};

/// Values at the bounds and between, for a setting of this kind.
fn samples(kind: Kind) -> Vec<SettingValue> {
    let texts = |all: &[&str]| all.iter().map(|text| SettingValue::Text((*text).to_owned())).collect();
    let lists = |all: &[&[&str]]| {
        let list = |items: &&[&str]| SettingValue::List(items.iter().map(|it| (*it).to_owned()).collect());
        all.iter().map(list).collect::<Vec<_>>()
    };
    match kind {
        Kind::Flag => vec![SettingValue::Flag(true), SettingValue::Flag(false)],
        Kind::Whole { min, max } => [max, min, min + 1].map(SettingValue::Whole).to_vec(),
        Kind::Duration { min, max } => [max, min, min + 61].map(SettingValue::Seconds).to_vec(),
        Kind::Choice(of) => of.iter().map(|word| SettingValue::Text(word.word.to_owned())).collect(),
        Kind::Choices { of, at_least } => {
            let words: Vec<String> = of.iter().map(|word| word.word.to_owned()).collect();
            (at_least..=words.len()).map(|n| SettingValue::List(words[words.len() - n..].to_vec())).collect()
        }
        Kind::Text { min: 0, .. } => texts(&["Wasser & Söhne", "", "x"]),
        Kind::Text { .. } => texts(&["Wasser & Söhne", "x"]),
        Kind::Colour => texts(&["#00ff7f", "#ABCDEF"]),
        Kind::Link => texts(&["https://a.example/logo.png", "", "https://b.example"]),
        Kind::Links { .. } => {
            lists(&[&["https://b.example/x", "https://a.example/y"], &["https://c.example/"]])
        }
        Kind::Domains => lists(&[&["B.example", "a.example"], &[], &["c.example"]]),
        Kind::Instant => texts(&["2026-01-31T09:00:00Z", "", "2026-02-01T00:00:00Z"]),
        Kind::Host => texts(&["Login.A.example", "", "b.example"]),
        Kind::Id => texts(&["an-id"]),
    }
    .into_iter()
    .map(|value| kind.canonical(value))
    .collect()
}

fn object(made: &Made, scope: Scope) -> Option<SettingsObject> {
    match scope {
        Scope::Pool => Some(SettingsObject::Pool(made.pool.clone())),
        Scope::Organization => Some(SettingsObject::Organization(made.organization.clone())),
        Scope::Binding => Some(SettingsObject::Binding(made.organization.clone(), made.binding.clone())),
        Scope::Application => Some(SettingsObject::Application(made.application.clone())),
        Scope::Theme | Scope::VanityDomain | Scope::Tenant => None,
    }
}

/// The fields that no write of ours may change.
fn foreign(json: &Value, scope: Scope) -> Value {
    let mut json = json.clone();
    for path in catalogue::of_scope(scope).iter().filter_map(Setting::path) {
        let top = path.split('.').next().expect("a name");
        json.as_object_mut().expect("an object").remove(top);
    }
    json.as_object_mut().expect("an object").remove("updated_at");
    json
}

#[tokio::test]
async fn a_scan_right_after_any_apply_finds_nothing() {
    let world = World::new().await;
    let made = enable(&world.client, "b-1").await;
    for scope in [Scope::Pool, Scope::Organization, Scope::Binding, Scope::Application] {
        let object = object(&made, scope).expect("an object");
        let before = world.client.read_settings(&object).await.expect("read");
        let editable: Vec<&'static Setting> =
            catalogue::of_scope(scope).iter().filter(|setting| setting.is_editable()).collect();
        // All settings of the object at once, each with the next of its values: one write an object.
        for round in 0..3 {
            let values: Vec<(&'static Setting, SettingValue)> = editable
                .iter()
                .map(|setting| {
                    let all = samples(setting.kind);
                    (*setting, all[round % all.len()].clone())
                })
                .collect();
            let patch = wire::patch(values.iter().map(|(setting, value)| (*setting, value)));
            let outcome = world.client.write_settings(&object, patch, |_| Vec::new()).await;
            assert!(outcome.expect("written").changed, "{scope} {round}");
            let found = world.client.read_settings(&object).await.expect("read");
            for (setting, value) in &values {
                let observed = setting.observe(&found);
                assert_eq!(
                    agreement(Some(value), Some(&observed)),
                    Agreement::InSync,
                    "{} {value:?} {observed:?}",
                    setting.key
                );
            }
            assert_eq!(foreign(&found, scope), foreign(&before, scope));
        }
    }
    assert!(world.sent_only_what_the_contract_knows());
}

#[tokio::test]
async fn every_value_of_every_setting_is_written_alone_and_reads_back() {
    let world = World::new().await;
    let made = enable(&world.client, "b-2").await;
    for setting in catalogue::editable() {
        let Some(object) = object(&made, setting.scope) else { continue };
        for value in samples(setting.kind) {
            let patch = wire::patch([(setting, &value)]);
            world.client.write_settings(&object, patch, |_| Vec::new()).await.expect("written");
            let found = setting.observe(&world.client.read_settings(&object).await.expect("read"));
            assert_eq!(found.value(), Some(&value), "{}", setting.key);
        }
    }
}

#[tokio::test]
async fn what_somebody_changed_meanwhile_is_not_written_over() {
    let world = World::new().await;
    let made = enable(&world.client, "b-3").await;
    let object = SettingsObject::Organization(made.organization.clone());
    let write = |colour: &str, expected: &'static str| {
        let unfit = move |json: &Value| {
            let fits = json["color"] == expected;
            if fits { Vec::new() } else { vec![format!("Colour is {}", json["color"])] }
        };
        world.client.write_settings(&object, json!({"color": colour}), unfit)
    };
    assert!(write("#111111", "#007FFF").await.expect("written").changed);
    let error = write("#222222", "#007FFF").await.expect_err("changed meanwhile");
    assert_eq!(error.kind, ErrorKind::ChangedMeanwhile { fields: vec!["Colour is \"#111111\"".to_owned()] });
    assert!(!error.outcome_unknown() && !error.is_retryable());
    let found = world.client.read_settings(&object).await.expect("read");
    assert_eq!(found["color"], "#111111");
    assert!(!write("#111111", "#007FFF").await.expect("nothing to do").changed, "it is as wanted already");
}
