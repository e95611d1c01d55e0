//! All drift, biller by biller.

use domain::{
    Bid,
    actor::{Actor, Capability},
    settings::Drift,
};
use storage::drift;

use crate::{Console, ServiceError};

/// Rows of a page.
pub const PAGE: usize = 100;

/// A page of drift.
#[derive(Clone, Debug)]
pub struct DriftPage {
    /// What differs and is not ignored.
    pub drifts: Vec<Drift>,
    /// The place after which the next page begins.
    pub next: Option<(Bid, String)>,
}

/// What differs for the billers that the actor sees.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn list(
    console: &Console,
    actor: &Actor,
    after: Option<(Bid, String)>,
) -> Result<DriftPage, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let within = actor.portfolio().map(domain::Portfolio::as_str);
    let place = after.as_ref().map(|(bid, key)| (bid, key.as_str()));
    let mut drifts = drift::list(&mut conn, within, place, console.now(), PAGE + 1).await?;
    let more = drifts.len() > PAGE;
    drifts.truncate(PAGE);
    let next = drifts.last().filter(|_| more).map(|last| (last.bid.clone(), last.key.to_string()));
    Ok(DriftPage { drifts, next })
}
