//! Launches: which claims open the console, and which rule each of the others breaks.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Timestamp,
    actor::{Actor, Role, Roles},
    claims::{Claims, PersonRules},
    launch::{CLOCK_SKEW, Launch, LaunchRules, Locale, MAX_LIFE, Reason, Refused},
    theme::Theme,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// 2026-11-25T12:00:00Z.
const NOW: i64 = 1_795_608_000;

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn rules() -> LaunchRules {
    LaunchRules {
        issuer: "https://crm.example".to_owned(),
        audience: "ciam-console".to_owned(),
        person: PersonRules {
            subject: "sub".to_owned(),
            roles: "roles".to_owned(),
            portfolio: "portfolio".to_owned(),
            words: BTreeMap::new(),
        },
    }
}

fn claims() -> Claims {
    let claims = json!({
        "iss": "https://crm.example", "aud": "ciam-console", "iat": NOW, "exp": NOW + 60, "jti": "launch-1",
        "sub": "u-7", "name": "Ada Byron", "roles": ["account_manager"], "portfolio": "North", "bid": "34",
        "locale": "en-US", "theme": "dark",
    });
    claims.as_object().unwrap().clone()
}

fn with(changes: Value) -> Claims {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value == "(none)" {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
    claims
}

fn read(claims: &Claims) -> Result<Launch, Refused> {
    rules().read(claims, at(NOW))
}

fn reason(changes: Value) -> Reason {
    read(&with(changes)).unwrap_err().reason
}

#[test]
fn a_launch_says_who_comes_and_where_to() {
    let launch = read(&claims()).unwrap();
    let person = Actor::Person {
        id: "u-7".to_owned(),
        name: "Ada Byron".to_owned(),
        roles: Role::AccountManager.into(),
        portfolio: Some("North".parse().unwrap()),
    };
    assert_eq!(launch.actor, person);
    assert_eq!(launch.bid().unwrap().as_str(), "34");
    assert_eq!((launch.locale.unwrap().as_str(), launch.theme), ("en-US", Some(Theme::Dark)));
    assert_eq!(launch.ends_at, at(NOW + 60).plus(CLOCK_SKEW));
}

#[test]
fn what_only_makes_things_nicer_may_be_absent_or_strange() {
    let few = json!({ "name": "(none)", "portfolio": null, "bid": "(none)", "locale": "(none)", "theme": "(none)" });
    let launch = read(&with(few)).unwrap();
    assert_eq!((launch.actor.name(), launch.actor.portfolio(), launch.biller), ("u-7", None, None));
    let strange = json!({ "name": 7, "bid": "a/b", "locale": "english please", "theme": "pink" });
    let launch = read(&with(strange)).unwrap();
    assert_eq!((launch.actor.name(), launch.bid(), launch.locale, launch.theme), ("u-7", None, None, None));
    assert_eq!(launch.biller.as_deref(), Some("a/b"), "so that the person can be told");
    let name = read(&with(json!({ "name": " A\u{202e}da\n\u{200b} " }))).unwrap();
    assert_eq!(name.actor.name(), "Ada");
}

#[test]
fn each_rule_has_its_own_reason() {
    let long = "x".repeat(300);
    for (changes, expected) in [
        (json!({ "iss": "https://crm.example/" }), Reason::Issuer),
        (json!({ "iss": "(none)" }), Reason::Issuer),
        (json!({ "aud": "another" }), Reason::Audience),
        (json!({ "aud": ["another"] }), Reason::Audience),
        (json!({ "aud": [] }), Reason::Audience),
        (json!({ "aud": "(none)" }), Reason::Audience),
        (json!({ "aud": { "ciam-console": true } }), Reason::Audience),
        (json!({ "exp": NOW + 61 }), Reason::Lifetime),
        (json!({ "exp": NOW }), Reason::Lifetime),
        (json!({ "exp": NOW - 10 }), Reason::Lifetime),
        (json!({ "iat": NOW + 6, "exp": NOW + 60 }), Reason::Early),
        (json!({ "nbf": NOW + 6 }), Reason::Early),
        (json!({ "iat": NOW - 60, "exp": NOW - 5 }), Reason::Late),
        (json!({ "exp": "(none)" }), Reason::Claim),
        (json!({ "iat": "(none)" }), Reason::Claim),
        (json!({ "exp": "soon" }), Reason::Claim),
        (json!({ "exp": -1 }), Reason::Claim),
        (json!({ "exp": 1e300 }), Reason::Claim),
        (json!({ "jti": "(none)" }), Reason::Claim),
        (json!({ "jti": "" }), Reason::Claim),
        (json!({ "jti": long }), Reason::Claim),
        (json!({ "jti": 7 }), Reason::Claim),
        (json!({ "sub": "(none)" }), Reason::Claim),
        (json!({ "sub": "  " }), Reason::Claim),
        (json!({ "sub": "a\u{200b}b" }), Reason::Claim),
        (json!({ "sub": long }), Reason::Claim),
        (json!({ "roles": "(none)" }), Reason::Claim),
        (json!({ "roles": 7 }), Reason::Claim),
        (json!({ "roles": [] }), Reason::NoRole),
        (json!({ "roles": ["emperor"] }), Reason::NoRole),
        (json!({ "roles": "" }), Reason::NoRole),
        // Without a portfolio one sees every biller, so one that cannot be read must not count as none.
        (json!({ "portfolio": "" }), Reason::Claim),
        (json!({ "portfolio": ["North"] }), Reason::Claim),
        (json!({ "portfolio": long }), Reason::Claim),
    ] {
        assert_eq!(reason(changes.clone()), expected, "{changes}");
    }
    assert!(read(&with(json!({ "aud": ["another", "ciam-console"] }))).is_ok());
    assert!(read(&with(json!({ "exp": NOW as f64 + 59.5 }))).is_ok(), "fractions of seconds are allowed");
}

#[test]
fn a_refusal_names_what_is_wrong() {
    let text = |changes| read(&with(changes)).unwrap_err().to_string();
    assert_eq!(text(json!({ "aud": "another" })), "the token is for another audience: \"another\"");
    assert_eq!(text(json!({ "aud": "(none)" })), "the token is for another audience: there is none");
    assert!(text(json!({ "sub": "(none)" })).ends_with("the claim \"sub\" is missing"));
    assert!(text(json!({ "roles": ["emperor"] })).contains("emperor"));
    assert_eq!(Refused::from(Reason::Replayed).to_string(), "the token was used before");
}

#[test]
fn the_crm_may_have_its_own_words_for_roles() {
    let mut rules = rules();
    rules.person.roles = "app.groups".to_owned();
    rules.person.words =
        BTreeMap::from([("KAM".to_owned(), Role::AccountManager), ("IT".to_owned(), Role::Ops)]);
    let roles = |groups: Value| rules.read(&with(json!({ "app": { "groups": groups } })), at(NOW));
    let both = Roles::new([Role::Ops, Role::AccountManager]).unwrap();
    for groups in [json!(["IT", "KAM", "Choir", 7]), json!("KAM IT Choir")] {
        let Actor::Person { roles, .. } = roles(groups).unwrap().actor else { panic!("no person") };
        assert_eq!(roles, both);
    }
    // With words of its own, ours mean nothing: the CRM may use one of them for something else.
    assert_eq!(roles(json!(["platform_owner"])).unwrap_err().reason, Reason::NoRole);
}

#[test]
fn launches_are_told_apart_by_issuer_and_jti() {
    let id = |issuer: &str, jti: &str| {
        let rules = LaunchRules { issuer: issuer.to_owned(), ..rules() };
        rules.read(&with(json!({ "iss": issuer, "jti": jti })), at(NOW)).unwrap().id
    };
    assert_eq!(id("a", "b"), id("a", "b"));
    assert_ne!(id("a", "b"), id("a", "c"));
    assert_ne!(id("a", "bc"), id("ab", "c"));
    assert_eq!(id("a", "b").as_str().len(), 64);
}

#[test]
fn a_locale_has_the_shape_of_a_language_tag() {
    for good in ["en", "en-US", "sr-Latn-RS", "gsw"] {
        assert_eq!(Locale::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "e", "english", "en_US", "en-", "en-verylongpart", "é", "en-US\r\nx", &"en-a".repeat(20)]
    {
        assert_eq!(Locale::parse(bad), None, "{bad:?}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z.]{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_launch_is_good_exactly_in_its_time(from in -100_i64..100, life in -10_i64..100) {
        let (issued, expires) = (NOW + from, NOW + from + life);
        let read = read(&with(json!({ "iat": issued, "exp": expires })));
        let skew = i64::try_from(CLOCK_SKEW.as_secs()).unwrap();
        let minute = i64::try_from(MAX_LIFE.as_secs()).unwrap();
        let good = life > 0 && life <= minute && issued <= NOW + skew && NOW < expires + skew;
        prop_assert_eq!(read.is_ok(), good, "{:?}", read);
        if let Ok(launch) = read {
            // However long it is kept in mind as used: it is refused as too old by then.
            let late = rules().read(&with(json!({ "iat": issued, "exp": expires })), launch.ends_at);
            prop_assert_eq!(late.unwrap_err().reason, Reason::Late);
            prop_assert!(launch.ends_at <= at(NOW).plus(SPAN));
        }
    }

    #[test]
    fn whatever_the_claims_hold_it_is_read_or_refused(
        name in prop::sample::select(vec![
            "iss", "aud", "iat", "exp", "nbf", "jti", "sub", "name", "roles", "portfolio", "bid", "locale", "theme",
        ]),
        value in any_value(),
    ) {
        let claims = with(Value::Object([(name.to_owned(), value)].into_iter().collect()));
        if let Ok(launch) = read(&claims) {
            prop_assert!(!launch.actor.name().is_empty());
            prop_assert!(launch.ends_at <= at(NOW).plus(SPAN));
        }
    }
}

/// The longest time from now for which a launch may be good.
const SPAN: Duration = Duration::from_secs(60 + 5 + 5);
