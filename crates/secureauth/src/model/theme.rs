//! Themes: tenant-wide, bound to any number of organizations.

use serde::Deserialize;

use super::{id::ThemeId, lenient};

/// A theme.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Theme {
    /// The id.
    pub id: ThemeId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub name: String,
}
