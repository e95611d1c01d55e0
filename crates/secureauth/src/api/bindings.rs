//! Bindings of pools to workspaces and organizations (vendor contract, identity-pool IDP).

use super::body;
use crate::{
    client::SecureAuth,
    error::CallError,
    idempotency::IdempotencyKey,
    model::{Binding, BindingId, BindingPatch, Created, Deleted, NewBinding, UpdateOutcome, WorkspaceId},
    operation::Operation,
    overlay,
    transport::Call,
    update::{Target, Update},
};

impl SecureAuth {
    /// Every provider bound to a workspace or organization, of whatever kind.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn list_bindings(&self, workspace: &WorkspaceId) -> Result<Vec<Binding>, CallError> {
        let url = self.shared.routes.admin(&["servers", workspace.as_str(), "idps"]);
        self.read_list(&Call::new(Operation::ListBindings, url), "idps").await
    }

    /// Binds a pool to a workspace or organization. List first: a template may have bound it already.
    ///
    /// # Errors
    /// Any [`CallError`] of a write.
    pub async fn create_binding(
        &self,
        workspace: &WorkspaceId,
        binding: &NewBinding,
        key: &IdempotencyKey,
    ) -> Result<Created<Binding>, CallError> {
        let operation = Operation::CreateBinding;
        let body = body(operation, binding, None)?;
        let url = self.shared.routes.admin(&["servers", workspace.as_str(), "idps", "identity_pool"]);
        self.create(&Call::new(operation, url).json(body).key(key)).await
    }

    /// One binding.
    ///
    /// # Errors
    /// `NotFound` when there is none with this id.
    pub async fn get_binding(&self, workspace: &WorkspaceId, id: &BindingId) -> Result<Binding, CallError> {
        let url = self.binding_url(workspace, id);
        self.read(&Call::new(Operation::GetBinding, url)).await
    }

    /// Sets the fields that `change` names; all others stay as they are.
    ///
    /// # Errors
    /// `ReadBackMismatch` when the vendor confirms but shows other values; else as any write.
    pub async fn update_binding(
        &self,
        workspace: &WorkspaceId,
        id: &BindingId,
        change: impl FnOnce(&mut BindingPatch) + Send,
    ) -> Result<UpdateOutcome, CallError> {
        let mut patch = BindingPatch::default();
        change(&mut patch);
        let write = Operation::UpdateBinding;
        let update = Update {
            read: Operation::GetBinding,
            url: self.binding_url(workspace, id),
            target: Target::Whole { write, shape: &overlay::BINDING },
            wanted: body(write, &patch, None)?,
            guard: None,
        };
        self.update(&update).await
    }

    /// Removes a binding; the pool stays.
    ///
    /// # Errors
    /// Any [`CallError`] of a write, except that gone is not an error.
    pub async fn delete_binding(
        &self,
        workspace: &WorkspaceId,
        id: &BindingId,
    ) -> Result<Deleted, CallError> {
        // Deleted without the kind in the path, unlike read and written.
        let url = self.shared.routes.admin(&["servers", workspace.as_str(), "idps", id.as_str()]);
        self.remove(&Call::new(Operation::DeleteBinding, url)).await
    }

    fn binding_url(&self, workspace: &WorkspaceId, id: &BindingId) -> url::Url {
        self.shared.routes.admin(&["servers", workspace.as_str(), "idps", "identity_pool", id.as_str()])
    }
}
