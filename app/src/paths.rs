//! Every URL of the console, built in one place.

use domain::{
    Bid, ChangeRequestId, DeliveryId, ImportId, IncidentId, ObjectiveId, ProposalId, RunId, WaveId,
    performance::Month,
    settings::{Layer, Section},
    use_case::Choices,
};

use crate::local::is_page;

/// The overview.
pub const OVERVIEW: &str = "/";
/// The list of billers.
pub const BILLERS: &str = "/billers";
/// The upload form for a file of billers.
pub const IMPORT: &str = "/import";
/// Where the upload form posts to: a plain route of the server, since it counts bytes.
pub const IMPORT_UPLOAD: &str = "/import/upload";
/// The use cases of all billers.
pub const USE_CASES: &str = "/use-cases";
/// The defaults of use cases.
pub const USE_CASE_DEFAULTS: &str = "/use-cases/defaults";
/// Emergencies.
pub const EMERGENCIES: &str = "/emergencies";
/// The list of waves.
pub const WAVES: &str = "/waves";
/// The preview of a wave.
pub const WAVE_NEW: &str = "/waves/new";
/// The moves of all billers' users.
pub const MIGRATIONS: &str = "/migrations";
/// Changes of users on their way to SecureAuth.
pub const MIRROR: &str = "/mirror";
/// How well the vendor performs.
pub const PERFORMANCE: &str = "/performance";
/// What the vendor promised, and the maintenance that is left out.
pub const OBJECTIVES: &str = "/performance/objectives";
/// Incidents of the vendor.
pub const INCIDENTS: &str = "/performance/incidents";
/// The licence and its use.
pub const LICENCE: &str = "/performance/licence";

/// How people's sign-ins ended.
pub const SIGN_INS: &str = "/performance/sign-ins";

/// The report of a month; takes `?month=2026-10`.
pub const REPORT: &str = "/performance/report";
/// Its document; takes `month`, and `edition` for one that was taken down.
pub const REPORT_JSON: &str = "/performance/report.json";
/// A table of it; takes `month` and `table`.
pub const REPORT_CSV: &str = "/performance/report.csv";
/// The list of event deliveries.
pub const DELIVERIES: &str = "/deliveries";
/// The audit log.
pub const ACTIVITY: &str = "/activity";
/// Posting here takes the audit log as CSV; takes the same query string as [`ACTIVITY`].
pub const ACTIVITY_CSV: &str = "/activity.csv";
/// Posting here takes the audit log as JSON lines; takes the same query string as [`ACTIVITY`].
pub const ACTIVITY_JSONL: &str = "/activity.jsonl";
/// Sessions: one's own, and for the platform owner everybody's.
pub const SESSIONS: &str = "/sessions";
/// The defaults of settings.
pub const SETTINGS: &str = "/settings";
/// What is set, as a file; `?bid=` for one biller.
pub const SETTINGS_JSON: &str = "/settings.json";
/// The same as TOML.
pub const SETTINGS_TOML: &str = "/settings.toml";
/// All drift of settings.
pub const DRIFT: &str = "/drift";
/// The sign-in page.
pub const SIGN_IN: &str = "/sign-in";
/// Off to the company's identity provider.
pub const OIDC_START: &str = "/oidc/start";
/// Back from it.
pub const OIDC_CALLBACK: &str = "/oidc/callback";
/// Out of it.
pub const OIDC_SIGNED_OUT: &str = "/oidc/signed-out";

