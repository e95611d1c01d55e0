use std::time::Duration;

use domain::{
    Timestamp,
    session::{Means, SessionKey, SessionLimits, SignIn, browser},
};
use proptest::prelude::*;

#[test]
fn browsers_are_named_as_people_know_them() {
    for (user_agent, name) in [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on macOS",
        ),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ] {
        assert_eq!(browser(user_agent), name, "{user_agent}");
    }
    assert_eq!(SignIn::new(Means::Launch, None).browser, "Unknown browser");
}

#[test]
fn a_session_is_named_by_a_hash_and_by_nothing_else() {
    let key = SessionKey::of("an id");
    assert_eq!(key.as_str().len(), 64);
    assert!(!key.to_string().contains("an id"));
    assert_eq!(key.as_str().parse(), Ok(key.clone()));
    let upper = key.as_str().to_uppercase();
    for wrong in ["", "abc", upper.as_str(), &"g".repeat(64), &"0".repeat(65)] {
        assert!(wrong.parse::<SessionKey>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn a_session_ends_after_either_limit(opened in 0_i64..1 << 50, used in 0_u64..1 << 40, idle in 1_u64..1 << 40, absolute in 1_u64..1 << 40) {
        let limits = SessionLimits { idle: Duration::from_micros(idle), absolute: Duration::from_micros(absolute) };
        let opened = Timestamp::from_micros(opened);
        let used = opened.plus(Duration::from_micros(used));
        let end = limits.end(opened, used);
        prop_assert!(end <= used.plus(limits.idle) && end <= opened.plus(limits.absolute));
        prop_assert!(end == used.plus(limits.idle) || end == opened.plus(limits.absolute));
    }
}
