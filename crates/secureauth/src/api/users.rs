//! Users of a pool: imported in bulk, read back, checked and removed (vendor contract, users and bulk import).

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::paged;
use crate::{
    client::SecureAuth,
    error::{CallError, ErrorKind},
    idempotency::IdempotencyKey,
    model::{
        Created, Deleted, Listed, NewUser, PasswordCheck, PoolId, TenantDump, UserId, UserImport,
        UserSummary, UserView, Whole,
    },
    operation::Operation,
    paging::{Page, PageRequest},
    transport::Call,
};

impl SecureAuth {
    /// The most users one import may bring.
    pub const IMPORT_BATCH: usize = 100;

    /// Writes up to 100 users whole. Sent once: after [`CallError::outcome_unknown`] the users are to be read before
    /// anything is sent again. The answer is the vendor's trace id.
    ///
    /// # Errors
    /// `Conflict` when an identifier belongs to somebody else; `Invalid` when a record is refused; `Config` when none
    /// or more than 100 users are given.
    pub async fn import_users(
        &self,
        pool: &PoolId,
        users: &[UserImport],
    ) -> Result<Option<String>, CallError> {
        let operation = Operation::ImportUsers;
        if users.is_empty() || users.len() > Self::IMPORT_BATCH {
            let message =
                format!("{} users given: one import takes 1 to {}", users.len(), Self::IMPORT_BATCH);
            return Err(CallError::new(ErrorKind::Config, operation, message));
        }
        let url = self.shared.routes.identity(&["configuration"]);
        let stamps: Vec<String> = users.iter().map(|user| user.stamp.rfc3339()).collect();
        let call =
            Call::new(operation, url).text(&TenantDump::new(self.tenant_id(), pool, users, &stamps))?;
        let answer = self.send(&call).await?;
        Ok(answer.trace_id)
    }

    /// Makes an active user with a username and a password. Nothing is sent to anybody: the user has no address.
    ///
    /// # Errors
    /// `Conflict` when id or username is taken; `Invalid` when the password breaks the pool's policy.
    pub async fn create_user(
        &self,
        pool: &PoolId,
        user: &NewUser,
        key: &IdempotencyKey,
    ) -> Result<Created<UserSummary>, CallError> {
        let url = self.shared.routes.identity(&["admin", "pools", pool.as_str(), "users"]);
        let body = json!({
            "id": user.id,
            "status": "active",
            "identifiers": [{ "identifier": user.username, "type": "uid" }],
            "credentials": [{ "type": "password", "password": user.password.expose_secret() }],
            "metadata": user.metadata,
        });
        self.create(&Call::new(Operation::CreateUser, url).json(body).key(key)).await
    }

    /// One user.
    ///
    /// # Errors
    /// Any [`CallError`] of a read; `NotFound` is `None`.
    pub async fn find_user(&self, pool: &PoolId, user: &UserId) -> Result<Option<UserView>, CallError> {
        let url = self.shared.routes.identity(&["admin", "pools", pool.as_str(), "users", user.as_str()]);
        match self.read::<Whole>(&Call::new(Operation::GetUser, url)).await {
            Ok(user) => Ok(Some(user.into())),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of the users of a pool, by id, with what both sides are compared by.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn view_users(&self, pool: &PoolId, page: &PageRequest) -> Result<Page<UserView>, CallError> {
        let url = self.shared.routes.identity(&["admin", "pools", pool.as_str(), "users"]);
        let call = paged(Call::new(Operation::ListUsers, url), page, "after_user_id");
        let items: Vec<Listed> = self.read_list(&call, "users").await?;
        let items = items.into_iter().map(UserView::from).collect();
        Ok(page.page(items, |it: &UserView| it.id.as_str()))
    }

    /// Checks a password as if the person signed in. The vendor counts wrong ones.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn verify_password(
        &self,
        pool: &PoolId,
        identifier: &str,
        password: &str,
    ) -> Result<PasswordCheck, CallError> {
        let path = ["system", "pools", pool.as_str(), "user", "password", "v2", "verify"];
        let url = self.shared.routes.identity(&path);
        let body = json!({"identifier": identifier, "password": password});
        self.read(&Call::new(Operation::VerifyPassword, url).json(body)).await
    }

    /// Removes a user for ever.
    ///
    /// # Errors
    /// Any [`CallError`] of a write, except that gone is not an error.
    pub async fn delete_user(&self, pool: &PoolId, user: &UserId) -> Result<Deleted, CallError> {
        let url = self.shared.routes.identity(&["admin", "pools", pool.as_str(), "users", user.as_str()]);
        self.remove(&Call::new(Operation::DeleteUser, url)).await
    }
}
