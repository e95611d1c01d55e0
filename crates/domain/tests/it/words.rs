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
    migration::{
        Case, Cause, Claim, FreezeState, MailAct, MailState, MailingState, MigrationAct, MigrationState,
        MissingStand, PasswordKind, PersonStatus, RowState, SaltEncoding, SaltOrder, ShaFunction,
        SourceField, Verdict,
    },
    object::{ObjectKind, Origin},
    performance::{
        AlertState, CallOutcome, CallSource, CanaryStep, IncidentState, MaintenanceState, OperationGroup,
        Pace, Span, Whose, Window,
    },
    run::{FailureKind, RunKind, RunState, StepKind, StepState},
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
        CanaryStep: "pool leftovers create find verify delete gone";
        CallOutcome: "ok client_error conflict rate_limited server_error timeout network circuit_open";
        CallSource: "work probe";
        Span: "1h 24h 7d 30d 365d";
        OperationGroup: "admin identity import identity_system system oauth discovery";
        Window: "month rolling_30d";
        Pace: "fast steady slow";
        Whose: "vendor ours";
        MaintenanceState: "proposed approved declined";
        IncidentState: "open closed";
        AlertState: "firing resolved";
        CiamStatus: "not_enabled enabling enabled suspending suspended resuming";
        RunKind: "enable abandon suspend resume change_use_cases apply_settings switch_issuer";
        RunState: "queued running failed succeeded superseded";
        StepKind: "login_route organization pool binding application theme vanity_domain settings read_back tokens turn_off password_check turn_on proof";
        StepState: "pending running done skipped failed";
        FailureKind: "temporary refused foreign mismatch unproven in_use internal";
        ObjectKind: "organization pool binding application theme";
        Origin: "created adopted";
        LoginRoute: "legacy secureauth";
        LegacyPassword: "current stale missing";
        UserMoveState: "nothing_to_move staged moving moved";
        WaveState: "scheduled running held stopped finished withdrawn";
        WaveItemState: "waiting running succeeded failed skipped";
    }
}

#[test]
fn words_of_use_cases_are_stable() {
    use domain::emergency::{Decision, EmergencyState};
    use domain::test_sign_in::TestState;
    use domain::use_case::{
        Cause, Choice, Delta, Level, OldUrlBehaviour, OldUrlChoice, Readiness, ScheduleState, UseCase,
    };

    stable! {
        UseCase: "user_hosting delegated_login hosted_login";
        OldUrlBehaviour: "stay redirect";
        Choice: "inherit on off";
        OldUrlChoice: "inherit stay redirect";
        EmergencyState: "active kept lifted";
        Decision: "keep lift";
        Level: "biller tier everyone built_in";
        Delta: "not_asked outstanding moved";
        Readiness: "in_effect ready users_not_moved delta_outstanding busy suspended not_enabled";
        Cause: "chosen wave taken_back emergency scheduled";
        ScheduleState: "waiting applied not_applied withdrawn";
        TestState: "waiting passed failed";
    }
}

#[test]
fn words_of_work_and_lists_are_stable() {
    stable! {
        JobKind: "run delivery wave schedule emergency_news test_sign_in probe canary vendor_numbers watch alert_message migration mirror cleanup drift_scan";
        EventKind: "biller.enabled biller.suspended biller.resumed biller.use_cases_changed biller.issuer_changed biller.failed";
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
        Capability: "view_billers import_billers enable_biller suspend_biller run_waves change_use_cases change_settings hand_over_secret edit_handover \
            run_migrations view_users reveal_users help_users edit_users decide_mirror view_deliveries retry_deliveries view_performance review_vendor view_activity export_activity end_sessions announce_billers read_oidc redeem_login mirror_users";
        SubjectKind: "biller wave import delivery session settings use_case_default emergency vendor activity";
        AuditAction: "billers.imported import.staged import.discarded biller.announced run.requested run.retried \
            vendor.changed run.succeeded run.failed handover.changed secret.asked secret.made secret.not_made settings.changed settings.requested settings.request_closed issuer.switched drift.ignored drift.scan_asked wave.started wave.went_on wave.ended \
            use_cases.chosen use_cases.scheduled use_cases.withdrawn use_cases.not_applied test_sign_in.started test_sign_in.ended use_cases.default users.none_declared migration.staged migration.mapped migration.asked migration.ended \
            migration.exported user.said user.asked user.mirrored user.parked user.decided user.message_asked \
            user.message_ended user.revealed emergency.started emergency.decided objective.changed maintenance.proposed maintenance.decided incident.changed probes.asked report.taken delivery.retried \
            activity.exported session.signed_in session.signed_out session.ended";
    }
}