/// Where forms post to. Each is the endpoint of one server function.
pub mod act {
    /// Opens a session in a role (sandbox).
    pub const SIGN_IN: &str = "/do/sign_in";
    /// Ends the session.
    pub const SIGN_OUT: &str = "/do/sign_out";
    /// Chooses light, dark or the system's colours.
    pub const SET_THEME: &str = "/do/set_theme";
    /// Ends one of one's own sessions.
    pub const END_SESSION: &str = "/do/end_session";
    /// Ends all of one's own sessions but the present one.
    pub const END_OTHER_SESSIONS: &str = "/do/end_other_sessions";
    /// Ends every session of a person.
    pub const END_SESSIONS_OF: &str = "/do/end_sessions_of";
    /// Enables a biller.
    pub const ENABLE: &str = "/do/enable";
    /// Suspends a biller.
    pub const SUSPEND: &str = "/do/suspend";
    /// Resumes a biller.
    pub const RESUME: &str = "/do/resume";
    /// Retries a failed run.
    pub const RETRY_RUN: &str = "/do/retry_run";
    /// Takes a biller back from a failed run.
    pub const TAKE_BACK: &str = "/do/take_back";
    /// Chooses use cases for a biller.
    pub const CHANGE_USE_CASES: &str = "/do/change_use_cases";
    /// Begins a test sign-in.
    pub const START_TEST_SIGN_IN: &str = "/do/start_test_sign_in";
    /// Schedules a change of use cases.
    pub const SCHEDULE_USE_CASES: &str = "/do/schedule_use_cases";
    /// Withdraws a scheduled change of use cases.
    pub const WITHDRAW_USE_CASES: &str = "/do/withdraw_use_cases";
    /// Notes that a biller has no users to move.
    pub const DECLARE_NO_USERS: &str = "/do/declare_no_users";
    /// Starts, pauses, resumes, cancels, retries or undoes a move of users.
    pub const ASK_MIGRATION: &str = "/do/ask_migration";
    /// Says which column of a file of users is which.
    pub const MAP_MIGRATION: &str = "/do/map_migration";
    /// Declares from when until when IC changes no users of a biller.
    pub const DECLARE_FREEZE: &str = "/do/declare_freeze";
    /// Withdraws that.
    pub const WITHDRAW_FREEZE: &str = "/do/withdraw_freeze";
    /// Starts, pauses or resumes the reset e-mails of a move.
    pub const MAIL_RESETS: &str = "/do/mail_resets";
    /// Sets what the vendor promised.
    pub const SET_OBJECTIVE: &str = "/do/set_objective";
    /// Takes an objective back.
    pub const RETIRE_OBJECTIVE: &str = "/do/retire_objective";
    /// Proposes a maintenance window.
    pub const PROPOSE_MAINTENANCE: &str = "/do/propose_maintenance";
    /// Approves or declines a maintenance window.
    pub const DECIDE_MAINTENANCE: &str = "/do/decide_maintenance";
    /// Opens an incident of the vendor.
    pub const OPEN_INCIDENT: &str = "/do/open_incident";
    /// Changes what is known of an incident.
    pub const EDIT_INCIDENT: &str = "/do/edit_incident";
    /// Writes a note beside an incident.
    pub const NOTE_INCIDENT: &str = "/do/note_incident";
    /// Asks for a round of probes at once.
    pub const ASK_PROBES: &str = "/do/ask_probes";
    /// Takes the report of a month down.
    pub const TAKE_REPORT: &str = "/do/take_report";
    /// Starts a wave.
    pub const START_WAVE: &str = "/do/start_wave";
    /// Withdraws a wave that waits for its time.
    pub const WITHDRAW_WAVE: &str = "/do/withdraw_wave";
    /// Lets a wave go on after its pilot.
    pub const GO_ON_WAVE: &str = "/do/go_on_wave";
    /// Sets the default of use cases of a tier or of everyone.
    pub const SET_USE_CASE_DEFAULT: &str = "/do/set_use_case_default";
    /// Holds the sign-ins of a biller off.
    pub const EMERGENCY_OFF: &str = "/do/emergency_off";
    /// Holds everyone's sign-ins off.
    pub const EMERGENCY_OFF_EVERYONE: &str = "/do/emergency_off_everyone";
    /// Keeps or lifts an emergency.
    pub const DECIDE_EMERGENCY: &str = "/do/decide_emergency";
    /// Sets the go-live date of a biller.
    pub const SET_GO_LIVE: &str = "/do/set_go_live";
    /// Proposes a change of settings.
    pub const PROPOSE_SETTINGS: &str = "/do/propose_settings";
    /// Makes a proposed change of settings.
    pub const CONFIRM_SETTINGS: &str = "/do/confirm_settings";
    /// Decides about a value that drifted.
    pub const DECIDE_DRIFT: &str = "/do/decide_drift";
    /// Scans all billers for drift.
    pub const SCAN_DRIFT: &str = "/do/scan_drift";
    /// Approves, declines or withdraws a change of settings.
    pub const DECIDE_REQUEST: &str = "/do/decide_request";
    /// Proposes what a file of settings says.
    pub const IMPORT_SETTINGS: &str = "/do/import_settings";
    /// Proposes a biller's settings for others.
    pub const COPY_SETTINGS: &str = "/do/copy_settings";
    /// Asks a biller's vanity domain.
    pub const CHECK_VANITY: &str = "/do/check_vanity";
    /// Lets a biller's sign-ins go to its other issuer.
    pub const SWITCH_ISSUER: &str = "/do/switch_issuer";
    /// Reads a biller's settings anew.
    pub const READ_SETTINGS: &str = "/do/read_settings";
    /// Applies an uploaded file.
    pub const APPLY_IMPORT: &str = "/do/apply_import";
    /// Throws an uploaded file away.
    pub const DISCARD_IMPORT: &str = "/do/discard_import";
    /// Sends a delivery again.
    pub const RETRY_DELIVERY: &str = "/do/retry_delivery";
    /// Makes a user.
    pub const CREATE_USER: &str = "/do/create_user";
    /// Changes a user.
    pub const EDIT_USER: &str = "/do/edit_user";
    /// Locks or unlocks a user, sends a message, forces a reset.
    pub const HELP_USER: &str = "/do/help_user";
    /// Deletes or re-creates a user.
    pub const REMOVE_USER: &str = "/do/remove_user";
    /// Shows a user's personal data.
    pub const REVEAL_USER: &str = "/do/reveal_user";
    /// Retries or discards a parked change.
    pub const DECIDE_MIRROR: &str = "/do/decide_mirror";
}

