//! The audit log: what an entry says and how entries are chained.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Timestamp, actor::Actor, words};

words! {
    /// What was done.
    AuditAction, "action" {
        /// Billers came in from a file.
        BillersImported = "billers.imported", "Billers imported";
        /// A file of billers was uploaded and checked.
        ImportStaged = "import.staged", "Import uploaded";
        /// An uploaded file was thrown away.
        ImportDiscarded = "import.discarded", "Import discarded";
        /// IC announced or changed a biller.
        BillerAnnounced = "biller.announced", "Biller announced";
        /// Someone asked for a run.
        RunRequested = "run.requested", "Run requested";
        /// Someone asked for a failed run to go on.
        RunRetried = "run.retried", "Run retried";
        /// A run changed something at SecureAuth.
        VendorChanged = "vendor.changed", "Changed at SecureAuth";
        /// A run finished.
        RunSucceeded = "run.succeeded", "Run succeeded";
        /// A run failed.
        RunFailed = "run.failed", "Run failed";
        /// The handover pack changed.
        HandoverChanged = "handover.changed", "Handover changed";
        /// Someone asked for a new secret of an application.
        SecretAsked = "secret.asked", "New secret asked for";
        /// SecureAuth made a secret, and it was shown, once.
        SecretMade = "secret.made", "New secret made and shown";
        /// SecureAuth made no secret, or it cannot be known whether it did.
        SecretNotMade = "secret.not_made", "New secret not made";
        /// Settings were set for a biller, a tier or all billers.
        SettingsChanged = "settings.changed", "Settings changed";
        /// A change of settings was asked for that a second person decides.
        SettingsRequested = "settings.requested", "Change of settings asked for";
        /// A change of settings was declined by a second person, or withdrawn.
        SettingsRequestClosed = "settings.request_closed", "Change of settings not made";
        /// Sign-ins of a biller go to another issuer.
        IssuerSwitched = "issuer.switched", "Issuer switched";
        /// Somebody decided to ignore drift until a day.
        DriftIgnored = "drift.ignored", "Drift ignored";
        /// A scan for drift was asked for.
        DriftScanAsked = "drift.scan_asked", "Drift scan asked for";
        /// A bulk enablement was started.
        WaveStarted = "wave.started", "Wave started";
        /// Somebody looked at the pilot of a wave and let it go on.
        WaveWentOn = "wave.went_on", "Wave goes on";
        /// A bulk enablement stopped or finished, or waits for a look at its pilot.
        WaveEnded = "wave.ended", "Wave ended";
        /// Somebody chose use cases for a biller.
        UseCasesChosen = "use_cases.chosen", "Use cases chosen";
        /// Somebody scheduled a change of use cases.
        UseCasesScheduled = "use_cases.scheduled", "Use cases scheduled";
        /// Somebody withdrew a scheduled change of use cases.
        UseCasesWithdrawn = "use_cases.withdrawn", "Scheduled change withdrawn";
        /// The time of a scheduled change came, and something stood in the way.
        UseCasesNotApplied = "use_cases.not_applied", "Scheduled change not applied";
        /// Somebody began a test sign-in; an application was made for it.
        TestSignInStarted = "test_sign_in.started", "Test sign-in begun";
        /// A test sign-in passed, failed, or nobody came.
        TestSignInEnded = "test_sign_in.ended", "Test sign-in ended";
        /// The default of use cases changed.
        UseCaseDefaultChanged = "use_cases.default", "Default of use cases changed";
        /// Somebody said that a biller has no users to move.
        NoUsersDeclared = "users.none_declared", "No users to move";
        /// A file of users came in.
        MigrationStaged = "migration.staged", "Users uploaded";
        /// Somebody said which column is which.
        MigrationMapped = "migration.mapped", "Columns chosen";
        /// Somebody started, paused, resumed or cancelled the move of users, or asked for failed rows again or for an
        /// undo.
        MigrationAsked = "migration.asked", "Users' move";
        /// The move of users finished, stopped or was undone.
        MigrationEnded = "migration.ended", "Users' move ended";
        /// Somebody took failed rows, a report or its list away as a file.
        MigrationExported = "migration.exported", "Rows or report of a move taken away";
        /// IC told of a user.
        UserSaid = "user.said", "User told by IC";
        /// Somebody made, changed, locked, unlocked, deleted or re-created a user here.
        UserAsked = "user.asked", "User changed here";
        /// SecureAuth has the user as it should be.
        UserMirrored = "user.mirrored", "User mirrored";
        /// SecureAuth would not take a user's change: it waits for a person.
        UserParked = "user.parked", "User's change parked";
        /// Somebody decided about a parked change.
        UserDecided = "user.decided", "Parked change decided";
        /// Somebody asked for a message to a user, or for a forced reset.
        UserMessageAsked = "user.message_asked", "Message to user asked for";
        /// SecureAuth did so, or did not.
        UserMessageEnded = "user.message_ended", "Message to user";
        /// Somebody looked at a user's personal data.
        UserRevealed = "user.revealed", "User revealed";
        /// Somebody held sign-ins off in an emergency.
        EmergencyStarted = "emergency.started", "Emergency off";
        /// A second person kept or lifted an emergency.
        EmergencyDecided = "emergency.decided", "Emergency looked at";
        /// What the vendor promised was set, changed or taken back.
        ObjectiveChanged = "objective.changed", "Objective changed";
        /// A maintenance window was proposed.
        MaintenanceProposed = "maintenance.proposed", "Maintenance proposed";
        /// A second person approved or declined a maintenance window.
        MaintenanceDecided = "maintenance.decided", "Maintenance decided";
        /// Somebody opened, changed, annotated or closed an incident of the vendor.
        IncidentChanged = "incident.changed", "Incident changed";
        /// Somebody asked for a round of probes at once.
        ProbesAsked = "probes.asked", "Probes asked for";
        /// Somebody took the report of a month on the vendor's performance down.
        ReportTaken = "report.taken", "Report taken";
        /// A delivery was sent again by hand.
        DeliveryRetried = "delivery.retried", "Delivery retried";
        /// The audit log was exported.
        ActivityExported = "activity.exported", "Activity exported";
        /// Someone signed in.
        SignedIn = "session.signed_in", "Signed in";
        /// Someone signed out.
        SignedOut = "session.signed_out", "Signed out";
        /// Someone ended sessions from elsewhere: their own, or all of a person.
        SessionsEnded = "session.ended", "Sessions ended";
    }
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `biller`, `run`, `wave`, `import`, `delivery`, `session` or `activity`.
    pub kind: SubjectKind,
    /// Its id.
    pub id: String,
}

