//! Settings of an object as raw JSON: read as answered, written as a merge patch (vendor contract, pools, workspaces,
//! identity-pool provider, clients). What a setting is called and means is the caller's knowledge.

use serde_json::Value;

use crate::{
    client::SecureAuth,
    error::CallError,
    model::{BindingId, ClientId, PoolId, UpdateOutcome, WorkspaceId},
    operation::Operation,
    overlay::{self, Shape},
    redact::redact,
    transport::Call,
    update::{Guard, Target, Update},
};

/// An object that holds settings. All settings of one object are written with one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsObject {
    /// An identity pool.
    Pool(PoolId),
    /// An organization, as the workspace it is.
    Organization(WorkspaceId),
    /// The binding of a pool to an organization.
    Binding(WorkspaceId, BindingId),
    /// An application.
    Application(ClientId),
}

impl SettingsObject {
    const fn read(&self) -> Operation {
        match self {
            Self::Pool(_) => Operation::GetPool,
            Self::Organization(_) => Operation::GetWorkspace,
            Self::Binding(..) => Operation::GetBinding,
            Self::Application(_) => Operation::GetClient,
        }
    }

    fn target(&self) -> (Operation, &'static Shape) {
        match self {
            Self::Pool(_) => (Operation::UpdatePool, &overlay::POOL),
            Self::Organization(_) => (Operation::UpdateWorkspace, &overlay::WORKSPACE),
            Self::Binding(..) => (Operation::UpdateBinding, &overlay::BINDING),
            Self::Application(_) => (Operation::UpdateClient, &overlay::CLIENT),
        }
    }

    fn url(&self, vendor: &SecureAuth) -> url::Url {
        let routes = &vendor.shared.routes;
        match self {
            Self::Pool(id) => routes.identity(&["admin", "pools", id.as_str()]),
            Self::Organization(id) => routes.admin(&["servers", id.as_str()]),
            Self::Binding(workspace, id) => {
                routes.admin(&["servers", workspace.as_str(), "idps", "identity_pool", id.as_str()])
            }
            Self::Application(id) => routes.admin(&["clients", id.as_str()]),
        }
    }
}

impl SecureAuth {
    /// The object as the vendor answers it, secrets redacted. One call.
    ///
    /// # Errors
    /// `NotFound` when there is no such object; else any [`CallError`] of a read.
    pub async fn read_settings(&self, object: &SettingsObject) -> Result<Value, CallError> {
        let operation = object.read();
        let mut json = self.send(&Call::new(operation, object.url(self))).await?.json(operation)?;
        redact(&mut json);
        Ok(json)
    }

    /// Lays `patch` over the object: one read, one write where something differs, one read back. `unfit` sees what
    /// was read, each time before anything is sent, and names what stands against writing over it.
    ///
    /// # Errors
    /// `ChangedMeanwhile` with what `unfit` named, nothing having been sent; `ReadBackMismatch` when the vendor
    /// confirms but shows other values; else as any write.
    pub async fn write_settings(
        &self,
        object: &SettingsObject,
        patch: Value,
        unfit: impl Fn(&Value) -> Vec<String> + Send + Sync + 'static,
    ) -> Result<UpdateOutcome, CallError> {
        let (write, shape) = object.target();
        let update = Update {
            read: object.read(),
            url: object.url(self),
            target: Target::Whole { write, shape },
            wanted: patch,
            guard: Some(Guard(Box::new(unfit))),
        };
        self.update(&update).await
    }
}
