//! Revocation of everything users hold (vendor contract, revocation), through the System API.

use serde_json::json;

use crate::{
    client::SecureAuth,
    error::{CallError, ErrorKind},
    model::{PoolId, Revoked, UserId},
    operation::Operation,
    transport::Call,
};

impl SecureAuth {
    /// The most users one revocation may name.
    pub const REVOCATION_BATCH: usize = 100;

    /// Revokes tokens, codes, sessions and grants of up to 100 users of a pool. Sent again, it does no harm.
    ///
    /// # Errors
    /// `Config` when none or more than 100 users are named; else as any write.
    pub async fn revoke_pool_user_tokens(
        &self,
        pool: &PoolId,
        users: &[UserId],
    ) -> Result<Revoked, CallError> {
        let operation = Operation::RevokePoolUserTokens;
        if users.is_empty() || users.len() > Self::REVOCATION_BATCH {
            let message =
                format!("{} users named: one call takes 1 to {}", users.len(), Self::REVOCATION_BATCH);
            return Err(CallError::new(ErrorKind::Config, operation, message));
        }
        let url = self.shared.routes.system(&["pools", pool.as_str(), "tokens"]);
        let answer = self.send(&Call::new(operation, url).json(json!({ "users": users }))).await?;
        Ok(Revoked { users: users.len(), trace_id: answer.trace_id })
    }
}