/// One biller's page.
#[must_use]
pub fn biller(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}")
}

/// The run panel of a biller's page.
#[must_use]
pub fn biller_run(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}#run")
}

/// One past run on a biller's page.
#[must_use]
pub fn run(bid: &Bid, run: RunId) -> String {
    format!("{BILLERS}/{bid}#run-{run}")
}

/// The preview before a biller is enabled.
#[must_use]
pub fn enable(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/enable")
}

/// The impact sheet before a biller is suspended.
#[must_use]
pub fn suspend(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/suspend")
}

/// The question before a biller is resumed.
#[must_use]
pub fn resume(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/resume")
}

/// The question before a client secret is made; posted to, it answers with the secret.
#[must_use]
pub fn secret(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/secret")
}

/// The use cases of a biller.
#[must_use]
pub fn biller_use_cases(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/use-cases")
}

/// The test sign-in of a biller.
#[must_use]
pub fn test_sign_in(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/test-sign-in")
}

/// Where the form of the switches leads: the preview of a change, without what is chosen.
#[must_use]
pub fn use_cases_change_form(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/use-cases/change")
}

/// The preview of choosing this for a biller.
#[must_use]
pub fn use_cases_change(bid: &Bid, choices: &Choices) -> String {
    with_query(&use_cases_change_form(bid), &crate::query::of_choices(choices))
}

/// The move of a biller's users.
#[must_use]
pub fn biller_migration(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/migration")
}

/// Where a file of users is uploaded to.
#[must_use]
pub fn migration_upload(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/migration/upload")
}

/// Where corrected rows are fed back to.
#[must_use]
pub fn migration_corrections(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/migration/corrections")
}

/// Posting here takes the failed rows as CSV.
#[must_use]
pub fn migration_failed(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/migration/failed.csv")
}

/// The report of a biller's newest move that has one.
#[must_use]
pub fn migration_report(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/migration/report")
}

/// The report of this move.
#[must_use]
pub fn migration_report_of(bid: &Bid, of: domain::MigrationId) -> String {
    with_query(&migration_report(bid), &format!("of={of}"))
}

