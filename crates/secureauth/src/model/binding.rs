//! Bindings: the identity-pool provider that connects a pool to a workspace or organization.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    id::{BindingId, PoolId},
    lenient,
};

/// How a field of the user gets into the authentication context, and so into tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Where the value comes from; `.` means everything. Empty for a static value.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "lenient::or_default")]
    pub source: String,
    /// Where it goes to; `.` means the top.
    pub target: String,
    /// The type: `string`, `number`, `bool`, their `_array`s, or `any`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The vendor's mapping mode, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional")]
    pub mode: Option<String>,
    /// The value of a static mapping.
    #[serde(rename = "static", default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Value>,
    /// Whether values of other types are converted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "lenient::or_default")]
    pub allow_weak_decoding: bool,
}

/// A field that the binding declares in the authentication context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// The variable's name.
    pub name: String,
    /// What it is called on screens.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "lenient::or_default")]
    pub description: String,
    /// The type, as in [`Mapping::kind`].
    #[serde(rename = "type")]
    pub kind: String,
}

/// A binding as the vendor shows it. A list may hold providers of other kinds, which have no pool.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Binding {
    /// The id.
    pub id: BindingId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub name: String,
    /// The kind of provider.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub method: String,
    /// The pool; none for another kind of provider.
    #[serde(default, deserialize_with = "lenient::optional")]
    pub identity_pool_id: Option<PoolId>,
    /// Whether it can not be used and is not shown.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub disabled: bool,
    /// Whether it is not shown, but can be used.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub hidden: bool,
    /// Its mappings.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub mappings: Vec<Mapping>,
}

/// A binding to be made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewBinding {
    /// The id; the vendor's choice when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<BindingId>,
    /// The name.
    pub name: String,
    /// The pool.
    pub identity_pool_id: PoolId,
    /// Fields to declare; the vendor's default when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Mappings; the vendor's default when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Mapping>,
}

/// The fields of a binding to change; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BindingPatch {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Out of use or in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Not shown or shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// Declared fields, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<Attribute>>,
    /// Mappings, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mappings: Option<Vec<Mapping>>,
}
