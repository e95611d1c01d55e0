//! Applications (vendor contract, applications).

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{body, created, paged};
use crate::{
    client::SecureAuth,
    error::{CallError, ErrorKind},
    idempotency::IdempotencyKey,
    model::{
        Client, ClientId, ClientPatch, Created, CreatedClient, Deleted, NewClient, RotatedSecret,
        UpdateOutcome, WorkspaceId,
    },
    operation::Operation,
    overlay,
    paging::{Page, PageRequest},
    redact,
    transport::Call,
    update::{Target, Update},
};

impl SecureAuth {
    /// A page of the applications of a workspace or organization. Their secrets are dropped unread.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn list_clients(
        &self,
        workspace: &WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<Client>, CallError> {
        let url = self.shared.routes.admin(&["servers", workspace.as_str(), "clients"]);
        let call = paged(Call::new(Operation::ListClients, url), page, "after_client_id");
        let items = self.read_list(&call, "clients").await?;
        Ok(page.page(items, |it: &Client| it.client_id.as_str()))
    }

    /// Makes an application. The answer is the only place where its secret appears.
    ///
    /// # Errors
    /// `Conflict` when the id is taken; `Config` when the JWKS holds a private key.
    pub async fn create_client(
        &self,
        client: &NewClient,
        key: &IdempotencyKey,
    ) -> Result<CreatedClient, CallError> {
        let operation = Operation::CreateClient;
        public_only(operation, client.jwks.as_ref())?;
        let body = body(operation, client, Some(self.tenant_id()))?;
        let url = self.shared.routes.admin(&["clients"]);
        let answer = self.send(&Call::new(operation, url).json(body).key(key)).await?;
        let secret = match answer.json(operation)?.get_mut("client_secret").map(Value::take) {
            Some(Value::String(secret)) if !secret.is_empty() => Some(SecretString::from(secret)),
            _ => None,
        };
        let Created { object, answer, trace_id, replayed } = created(operation, &answer)?;
        Ok(CreatedClient { client: object, secret, answer, trace_id, replayed })
    }

    /// One application. Its secrets are dropped unread.
    ///
    /// # Errors
    /// `NotFound` when there is none with this id.
    pub async fn get_client(&self, id: &ClientId) -> Result<Client, CallError> {
        let url = self.shared.routes.admin(&["clients", id.as_str()]);
        self.read(&Call::new(Operation::GetClient, url)).await
    }

    /// Sets the fields that `change` names; all others stay as they are, secrets included.
    ///
    /// # Errors
    /// `ReadBackMismatch` when the vendor confirms but shows other values; `Config` when the JWKS holds a
    /// private key; else as any write.
    pub async fn update_client(
        &self,
        id: &ClientId,
        change: impl FnOnce(&mut ClientPatch) + Send,
    ) -> Result<UpdateOutcome, CallError> {
        let mut patch = ClientPatch::default();
        change(&mut patch);
        let write = Operation::UpdateClient;
        public_only(write, patch.jwks.as_ref())?;
        let update = Update {
            read: Operation::GetClient,
            url: self.shared.routes.admin(&["clients", id.as_str()]),
            target: Target::Whole { write, shape: &overlay::CLIENT },
            wanted: body(write, &patch, None)?,
            guard: None,
        };
        self.update(&update).await
    }

    /// Makes a new secret for an application. The answer is the only place where it appears. The one before
    /// works on for `old_works_for`, at least a second.
    ///
    /// # Errors
    /// `NotFound` when there is no such application; `Decode` when the answer holds no secret.
    pub async fn rotate_client_secret(
        &self,
        id: &ClientId,
        old_works_for: Duration,
        key: &IdempotencyKey,
    ) -> Result<RotatedSecret, CallError> {
        #[derive(Deserialize)]
        struct Made {
            secret: SecretString,
        }
        let operation = Operation::RotateClientSecret;
        let mut url = self.shared.routes.admin(&["clients", id.as_str(), "rotateSecret"]);
        // Zero would mean "for ever", not "not at all".
        let seconds = old_works_for.as_secs().max(1);
        url.query_pairs_mut().append_pair("auto_revoke_after", &format!("{seconds}s"));
        let answer = self.send(&Call::new(operation, url).key(key)).await?;
        let Made { secret } = answer.decode(operation)?;
        if secret.expose_secret().is_empty() {
            let error = CallError::new(ErrorKind::Decode, operation, "the answer holds an empty secret");
            return Err(error.with(|it| {
                it.trace_id = answer.trace_id;
                it.correlation_id = answer.correlation_id;
                it.unknown = true;
            }));
        }
        Ok(RotatedSecret { secret, trace_id: answer.trace_id })
    }

    /// Removes an application.
    ///
    /// # Errors
    /// Any [`CallError`] of a write, except that gone is not an error.
    pub async fn delete_client(&self, id: &ClientId) -> Result<Deleted, CallError> {
        let url = self.shared.routes.admin(&["clients", id.as_str()]);
        self.remove(&Call::new(Operation::DeleteClient, url)).await
    }
}

fn public_only(operation: Operation, jwks: Option<&Value>) -> Result<(), CallError> {
    if jwks.is_some_and(redact::holds_private_key) {
        let message = "the JWKS holds a private key: give the public keys only";
        return Err(CallError::new(ErrorKind::Config, operation, message));
    }
    Ok(())
}