#[test]
fn words_of_accounts_are_stable() {
    use domain::account::{
        AccountAct, AccountBar, AccountStanding, AccountStatus, ChangeDecision, ChangeState, Difference,
        Hold, Origin, ParkCause,
    };

    stable! {
        AccountStatus: "new active inactive deleted";
        AccountStanding: "active new inactive deleted missing";
        AccountAct: "lock unlock send_activation send_reset force_reset delete recreate";
        AccountBar: "not_hosted not_enabled not_there deleted not_deleted locked not_locked not_new still_new no_email \
            on_its_way";
        Hold: "locked deleted";
        Origin: "moved mirrored made";
        Difference: "not_there not_at_ic status username email email_verified phone name";
        ChangeState: "waiting parked";
        ChangeDecision: "retry discard";
        ParkCause: "taken refused differs unreadable";
    }
}

#[test]
fn words_of_moving_users_are_stable() {
    stable! {
        MigrationState: "staging unreadable mapping checking checked canary running paused held reconciling finished \
            cancelled undoing undone";
        RowState: "staged ready rejected unchanged imported verified failed skipped undone";
        MailingState: "sending paused done";
        MailState: "waiting noted sent failed unsure completed";
        MailAct: "start pause resume again";
        MigrationAct: "start pause resume cancel retry undo lock_missing";
        MissingStand: "nobody unnamed open decided older";
        Verdict: "import reset reject";
        PersonStatus: "active inactive new";
        SourceField: "reference username email email_verified phone status given_name family_name password salt";
        SaltOrder: "password_first salt_first no_salt";
        SaltEncoding: "text hex base64";
        ShaFunction: "sha1 sha256 sha384 sha512";
        PasswordKind: "bcrypt pbkdf2 django_pbkdf2 aspnet_v2 aspnet_v3 argon2id ldap_ssha ldap_smd5 salted_sha \
            salted_md5 plain_sha plain_md5 salt_first other_hash encrypted none unknown";
        Case: "ignored counts";
        FreezeState: "ahead running missed done";
        Claim: "username email phone";
        Cause: "no_identifier bad_username bad_email bad_phone unknown_status deleted_at_source bad_name bad_reference \
            doubled_reference doubled_identifier doubled_by_case shared_email shared_phone no_way_to_reset \
            not_decrypted wrong_shape unclosed_quote line_too_long wrong_encoding not_json in_pool phone_in_pool \
            breaks_schema refused changed_at_vendor missing differs";
    }
    for cause in Cause::ALL {
        assert!(!cause.cure().is_empty());
    }
}

#[test]
fn an_unknown_word_is_refused_with_the_known_ones() {
    let error = "up".parse::<Direction>().unwrap_err();
    assert_eq!(error.to_string(), "\"up\" is not a known direction: use one of asc, desc");
    assert!("Asc".parse::<Direction>().is_err());
    assert!("".parse::<Direction>().is_err());
}

#[test]
fn words_of_settings_are_stable() {
    use domain::settings::{
        Agreement, DriftDecision, Owner, ProposalSource, RequestDecision, RequestState, Risk, ScanState,
        Scope, Section, ValueOrigin, WriteMode,
    };
    stable! {
        Scope: "pool organization binding application theme vanity_domain tenant";
        Section: "appearance sign_in passwords codes second_factor sessions application directory advanced";
        Risk: "low medium high";
        Owner: "product security platform biller";
        ProposalSource: "form import copy drift issuer";
        WriteMode: "strict own_only";
        DriftDecision: "adopt restore ignore";
        ScanState: "running finished";
        RequestState: "waiting approved declined withdrawn";
        RequestDecision: "approve decline withdraw";
        Agreement: "in_sync drifted unknown unmanaged";
        ValueOrigin: "biller tier everywhere default record status fixed vendor";
    }
}
