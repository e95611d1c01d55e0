//! The catalogue itself: complete, and without contradictions.

use std::collections::BTreeSet;

use domain::settings::{Control, Observed, SettingKey, Support, VendorField, catalogue, find};
use serde_json::json;

#[test]
fn keys_are_unique_and_lead_back() {
    let mut seen = BTreeSet::new();
    for setting in catalogue::all() {
        assert!(seen.insert(setting.key), "{} twice", setting.key);
        assert!(setting.key.starts_with(setting.scope.as_str()), "{}", setting.key);
        assert_eq!(setting.key.parse(), Ok(setting.key()));
        let json = serde_json::to_string(&setting.key()).unwrap();
        assert_eq!(serde_json::from_str::<SettingKey>(&json).unwrap(), setting.key());
        assert!(!setting.label.is_empty() && setting.help.ends_with('.'), "{}", setting.key);
    }
    assert!("pool.nonsense".parse::<SettingKey>().is_err());
}

#[test]
fn no_two_settings_share_a_field() {
    let mut seen = BTreeSet::new();
    for setting in catalogue::all() {
        let place = match setting.field {
            VendorField::Call(path) => format!("{} {path}", setting.key),
            _ => format!("{} {}", setting.scope, setting.path().unwrap()),
        };
        assert!(seen.insert(place), "{} shares its field", setting.key);
    }
}

#[test]
fn defaults_are_values_and_absence_never_hides_one() {
    for setting in catalogue::all() {
        for text in setting.default.iter().chain(&setting.absent) {
            assert!(setting.kind.parse(text).is_ok(), "{}: {text:?}", setting.key);
        }
        // What is empty is not written where it is absent, so absence must mean the same as empty.
        if let (Some(path), true) = (setting.path(), setting.is_watched()) {
            let empty = [json!(false), json!(0), json!("0s"), json!(""), json!([])];
            for empty in empty {
                let mut object = empty;
                for name in path.rsplit('.') {
                    object = json!({ name: object });
                }
                assert_eq!(setting.observe(&object), setting.observe(&json!({})), "{}", setting.key);
            }
            if let (Some(absent), Observed::Value(shown)) = (setting.absent, setting.observe(&json!({}))) {
                assert_eq!(setting.kind.parse(absent), Ok(shown));
            }
        }
    }
}

#[test]
fn what_is_not_supported_says_why_and_is_not_asked_for() {
    for setting in catalogue::all() {
        match setting.support {
            Support::Supported => {
                assert!(setting.is_watched(), "{}", setting.key);
                assert!(!matches!(setting.control, Control::Fixed | Control::Nobody), "{}", setting.key);
            }
            Support::Planned(why) | Support::NotOffered(why) => {
                assert!(!setting.is_editable(), "{}", setting.key);
                assert!(why.len() > 20 && why.ends_with('.'), "{}", setting.key);
            }
        }
    }
}

#[test]
fn high_risk_needs_a_second_person() {
    for setting in catalogue::editable().filter(|setting| setting.risk == domain::settings::Risk::High) {
        assert!(setting.needs_approval, "{}", setting.key);
    }
}

#[test]
fn the_settings_that_were_asked_for_are_supported() {
    let asked = "pool.password.min_length pool.password.capital_letters pool.password.lowercase_letters \
        pool.password.digits pool.password.special_characters pool.password.not_used_since pool.password.strength \
        pool.password.hashing_method pool.password.expires_after pool.reset.self_service \
        pool.identifier_case_insensitive pool.self_registration pool.mechanisms pool.preferred_mechanism \
        pool.code.activation.length pool.code.activation.ttl pool.code.reset_password.length \
        pool.code.reset_password.ttl pool.code.verify_address.length pool.code.verify_address.ttl \
        organization.code_ttl organization.access_token_ttl organization.id_token_ttl \
        organization.refresh_token_ttl organization.pkce organization.sso.enabled organization.sso.max_idle \
        organization.sso.max_age application.redirect_uris application.post_logout_redirect_uris \
        application.status organization.domains organization.name organization.color organization.logo theme.bound vanity_domain.host";
    for key in asked.split_whitespace() {
        let setting = find(key).unwrap_or_else(|| panic!("{key} is missing"));
        assert_eq!(setting.support, Support::Supported, "{key}");
    }
    let mfa = find("pool.mfa.mechanisms").unwrap();
    assert!(matches!(mfa.support, Support::NotOffered(why) if why.starts_with("MFA stays off")));
    assert_eq!(mfa.control, Control::Fixed);
}
