//! The stable words: what is stored and sent must never change.

use domain::{
    actor::{Capability, Role},
    audit::{AuditAction, SubjectKind},
    biller::CiamStatus,
    event::{DeliveryState, EventKind},
    filter::{Direction, SortBy},
    import::Column,
    job::JobKind,
    legacy::LegacyPassword,
    login::LoginRoute,
    object::{ObjectKind, Origin},
    run::{FailureKind, RunKind, RunState, StepKind, StepState},
    use_case::{OldUrlBehaviour, UseCase},
    user_move::UserMoveState,
    wave::{WaveItemState, WaveState},
};

/// Checks the words of each enum against the list, and that text and JSON lead back to the same value.
macro_rules! stable {
    ($($name:ident: $words:literal;)+) => {$(
        assert_eq!($name::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(" "), $words);
        for value in $name::ALL {
            let word = value.as_str();
            assert_eq!(value.to_string(), word);
            assert_eq!(word.parse::<$name>().as_ref(), Ok(value));
            let json = serde_json::to_string(value).unwrap();
            assert_eq!(json, format!("\"{word}\""));
            assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), *value);
            assert!(!value.label().is_empty());
        }
    )+};
}

#[test]
fn words_of_billers_and_runs_are_stable() {
    stable! {
        CiamStatus: "not_enabled enabling enabled suspending suspended resuming";
        RunKind: "enable abandon suspend resume change_use_cases";
        RunState: "queued running failed succeeded superseded";
        StepKind: "login_route organization pool binding application theme read_back tokens proof";
        StepState: "pending running done skipped failed";
        FailureKind: "temporary refused foreign mismatch unproven in_use internal";
        ObjectKind: "organization pool binding application theme";
        Origin: "created adopted";
        LoginRoute: "legacy secureauth";
        LegacyPassword: "current stale missing";
        UseCase: "user_hosting delegated_login hosted_login";
        OldUrlBehaviour: "stay redirect";
        UserMoveState: "nothing_to_move staged moving moved";
        WaveState: "running stopped finished";
        WaveItemState: "waiting running succeeded failed skipped";
    }
}

#[test]
fn words_of_work_and_lists_are_stable() {
    stable! {
        JobKind: "run delivery wave cleanup";
        EventKind: "biller.enabled biller.suspended biller.resumed biller.failed";
        DeliveryState: "pending delivered gave_up";
        SortBy: "name bid customers changed";
        Direction: "asc desc";
        Column: "bid name state ownership customers tier time_zone portfolio";
    }
}

#[test]
fn words_of_access_and_audit_are_stable() {
    stable! {
        Role: "account_manager product ops vendor_review platform_owner support auditor";
        Capability: "view_billers import_billers enable_biller suspend_biller run_waves change_use_cases hand_over_secret edit_handover \
            view_deliveries retry_deliveries view_activity export_activity end_sessions announce_billers read_oidc redeem_login";
        SubjectKind: "biller wave import delivery session activity";
        AuditAction: "billers.imported import.staged import.discarded biller.announced run.requested run.retried \
            vendor.changed run.succeeded run.failed handover.changed secret.asked secret.made secret.not_made wave.started wave.ended delivery.retried \
            activity.exported session.signed_in session.signed_out session.ended";
    }
}

#[test]
fn an_unknown_word_is_refused_with_the_known_ones() {
    let error = "up".parse::<Direction>().unwrap_err();
    assert_eq!(error.to_string(), "\"up\" is not a known direction: use one of asc, desc");
    assert!("Asc".parse::<Direction>().is_err());
    assert!("".parse::<Direction>().is_err());
}
