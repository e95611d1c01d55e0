//! A user changed part by part: status and profile, identifiers, addresses, messages, the state of the password
//! (vendor contract, users and passwords). Each answers the vendor's trace id.

use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    client::SecureAuth,
    error::{CallError, ErrorKind},
    model::{
        AddressKind, IdentifierKind, PasswordState, PoolId, Recorded, UserId, UserRecord, UserStatus,
        WorkspaceId,
    },
    operation::Operation,
    transport::Call,
};

/// A change's trace id.
type Traced = Result<Option<String>, CallError>;

impl SecureAuth {
    /// One user with everything that can be changed; nothing where there is none.
    ///
    /// # Errors
    /// Any [`CallError`] of a read; `NotFound` is `None`.
    pub async fn read_user(&self, pool: &PoolId, user: &UserId) -> Result<Option<UserRecord>, CallError> {
        match self.read::<Recorded>(&Call::new(Operation::GetUser, self.of_user(pool, user, &[]))).await {
            Ok(user) => Ok(Some(user.into())),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets status and profile; what is not given stays.
    ///
    /// # Errors
    /// Any [`CallError`] of a write.
    pub async fn update_user(
        &self,
        pool: &PoolId,
        user: &UserId,
        status: Option<&UserStatus>,
        payload: Option<&Map<String, Value>>,
    ) -> Traced {
        let mut body = Map::new();
        if let Some(status) = status {
            body.insert("status".to_owned(), json!(status));
        }
        if let Some(payload) = payload {
            body.insert("payload".to_owned(), json!(payload));
        }
        self.tell(Operation::UpdateUser, self.of_user(pool, user, &[]), Value::Object(body)).await
    }

    /// Gives a user one more identifier.
    ///
    /// # Errors
    /// `Conflict` when somebody of the pool has it, a softly deleted user included.
    pub async fn add_identifier(
        &self,
        pool: &PoolId,
        user: &UserId,
        identifier: &str,
        kind: &IdentifierKind,
    ) -> Traced {
        let url = self.of_user(pool, user, &["identifiers", "add"]);
        self.tell(Operation::AddIdentifier, url, json!({"identifier": identifier, "type": kind})).await
    }

    /// Takes an identifier away; one that is gone already is as good.
    ///
    /// # Errors
    /// Any [`CallError`] of a write.
    pub async fn remove_identifier(&self, pool: &PoolId, user: &UserId, identifier: &str) -> Traced {
        let url = self.of_user(pool, user, &["identifiers", "remove"]);
        let body = json!({ "identifier": identifier });
        gone(self.tell(Operation::RemoveIdentifier, url, body).await)
    }

    /// Gives a user one more address.
    ///
    /// # Errors
    /// `Conflict` when somebody of the pool has it.
    pub async fn add_address(
        &self,
        pool: &PoolId,
        user: &UserId,
        address: &str,
        kind: &AddressKind,
        verified: bool,
    ) -> Traced {
        let url = self.of_user(pool, user, &["addresses", "add"]);
        let body = json!({"address": address, "type": kind, "status": "active", "verified": verified});
        self.tell(Operation::AddAddress, url, body).await
    }

    /// Says whether an address is verified.
    ///
    /// # Errors
    /// Any [`CallError`] of a write.
    pub async fn verify_address(
        &self,
        pool: &PoolId,
        user: &UserId,
        address: &str,
        verified: bool,
    ) -> Traced {
        let url = self.of_user(pool, user, &["addresses", "update"]);
        let body = json!({"address": address, "status": "active", "verified": verified});
        self.tell(Operation::UpdateAddress, url, body).await
    }

    /// Takes an address away; one that is gone already is as good.
    ///
    /// # Errors
    /// Any [`CallError`] of a write.
    pub async fn remove_address(&self, pool: &PoolId, user: &UserId, address: &str) -> Traced {
        let url = self.of_user(pool, user, &["addresses", "remove"]);
        gone(self.tell(Operation::RemoveAddress, url, json!({ "address": address })).await)
    }

    /// Has the vendor send a message by which a new user activates the account. `of` is the organization whose theme
    /// the message wears. Codes sent before end.
    ///
    /// # Errors
    /// `Invalid` unless the user is new and has the address.
    pub async fn send_activation(
        &self,
        pool: &PoolId,
        user: &UserId,
        address: &str,
        of: &WorkspaceId,
    ) -> Traced {
        let mut url = self.of_user(pool, user, &["activation", "send"]);
        url.query_pairs_mut().append_pair("mode", "invitation").append_pair("server_id", of.as_str());
        self.tell(Operation::SendActivation, url, json!({ "address": address })).await
    }

    /// Has the vendor send a message by which a user sets a new password.
    ///
    /// # Errors
    /// `Invalid` unless the user has the address.
    pub async fn send_reset(&self, pool: &PoolId, user: &UserId, address: &str, of: &WorkspaceId) -> Traced {
        let mut url = self.of_user(pool, user, &["password", "reset", "request"]);
        url.query_pairs_mut().append_pair("server_id", of.as_str());
        self.tell(Operation::SendReset, url, json!({ "address": address })).await
    }

    /// Says whether the password may be used.
    ///
    /// # Errors
    /// `Invalid` when the user has none.
    pub async fn set_password_state(&self, pool: &PoolId, user: &UserId, state: &PasswordState) -> Traced {
        let url = self.of_user(pool, user, &["password", "state"]);
        self.tell(Operation::SetPasswordState, url, json!({ "state": state })).await
    }

    fn of_user(&self, pool: &PoolId, user: &UserId, rest: &[&str]) -> Url {
        let path = [&["admin", "pools", pool.as_str(), "users", user.as_str()], rest].concat();
        self.shared.routes.identity(&path)
    }

    async fn tell(&self, operation: Operation, url: Url, body: Value) -> Traced {
        Ok(self.send(&Call::new(operation, url).json(body)).await?.trace_id)
    }
}

fn gone(told: Traced) -> Traced {
    match told {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(error.trace_id.clone()),
        told => told,
    }
}
