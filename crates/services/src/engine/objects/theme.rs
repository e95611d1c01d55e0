//! The shared theme, bound to the organization.

use domain::object::{ObjectKind, Origin};
use secureauth::ThemeId;

use super::{organization, updated, vendor_id};
use crate::engine::step::{StepContext, StepFailure, StepReport};

/// Binds the shared theme, if one is configured and not bound yet.
pub(in crate::engine) async fn ensure(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let Some(theme) = &context.plan().theme else {
        return Ok(StepReport::skipped("No shared theme is configured."));
    };
    let organization = organization::id(context)?;
    let wanted: ThemeId = vendor_id(theme)?;
    let object = context.object(ObjectKind::Theme, theme, "Shared theme", Origin::Adopted);
    let bound = context.vendor().get_theme_binding(&organization).await?;
    if bound.as_ref() == Some(&wanted) {
        return Ok(StepReport::done(format!("Theme {theme} was bound already.")).recording(object));
    }
    let outcome = context.vendor().bind_theme(&organization, &wanted, &context.idempotency_key()).await?;
    let report = updated(
        context,
        outcome,
        format!("Theme {theme} bound."),
        format!("Theme {theme} was bound already."),
    );
    Ok(report.recording(object))
}
