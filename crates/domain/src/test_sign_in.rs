//! Test sign-ins: somebody of ours signs in at a biller's login URL, and sees each hop and each claim. IC hears nothing of
//! it: the sign-in comes back to the console, by an application that is made for it and deleted afterwards.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Bid, TestSignInId, Timestamp, actor::Actor, words};

words! {
    /// Where a test sign-in stands.
    TestState, "state of a test sign-in" {
        /// Somebody has to sign in.
        Waiting = "waiting", "Waiting for the sign-in";
        /// Somebody signed in, and everything was as it must be.
        Passed = "passed", "Passed";
        /// It went wrong; the report says where.
        Failed = "failed", "Failed";
    }
}

/// How long somebody may take to sign in.
pub const TEST_LIFE: Duration = Duration::from_secs(15 * 60);

/// One request on the way, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// What it is.
    pub what: String,
    /// Where it went: parameters that are secret, or could be, are named without their values.
    pub url: String,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// How long the answer took, in milliseconds; `None` where a person's browser knows it and we do not.
    pub millis: Option<u64>,
    /// What is worth saying of it.
    pub note: Option<String>,
}

/// A claim of the ID token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its value, as people read it.
    pub value: String,
}

/// What a test sign-in found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// Each request, in order.
    pub hops: Vec<Hop>,
    /// What was checked of the ID token, and held.
    pub checks: Vec<String>,
    /// Each claim of the ID token.
    pub claims: Vec<Claim>,
    /// What went wrong, and what to do about it.
    pub failure: Option<String>,
}

/// A test sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSignIn {
    /// Its id.
    pub id: TestSignInId,
    /// The biller.
    pub bid: Bid,
    /// Where it stands.
    pub state: TestState,
    /// Who asked for it.
    pub by: Actor,
    /// When.
    pub started_at: Timestamp,
    /// When it passed or failed.
    pub finished_at: Option<Timestamp>,
    /// The application made for it at SecureAuth; `None` once it is deleted again.
    pub client_id: Option<String>,
    /// What it found.
    pub report: TestReport,
}

impl TestSignIn {
    /// Whether somebody may still sign in.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == TestState::Waiting && now.since(self.started_at) < TEST_LIFE
    }

    /// The same once it is over.
    #[must_use]
    pub fn ended(self, failure: Option<String>, now: Timestamp) -> Self {
        let state = if failure.is_some() { TestState::Failed } else { TestState::Passed };
        let report = TestReport { failure, ..self.report };
        Self { state, report, finished_at: Some(now), ..self }
    }
}
