//! What the tenant can do: version and flags.

use serde::Deserialize;

use super::lenient;

/// The tenant's environment, as far as we act on it. A flag that the vendor does not state is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// The product's version.
    #[serde(deserialize_with = "lenient::or_default")]
    pub version: String,
    /// The product's source revision.
    #[serde(deserialize_with = "lenient::or_default")]
    pub commit: String,
    /// Whether organizations can be made at all.
    #[serde(deserialize_with = "lenient::or_default")]
    pub organizations: bool,
    /// Whether the `admin` workspace is open to us.
    #[serde(deserialize_with = "lenient::or_default")]
    pub admin_workspace_access: bool,
    /// Whether the `system` workspace is open to us.
    #[serde(deserialize_with = "lenient::or_default")]
    pub system_workspace_access: bool,
    /// Whether SCIM 2.0 is there.
    #[serde(deserialize_with = "lenient::or_default")]
    pub scim_v2: bool,
    /// Whether pools may exist outside workspaces.
    #[serde(deserialize_with = "lenient::or_default")]
    pub tenant_level_identity_pool: bool,
    /// Whether the tenant answers on its own domain only.
    #[serde(deserialize_with = "lenient::or_default")]
    pub block_non_vanity_domain_access: bool,
    /// Whether an application's secret is never shown again after its creation.
    #[serde(deserialize_with = "lenient::or_default")]
    pub client_secrets_stored_as_one_way_hash: bool,
    /// How long audit events are kept, as the vendor writes durations.
    #[serde(deserialize_with = "lenient::optional")]
    pub audit_events_duration: Option<String>,
    /// How long analytics are kept, as the vendor writes durations.
    #[serde(deserialize_with = "lenient::optional")]
    pub analytics_duration: Option<String>,
    /// Flags switched on for the tenant.
    #[serde(deserialize_with = "lenient::or_default")]
    pub tenant_flags: Vec<String>,
}
