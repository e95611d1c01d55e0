//! What the tenant can do.

use crate::{
    client::SecureAuth, error::CallError, model::Environment, operation::Operation, transport::Call,
};

impl SecureAuth {
    /// Version and flags of the tenant.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn get_environment(&self) -> Result<Environment, CallError> {
        let url = self.shared.routes.admin(&["environment"]);
        self.read(&Call::new(Operation::GetEnvironment, url)).await
    }
}
