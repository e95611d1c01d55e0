//! What a second person has to approve.

use serde::Deserialize;

/// The section `[approvals]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalsConfig {
    /// Whether settings of high risk wait for a second person outside production, too.
    pub second_person: bool,
}
