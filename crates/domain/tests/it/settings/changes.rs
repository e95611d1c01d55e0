//! Proposals and runs: what is written, what is refused, what is taken back; and values that do not fit together.

use std::collections::BTreeMap;

use domain::settings::{
    Holding, Layer, Observed, ProposedLayer, Scope, SetValue, SettingKey, SettingValue, SettingWrite,
    SettingsChange, WriteMode, change, contradictions,
};
use serde_json::json;

fn key(text: &str) -> SettingKey {
    text.parse().unwrap()
}

fn change(mode: WriteMode) -> SettingsChange {
    let colour = |text: &str| SettingValue::Text(text.to_owned());
    SettingsChange {
        set: vec![SetValue { key: key("organization.color"), before: None, after: Some(colour("#111111")) }],
        writes: vec![
            SettingWrite {
                key: key("organization.color"),
                expected: Some(Observed::Value(colour("#007FFF"))),
                to: colour("#111111"),
            },
            SettingWrite {
                key: key("pool.code.activation.length"),
                expected: Some(Observed::Own),
                to: SettingValue::Whole(8),
            },
        ],
        mode,
    }
}

#[test]
fn a_run_writes_what_is_as_expected_and_refuses_the_rest() {
    let strict = change(WriteMode::Strict);
    let due = strict.due(Scope::Organization, &json!({"color": "#007fff"})).unwrap();
    assert_eq!(change::patch(&due), json!({"color": "#111111"}));
    assert_eq!(strict.due(Scope::Organization, &json!({"color": "#111111"})), Ok(Vec::new()), "done already");
    let refused = strict.due(Scope::Organization, &json!({"color": "#222222"})).unwrap_err();
    assert_eq!(
        refused,
        ["Colour is #222222 at SecureAuth now; it was #007FFF when the change to #111111 was decided"]
    );
    let lenient = change(WriteMode::OwnOnly);
    assert_eq!(lenient.due(Scope::Organization, &json!({"color": "#222222"})), Ok(Vec::new()));
}

#[test]
fn taking_back_undoes_only_what_the_run_wrote() {
    let back = change(WriteMode::Strict).reversed();
    assert_eq!(back.mode, WriteMode::OwnOnly);
    assert_eq!(back.set[0].after, None);
    let written = back.due(Scope::Organization, &json!({"color": "#111111"})).unwrap();
    assert_eq!(change::patch(&written), json!({"color": "#007FFF"}));
    assert_eq!(
        back.due(Scope::Organization, &json!({"color": "#222222"})),
        Ok(Vec::new()),
        "somebody else's stays"
    );
    assert_eq!(back.of_scope(Scope::Pool).count(), 0, "the vendor's own default cannot be written");
}

#[test]
fn a_proposal_notices_what_others_set_meanwhile() {
    let (ours, theirs) = (key("organization.color"), key("organization.pkce"));
    let layer = ProposedLayer {
        layer: Layer::Everywhere,
        values: BTreeMap::from([(ours, None)]),
        seen: BTreeMap::from([(ours, Some(SettingValue::Text("#111111".to_owned()))), (theirs, None)]),
        issuer: None,
    };
    let now = BTreeMap::from([(ours, SettingValue::Text("#111111".to_owned()))]);
    assert_eq!(layer.conflicts(&now), []);
    let now = BTreeMap::from([(theirs, SettingValue::Flag(true))]);
    assert_eq!(layer.conflicts(&now), [ours, theirs]);
    let json = serde_json::to_string(&layer).unwrap();
    assert_eq!(serde_json::from_str::<ProposedLayer>(&json).unwrap(), layer);
}

#[test]
fn a_change_is_kept_as_it_was_decided() {
    let kept = change(WriteMode::Strict);
    let json = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<SettingsChange>(&json).unwrap(), kept);
}

#[test]
fn values_that_do_not_fit_together_are_named_at_the_one_to_change() {
    let list = |items: &[&str]| SettingValue::List(items.iter().map(|it| (*it).to_owned()).collect());
    let wrong = |pairs: &[(&str, SettingValue)]| {
        let holding: Holding = pairs.iter().map(|(name, value)| (key(name), value.clone())).collect();
        contradictions(&holding).into_iter().map(|it| it.key.to_string()).collect::<Vec<_>>()
    };
    let factors = ("pool.mechanisms", list(&["password", "webauthn"]));
    let prefers = |word: &str| ("pool.preferred_mechanism", SettingValue::Text(word.to_owned()));
    assert_eq!(wrong(&[factors.clone(), prefers("email_otp")]), ["pool.preferred_mechanism"]);
    assert!(wrong(&[factors.clone(), prefers("webauthn")]).is_empty());
    assert_eq!(
        wrong(&[factors, ("organization.mechanisms", list(&["password"]))]),
        ["organization.mechanisms"]
    );
    let idle = ("organization.sso.max_idle", SettingValue::Seconds(7_200));
    let age = |seconds| ("organization.sso.max_age", SettingValue::Seconds(seconds));
    assert_eq!(wrong(&[idle.clone(), age(3_600)]), ["organization.sso.max_idle"]);
    assert!(wrong(&[idle, age(0)]).is_empty(), "0 leaves it to SecureAuth");
    let length = ("pool.password.min_length", SettingValue::Whole(3));
    assert_eq!(
        wrong(&[length, ("pool.password.digits", SettingValue::Whole(4))]),
        ["pool.password.min_length"]
    );
}
