//! Whatever comes as the token of a launch is read or refused. The fuzz target `launch` holds the same promises.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Timestamp,
    claims::PersonRules,
    launch::{CLOCK_SKEW, Launch, LaunchRules, MAX_LIFE, MAX_TOKEN, Reason, Refused},
};
use jsonwebtoken::{Algorithm, EncodingKey};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};
use services::launch::read_shared;

const NOW: i64 = 1_795_435_200;
const SECRET: &str = "a-secret-that-crm-and-console-share";

fn now() -> Timestamp {
    Timestamp::from_micros(NOW * 1_000_000)
}

fn read(token: &str) -> Result<Launch, Refused> {
    let rules = LaunchRules {
        issuer: "https://crm.example".to_owned(),
        audience: "ciam-console".to_owned(),
        person: PersonRules {
            subject: "sub".to_owned(),
            roles: "roles".to_owned(),
            portfolio: "portfolio".to_owned(),
            words: BTreeMap::new(),
        },
    };
    read_shared(&rules, &SECRET.to_owned().into(), token, now())
}

/// A token whose signature holds, whatever stands in it.
fn signed(header: &[u8], claims: &[u8]) -> String {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &key, Algorithm::HS256).expect("signature");
    format!("{text}.{signature}")
}

fn good() -> Value {
    json!({
        "iss": "https://crm.example", "aud": "ciam-console", "iat": NOW, "exp": NOW + 60, "jti": "1",
        "sub": "u-7", "name": "Ada Byron", "roles": ["ops"], "bid": "34",
    })
}

const HS256: &[u8] = br#"{"alg":"HS256"}"#;

/// Bytes of any kind, JSON of any kind, and good claims of which some bytes were exchanged.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let claims = good().to_string().into_bytes();
    let spoilt =
        proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4).prop_map(move |bytes| {
            let mut claims = claims.clone();
            for (place, byte) in bytes {
                let place = place.index(claims.len());
                claims[place] = byte;
            }
            claims
        });
    let json =
        select(vec!["null", "[]", "{}", "7", "\"x\"", "{\"exp\":1e999}", "{\"iat\":-0.0}", "[[[[[[[["]);
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        json.prop_map(|text| text.as_bytes().to_vec()),
        spoilt,
    ]
}

#[test]
fn what_is_signed_and_in_order_is_read() {
    let launch = read(&signed(HS256, good().to_string().as_bytes())).expect("launch");
    assert_eq!((launch.actor.name(), launch.biller.as_deref()), ("Ada Byron", Some("34")));
    let long = "x".repeat(MAX_TOKEN + 1);
    assert_eq!(read(&long).unwrap_err().reason, Reason::TooLong);
}

proptest! {
    #[test]
    fn any_text_at_all_is_refused_without_a_signature(bytes in bytes(), dots in 0..4_usize) {
        let raw = String::from_utf8_lossy(&bytes).into_owned();
        let parts = [URL_SAFE_NO_PAD.encode(HS256), URL_SAFE_NO_PAD.encode(&bytes), raw.clone(), raw.clone()];
        for token in [raw, parts[..=dots.min(3)].join(".")] {
            prop_assert!(read(&token).is_err(), "{token}");
        }
    }

    #[test]
    fn any_claims_and_any_header_are_read_or_refused(header in bytes(), claims in bytes()) {
        prop_assert!(read(&signed(&header, &claims)).is_err(), "a header without an algorithm");
        if let Ok(launch) = read(&signed(HS256, &claims)) {
            prop_assert!(!launch.actor.name().is_empty());
            prop_assert!(launch.ends_at > now() && launch.ends_at <= now().plus(MAX_LIFE + 2 * CLOCK_SKEW));
        }
    }

    #[test]
    fn a_signature_is_for_the_very_bytes_it_was_made_for(place in any::<prop::sample::Index>(), with in any::<char>()) {
        let token = signed(HS256, good().to_string().as_bytes());
        let mut changed: Vec<char> = token.chars().collect();
        let place = place.index(changed.len());
        changed[place] = with;
        let changed: String = changed.into_iter().collect();
        if changed != token {
            prop_assert!(read(&changed).is_err(), "{changed}");
        }
    }
}
