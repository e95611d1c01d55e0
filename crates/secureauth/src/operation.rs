//! Every call this client can make, as one closed list: names, API group, method, effect.

use std::fmt;

use reqwest::Method;

use crate::{
    config::{Power, Workspace},
    token::TokenSubject,
};

/// A group of the vendor's endpoints with its own rate limits, and so its own circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApiGroup {
    /// The Admin API: organizations, bindings, applications, themes, environment.
    Admin,
    /// The Identity API: pools and users.
    Identity,
    /// The import of users.
    Import,
    /// Users and passwords through the system part of the Identity API.
    Verify,
    /// The System API: revocation of tokens.
    System,
    /// Token endpoints and authorize pages.
    OAuth,
    /// Discovery documents.
    Discovery,
}

impl ApiGroup {
    /// Every group.
    pub const ALL: [Self; 7] =
        [Self::Admin, Self::Identity, Self::Import, Self::Verify, Self::System, Self::OAuth, Self::Discovery];

    /// The group's name in measurements.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Identity => "identity",
            Self::Import => "import",
            Self::Verify => "identity_system",
            Self::System => "system",
            Self::OAuth => "oauth",
            Self::Discovery => "discovery",
        }
    }
}

impl fmt::Display for ApiGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $group:ident, $method:ident;)*) => {
        /// One operation of the vendor's API that this client uses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// Every operation, in the order of the API groups.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The operation's name in measurements, logs and errors; never changes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The API group whose limits and breaker apply.
            #[must_use]
            pub const fn api(self) -> ApiGroup {
                match self { $(Self::$name => ApiGroup::$group),* }
            }

            pub(crate) const fn method(self) -> Method {
                match self { $(Self::$name => Method::$method),* }
            }
        }
    };
}

