//! Audit events, through the Admin API (vendor contract, audit events).

use super::paged;
use crate::{
    client::SecureAuth,
    error::CallError,
    model::{AuditEvent, AuditFilter, WorkspaceId},
    operation::Operation,
    paging::Page,
    transport::Call,
};

impl SecureAuth {
    /// A page of the events kept under a workspace or organization, the newest first. Sign-ins are kept under the
    /// organization; what administrators and machines changed, under the workspace [`Self::administration`].
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn list_audit_events(
        &self,
        kept_under: &WorkspaceId,
        filter: &AuditFilter,
    ) -> Result<Page<AuditEvent>, CallError> {
        let url = self.shared.routes.admin(&["servers", kept_under.as_str(), "audit-events"]);
        let call = paged(Call::new(Operation::ListAuditEvents, url), &filter.page, "after_event_id");
        let call = filtered(call, filter);
        let mut items: Vec<AuditEvent> = self.read_list(&call, "audit_events").await?;
        items.iter_mut().for_each(AuditEvent::redact);
        Ok(filter.page.page(items, |it: &AuditEvent| it.id.as_str()))
    }

    /// Whether a client named in an event is the one that this console calls the Admin API with.
    #[must_use]
    pub fn is_own_client(&self, id: &str) -> bool {
        self.shared.config.admin.client_id == id
    }

    /// The workspace under which the vendor keeps what administrators changed (vendor contract, audit events: the
    /// parameter's default).
    #[must_use]
    pub fn administration(&self) -> WorkspaceId {
        WorkspaceId::administration()
    }
}

/// Adds what limits the list.
fn filtered(mut call: Call, filter: &AuditFilter) -> Call {
    let mut query = call.url.query_pairs_mut();
    query.append_pair("sort", "timestamp").append_pair("order", "desc");
    for (name, words) in [("event_subject", &filter.subjects), ("event_action", &filter.actions)] {
        if !words.is_empty() {
            query.append_pair(name, &words.join(","));
        }
    }
    if let Some(organization) = &filter.organization {
        query.append_pair("organization_id", organization.as_str());
    }
    if let Some((pool, user)) = &filter.acting_user {
        query.append_pair("user_pool_id", pool.as_str()).append_pair("user_id", user.as_str());
    }
    if let Some((pool, user)) = &filter.affected_user {
        query
            .append_pair("affected_user_pool_id", pool.as_str())
            .append_pair("affected_user_id", user.as_str());
    }
    for (name, instant) in [("timestamp_from", filter.from), ("timestamp_to", filter.to)] {
        if let Some(instant) = instant {
            query.append_pair(name, &instant.rfc3339());
        }
    }
    drop(query);
    call
}
