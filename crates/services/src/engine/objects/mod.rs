//! The objects of a biller at SecureAuth: each can be ensured, switched off and on, and undone.

pub(super) mod application;
pub(super) mod binding;
pub(super) mod in_use;
pub(super) mod organization;
pub(super) mod pool;
pub(super) mod theme;

use domain::{
    object::{ObjectKind, Origin},
    run::{FailureKind, StepKind},
};
use secureauth::{CallError, Deleted, ErrorKind, InvalidVendorId, UpdateOutcome};

use super::step::{CREATING, StepContext, StepFailure, StepReport};
use crate::ServiceError;

/// An id of the vendor's kind.
pub(super) fn vendor_id<T>(text: &str) -> Result<T, StepFailure>
where
    T: std::str::FromStr<Err = InvalidVendorId>,
{
    text.parse().map_err(|error: InvalidVendorId| {
        StepFailure::new(
            FailureKind::Internal,
            error.to_string(),
            "Check objects.id_prefix in the configuration; then retry.",
        )
    })
}

/// `None` when the vendor says that there is no such object.
pub(super) fn found<T>(result: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match result {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What an update of an object of ours is reported as.
pub(super) fn updated(
    context: &StepContext<'_>,
    outcome: UpdateOutcome,
    changed: String,
    unchanged: String,
) -> StepReport {
    if outcome.changed {
        let trace = outcome.trace_ids.last().cloned();
        let entry = context.changed(Some(outcome.before), Some(outcome.after), trace);
        StepReport::done(changed).audited(Some(entry))
    } else {
        StepReport::done(unchanged)
    }
}

/// What undoing has to do about an object.
pub(super) enum Undo {
    /// Delete it: the abandoned enablement created it.
    Delete(String),
    /// Forget it: it was there before and stays.
    Leave,
    /// It was never made.
    Nothing,
}

/// Decides from our own records: only what the abandoned enablement created may be deleted.
pub(super) async fn to_undo(
    context: &StepContext<'_>,
    kind: ObjectKind,
    step: StepKind,
) -> Result<Undo, StepFailure> {
    let abandoned = context.abandoned_run().await?;
    match context.recorded(kind) {
        Some(object) if object.origin == Origin::Created && Some(object.run) == abandoned => {
            Ok(Undo::Delete(object.vendor_id.clone()))
        }
        Some(_) => Ok(Undo::Leave),
        // The enablement may have been stopped after creating and before recording: its note tells.
        None => {
            let Some(run) = abandoned else { return Ok(Undo::Nothing) };
            let mut conn = context.console.store.read().await.map_err(ServiceError::from)?;
            let steps = storage::runs::steps(&mut conn, run).await.map_err(ServiceError::from)?;
            let noted = steps.iter().any(|s| s.kind == step && s.cursor.as_deref() == Some(CREATING));
            Ok(if noted { Undo::Delete(context.id_of(kind)) } else { Undo::Nothing })
        }
    }
}

/// The report of an undo that has nothing to delete.
pub(super) fn left(kind: ObjectKind, undo: &Undo) -> StepReport {
    match undo {
        Undo::Leave => StepReport::done(format!(
            "{} was there before this enablement: left untouched at SecureAuth.",
            kind.label()
        ))
        .removing(kind),
        Undo::Nothing | Undo::Delete(_) => StepReport::skipped("It was never made."),
    }
}

/// The report of a deletion.
pub(super) fn deleted(context: &StepContext<'_>, kind: ObjectKind, id: &str, outcome: Deleted) -> StepReport {
    let recorded = context.recorded(kind).is_some();
    let report = match outcome {
        Deleted::Now { trace_id } => StepReport::done(format!("{} {id} deleted.", kind.label()))
            .audited(Some(context.deleted(kind, id, trace_id))),
        Deleted::Already if recorded => StepReport::done(format!("{} {id} was gone already.", kind.label())),
        Deleted::Already => StepReport::skipped("It was never made."),
    };
    // What the enablement only noted, since its creation was refused or cut off, is not in our records.
    if recorded { report.removing(kind) } else { report }
}
