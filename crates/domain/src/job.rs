//! Background work: what a job is, how long it is leased, when it is tried again.

use std::time::Duration;

use crate::{JobId, Timestamp, words};

words! {
    /// What a job does. Its subject is the id of the run, delivery or wave.
    JobKind, "job" {
        /// Carries a run on.
        Run = "run", "Run";
        /// Delivers an outbound event.
        Delivery = "delivery", "Delivery";
        /// Starts and counts the runs of a wave.
        Wave = "wave", "Wave";
        /// Makes a scheduled change of use cases when its time comes.
        Schedule = "schedule", "Scheduled change";
        /// Tells IC, biller by biller, that everyone's sign-ins are held off or go again.
        EmergencyNews = "emergency_news", "News of an emergency";
        /// Ends a test sign-in and deletes the application that was made for it.
        TestSignIn = "test_sign_in", "Test sign-in";
        /// Probes the vendor.
        Probe = "probe", "Probe";
        /// Makes, finds, signs in with and deletes a user in a pool of the console's own.
        Canary = "canary", "Canary round";
        /// Reads what the vendor says about itself: licence, its own measurements, sign-ins.
        VendorNumbers = "vendor_numbers", "SecureAuth's numbers";
        /// Judges what was measured: incidents, budgets, alerts.
        Watch = "watch", "Watch over the vendor";
        /// Tells one receiver of one alert.
        AlertMessage = "alert_message", "Alert";
        /// Carries the move of a biller's users on.
        Migration = "migration", "Users' move";
        /// Brings changed accounts of a biller to SecureAuth.
        Mirror = "mirror", "Mirror";
        /// Removes what has expired: sessions, login attempts, forgotten uploads.
        Cleanup = "cleanup", "Cleanup";
        /// Reads the settings of all billers and compares; the subject "schedule" begins such scans.
        DriftScan = "drift_scan", "Drift scan";
    }
}

/// How long a worker may hold a job before another one takes it; renewed while it works.
pub const LEASE: Duration = Duration::from_secs(30);

/// A job as a worker takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// What it works on.
    pub subject: String,
    /// How often it was taken, this time included.
    pub attempts: i64,
    /// Until when it is ours.
    pub leased_until: Timestamp,
}

/// The pause before a failing job is tried again: 2 s, doubled each time, 5 minutes at most.
#[must_use]
pub fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 9) - 1).unwrap_or(0);
    Duration::from_secs((2_u64 << doublings).min(300))
}
