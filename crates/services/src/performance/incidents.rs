//! Incidents: opened by rule or by a person, annotated by people, closed by either.

use domain::{
    IncidentId, Timestamp,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    performance::{
        FailedCall, Incident, IncidentFacts, IncidentNote, IncidentState, Minute, OperationGroup, Range,
    },
};
use serde_json::json;
use storage::{
    calls::{self, FailedQuery},
    vendor_review::incidents,
};

use super::measure::group_of;
use crate::{Console, ServiceError};

/// Incidents on the page.
const LISTED: usize = 100;

/// Sample calls shown with an incident.
const SAMPLES: usize = 20;

/// Failed calls looked through for samples.
const LOOKED_THROUGH: usize = 2_000;

/// An incident with all that is known of it.
#[derive(Clone, Debug)]
pub struct IncidentView {
    /// The incident.
    pub incident: Incident,
    /// What people and the rule wrote beside it.
    pub notes: Vec<IncidentNote>,
    /// Calls that failed in it, the last one first: their trace ids are what the vendor's support asks for.
    pub samples: Vec<FailedCall>,
}

/// Shows the incidents, the latest first.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn list(console: &Console, actor: &Actor) -> Result<Vec<Incident>, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    Ok(incidents::list(&mut conn, LISTED).await?)
}

/// Shows one incident.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor, id: IncidentId) -> Result<IncidentView, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let unknown = || ServiceError::not_found("incident", id);
    let incident = incidents::find(&mut conn, id).await?.ok_or_else(unknown)?;
    let notes = incidents::notes(&mut conn, id).await?;
    let range = Range {
        from: Minute::of(incident.began),
        to: Minute(Minute::of(incident.ended.unwrap_or_else(|| console.now())).0 + 1),
    };
    let query = FailedQuery { range, operation: None, limit: LOOKED_THROUGH };
    let of_group =
        |call: &FailedCall| incident.group.is_none() || group_of(&call.key.operation) == incident.group;
    let failed = calls::failed(&mut conn, &query).await?;
    let samples = failed.into_iter().filter(of_group).take(SAMPLES).collect();
    Ok(IncidentView { incident, notes, samples })
}

/// A person opens an incident that the rule did not see.
///
/// # Errors
/// [`ServiceError::Field`] names the field and the cure; [`ServiceError::Refused`] without the right.
pub async fn open(
    console: &Console,
    actor: &Actor,
    title: &str,
    group: Option<OperationGroup>,
    began: Timestamp,
) -> Result<IncidentId, ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    if began > console.now() {
        let problem = "It cannot have begun in the future.".to_owned();
        return Err(ServiceError::Field { field: "began", problem });
    }
    let incident = Incident {
        id: IncidentId::new(console.clock.as_ref(), console.entropy.as_ref()),
        title: titled(title)?,
        group,
        state: IncidentState::Open,
        began,
        ended: None,
        opened_by: Some(actor.clone()),
        known: IncidentFacts::default(),
        version: 1,
    };
    let mut tx = console.store.begin().await?;
    incidents::open(&mut tx, &incident).await?;
    let after = json!({ "title": incident.title, "began": incident.began });
    tx.commit_audited(entry(console, actor, incident.id).change(None, Some(after))).await?;
    Ok(incident.id)
}

/// What somebody changes of an incident.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The version that was seen.
    pub seen: i64,
    /// What people call it.
    pub title: String,
    /// When it ended; `None` while it goes on.
    pub ended: Option<Timestamp>,
    /// What people know of it.
    pub known: IncidentFacts,
}

/// Changes what people know of an incident. With an end it is closed, without one it is open.
///
/// # Errors
/// [`ServiceError::Field`] names the field and the cure; [`ServiceError::Storage`] with a stale row when somebody else
/// changed it meanwhile; [`ServiceError::Refused`] without the right.
pub async fn edit(console: &Console, actor: &Actor, id: IncidentId, edit: Edit) -> Result<(), ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    let mut tx = console.store.begin().await?;
    let unknown = || ServiceError::not_found("incident", id);
    let before = incidents::find(&mut tx, id).await?.ok_or_else(unknown)?;
    let wrong = |field, problem: &str| Err(ServiceError::Field { field, problem: problem.to_owned() });
    if edit.ended.is_some_and(|ended| ended < before.began) {
        return wrong("ended", "It cannot have ended before it began.");
    }
    if edit.ended.is_some_and(|ended| ended > console.now()) {
        return wrong("ended", "It cannot have ended in the future.");
    }
    if edit.known.vendor_began.zip(edit.known.vendor_ended).is_some_and(|(began, ended)| ended < began) {
        return wrong("vendor_ended", "SecureAuth's end lies before its beginning.");
    }
    let state = if edit.ended.is_some() { IncidentState::Closed } else { IncidentState::Open };
    let after = Incident {
        title: titled(&edit.title)?,
        ended: edit.ended,
        known: edit.known,
        version: edit.seen,
        state,
        ..before.clone()
    };
    incidents::put(&mut tx, &after).await?;
    let said =
        |it: &Incident| json!({ "title": it.title, "state": it.state, "ended": it.ended, "known": it.known });
    tx.commit_audited(entry(console, actor, id).change(Some(said(&before)), Some(said(&after)))).await?;
    Ok(())
}

/// Writes a note beside an incident.
///
/// # Errors
/// [`ServiceError::Field`] for an empty note; [`ServiceError::NotFound`]; [`ServiceError::Refused`] without the right.
pub async fn note(console: &Console, actor: &Actor, id: IncidentId, text: &str) -> Result<(), ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(ServiceError::Field { field: "note", problem: "Write what you know.".to_owned() });
    }
    let mut tx = console.store.begin().await?;
    let unknown = || ServiceError::not_found("incident", id);
    incidents::find(&mut tx, id).await?.ok_or_else(unknown)?;
    let note = IncidentNote { at: console.now(), by: Some(actor.clone()), text };
    incidents::note(&mut tx, id, &note).await?;
    let after = json!({ "note": note.text });
    tx.commit_audited(entry(console, actor, id).change(None, Some(after))).await?;
    Ok(())
}

fn titled(title: &str) -> Result<String, ServiceError> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > 120 {
        let problem = "Give it a title of at most 120 characters.".to_owned();
        return Err(ServiceError::Field { field: "title", problem });
    }
    Ok(title.to_owned())
}

fn entry(console: &Console, actor: &Actor, id: IncidentId) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Vendor, id.to_string());
    AuditEntry::new(console.now(), actor.clone(), AuditAction::IncidentChanged, subject)
}
