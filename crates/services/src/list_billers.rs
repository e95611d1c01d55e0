//! The list of billers: searched, filtered, sorted, paged.

use domain::{
    access::Refusal,
    actor::{Actor, Capability},
    filter::ListQuery,
};
use storage::billers::{self, BillerCounts, BillerPage, Facets};

use crate::{Console, ServiceError};

/// The list as it is shown.
#[derive(Clone, Debug)]
pub struct BillerList {
    /// The rows, and where the neighbouring pages begin.
    pub page: BillerPage,
    /// All billers by status.
    pub counts: BillerCounts,
    /// What can be filtered by.
    pub facets: Facets,
    /// Whether the actor may bring in billers from a file.
    pub may_import: Result<(), Refusal>,
    /// Whether the actor may enable many at once.
    pub may_bulk: Result<(), Refusal>,
}

/// Shows a page of the list.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn list(console: &Console, actor: &Actor, query: &ListQuery) -> Result<BillerList, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    Ok(BillerList {
        page: billers::list(&mut conn, query).await?,
        counts: billers::counts(&mut conn).await?,
        facets: billers::facets(&mut conn).await?,
        may_import: actor.may(Capability::ImportBillers),
        may_bulk: actor.may(Capability::RunWaves),
    })
}
