//! Outbound events and whether they arrived; sending one again by hand.

use domain::{
    DeliveryId, JobId, Timestamp,
    access::{self, Refusal},
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    event::{Delivery, DeliveryState},
};
use serde_json::{Value, json};
use storage::events::{self, DeliveryQuery};

use crate::{Console, ServiceError, reach};

/// Deliveries on a page at most.
const PAGE_MAX: usize = 200;

/// One page of deliveries, newest first.
#[derive(Clone, Debug)]
pub struct DeliveriesPage {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins.
    pub next: Option<(Timestamp, DeliveryId)>,
    /// The receivers in the configuration, by name.
    pub receivers: Vec<String>,
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct DeliveryView {
    /// The delivery.
    pub delivery: Delivery,
    /// What is sent.
    pub body: Value,
    /// Whether the actor may send it again now.
    pub send_again: Result<(), Refusal>,
}

/// Shows deliveries; to whoever works with one portfolio only, those about its billers.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see them.
pub async fn list(
    console: &Console,
    actor: &Actor,
    query: &DeliveryQuery,
) -> Result<DeliveriesPage, ServiceError> {
    actor.may(Capability::ViewDeliveries)?;
    let limit = query.limit.clamp(1, PAGE_MAX);
    let mut conn = console.store.read().await?;
    let within = actor.portfolio().cloned();
    let mut deliveries =
        events::deliveries(&mut conn, &DeliveryQuery { within, limit: limit + 1, ..query.clone() }).await?;
    let more = deliveries.len() > limit;
    deliveries.truncate(limit);
    Ok(DeliveriesPage {
        next: deliveries.last().map(|last| (last.created_at, last.id)).filter(|_| more),
        deliveries,
        receivers: console.settings.receivers.iter().map(|to| to.name.clone()).collect(),
    })
}

/// Shows one delivery with the body that is sent.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Refused`] without the right to see deliveries.
pub async fn show(console: &Console, actor: &Actor, id: DeliveryId) -> Result<DeliveryView, ServiceError> {
    actor.may(Capability::ViewDeliveries)?;
    let mut conn = console.store.read().await?;
    let (delivery, body) =
        events::delivery(&mut conn, id).await?.ok_or_else(|| ServiceError::not_found("delivery", id))?;
    reach::biller_of(&mut conn, actor, &delivery.bid, ("delivery", id)).await?;
    let send_again = access::may_send_again(actor, &delivery, console.now());
    Ok(DeliveryView { delivery, body, send_again })
}

/// Sends a delivery that waits or was given up at once, with a fresh row of attempts. Receivers drop what
/// they already have by the event's id.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] without the right, when it was delivered, and when it is
/// being sent, also because somebody else asked for it first.
pub async fn retry(console: &Console, actor: &Actor, id: DeliveryId) -> Result<(), ServiceError> {
    actor.may(Capability::RetryDeliveries)?;
    let mut tx = console.store.begin().await?;
    let delivery = events::hold(&mut tx, id).await?.ok_or_else(|| ServiceError::not_found("delivery", id))?;
    reach::biller_of(&mut tx, actor, &delivery.bid, ("delivery", id)).await?;
    access::may_send_again(actor, &delivery, console.now())?;
    let job = JobId::new(console.clock.as_ref(), console.entropy.as_ref());
    events::requeue(&mut tx, &delivery, job, console.now()).await?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::DeliveryRetried,
        Subject::new(SubjectKind::Delivery, id.to_string()),
    )
    .change(
        Some(json!({ "state": delivery.state, "attempts": delivery.attempts })),
        Some(json!({ "state": DeliveryState::Pending, "receiver": delivery.endpoint, "bid": delivery.bid })),
    );
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(())
}