/// Posting here takes a report as JSON.
#[must_use]
pub fn migration_report_json(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/migration/report.json")
}

/// Posting here takes the list of differences as CSV.
#[must_use]
pub fn migration_differences(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/migration/differences.csv")
}

/// A biller's users.
#[must_use]
pub fn users(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/users")
}

/// The form that makes a user.
#[must_use]
pub fn user_new(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/users/new")
}

/// One user, by the id at SecureAuth: personal data stands in no address.
#[must_use]
pub fn user(bid: &Bid, user: &str) -> String {
    format!("{BILLERS}/{bid}/users/{user}")
}

/// The form that changes a user.
#[must_use]
pub fn user_edit(bid: &Bid, user: &str) -> String {
    format!("{BILLERS}/{bid}/users/{user}/edit")
}

/// A biller's settings.
#[must_use]
pub fn biller_settings(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/settings")
}

/// Chooses the billers for which a biller's settings are proposed.
#[must_use]
pub fn copy_settings(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/settings/copy")
}

/// A section of the settings of a level.
#[must_use]
pub fn settings_of(layer: &Layer, section: Section) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let path = match layer {
        Layer::Biller(bid) => biller_settings(bid),
        Layer::Everywhere => SETTINGS.to_owned(),
        Layer::Tier(_) => {
            query.append_pair("level", &layer.to_string());
            SETTINGS.to_owned()
        }
    };
    if section != Section::ALL[0] {
        query.append_pair("section", section.as_str());
    }
    with_query(&path, &query.finish())
}

/// A change of settings that a second person decides.
#[must_use]
pub fn change_request(id: ChangeRequestId) -> String {
    format!("{SETTINGS}/requests/{id}")
}

/// The preview of a proposed change of settings.
#[must_use]
pub fn proposal(id: ProposalId) -> String {
    format!("{SETTINGS}/changes/{id}")
}

/// What happened with one biller.
#[must_use]
pub fn biller_activity(bid: &Bid) -> String {
    format!("{BILLERS}/{bid}/activity")
}

/// One uploaded file.
#[must_use]
pub fn import(id: ImportId) -> String {
    format!("{IMPORT}/{id}")
}

/// One wave.
#[must_use]
pub fn wave(id: WaveId) -> String {
    format!("{WAVES}/{id}")
}

/// One objective, to be changed.
#[must_use]
pub fn objective(id: ObjectiveId) -> String {
    format!("{OBJECTIVES}?change={id}#set")
}

/// The report of a month.
#[must_use]
pub fn report(month: Month) -> String {
    format!("{REPORT}?month={month}")
}

/// One incident of the vendor.
#[must_use]
pub fn incident(id: IncidentId) -> String {
    format!("{INCIDENTS}/{id}")
}

/// One delivery.
#[must_use]
pub fn delivery(id: DeliveryId) -> String {
    format!("{DELIVERIES}/{id}")
}

/// The sign-in page that leads back to `next` afterwards.
#[must_use]
pub fn sign_in(next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{SIGN_IN}?{query}")
}

/// The company's sign-in, which leads to `next` afterwards.
#[must_use]
pub fn company_sign_in(next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{OIDC_START}?{query}")
}

/// A path with a query string, if there is one.
#[must_use]
pub fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A page of the console to go to after signing in; anything else leads to the overview.
#[must_use]
pub fn local(next: &str) -> &str {
    if is_page(next) { next } else { OVERVIEW }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_console_are_followed_after_sign_in() {
        assert_eq!(local("/billers?q=a"), "/billers?q=a");
        for elsewhere in [
            "",
            "billers",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/ä",
            "/do/enable",
            "/sign-in?next=/",
            "/oidc/start?next=/",
            "/launch",
        ] {
            assert_eq!(local(elsewhere), OVERVIEW, "{elsewhere:?}");
        }
    }

    #[test]
    fn the_way_back_survives_the_sign_in_page() {
        assert_eq!(sign_in("/billers?q=a b&sort=bid"), "/sign-in?next=%2Fbillers%3Fq%3Da+b%26sort%3Dbid");
    }
}
