//! The timeline of a range: which incidents there were when, and what maintenance was approved.

use domain::{
    Timestamp,
    actor::{Actor, Capability},
    performance::{Incident, Maintenance, Minute, Range, Span},
};
use storage::vendor_review::{incidents, maintenance};

use crate::{Console, ServiceError};

/// What lasted in a range.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The range; it ends with the present minute.
    pub range: Range,
    /// When it was read: what goes on lasted until then.
    pub now: Timestamp,
    /// The incidents that touch it, the first one first.
    pub incidents: Vec<Incident>,
    /// The maintenance that was approved and touches it.
    pub maintenance: Vec<Maintenance>,
}

/// Shows what lasted in the last time.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor, span: Span) -> Result<Timeline, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let now = console.now();
    let end = Minute(Minute::of(now).0 + 1);
    let range = Range { from: Minute(end.0 - span.minutes()), to: end };
    let mut conn = console.store.read().await?;
    Ok(Timeline {
        range,
        now,
        incidents: incidents::within(&mut conn, range).await?,
        maintenance: maintenance::approved(&mut conn, range).await?,
    })
}
