//! Adoption: how many of the moved users have signed in since, and when the others will.

use domain::{
    Bid,
    actor::{Actor, Capability},
    migration::{AdoptionPoint, Outlook, curve, outlook},
    performance::Minute,
};
use storage::adoption;

pub use storage::adoption::FeedStand;

use crate::{Console, ServiceError, reach};

/// Days shown, today included.
const DAYS: i64 = 91;

/// The curve of adoption.
#[derive(Clone, Debug)]
pub struct AdoptionView {
    /// Where it stood at the end of each of the last 91 days.
    pub points: Vec<AdoptionPoint>,
    /// How it goes on; `None` where too little is known.
    pub outlook: Option<Outlook>,
    /// How up to date the sign-ins are.
    pub stand: FeedStand,
    /// Minutes between two readings of sign-ins; `None` where they are not read.
    pub every_minutes: Option<u32>,
}

/// Shows the adoption of all billers that the actor sees, or of one.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers; [`ServiceError::NotFound`] for a biller that the actor
/// does not see.
pub async fn show(
    console: &Console,
    actor: &Actor,
    only: Option<&Bid>,
) -> Result<AdoptionView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    if let Some(bid) = only {
        reach::biller(&mut conn, actor, bid).await?;
    }
    let changes = adoption::days(&mut conn, actor.portfolio(), only).await?;
    let today = Minute::of(console.now()).day();
    let points = curve(&changes, today - DAYS + 1, today);
    // The present day is not over: it would make the last week look slower than it is.
    let outlook = points.split_last().and_then(|(_, whole)| outlook(whole));
    Ok(AdoptionView {
        outlook,
        points,
        stand: adoption::feed_stand(&mut conn, actor.portfolio(), only).await?,
        every_minutes: console.settings.numbers.sign_in_events_every_minutes,
    })
}
