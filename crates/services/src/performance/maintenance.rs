//! Maintenance windows: proposed by one person, approved by another; only then their time is left out.

use domain::{
    MaintenanceId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    emergency::Review,
    performance::{Maintenance, MaintenanceState, Minute, Range, Whose},
};
use serde_json::json;
use storage::vendor_review::maintenance;

use crate::{Console, ServiceError};

/// Windows on the page.
const LISTED: usize = 100;

/// A window as it is shown.
#[derive(Clone, Debug)]
pub struct MaintenanceView {
    /// The window.
    pub window: Maintenance,
    /// Whether the actor may decide on it now, and if not, why.
    pub allowed: Result<(), Refusal>,
}

/// What is proposed.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Whose maintenance it is.
    pub whose: Whose,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// What was announced, and where.
    pub note: String,
}

/// Shows the windows, the latest first.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn list(console: &Console, actor: &Actor) -> Result<Vec<MaintenanceView>, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let windows = maintenance::list(&mut conn, LISTED).await?;
    Ok(windows
        .into_iter()
        .map(|window| MaintenanceView { allowed: window.may_decide(actor), window })
        .collect())
}

/// Proposes a window.
///
/// # Errors
/// [`ServiceError::Field`] names the field and the cure; [`ServiceError::Refused`] without the right.
pub async fn propose(
    console: &Console,
    actor: &Actor,
    proposal: Proposal,
) -> Result<MaintenanceId, ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    let range = Range { from: Minute::of(proposal.from), to: Minute::of(proposal.to) };
    Maintenance::check(range)
        .map_err(|error| ServiceError::Field { field: "to", problem: error.to_string() })?;
    let note = proposal.note.trim().to_owned();
    if note.is_empty() {
        let problem = "Say what was announced, and where: the second person has nothing else to go by.";
        return Err(ServiceError::Field { field: "note", problem: problem.to_owned() });
    }
    let window = Maintenance {
        id: MaintenanceId::new(console.clock.as_ref(), console.entropy.as_ref()),
        whose: proposal.whose,
        from: range.from.begins(),
        to: range.to.begins(),
        note,
        state: MaintenanceState::Proposed,
        proposed_by: actor.clone(),
        proposed_at: console.now(),
        review: None,
    };
    let mut tx = console.store.begin().await?;
    maintenance::propose(&mut tx, &window).await?;
    let after = json!({ "whose": window.whose, "from": window.from, "to": window.to, "note": window.note });
    let entry = entry(console, actor, AuditAction::MaintenanceProposed, window.id).change(None, Some(after));
    tx.commit_audited(entry).await?;
    Ok(window.id)
}

/// A second person approves or declines a window.
///
/// # Errors
/// [`ServiceError::Refused`] for who proposed it, without the right, or when it was decided;
/// [`ServiceError::NotFound`].
pub async fn decide(
    console: &Console,
    actor: &Actor,
    id: MaintenanceId,
    to: MaintenanceState,
    note: Option<String>,
) -> Result<(), ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    if to == MaintenanceState::Proposed {
        let problem = "Approve it or decline it.".to_owned();
        return Err(ServiceError::Field { field: "decision", problem });
    }
    let mut tx = console.store.begin().await?;
    let unknown = || ServiceError::not_found("maintenance window", id);
    let window = maintenance::find(&mut tx, id).await?.ok_or_else(unknown)?;
    window.may_decide(actor)?;
    let review = Review { by: actor.clone(), at: console.now(), note: note.clone() };
    maintenance::decide(&mut tx, &window, to, &review).await?;
    let entry = entry(console, actor, AuditAction::MaintenanceDecided, id)
        .because(note)
        .change(Some(json!({ "state": window.state })), Some(json!({ "state": to })));
    tx.commit_audited(entry).await?;
    Ok(())
}

fn entry(console: &Console, actor: &Actor, action: AuditAction, id: MaintenanceId) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Vendor, id.to_string());
    AuditEntry::new(console.now(), actor.clone(), action, subject)
}
