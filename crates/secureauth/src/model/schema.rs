//! Schemas: what pools demand of their users' free fields (vendor contract, schemas).

use serde::Deserialize;
use serde_json::Value;

use super::{id::SchemaId, lenient};

/// A schema as the vendor shows it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Schema {
    /// The id.
    pub id: SchemaId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub name: String,
    /// The rules: a part of JSON Schema.
    #[serde(default)]
    pub schema: Value,
}