words! {
    /// What kind of thing an entry is about.
    SubjectKind, "subject" {
        /// A biller, by bid.
        Biller = "biller", "Biller";
        /// A wave.
        Wave = "wave", "Wave";
        /// An uploaded file.
        Import = "import", "Import";
        /// A delivery.
        Delivery = "delivery", "Delivery";
        /// A session.
        Session = "session", "Session";
        /// Settings of a tier or of all billers, by level.
        Settings = "settings", "Settings";
        /// A default of use cases, by tier; `everyone` for all.
        UseCaseDefault = "use_case_default", "Default of use cases";
        /// An emergency of everyone.
        Emergency = "emergency", "Emergency";
        /// The vendor's performance: an objective, a maintenance window or an incident, by id.
        Vendor = "vendor", "Vendor's performance";
        /// The audit log itself.
        Activity = "activity", "Activity";
    }
}

impl Subject {
    /// An entry about this.
    pub fn new(kind: SubjectKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

/// One entry, before it is chained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: AuditAction,
    /// About what.
    pub subject: Subject,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// The state before, without secrets.
    pub before: Option<Value>,
    /// The state after, without secrets.
    pub after: Option<Value>,
    /// The vendor's trace id.
    pub trace_id: Option<String>,
}

impl AuditEntry {
    /// An entry without reason, states or trace.
    #[must_use]
    pub const fn new(at: Timestamp, actor: Actor, action: AuditAction, subject: Subject) -> Self {
        Self { at, actor, action, subject, reason: None, before: None, after: None, trace_id: None }
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason.filter(|text| !text.trim().is_empty());
        self
    }

    /// Adds the state before and after.
    #[must_use]
    pub fn change(mut self, before: Option<Value>, after: Option<Value>) -> Self {
        self.before = before;
        self.after = after;
        self
    }

    /// Adds the vendor's trace id.
    #[must_use]
    pub fn traced(mut self, trace_id: Option<String>) -> Self {
        self.trace_id = trace_id;
        self
    }
}

/// An entry as it stands in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainedEntry {
    /// Its place in the chain, from 1, without gaps.
    pub seq: i64,
    /// What it says.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// The hash of the entry before.
    pub prev_hash: String,
    /// The hash of this entry.
    pub hash: String,
}

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash of the entry at `seq` after `prev_hash`: SHA-256 over a JSON array of all its parts, in hex.
///
/// An array has one spelling; the keys of objects inside are sorted here, because whether `serde_json` sorts
/// them depends on a feature that any dependency may switch on.
#[must_use]
pub fn chain_hash(prev_hash: &str, seq: i64, entry: &AuditEntry) -> String {
    let parts = serde_json::json!([
        prev_hash,
        seq,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.reason,
        entry.before,
        entry.after,
        entry.trace_id,
    ]);
    hex::encode(Sha256::digest(sorted(parts).to_string().as_bytes()))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(map) => {
            let mut fields: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            fields.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(fields.into_iter().collect())
        }
        plain => plain,
    }
}
