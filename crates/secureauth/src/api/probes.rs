//! Reads whose answers nobody needs: that they come, and how fast, is what the probes want to know.

use serde::de::IgnoredAny;

use super::paged;
use crate::{
    client::SecureAuth,
    error::CallError,
    model::WorkspaceId,
    operation::Operation,
    paging::{PageRequest, PageSize},
    transport::Call,
};

impl SecureAuth {
    /// Reads the pools of a workspace through the system part of the Identity API; the answer is how many came.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn probe_system_pools(&self, workspace: &WorkspaceId) -> Result<usize, CallError> {
        let url = self.shared.routes.identity(&["system", "workspace", workspace.as_str(), "pools"]);
        let call = paged(Call::new(Operation::SystemListPools, url), &one(), "after_pool_id");
        Ok(self.read_list::<IgnoredAny>(&call, "pools").await?.len())
    }

    /// Reads one organization at most through the System API; the answer is how many came.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn probe_system_organizations(&self) -> Result<usize, CallError> {
        let url = self.shared.routes.system(&["organizations"]);
        let call = paged(Call::new(Operation::SystemListOrganizations, url), &one(), "after_organization_id");
        Ok(self.read_list::<IgnoredAny>(&call, "organizations").await?.len())
    }
}

fn one() -> PageRequest {
    PageRequest { size: PageSize::clamped(1), ..PageRequest::default() }
}
