//! Any bytes as the token of a launch, and as the claims of one that is signed: they are read or refused.

#![no_main]

use std::{collections::BTreeMap, sync::LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Timestamp,
    claims::PersonRules,
    launch::{CLOCK_SKEW, Launch, LaunchRules, MAX_LIFE, Refused},
};
use jsonwebtoken::{Algorithm, EncodingKey};
use libfuzzer_sys::fuzz_target;
use services::launch::read_shared;

const NOW: Timestamp = Timestamp::from_micros(1_795_435_200_000_000);
const SECRET: &str = "a-secret-that-crm-and-console-share";

static RULES: LazyLock<LaunchRules> = LazyLock::new(|| LaunchRules {
    issuer: "https://crm.example".to_owned(),
    audience: "ciam-console".to_owned(),
    person: PersonRules {
        subject: "sub".to_owned(),
        roles: "roles".to_owned(),
        portfolio: "portfolio".to_owned(),
        words: BTreeMap::new(),
    },
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(read(text).is_err(), "nobody but the CRM knows the secret");
    }
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(bytes));
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    if let Ok(launch) = read(&format!("{text}.{signature}")) {
        assert!(!launch.actor.name().is_empty());
        assert!(launch.ends_at > NOW && launch.ends_at <= NOW.plus(MAX_LIFE + 2 * CLOCK_SKEW));
    }
});

fn read(token: &str) -> Result<Launch, Refused> {
    read_shared(&RULES, &SECRET.to_owned().into(), token, NOW)
}