operations! {
    /// A page of organizations.
    ListOrganizations = "list_organizations", Admin, GET;
    /// A new organization.
    CreateOrganization = "create_organization", Admin, POST;
    /// One organization.
    GetOrganization = "get_organization", Admin, GET;
    /// An organization written as a whole.
    UpdateOrganization = "update_organization", Admin, PUT;
    /// The metadata of an organization alone.
    UpdateOrganizationMetadata = "update_organization_metadata", Admin, PUT;
    /// An organization removed for ever.
    DeleteOrganization = "delete_organization", Admin, DELETE;
    /// An organization as the workspace it is.
    GetWorkspace = "get_workspace", Admin, GET;
    /// A workspace written as a whole.
    UpdateWorkspace = "update_workspace", Admin, PUT;
    /// The providers bound to a workspace or organization.
    ListBindings = "list_bindings", Admin, GET;
    /// A pool bound to a workspace or organization.
    CreateBinding = "create_binding", Admin, POST;
    /// One binding.
    GetBinding = "get_binding", Admin, GET;
    /// A binding written as a whole.
    UpdateBinding = "update_binding", Admin, PUT;
    /// A binding removed.
    DeleteBinding = "delete_binding", Admin, DELETE;
    /// A page of the applications of a workspace or organization.
    ListClients = "list_clients", Admin, GET;
    /// A new application.
    CreateClient = "create_client", Admin, POST;
    /// One application.
    GetClient = "get_client", Admin, GET;
    /// An application written as a whole.
    UpdateClient = "update_client", Admin, PUT;
    /// A new secret for an application.
    RotateClientSecret = "rotate_client_secret", Admin, POST;
    /// An application removed.
    DeleteClient = "delete_client", Admin, DELETE;
    /// Every theme of the tenant.
    ListThemes = "list_themes", Admin, GET;
    /// The theme bound to a workspace or organization.
    GetThemeBinding = "get_theme_binding", Admin, GET;
    /// A theme bound to a workspace or organization.
    BindTheme = "bind_theme", Admin, POST;
    /// The bound theme taken away.
    UnbindTheme = "unbind_theme", Admin, POST;
    /// The vanity domain of a workspace or organization.
    GetVanityDomain = "get_vanity_domain", Admin, GET;
    /// A vanity domain given to a workspace or organization.
    CreateVanityDomain = "create_vanity_domain", Admin, POST;
    /// A vanity domain taken away.
    DeleteVanityDomain = "delete_vanity_domain", Admin, DELETE;
    /// Flags and version of the tenant.
    GetEnvironment = "get_environment", Admin, GET;
    /// A page of the audit events kept under a workspace or organization.
    ListAuditEvents = "list_audit_events", Admin, GET;
    /// The licence of the tenant.
    GetLicense = "get_license", Admin, GET;
    /// What the licence meters, and how much of it is used.
    GetUsage = "get_usage", Admin, GET;
    /// How many users the tenant has.
    CountUsers = "count_users", Admin, GET;
    /// How the vendor itself measured requests, by API.
    RequestFigures = "request_figures", Admin, GET;
    /// Sign-ins at a workspace or organization, by result.
    CountSignIns = "count_sign_ins", Admin, GET;
    /// A page of the pools of a workspace or organization.
    ListPools = "list_pools", Identity, GET;
    /// A new pool of a workspace or organization.
    CreatePool = "create_pool", Identity, POST;
    /// One pool.
    GetPool = "get_pool", Identity, GET;
    /// A pool written as a whole.
    UpdatePool = "update_pool", Identity, PUT;
    /// A pool removed with its users.
    DeletePool = "delete_pool", Identity, DELETE;
    /// What a pool demands of its users' fields.
    GetSchema = "get_schema", Identity, GET;
    /// A page of the users of a pool.
    ListUsers = "list_users", Identity, GET;
    /// One user of a pool.
    GetUser = "get_user", Identity, GET;
    /// A new user of a pool.
    CreateUser = "create_user", Identity, POST;
    /// A user's status and profile.
    UpdateUser = "update_user", Identity, PUT;
    /// One more identifier for a user.
    AddIdentifier = "add_identifier", Identity, POST;
    /// An identifier taken from a user.
    RemoveIdentifier = "remove_identifier", Identity, POST;
    /// One more address for a user.
    AddAddress = "add_address", Identity, POST;
    /// Whether an address is verified.
    UpdateAddress = "update_address", Identity, POST;
    /// An address taken from a user.
    RemoveAddress = "remove_address", Identity, POST;
    /// A message by which a new user activates the account.
    SendActivation = "send_activation", Identity, POST;
    /// A message by which a user sets a new password.
    SendReset = "send_reset", Identity, POST;
    /// Whether a password may be used.
    SetPasswordState = "set_password_state", Identity, PUT;
    /// A user removed for ever.
    DeleteUser = "delete_user", Identity, DELETE;
    /// Up to 100 users with their passwords' hashes written whole.
    ImportUsers = "import_users", Import, PUT;
    /// A page of pools, read by the system part of the Identity API.
    SystemListPools = "system_list_pools", Verify, GET;
    /// A password checked as if somebody signed in.
    VerifyPassword = "verify_password", Verify, POST;
    /// An organization or none, read by the System API.
    SystemListOrganizations = "system_list_organizations", System, GET;
    /// Tokens, sessions and grants of up to 100 users revoked.
    RevokePoolUserTokens = "revoke_pool_user_tokens", System, DELETE;
    /// An access token for the vendor's APIs.
    FetchToken = "fetch_token", OAuth, POST;
    /// The authorize page of an issuer asked from outside.
    ProbeAuthorize = "probe_authorize", OAuth, GET;
    /// The discovery document of a workspace that issues tokens for the APIs.
    Discover = "discover", Discovery, GET;
    /// The discovery document of any other issuer, asked from outside.
    ProbeDiscovery = "probe_discovery", Discovery, GET;
    /// The public keys of an issuer, asked from outside.
    ProbeKeys = "probe_keys", Discovery, GET;
}

impl Operation {
    /// Whether the call changes something at the vendor. A token request does not.
    #[must_use]
    pub fn is_mutating(self) -> bool {
        self.method() != Method::GET && !matches!(self, Self::FetchToken | Self::VerifyPassword)
    }

    /// Whether sending the call twice has the effect of sending it once, without any key. An import does not: it
    /// replaces users whole, and a user may have changed a password between the two.
    pub(crate) fn is_idempotent(self) -> bool {
        (self.method() != Method::POST && self != Self::ImportUsers)
            || matches!(self, Self::FetchToken | Self::VerifyPassword)
    }

    /// The token the call needs; none for token requests, discovery and probes.
    pub(crate) const fn token(self) -> Option<TokenSubject> {
        match self.api() {
            ApiGroup::Admin | ApiGroup::Identity => Some(TokenSubject::Workspace(Workspace::Admin)),
            ApiGroup::Import => Some(TokenSubject::Power(Power::ManageConfiguration)),
            ApiGroup::Verify => Some(TokenSubject::Power(Power::Identity)),
            // The System API asks for one scope for each kind of thing.
            ApiGroup::System => Some(TokenSubject::Power(match self {
                Self::SystemListOrganizations => Power::ManageConfiguration,
                _ => Power::RevokeTokens,
            })),
            ApiGroup::OAuth | ApiGroup::Discovery => None,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
