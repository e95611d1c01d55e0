//! Organizations, through the Admin API (vendor contract, organizations).

use serde_json::{Map, Value, json};

use super::{body, paged};
use crate::{
    client::SecureAuth,
    error::CallError,
    idempotency::IdempotencyKey,
    model::{
        Created, Deleted, NewOrganization, Organization, OrganizationFilter, OrganizationPatch,
        UpdateOutcome, WorkspaceId,
    },
    operation::Operation,
    overlay,
    paging::Page,
    transport::Call,
    update::{Target, Update},
};

impl SecureAuth {
    /// A page of organizations.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn list_organizations(
        &self,
        filter: &OrganizationFilter,
    ) -> Result<Page<Organization>, CallError> {
        let url = self.shared.routes.admin(&["organizations"]);
        let mut call =
            paged(Call::new(Operation::ListOrganizations, url), &filter.page, "after_organization_id");
        if let Some(parent) = &filter.parent_id {
            call.url.query_pairs_mut().append_pair("parent_id", parent.as_str());
        }
        if let Some(text) = &filter.search {
            call.url.query_pairs_mut().append_pair("search_phrase", text);
        }
        let items = self.read_list(&call, "organizations").await?;
        Ok(filter.page.page(items, |it: &Organization| it.id.as_str()))
    }

    /// Makes an organization. The same `key` within a minute gives the same one.
    ///
    /// # Errors
    /// `Conflict` when the id is taken: read it and see whose it is.
    pub async fn create_organization(
        &self,
        organization: &NewOrganization,
        key: &IdempotencyKey,
    ) -> Result<Created<Organization>, CallError> {
        let operation = Operation::CreateOrganization;
        let body = body(operation, organization, None)?;
        let url = self.shared.routes.admin(&["organizations"]);
        self.create(&Call::new(operation, url).json(body).key(key)).await
    }

    /// One organization.
    ///
    /// # Errors
    /// `NotFound` when there is none with this id.
    pub async fn get_organization(&self, id: &WorkspaceId) -> Result<Organization, CallError> {
        let url = self.shared.routes.admin(&["organizations", id.as_str()]);
        self.read(&Call::new(Operation::GetOrganization, url)).await
    }

    /// Sets the fields that `change` names; all others stay as they are.
    ///
    /// # Errors
    /// `ReadBackMismatch` when the vendor confirms but shows other values; else as any write.
    pub async fn update_organization(
        &self,
        id: &WorkspaceId,
        change: impl FnOnce(&mut OrganizationPatch) + Send,
    ) -> Result<UpdateOutcome, CallError> {
        let mut patch = OrganizationPatch::default();
        change(&mut patch);
        let write = Operation::UpdateOrganization;
        let update = Update {
            read: Operation::GetOrganization,
            url: self.shared.routes.admin(&["organizations", id.as_str()]),
            target: Target::Whole { write, shape: &overlay::ORGANIZATION },
            wanted: body(write, &patch, None)?,
            guard: None,
        };
        self.update(&update).await
    }

    /// Sets free fields through the call made for them; a null removes one, the others stay.
    ///
    /// # Errors
    /// As [`Self::update_organization`].
    pub async fn update_organization_metadata(
        &self,
        id: &WorkspaceId,
        fields: Map<String, Value>,
    ) -> Result<UpdateOutcome, CallError> {
        let update = Update {
            read: Operation::GetOrganization,
            url: self.shared.routes.admin(&["organizations", id.as_str()]),
            target: Target::Part {
                write: Operation::UpdateOrganizationMetadata,
                url: self.shared.routes.admin(&["organizations", id.as_str(), "metadata"]),
                part: "metadata",
                field: "payload",
            },
            wanted: json!({ "metadata": { "payload": fields } }),
            guard: None,
        };
        self.update(&update).await
    }

    /// Removes an organization for ever. Its id stays in every bookmark of its issuer.
    ///
    /// # Errors
    /// Any [`CallError`] of a write, except that gone is not an error.
    pub async fn delete_organization(&self, id: &WorkspaceId) -> Result<Deleted, CallError> {
        let url = self.shared.routes.admin(&["organizations", id.as_str()]);
        self.remove(&Call::new(Operation::DeleteOrganization, url)).await
    }
}
