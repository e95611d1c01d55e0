//! Vanity domains of workspaces and organizations (vendor contract, custom domains).

use serde_json::{Value, json};

use super::body;
use crate::{
    client::SecureAuth,
    error::{CallError, ErrorKind},
    idempotency::IdempotencyKey,
    model::{Deleted, UpdateOutcome, VanityDomain, WorkspaceId},
    operation::Operation,
    transport::Call,
};

/// The type of a domain that belongs to one workspace.
const OF_WORKSPACE: &str = "server";

impl SecureAuth {
    /// The vanity domain of a workspace or organization, if it has one.
    ///
    /// # Errors
    /// Any [`CallError`] of a read; an unknown workspace counts as one without.
    pub async fn get_vanity_domain(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Option<VanityDomain>, CallError> {
        let mut url = self.shared.routes.admin(&["vanity-domains"]);
        url.query_pairs_mut().append_pair("server_id", workspace.as_str());
        match self.read::<VanityDomain>(&Call::new(Operation::GetVanityDomain, url)).await {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            // Without a domain there is nothing, however it is answered; another's is not this one's.
            Ok(found) => {
                let own = found.server_id.is_empty() || found.server_id == workspace.as_str();
                Ok(Some(found).filter(|found| !found.domain.is_empty() && own))
            }
            Err(error) => Err(error),
        }
    }

    /// Gives a workspace or organization this vanity domain in place of any other, or takes it away, and reads back.
    /// Sent again after a crash, it goes on where it stood.
    ///
    /// # Errors
    /// `ReadBackMismatch` when the vendor confirms but shows another domain; else as any write.
    pub async fn set_vanity_domain(
        &self,
        workspace: &WorkspaceId,
        wanted: Option<&str>,
        key: &IdempotencyKey,
    ) -> Result<UpdateOutcome, CallError> {
        let before = self.get_vanity_domain(workspace).await?;
        let same = |found: &Option<VanityDomain>| match (found, wanted) {
            (Some(found), Some(wanted)) => found.domain.eq_ignore_ascii_case(wanted),
            (found, wanted) => found.is_none() && wanted.is_none(),
        };
        let mut outcome = UpdateOutcome {
            before: shown(before.as_ref()),
            after: shown(before.as_ref()),
            changed: false,
            trace_ids: Vec::new(),
        };
        if same(&before) {
            return Ok(outcome);
        }
        let url = self.shared.routes.admin(&["vanity-domains"]);
        let tenant = Some(self.tenant_id());
        if let Some(old) = &before {
            let operation = Operation::DeleteVanityDomain;
            let old = VanityDomain { server_id: workspace.to_string(), ..old.clone() };
            let call = Call::new(operation, url.clone()).json(body(operation, &old, tenant)?);
            if let Deleted::Now { trace_id } = self.remove(&call).await? {
                outcome.trace_ids.extend(trace_id);
            }
        }
        if let Some(domain) = wanted {
            let new = VanityDomain {
                id: String::new(),
                domain: domain.to_owned(),
                kind: OF_WORKSPACE.to_owned(),
                server_id: workspace.to_string(),
            };
            let operation = Operation::CreateVanityDomain;
            let call = Call::new(operation, url).json(body(operation, &new, tenant)?).key(key);
            outcome.trace_ids.extend(self.send(&call).await?.trace_id);
        }
        let after = self.get_vanity_domain(workspace).await?;
        if !same(&after) {
            let kind = ErrorKind::ReadBackMismatch { fields: vec!["domain".to_owned()] };
            let operation = Operation::GetVanityDomain;
            return Err(CallError::new(kind, operation, "").with(|it| it.unknown = true));
        }
        outcome.after = shown(after.as_ref());
        outcome.changed = true;
        Ok(outcome)
    }
}

fn shown(domain: Option<&VanityDomain>) -> Value {
    json!({ "domain": domain.map(|it| it.domain.as_str()) })
}
