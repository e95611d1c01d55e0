//! Identity pools: a biller's users (vendor contract, identity pools).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    id::{PoolId, SchemaId, WorkspaceId},
    lenient,
    open_enum::open_enum,
};

open_enum! {
    /// A way to prove who one is.
    AuthenticationMechanism {
        /// A password.
        Password = "password",
        /// A time-based code from an app.
        Totp = "totp",
        /// A one-time code.
        Otp = "otp",
        /// A one-time code by e-mail.
        EmailOtp = "email_otp",
        /// A one-time code by text message.
        SmsOtp = "sms_otp",
        /// A passkey.
        Webauthn = "webauthn",
    }
}

/// Whether the binding of a pool to its workspace comes and goes with the pool (`with_idp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithBinding {
    /// The vendor makes or removes the binding in the same call.
    Yes,
    /// The binding has its own calls.
    No,
}

impl WithBinding {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "true",
            Self::No => "false",
        }
    }
}

/// A pool as the vendor shows it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Pool {
    /// The id.
    pub id: PoolId,
    /// The name: letters, digits and spaces.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub name: String,
    /// The description.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub description: String,
    /// The workspace or organization that owns it.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub workspace_id: Option<WorkspaceId>,
    /// First factors.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub authentication_mechanisms: Vec<AuthenticationMechanism>,
    /// Second factors; empty means no second factor.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub second_factor_authentication_mechanisms: Vec<AuthenticationMechanism>,
    /// Whether people may register themselves.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub public_registration_allowed: bool,
    /// Whether `Ann` and `ann` are the same username.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub identifier_case_insensitive: bool,
    /// What it demands of its users' profiles; the vendor's own rules when absent.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub payload_schema_id: Option<SchemaId>,
    /// What it demands of what administrators keep of its users; the vendor's own rules when absent.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub metadata_schema_id: Option<SchemaId>,
    /// Free fields.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub metadata: Map<String, Value>,
    /// How many users it holds, where the vendor says so.
    #[serde(default)]
    pub number_of_users: Option<i64>,
    /// Whether it is marked as deleted.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub deleted: bool,
    /// Whether it is the vendor's own and protected.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub system: bool,
}

/// A pool to be made in a workspace or organization.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewPool {
    /// The id; the vendor's choice when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<PoolId>,
    /// The name: letters, digits and spaces, unique in the tenant.
    pub name: String,
    /// The description: the biller's true name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// First factors; the vendor's default when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authentication_mechanisms: Vec<AuthenticationMechanism>,
    /// Whether people may register themselves.
    pub public_registration_allowed: bool,
    /// Whether `Ann` and `ann` are the same username.
    pub identifier_case_insensitive: bool,
    /// Free fields.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// The fields of a pool to change; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PoolPatch {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// First factors, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_mechanisms: Option<Vec<AuthenticationMechanism>>,
    /// Second factors, all of them; empty means no second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor_authentication_mechanisms: Option<Vec<AuthenticationMechanism>>,
    /// Self-registration on or off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_registration_allowed: Option<bool>,
    /// Case of usernames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier_case_insensitive: Option<bool>,
    /// Free fields to set; a null removes one, the others stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}
