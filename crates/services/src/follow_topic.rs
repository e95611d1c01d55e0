//! Live pages: which version of a topic a page shows, so that its event stream can tell of anything newer.

use domain::{
    Topic,
    actor::{Actor, Capability},
};
use storage::live;

use crate::{Console, ServiceError, bulk_enable, reach};

/// The topic's present version. Asked before a page reads its data, so that no change falls in between.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see what the topic is about, [`ServiceError::NotFound`] for a biller
/// or wave that is not there.
pub async fn version(console: &Console, actor: &Actor, topic: &Topic) -> Result<i64, ServiceError> {
    actor.may(match topic {
        Topic::Billers | Topic::Biller(_) | Topic::Wave(_) | Topic::Migrations => Capability::ViewBillers,
        Topic::Mirror => Capability::ViewUsers,
        Topic::Deliveries => Capability::ViewDeliveries,
        Topic::Activity => Capability::ViewActivity,
        Topic::Calls => Capability::ViewPerformance,
    })?;
    let mut conn = console.store.read().await?;
    match topic {
        Topic::Biller(bid) => drop(reach::biller(&mut conn, actor, bid).await?),
        Topic::Wave(id) => drop(bulk_enable::find(&mut conn, actor, *id).await?),
        // That something changed somewhere says nothing of what it was.
        Topic::Billers
        | Topic::Migrations
        | Topic::Mirror
        | Topic::Deliveries
        | Topic::Activity
        | Topic::Calls => {}
    }
    Ok(live::version(&mut conn, topic).await?)
}
