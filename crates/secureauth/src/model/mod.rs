//! The vendor's objects as far as we use them: wire types of this crate only.

mod audit;
mod binding;
mod client;
mod environment;
mod id;
mod import;
mod lenient;
mod numbers;
mod open_enum;
mod organization;
mod outcome;
mod pool;
mod record;
mod schema;
mod tenant_dump;
mod theme;
mod user;
mod vanity;

pub use audit::{AuditEvent, AuditFilter, AuditMetadata};
pub use binding::{Attribute, Binding, BindingPatch, Mapping, NewBinding};
pub use client::{
    Client, ClientPatch, ClientStatus, CreatedClient, GrantType, NewClient, ResponseType, RotatedSecret,
    SubjectType, TokenEndpointAuthMethod,
};
pub use environment::Environment;
pub use id::{BindingId, ClientId, InvalidVendorId, PoolId, SchemaId, ThemeId, UserId, WorkspaceId};
pub use import::{
    AddressImport, AddressKind, IdentifierImport, IdentifierKind, PasswordCheck, PasswordImport,
    PasswordResult, PasswordState, UserImport, UserView,
};
pub(crate) use import::{Listed, Whole};
pub use numbers::{Figure, License, Metered, Point, Usage};
pub(crate) use numbers::{Points, SinglePoint};
pub use organization::{NewOrganization, Organization, OrganizationFilter, OrganizationPatch};
pub use outcome::{Created, Deleted, Revoked, UpdateOutcome};
pub use pool::{AuthenticationMechanism, NewPool, Pool, PoolPatch, WithBinding};
pub(crate) use record::Recorded;
pub use record::{AddressRecord, UserRecord};
pub use schema::Schema;
pub(crate) use tenant_dump::TenantDump;
pub use theme::Theme;
pub use user::{NewUser, UserStatus, UserSummary};
pub use vanity::VanityDomain;
