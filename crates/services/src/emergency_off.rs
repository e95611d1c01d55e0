//! Emergency off: a biller's sign-ins, or everyone's, go to the legacy page with the very next request, whatever run is
//! under way. A second person looks at it afterwards.

use domain::{
    Bid, EmergencyId,
    access::Refusal,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    emergency::{Decision, EVERYONE, Emergency, EmergencyState, Review},
};
use serde_json::json;
use storage::emergencies;

use crate::{Console, ServiceError, reach, use_case_news};

/// Emergencies on the page.
const LISTED: usize = 50;

/// An emergency as it is shown.
#[derive(Clone, Debug)]
pub struct EmergencyView {
    /// The emergency.
    pub emergency: Emergency,
    /// The biller's name; `None` for everyone.
    pub name: Option<String>,
    /// Whether the actor may decide on it now, and if not, why.
    pub allowed: Result<(), Refusal>,
}

/// The emergencies as they are shown.
#[derive(Clone, Debug)]
pub struct Emergencies {
    /// Newest first; of billers that the actor sees, and of everyone.
    pub list: Vec<EmergencyView>,
    /// Whether the actor may hold everyone's sign-ins off.
    pub everyone: Result<(), Refusal>,
}

/// Shows the emergencies.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn list(console: &Console, actor: &Actor) -> Result<Emergencies, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let mut list = Vec::new();
    for emergency in emergencies::list(&mut conn, LISTED).await? {
        let name = match &emergency.bid {
            None => None,
            Some(bid) => match reach::find(&mut conn, actor, bid).await? {
                Some(biller) => Some(biller.name().to_owned()),
                None => continue,
            },
        };
        list.push(EmergencyView { allowed: emergency.may_decide(actor), name, emergency });
    }
    Ok(Emergencies { list, everyone: Emergency::may_start(actor, None) })
}

/// Holds sign-ins off, at once. `typed` must be the biller's name, or `everyone`.
///
/// # Errors
/// [`ServiceError::Field`] when something else is typed, no reason is given, or they are held off already;
/// [`ServiceError::Refused`] without the right.
pub async fn start(
    console: &Console,
    actor: &Actor,
    bid: Option<&Bid>,
    typed: &str,
    reason: Option<String>,
) -> Result<EmergencyId, ServiceError> {
    Emergency::may_start(actor, bid)?;
    let mut tx = console.store.begin().await?;
    let name = match bid {
        None => EVERYONE.to_owned(),
        Some(bid) => reach::biller(&mut tx, actor, bid).await?.name().to_owned(),
    };
    if typed.trim() != name.trim() {
        let problem = format!("Type exactly as shown: {name}");
        return Err(ServiceError::Field { field: "name", problem });
    }
    let Some(reason) = reason.filter(|text| !text.trim().is_empty()) else {
        let problem = "Say why: the second person has nothing else to go by.".to_owned();
        return Err(ServiceError::Field { field: "reason", problem });
    };
    let open = emergencies::list(&mut tx, LISTED).await?;
    if open.iter().any(|one| one.state != EmergencyState::Lifted && one.bid.as_ref() == bid) {
        let problem = "These sign-ins are held off already.".to_owned();
        return Err(ServiceError::Field { field: "name", problem });
    }
    let emergency = Emergency {
        id: EmergencyId::new(console.clock.as_ref(), console.entropy.as_ref()),
        bid: bid.cloned(),
        state: EmergencyState::Active,
        reason: reason.clone(),
        started_by: actor.clone(),
        started_at: console.now(),
        review: None,
    };
    let held_before = match bid {
        Some(bid) => !emergencies::holding(&mut tx, bid).await?.is_empty(),
        None => false,
    };
    emergencies::start(&mut tx, &emergency).await?;
    use_case_news::of_emergency(console, &mut tx, emergency.id, bid, held_before).await?;
    let entry = entry(console, actor, AuditAction::EmergencyStarted, &emergency)
        .because(Some(reason))
        .change(None, Some(json!({ "emergency": emergency.id, "state": emergency.state })));
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(emergency.id)
}

/// A second person keeps or lifts an emergency.
///
/// # Errors
/// [`ServiceError::Refused`] for who started it, without the right, or when it is over; [`ServiceError::NotFound`].
pub async fn decide(
    console: &Console,
    actor: &Actor,
    id: EmergencyId,
    decision: Decision,
    note: Option<String>,
) -> Result<(), ServiceError> {
    actor.may(Capability::SuspendBiller)?;
    let unknown = || ServiceError::not_found("emergency", id);
    let mut tx = console.store.begin().await?;
    let emergency = emergencies::find(&mut tx, id).await?.ok_or_else(unknown)?;
    if let Some(bid) = &emergency.bid {
        reach::biller_of(&mut tx, actor, bid, ("emergency", id)).await?;
    }
    emergency.may_decide(actor)?;
    let to = match decision {
        Decision::Keep => EmergencyState::Kept,
        Decision::Lift => EmergencyState::Lifted,
    };
    let review = Review { by: actor.clone(), at: console.now(), note: note.clone() };
    emergencies::decide(&mut tx, &emergency, to, &review).await?;
    if to == EmergencyState::Lifted {
        use_case_news::of_emergency(console, &mut tx, id, emergency.bid.as_ref(), true).await?;
    }
    let entry = entry(console, actor, AuditAction::EmergencyDecided, &emergency)
        .because(note)
        .change(Some(json!({ "state": emergency.state })), Some(json!({ "emergency": id, "state": to })));
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(())
}

fn entry(console: &Console, actor: &Actor, action: AuditAction, emergency: &Emergency) -> AuditEntry {
    let subject = match &emergency.bid {
        Some(bid) => Subject::new(SubjectKind::Biller, bid.as_str()),
        None => Subject::new(SubjectKind::Emergency, emergency.id.to_string()),
    };
    AuditEntry::new(console.now(), actor.clone(), action, subject)
}
