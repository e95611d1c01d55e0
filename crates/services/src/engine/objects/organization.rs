//! The biller's organization.

use domain::object::{ObjectKind, Origin};
use secureauth::{NewOrganization, Organization, OrganizationPatch, WorkspaceId};
use serde_json::Value;

use super::{Undo, found, in_use, updated, vendor_id};
use crate::engine::step::{CREATING, StepContext, StepFailure, StepReport};

const KIND: ObjectKind = ObjectKind::Organization;

/// The organization's id.
pub(in crate::engine) fn id(context: &StepContext<'_>) -> Result<WorkspaceId, StepFailure> {
    vendor_id(&context.id_of(KIND))
}

/// Creates the organization, or takes over by id what bears our mark.
pub(in crate::engine) async fn ensure(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let id = id(context)?;
    match found(context.vendor().get_organization(&id).await)? {
        None => create(context, id).await,
        Some(organization) => adopt(context, organization).await,
    }
}

async fn create(context: &StepContext<'_>, id: WorkspaceId) -> Result<StepReport, StepFailure> {
    let plan = &context.plan().organization;
    let wanted = NewOrganization {
        id,
        name: plan.name.clone(),
        description: Some(format!("Biller {}", context.biller().bid())),
        parent_id: vendor_id(&plan.parent_id)?,
        template_id: plan.template_id.as_deref().map(vendor_id).transpose()?,
        domains: Vec::new(),
        authentication_mechanisms: Vec::new(),
        metadata: context.mark(),
    };
    context.note(CREATING).await?;
    let created = context.vendor().create_organization(&wanted, &context.idempotency_key()).await?;
    let id = created.object.id.as_str();
    let audit = context.made(KIND, id, created.trace_id.clone());
    let report = StepReport::done(format!("Organization {id} created.")).audited(Some(audit));
    recorded(context, report, &created.object, Origin::Created)
}

async fn adopt(context: &StepContext<'_>, found: Organization) -> Result<StepReport, StepFailure> {
    let plan = &context.plan().organization;
    let id = found.id.clone();
    if !plan.mark.is_on(&Value::Object(found.metadata.clone())) {
        return Err(StepFailure::foreign(KIND, id.as_str(), "it does not bear our mark with this bid"));
    }
    if found.parent_id.as_ref().is_some_and(|parent| parent.as_str() != plan.parent_id) {
        return Err(StepFailure::foreign(KIND, id.as_str(), "it belongs to another parent workspace"));
    }
    let patch = OrganizationPatch {
        name: Some(plan.name.clone()),
        deactivated: Some(false),
        ..OrganizationPatch::default()
    };
    let outcome = context.vendor().update_organization(&id, |it| *it = patch).await?;
    let origin = context.origin_of_found();
    let report = updated(
        context,
        outcome,
        format!("Organization {id} was there and ours; brought up to date."),
        format!("Organization {id} was there, ours and as wanted."),
    );
    recorded(context, report, &found, origin)
}

fn recorded(
    context: &StepContext<'_>,
    report: StepReport,
    organization: &Organization,
    origin: Origin,
) -> Result<StepReport, StepFailure> {
    let Some(issuer) = &organization.issuer_url else {
        return Err(StepFailure::new(
            domain::run::FailureKind::Mismatch,
            format!("SecureAuth names no issuer for organization {}.", organization.id),
            "Look at the organization in the SecureAuth console; if it shows an issuer there, retry.",
        ));
    };
    let object = context.object(KIND, organization.id.as_str(), &context.plan().organization.name, origin);
    Ok(report.recording(object).issuer(Some(issuer.to_string())))
}

/// Deactivates or reactivates. The vendor does not document the effect, so nothing relies on it.
pub(in crate::engine) async fn switch(
    context: &StepContext<'_>,
    on: bool,
) -> Result<StepReport, StepFailure> {
    let id = id(context)?;
    let patch = OrganizationPatch { deactivated: Some(!on), ..OrganizationPatch::default() };
    let outcome = context.vendor().update_organization(&id, |it| *it = patch).await?;
    let word = if on { "active" } else { "deactivated" };
    Ok(updated(
        context,
        outcome,
        format!("Organization {id} is now {word}."),
        format!("Organization {id} was {word} already."),
    ))
}

/// Deletes the organization if the abandoned enablement made it and nobody uses it.
pub(in crate::engine) async fn undo(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let undo = super::to_undo(context, KIND, context.step.kind).await?;
    let Undo::Delete(id) = &undo else { return Ok(super::left(KIND, &undo).issuer(None)) };
    let workspace: WorkspaceId = vendor_id(id)?;
    if let Some(organization) = found(context.vendor().get_organization(&workspace).await)? {
        if !context.plan().organization.mark.is_on(&Value::Object(organization.metadata)) {
            return Err(StepFailure::foreign(KIND, id, "it no longer bears our mark"));
        }
        in_use::organization_is_empty(context, &workspace).await?;
    }
    let outcome = context.vendor().delete_organization(&workspace).await?;
    Ok(super::deleted(context, KIND, id, outcome).issuer(None))
}
