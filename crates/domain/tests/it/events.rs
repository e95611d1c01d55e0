//! What IC's systems are told, and when a delivery is tried again.

use std::time::Duration;

use domain::{
    event::{
        EventBody, EventData, EventFailure, EventKind, EventUseCases, InEffect, RETRY_AFTER, retry_pause,
    },
    run::{Failure, FailureKind, RunKind, StepKind},
    use_case::{OldUrlBehaviour, UseCase, UseCases},
};
use proptest::prelude::*;
use serde_json::json;

use crate::samples::{NOW, bid};

/// Receivers are written against these shapes.
#[test]
fn an_enabled_biller_is_told_with_its_login_url() {
    let body = EventBody {
        kind: EventKind::Enabled,
        timestamp: NOW.rfc3339(),
        data: EventData {
            bid: bid("34"),
            login_url: Some("https://login.example.com/b/city-of-abbeville".to_owned()),
            use_cases: None,
            issuer: None,
            failure: None,
        },
    };
    let golden = json!({
        "type": "biller.enabled",
        "timestamp": "2026-11-23T21:43:00Z",
        "data": { "bid": "34", "login_url": "https://login.example.com/b/city-of-abbeville" }
    });
    assert_eq!(serde_json::to_value(&body).unwrap(), golden);
    assert_eq!(serde_json::from_value::<EventBody>(golden).unwrap(), body);
}

#[test]
fn a_failed_run_is_told_with_step_reason_and_cure() {
    let failure = Failure {
        kind: FailureKind::Foreign,
        message: "ic-34 is there and bears no mark of ours".to_owned(),
        cure: "Ask its owner".to_owned(),
        trace_id: Some("trace-1".to_owned()),
    };
    let body = EventBody {
        kind: EventKind::Failed,
        timestamp: NOW.rfc3339(),
        data: EventData {
            bid: bid("34"),
            login_url: None,
            use_cases: None,
            issuer: None,
            failure: Some(EventFailure { run: RunKind::Enable, step: StepKind::Organization, failure }),
        },
    };
    let golden = json!({
        "type": "biller.failed",
        "timestamp": "2026-11-23T21:43:00Z",
        "data": {
            "bid": "34",
            "failure": {
                "run": "enable",
                "step": "organization",
                "kind": "foreign",
                "message": "ic-34 is there and bears no mark of ours",
                "cure": "Ask its owner",
                "trace_id": "trace-1"
            }
        }
    });
    assert_eq!(serde_json::to_value(&body).unwrap(), golden);
    assert_eq!(serde_json::from_value::<EventBody>(golden).unwrap(), body);
}

#[test]
fn a_change_of_use_cases_is_told_with_every_switch_before_and_after() {
    let before = UseCases::of([UseCase::UserHosting]);
    let after =
        UseCases::of([UseCase::UserHosting, UseCase::HostedLogin]).with_old_url(OldUrlBehaviour::Redirect);
    let body = EventBody {
        kind: EventKind::UseCasesChanged,
        timestamp: NOW.rfc3339(),
        data: EventData {
            bid: bid("34"),
            login_url: Some("https://login.example.com/b/city-of-abbeville".to_owned()),
            use_cases: Some(EventUseCases {
                before: InEffect::of(&before, false),
                after: InEffect::of(&after, true),
            }),
            issuer: None,
            failure: None,
        },
    };
    let golden = json!({
        "type": "biller.use_cases_changed",
        "timestamp": "2026-11-23T21:43:00Z",
        "data": {
            "bid": "34",
            "login_url": "https://login.example.com/b/city-of-abbeville",
            "use_cases": {
                "before": {
                    "user_hosting": true, "delegated_login": false, "hosted_login": false, "old_url": "stay",
                    "held_off": false
                },
                "after": {
                    "user_hosting": true, "delegated_login": false, "hosted_login": true, "old_url": "redirect",
                    "held_off": true
                }
            }
        }
    });
    assert_eq!(serde_json::to_value(&body).unwrap(), golden);
    assert_eq!(serde_json::from_value::<EventBody>(golden).unwrap(), body);
}

#[test]
fn a_delivery_is_tried_eight_times_over_a_day() {
    let pauses: Vec<_> = (1..).map_while(retry_pause).collect();
    assert_eq!(pauses.len(), 7);
    assert_eq!(pauses.first(), Some(&Duration::from_secs(5)));
    assert!(pauses.is_sorted());
    let total: Duration = pauses.iter().sum();
    assert_eq!(total.as_secs() / 3_600, 27);
}

proptest! {
    #[test]
    fn any_count_of_attempts_has_an_answer(attempts: i64) {
        let known = (1..=i64::try_from(RETRY_AFTER.len()).unwrap()).contains(&attempts);
        prop_assert_eq!(retry_pause(attempts).is_some(), known);
    }
}

#[test]
fn counts_that_cannot_be_are_answered_too() {
    for attempts in [i64::MIN, -1, 0, 8, i64::MAX] {
        assert_eq!(retry_pause(attempts), None, "{attempts}");
    }
}
