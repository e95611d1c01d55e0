//! The vendor's ids. They stand in URL paths, so what could change a path is refused.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text cannot be an id at SecureAuth.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a {what} id: it must have 1 to 200 printable characters and not be \".\" or \"..\"")]
pub struct InvalidVendorId {
    /// Which id.
    pub what: &'static str,
    /// What was given, shortened.
    pub text: String,
}

fn check(what: &'static str, text: &str) -> Result<(), InvalidVendorId> {
    let fits = (1..=200).contains(&text.len()) && !text.chars().any(char::is_control);
    if fits && text != "." && text != ".." {
        return Ok(());
    }
    Err(InvalidVendorId { what, text: text.chars().take(40).collect() })
}

macro_rules! vendor_id {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps an id.
            ///
            /// # Errors
            /// [`InvalidVendorId`] when it is empty, too long or would change a URL path.
            pub fn parse(text: &str) -> Result<Self, InvalidVendorId> {
                Self::try_from(text.to_owned())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidVendorId;
            fn try_from(text: String) -> Result<Self, InvalidVendorId> {
                check($what, &text).map(|()| Self(text))
            }
        }

        impl FromStr for $name {
            type Err = InvalidVendorId;
            fn from_str(text: &str) -> Result<Self, InvalidVendorId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

impl WorkspaceId {
    /// The workspace of administrators (vendor contract, audit events: the default of their list).
    pub(crate) fn administration() -> Self {
        Self("admin".to_owned())
    }
}

vendor_id! {
    /// A workspace or an organization: the vendor uses one kind of id for both.
    WorkspaceId, "workspace";
    /// An identity pool.
    PoolId, "pool";
    /// A binding: an identity-pool provider of a workspace or organization.
    BindingId, "binding";
    /// An application.
    ClientId, "client";
    /// A theme.
    ThemeId, "theme";
    /// A user of a pool.
    UserId, "user";
    /// What a pool demands of its users' free fields.
    SchemaId, "schema";
}
