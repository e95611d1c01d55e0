//! What an operation is: one method and path of the vendor's contract, who may call it, which refusals
//! it declares, and the code that plays it.

use axum::http::Method;

use crate::{call::Call, http_error::Refusal, reply::Reply};

/// An API group: one file of the vendor's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Api {
    /// Organizations, workspaces, providers, clients, themes.
    Admin,
    /// Pools and users, for tokens of the `admin` workspace.
    Identity,
    /// Pools and users, for tokens of the `system` workspace.
    IdentitySystem,
    /// Organizations and revocation, for tokens of the `system` workspace.
    System,
    /// What the tenant may use, for tokens of the `admin` workspace.
    Licensing,
    /// What the tenant was used for, in numbers, for tokens of the `admin` workspace.
    Analytics,
    /// OAuth and OpenID Connect of one workspace.
    OAuth2,
}

impl Api {
    /// The name of the contract file; the first part of an operation's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Identity => "identity",
            Self::IdentitySystem => "identitysystem",
            Self::System => "system",
            Self::Licensing => "licensingadmin",
            Self::Analytics => "analytics",
            Self::OAuth2 => "oauth2",
        }
    }

    /// The path of the group before the tenant; `None` where paths begin at the issuer.
    pub(crate) fn base(self) -> Option<&'static str> {
        match self {
            Self::Admin => Some("/api/admin"),
            Self::Identity | Self::IdentitySystem => Some("/api/identity"),
            Self::System => Some("/api/system"),
            Self::Licensing => Some("/api/licensing"),
            Self::Analytics => Some("/api/analytics"),
            Self::OAuth2 => None,
        }
    }
}

/// Which token an operation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// None.
    Open,
    /// One of the `admin` workspace.
    Admin,
    /// One of the `system` workspace with this scope.
    System(&'static str),
    /// One of the workspace in the path, issued to a user.
    Workspace,
}

/// The code of an operation: changes the store or refuses.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Reply, Refusal>;

/// One operation of the contract.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its API group.
    pub(crate) api: Api,
    /// Its id in the contract.
    pub(crate) id: &'static str,
    /// Its method.
    pub(crate) method: Method,
    /// Its path below the group's base, or below the issuer.
    pub(crate) path: &'static str,
    /// Who may call it.
    pub(crate) access: Access,
    /// The statuses other than success that the contract declares for it.
    pub(crate) declares: &'static [u16],
    /// What it does.
    pub(crate) run: Handler,
}

impl Operation {
    /// Group and id, e.g. `admin.createOrganization`: the name faults and logs use.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.api.name(), self.id)
    }

    /// Whether the contract declares `status` for it.
    pub(crate) fn declares(&self, status: u16) -> bool {
        self.declares.contains(&status)
    }

    /// The refusal under the nearest status the contract declares for this operation: the vendor lists
    /// fewer statuses for some operations than its general rules name.
    pub(crate) fn declared(&self, refusal: Refusal) -> Refusal {
        let status = refusal.status();
        let instead: &[u16] = match status {
            400 | 404 | 409 => &[422, 400, 404],
            422 => &[400, 404],
            403 => &[401],
            _ => &[],
        };
        match instead
            .iter()
            .find(|_| !self.declares(status))
            .and(instead.iter().find(|other| self.declares(**other)))
        {
            Some(other) => refusal.with_status(*other),
            None => refusal,
        }
    }
}

/// An operation, for tests and lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationInfo {
    /// Its name: the contract's file and operation id, e.g. `admin.createClient`.
    pub name: String,
    /// Its HTTP method.
    pub method: String,
    /// Its path below the API's base or the issuer, with parameters in braces.
    pub path: &'static str,
    /// The scope it asks of a system token.
    pub scope: Option<&'static str>,
    /// The statuses other than success that the sandbox takes for declared.
    pub statuses: &'static [u16],
}

impl OperationInfo {
    pub(crate) fn of(operation: &Operation) -> Self {
        Self {
            name: operation.name(),
            method: operation.method.to_string(),
            path: operation.path,
            scope: match operation.access {
                Access::System(scope) => Some(scope),
                Access::Open | Access::Admin | Access::Workspace => None,
            },
            statuses: operation.declares,
        }
    }
}
