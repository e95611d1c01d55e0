//! What a biller has at SecureAuth.

use serde::{Deserialize, Serialize};

use crate::{RunId, Timestamp, oidc::OidcClient, words};

words! {
    /// A kind of object at SecureAuth.
    ObjectKind, "object" {
        /// The organization: a workspace of its own under our workspace.
        Organization = "organization", "Organization";
        /// The identity pool that holds the biller's users.
        Pool = "pool", "Identity pool";
        /// The identity-pool IDP that connects pool and organization.
        Binding = "binding", "Binding";
        /// The OIDC client.
        Application = "application", "Application";
        /// The shared theme, bound to the organization; never deleted by us.
        Theme = "theme", "Theme binding";
    }
}

words! {
    /// How an object came to be the biller's.
    Origin, "origin" {
        /// A run of ours made it.
        Created = "created", "Created";
        /// It was there, bore our mark, and was taken over by id.
        Adopted = "adopted", "Adopted";
    }
}

/// An object at SecureAuth that belongs to a biller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorObject {
    /// What it is.
    pub kind: ObjectKind,
    /// Its id at SecureAuth.
    pub vendor_id: String,
    /// Its name at SecureAuth.
    pub name: String,
    /// How it came to be ours.
    pub origin: Origin,
    /// The run that made or adopted it.
    pub run: RunId,
    /// When.
    pub at: Timestamp,
    /// What an application was given there; `None` for other kinds, and where it was not kept yet.
    pub oidc: Option<OidcClient>,
    /// When a secret of an application was last made and shown.
    pub secret_made_at: Option<Timestamp>,
}
