//! What a check knows of the pool that users go to, so that it can tell what SecureAuth would refuse.

use domain::{Timestamp, migration::Case};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was read of a pool, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// When reading began: the pool may have changed since.
    pub at: Timestamp,
    /// The pool; nothing where the biller had none.
    pub pool: Option<String>,
    /// How it compares usernames and addresses.
    pub case: Case,
    /// Users that were read.
    pub users: u64,
    /// Requests to SecureAuth that reading took.
    pub calls: u64,
    /// Whether everything was read: only then are rows judged.
    pub whole: bool,
    /// What the pool demands of its users' profiles; nothing where the vendor's own rules apply.
    pub payload: Option<FieldSchema>,
    /// What it demands of what administrators keep of its users; nothing where the vendor's own rules apply.
    pub metadata: Option<FieldSchema>,
}

/// What a pool demands of some fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSchema {
    /// The schema's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The rules, as [`domain::migration::schema`] judges them.
    pub rules: Value,
    /// Keywords that only SecureAuth judges.
    pub unjudged: Vec<String>,
    /// Why the rules could not be read; then only SecureAuth judges.
    pub unread: Option<String>,
}

impl Prediction {
    /// The schemas that apply.
    pub fn schemas(&self) -> impl Iterator<Item = &FieldSchema> {
        self.payload.iter().chain(&self.metadata)
    }
}
