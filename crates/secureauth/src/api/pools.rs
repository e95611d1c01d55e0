//! Identity pools and their users, through the admin part of the Identity API (vendor contract, identity pools).

use super::{body, paged};
use crate::{
    client::SecureAuth,
    error::CallError,
    idempotency::IdempotencyKey,
    model::{
        Created, Deleted, NewPool, Pool, PoolId, PoolPatch, Schema, SchemaId, UpdateOutcome, UserSummary,
        WithBinding, WorkspaceId,
    },
    operation::Operation,
    overlay,
    paging::{Page, PageRequest},
    transport::Call,
    update::{Target, Update},
};

impl SecureAuth {
    /// A page of the pools of a workspace or organization.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn list_pools(
        &self,
        workspace: &WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<Pool>, CallError> {
        let url = self.shared.routes.identity(&["admin", "workspace", workspace.as_str(), "pools"]);
        let call = paged(Call::new(Operation::ListPools, url), page, "after_pool_id");
        let items = self.read_list(&call, "pools").await?;
        Ok(page.page(items, |it: &Pool| it.id.as_str()))
    }

    /// Makes a pool for a workspace or organization, with or without its binding.
    ///
    /// # Errors
    /// `Conflict` when id or name is taken; `Invalid` when the name holds more than letters, digits and spaces.
    pub async fn create_pool(
        &self,
        workspace: &WorkspaceId,
        pool: &NewPool,
        with_binding: WithBinding,
        key: &IdempotencyKey,
    ) -> Result<Created<Pool>, CallError> {
        let operation = Operation::CreatePool;
        let body = body(operation, pool, Some(self.tenant_id()))?;
        let mut url = self.shared.routes.identity(&["admin", "workspace", workspace.as_str(), "pools"]);
        url.query_pairs_mut().append_pair("with_idp", with_binding.as_str());
        self.create(&Call::new(operation, url).json(body).key(key)).await
    }

    /// One pool.
    ///
    /// # Errors
    /// `NotFound` when there is none with this id.
    pub async fn get_pool(&self, id: &PoolId) -> Result<Pool, CallError> {
        let url = self.shared.routes.identity(&["admin", "pools", id.as_str()]);
        self.read(&Call::new(Operation::GetPool, url)).await
    }

    /// Sets the fields that `change` names; all others stay as they are.
    ///
    /// # Errors
    /// `ReadBackMismatch` when the vendor confirms but shows other values; else as any write.
    pub async fn update_pool(
        &self,
        id: &PoolId,
        change: impl FnOnce(&mut PoolPatch) + Send,
    ) -> Result<UpdateOutcome, CallError> {
        let mut patch = PoolPatch::default();
        change(&mut patch);
        let write = Operation::UpdatePool;
        let update = Update {
            read: Operation::GetPool,
            url: self.shared.routes.identity(&["admin", "pools", id.as_str()]),
            target: Target::Whole { write, shape: &overlay::POOL },
            wanted: body(write, &patch, None)?,
            guard: None,
        };
        self.update(&update).await
    }

    /// Removes a pool with all its users, with or without its binding.
    ///
    /// # Errors
    /// Any [`CallError`] of a write, except that gone is not an error.
    pub async fn delete_pool(&self, id: &PoolId, with_binding: WithBinding) -> Result<Deleted, CallError> {
        let mut url = self.shared.routes.identity(&["admin", "pools", id.as_str()]);
        url.query_pairs_mut().append_pair("with_idp", with_binding.as_str());
        self.remove(&Call::new(Operation::DeletePool, url)).await
    }

    /// What a pool demands of its users' fields.
    ///
    /// # Errors
    /// `NotFound` when there is none with this id.
    pub async fn get_schema(&self, id: &SchemaId) -> Result<Schema, CallError> {
        let url = self.shared.routes.identity(&["admin", "schemas", id.as_str()]);
        self.read(&Call::new(Operation::GetSchema, url)).await
    }

    /// A page of the users of a pool, by id: nothing personal is kept of the answer.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn list_users(
        &self,
        pool: &PoolId,
        page: &PageRequest,
    ) -> Result<Page<UserSummary>, CallError> {
        let url = self.shared.routes.identity(&["admin", "pools", pool.as_str(), "users"]);
        let call = paged(Call::new(Operation::ListUsers, url), page, "after_user_id");
        let items = self.read_list(&call, "users").await?;
        Ok(page.page(items, |it: &UserSummary| it.id.as_str()))
    }
}
