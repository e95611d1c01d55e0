//! Where the forms post to. Every server function here does one thing: it takes texts, lets the domain parse
//! them, calls one use case and redirects. What was typed and what is wrong come back in a one-time notice.

mod account;
mod billers;
mod imports;
mod migrations;
mod post;
mod sessions;
mod settings;
mod use_cases;
mod users;
mod vendor_review;
mod work;

#[cfg(test)]
mod tests {
    use leptos::server_fn::ServerFn;

    use super::{
        account::{SetTheme, SignIn, SignOut},
        billers::{Enable, Resume, SetGoLive, Suspend},
        imports::{ApplyImport, DiscardImport},
        migrations::{AskMigration, DeclareFreeze, MailResets, MapMigration, WithdrawFreeze},
        sessions::{EndOtherSessions, EndSession, EndSessionsOf},
        settings::{
            CheckVanity, ConfirmSettings, CopySettings, DecideDrift, DecideRequest, ImportSettings,
            ProposeSettings, ReadSettings, ScanDrift, SwitchIssuer,
        },
        use_cases::{
            ChangeUseCases, DecideEmergency, DeclareNoUsers, EmergencyOff, EmergencyOffEveryone,
            ScheduleUseCases, SetUseCaseDefault, StartTestSignIn, WithdrawUseCases,
        },
        users::{CreateUser, DecideMirror, EditUser, HelpUser, RemoveUser, RevealUser},
        vendor_review::{
            AskProbes, DecideMaintenance, EditIncident, NoteIncident, OpenIncident, ProposeMaintenance,
            RetireObjective, SetObjective, TakeReport,
        },
        work::{GoOnWave, RetryDelivery, RetryRun, StartWave, TakeBack, WithdrawWave},
    };
    use crate::paths::act;

    #[test]
    fn forms_about_moves_post_to_their_server_functions() {
        for (form, server_function) in [
            (act::ASK_MIGRATION, AskMigration::PATH),
            (act::DECLARE_FREEZE, DeclareFreeze::PATH),
            (act::WITHDRAW_FREEZE, WithdrawFreeze::PATH),
            (act::MAP_MIGRATION, MapMigration::PATH),
            (act::MAIL_RESETS, MailResets::PATH),
        ] {
            assert_eq!(form, server_function);
        }
    }

    #[test]
    fn every_form_posts_to_its_server_function() {
        let pairs = [
            (act::SIGN_IN, SignIn::PATH),
            (act::SIGN_OUT, SignOut::PATH),
            (act::SET_THEME, SetTheme::PATH),
            (act::END_SESSION, EndSession::PATH),
            (act::END_OTHER_SESSIONS, EndOtherSessions::PATH),
            (act::END_SESSIONS_OF, EndSessionsOf::PATH),
            (act::ENABLE, Enable::PATH),
            (act::SUSPEND, Suspend::PATH),
            (act::RESUME, Resume::PATH),
            (act::SET_GO_LIVE, SetGoLive::PATH),
            (act::RETRY_RUN, RetryRun::PATH),
            (act::TAKE_BACK, TakeBack::PATH),
            (act::CHANGE_USE_CASES, ChangeUseCases::PATH),
            (act::SCHEDULE_USE_CASES, ScheduleUseCases::PATH),
            (act::START_TEST_SIGN_IN, StartTestSignIn::PATH),
            (act::WITHDRAW_USE_CASES, WithdrawUseCases::PATH),
            (act::DECLARE_NO_USERS, DeclareNoUsers::PATH),
            (act::GO_ON_WAVE, GoOnWave::PATH),
            (act::WITHDRAW_WAVE, WithdrawWave::PATH),
            (act::SET_USE_CASE_DEFAULT, SetUseCaseDefault::PATH),
            (act::EMERGENCY_OFF, EmergencyOff::PATH),
            (act::EMERGENCY_OFF_EVERYONE, EmergencyOffEveryone::PATH),
            (act::DECIDE_EMERGENCY, DecideEmergency::PATH),
            (act::SET_OBJECTIVE, SetObjective::PATH),
            (act::RETIRE_OBJECTIVE, RetireObjective::PATH),
            (act::PROPOSE_MAINTENANCE, ProposeMaintenance::PATH),
            (act::DECIDE_MAINTENANCE, DecideMaintenance::PATH),
            (act::OPEN_INCIDENT, OpenIncident::PATH),
            (act::EDIT_INCIDENT, EditIncident::PATH),
            (act::NOTE_INCIDENT, NoteIncident::PATH),
            (act::ASK_PROBES, AskProbes::PATH),
            (act::TAKE_REPORT, TakeReport::PATH),
            (act::START_WAVE, StartWave::PATH),
            (act::PROPOSE_SETTINGS, ProposeSettings::PATH),
            (act::CONFIRM_SETTINGS, ConfirmSettings::PATH),
            (act::DECIDE_REQUEST, DecideRequest::PATH),
            (act::READ_SETTINGS, ReadSettings::PATH),
            (act::CHECK_VANITY, CheckVanity::PATH),
            (act::SWITCH_ISSUER, SwitchIssuer::PATH),
            (act::DECIDE_DRIFT, DecideDrift::PATH),
            (act::SCAN_DRIFT, ScanDrift::PATH),
            (act::IMPORT_SETTINGS, ImportSettings::PATH),
            (act::COPY_SETTINGS, CopySettings::PATH),
            (act::APPLY_IMPORT, ApplyImport::PATH),
            (act::DISCARD_IMPORT, DiscardImport::PATH),
            (act::RETRY_DELIVERY, RetryDelivery::PATH),
            (act::CREATE_USER, CreateUser::PATH),
            (act::EDIT_USER, EditUser::PATH),
            (act::HELP_USER, HelpUser::PATH),
            (act::REMOVE_USER, RemoveUser::PATH),
            (act::REVEAL_USER, RevealUser::PATH),
            (act::DECIDE_MIRROR, DecideMirror::PATH),
        ];
        for (form, function) in pairs {
            assert_eq!(form, function);
        }
    }
}
