//! Organizations: one per biller, a workspace of type `organization` (vendor contract, organizations).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::{
    id::{ThemeId, WorkspaceId},
    lenient,
    pool::AuthenticationMechanism,
};
use crate::paging::PageRequest;

/// Free fields of an organization. Its `schema` stays with the vendor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metadata {
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub(crate) payload: Map<String, Value>,
}

/// An organization as the vendor shows it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct Organization {
    /// The id: fixed at creation, part of the issuer for ever.
    pub id: WorkspaceId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// The workspace or organization it belongs to.
    pub parent_id: Option<WorkspaceId>,
    /// E-mail domains that route to its sign-in.
    pub domains: Vec<String>,
    /// Allowed sign-in methods.
    pub authentication_mechanisms: Vec<AuthenticationMechanism>,
    /// Whether it is a template for others.
    pub template: bool,
    /// Whether it is deactivated; the effect is undocumented.
    pub deactivated: bool,
    /// Free fields, among them the bid.
    pub metadata: Map<String, Value>,
    /// Its OIDC issuer.
    pub issuer_url: Option<Url>,
    /// The theme bound to it.
    pub theme_id: Option<ThemeId>,
}

#[derive(Deserialize)]
struct Wire {
    id: WorkspaceId,
    #[serde(default, deserialize_with = "lenient::or_default")]
    name: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    description: String,
    #[serde(default, deserialize_with = "lenient::optional")]
    parent_id: Option<WorkspaceId>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    domains: Vec<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    authentication_mechanisms: Vec<AuthenticationMechanism>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    template: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    deactivated: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    metadata: Metadata,
    #[serde(default, deserialize_with = "lenient::optional")]
    issuer_url: Option<Url>,
    #[serde(default, deserialize_with = "lenient::optional")]
    theme_id: Option<ThemeId>,
}

impl From<Wire> for Organization {
    fn from(wire: Wire) -> Self {
        Self {
            id: wire.id,
            name: wire.name,
            description: wire.description,
            parent_id: wire.parent_id,
            domains: wire.domains,
            authentication_mechanisms: wire.authentication_mechanisms,
            template: wire.template,
            deactivated: wire.deactivated,
            metadata: wire.metadata.payload,
            issuer_url: wire.issuer_url,
            theme_id: wire.theme_id,
        }
    }
}

/// An organization to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOrganization {
    /// The id, chosen by us.
    pub id: WorkspaceId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The workspace or organization it belongs to.
    pub parent_id: WorkspaceId,
    /// The template whose pool and sign-in settings it inherits.
    pub template_id: Option<WorkspaceId>,
    /// E-mail domains that route to its sign-in.
    pub domains: Vec<String>,
    /// Allowed sign-in methods; the vendor's default when empty.
    pub authentication_mechanisms: Vec<AuthenticationMechanism>,
    /// Free fields, among them the bid.
    pub metadata: Map<String, Value>,
}

#[derive(Serialize)]
struct NewWire<'a> {
    id: &'a WorkspaceId,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    parent_id: &'a WorkspaceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<&'a WorkspaceId>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    domains: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authentication_mechanisms: &'a [AuthenticationMechanism],
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
}

impl Serialize for NewOrganization {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metadata = Some(&self.metadata).filter(|it| !it.is_empty());
        NewWire {
            id: &self.id,
            name: &self.name,
            description: self.description.as_deref(),
            parent_id: &self.parent_id,
            template_id: self.template_id.as_ref(),
            domains: &self.domains,
            authentication_mechanisms: &self.authentication_mechanisms,
            metadata: metadata.map(|payload| Metadata { payload: payload.clone() }),
        }
        .serialize(serializer)
    }
}

/// The fields of an organization to change; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OrganizationPatch {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// E-mail domains, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
    /// Allowed sign-in methods, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_mechanisms: Option<Vec<AuthenticationMechanism>>,
    /// Deactivated or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivated: Option<bool>,
    /// Free fields to set; a null removes one, the others stay.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_payload")]
    pub metadata: Option<Map<String, Value>>,
}

fn as_payload<S: serde::Serializer>(
    fields: &Option<Map<String, Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Metadata { payload: fields.clone().unwrap_or_default() }.serialize(serializer)
}

/// Which organizations are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationFilter {
    /// Only children of this workspace.
    pub parent_id: Option<WorkspaceId>,
    /// Only those with this text in id or name.
    pub search: Option<String>,
    /// Which page.
    pub page: PageRequest,
}
