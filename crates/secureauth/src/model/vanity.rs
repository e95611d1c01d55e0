//! Vanity domains. Certificates and keys in the vendor's answers are not even read.

use serde::{Deserialize, Serialize};

use super::lenient;

/// A host name under which an issuer answers, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VanityDomain {
    /// The vendor's id.
    #[serde(default, deserialize_with = "lenient::or_default", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The host name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub domain: String,
    /// Whose it is: `server` or `tenant`, as the vendor's own client writes it.
    #[serde(rename = "type", default, deserialize_with = "lenient::or_default")]
    pub kind: String,
    /// The workspace or organization; empty for the whole tenant.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub server_id: String,
}
