//! Is something still used? Asked before anything is deleted.

use domain::object::ObjectKind;
use secureauth::{OrganizationFilter, PageRequest, PageSize, Pool, WorkspaceId};

use super::{found, organization, pool};
use crate::engine::step::{StepContext, StepFailure};

/// Asked first of all in an undo, so that nothing is deleted when something else must stay.
pub(in crate::engine) async fn nothing_is_in_use(context: &StepContext<'_>) -> Result<(), StepFailure> {
    if let Some(pool) = found(context.vendor().get_pool(&pool::id(context)?).await)? {
        pool_is_empty(context, &pool).await?;
    }
    let id = organization::id(context)?;
    match found(context.vendor().get_organization(&id).await)? {
        Some(_) => has_no_children(context, &id).await,
        None => Ok(()),
    }
}

/// A pool with users is never deleted.
pub(in crate::engine) async fn pool_is_empty(
    context: &StepContext<'_>,
    pool: &Pool,
) -> Result<(), StepFailure> {
    let page = PageRequest { size: PageSize::clamped(1), ..PageRequest::default() };
    let users = context.vendor().list_users(&pool.id, &page).await?.items;
    if users.is_empty() && pool.number_of_users.unwrap_or(0) == 0 {
        return Ok(());
    }
    Err(StepFailure::in_use(ObjectKind::Pool, pool.id.as_str(), "it holds users"))
}

/// An organization that holds anything besides what was deleted before it is never deleted.
pub(in crate::engine) async fn organization_is_empty(
    context: &StepContext<'_>,
    id: &WorkspaceId,
) -> Result<(), StepFailure> {
    let page = PageRequest::default();
    let in_use = |why: &str| Err(StepFailure::in_use(ObjectKind::Organization, id.as_str(), why));
    if !context.vendor().list_clients(id, &page).await?.items.is_empty() {
        return in_use("it holds applications that are not ours");
    }
    if !context.vendor().list_pools(id, &page).await?.items.is_empty() {
        return in_use("it holds identity pools that are not ours");
    }
    has_no_children(context, id).await
}

async fn has_no_children(context: &StepContext<'_>, id: &WorkspaceId) -> Result<(), StepFailure> {
    let filter = OrganizationFilter { parent_id: Some(id.clone()), ..OrganizationFilter::default() };
    if context.vendor().list_organizations(&filter).await?.items.is_empty() {
        return Ok(());
    }
    Err(StepFailure::in_use(ObjectKind::Organization, id.as_str(), "it has organizations under it"))
}
