//! The list of billers: searched, filtered, sorted, paged.

use domain::{
    access::Refusal,
    actor::{Actor, Capability},
    filter::{BillerFilter, ListQuery},
};
use storage::billers::{self, BillerCounts, BillerPage, Facets};

use crate::{Console, ServiceError};

/// The list as it is shown.
#[derive(Clone, Debug)]
pub struct BillerList {
    /// The rows, and where the neighbouring pages begin.
    pub page: BillerPage,
    /// All billers that the actor sees, by status.
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
    let within = actor.portfolio();
    let query = ListQuery { filter: reachable(actor, &query.filter), ..query.clone() };
    let mut conn = console.store.read().await?;
    Ok(BillerList {
        page: billers::list(&mut conn, &query).await?,
        counts: billers::counts(&mut conn, within).await?,
        facets: billers::facets(&mut conn, within).await?,
        may_import: actor.may(Capability::ImportBillers),
        may_bulk: actor.may(Capability::RunWaves),
    })
}

/// The same filter, of the billers that the actor sees.
pub(crate) fn reachable(actor: &Actor, filter: &BillerFilter) -> BillerFilter {
    let portfolio = actor.portfolio().or(filter.portfolio.as_ref()).cloned();
    BillerFilter { portfolio, ..filter.clone() }
}
