//! Audit events: who changed what, and who signed in (vendor contract, audit events).

use domain::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{PoolId, UserId, WorkspaceId, lenient};
use crate::paging::PageRequest;

/// Something that happened at the vendor. What the vendor leaves out is empty.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AuditEvent {
    /// The id; a page goes on after it.
    #[serde(rename = "event_id")]
    pub id: String,
    /// When it happened.
    #[serde(deserialize_with = "instant")]
    pub timestamp: Timestamp,
    /// What it is about, in the vendor's word: `server`, `client`, `pool`, `user`, `login` …
    #[serde(default, rename = "event_subject", deserialize_with = "lenient::or_default")]
    pub subject: String,
    /// What happened, in the vendor's word: `updated`, `accepted`, `failed` …
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub action: String,
    /// Who, where from, whom it concerns.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub metadata: AuditMetadata,
    /// A union whose keys are named after subject and action; see [`Self::details`].
    #[serde(default)]
    payload: Value,
}

impl AuditEvent {
    /// What the vendor tells about it beyond who and when: for a change, the object as it was afterwards. Secrets are
    /// redacted.
    #[must_use]
    pub fn details(&self) -> Option<&Value> {
        self.payload.get(format!("{}_{}", self.subject, self.action))
    }

    pub(crate) fn redact(&mut self) {
        crate::redact::redact(&mut self.payload);
    }
}

/// Who did it, where from, and whom it concerns. Empty where the vendor does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AuditMetadata {
    /// Who acted, as the token names them.
    #[serde(deserialize_with = "lenient::or_default")]
    pub subject: String,
    /// The user of a pool that acted.
    #[serde(deserialize_with = "lenient::or_default")]
    pub user_id: String,
    /// The pool of the user that acted.
    #[serde(deserialize_with = "lenient::or_default")]
    pub user_pool_id: String,
    /// The user that was changed.
    #[serde(deserialize_with = "lenient::or_default")]
    pub affected_user_id: String,
    /// The application or machine client that acted.
    #[serde(deserialize_with = "lenient::or_default")]
    pub client_id: String,
    /// The organization it concerns.
    #[serde(deserialize_with = "lenient::or_default")]
    pub organization_id: String,
    /// The pool it concerns.
    #[serde(deserialize_with = "lenient::or_default")]
    pub identity_pool_id: String,
    /// Ties the events of one sign-in together.
    #[serde(deserialize_with = "lenient::or_default")]
    pub session_id: String,
    /// `success` or `failure`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub result: String,
    /// The address of the network it came from.
    #[serde(deserialize_with = "lenient::or_default")]
    pub ip: String,
    /// The browser or program.
    #[serde(deserialize_with = "lenient::or_default")]
    pub user_agent: String,
    /// The country, as a code of two letters.
    #[serde(deserialize_with = "lenient::or_default")]
    pub country_code: String,
    /// The city.
    #[serde(deserialize_with = "lenient::or_default")]
    pub city: String,
}

/// Which events are wanted, the newest first. Empty lists and absent fields do not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Subjects, in the vendor's words.
    pub subjects: Vec<&'static str>,
    /// Actions, in the vendor's words.
    pub actions: Vec<&'static str>,
    /// Those that concern this organization.
    pub organization: Option<WorkspaceId>,
    /// Those in which this user acted.
    pub acting_user: Option<(PoolId, UserId)>,
    /// Those in which this user was changed.
    pub affected_user: Option<(PoolId, UserId)>,
    /// Those from this instant on.
    pub from: Option<Timestamp>,
    /// Those up to this instant.
    pub to: Option<Timestamp>,
    /// Which page.
    pub page: PageRequest,
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let instant = jiff::Timestamp::deserialize(deserializer)?;
    Ok(Timestamp::from_micros(instant.as_microsecond()))
}
