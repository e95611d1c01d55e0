//! The binding of the pool to the organization.

use domain::object::{ObjectKind, Origin};
use secureauth::{Binding, BindingId, BindingPatch, Mapping, NewBinding};

use super::{Undo, found, organization, pool, updated, vendor_id};
use crate::engine::step::{CREATING, StepContext, StepFailure, StepReport};

const KIND: ObjectKind = ObjectKind::Binding;

/// The binding's id.
pub(in crate::engine) fn id(context: &StepContext<'_>) -> Result<BindingId, StepFailure> {
    vendor_id(&context.id_of(KIND))
}

/// The mappings as the vendor takes them.
pub(in crate::engine) fn mappings(context: &StepContext<'_>) -> Vec<Mapping> {
    let pairs = &context.plan().binding.mappings;
    pairs
        .iter()
        .map(|(source, target)| Mapping {
            source: source.clone(),
            target: target.clone(),
            kind: "string".to_owned(),
            ..Mapping::default()
        })
        .collect()
}

/// Lists first, since a template may have made it; creates it where it is missing; then sets the mappings.
pub(in crate::engine) async fn ensure(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let organization = organization::id(context)?;
    let pool = pool::id(context)?;
    let bindings = context.vendor().list_bindings(&organization).await?;
    if let Some(binding) = bindings.iter().find(|binding| binding.identity_pool_id.as_ref() == Some(&pool)) {
        return bring_up_to_date(context, binding, context.origin_of_found()).await;
    }
    let id = id(context)?;
    if bindings.iter().any(|binding| binding.id == id) {
        return Err(StepFailure::foreign(KIND, id.as_str(), "it connects another pool"));
    }
    let wanted = NewBinding {
        id: Some(id),
        name: context.plan().binding.name.clone(),
        identity_pool_id: pool,
        attributes: Vec::new(),
        mappings: mappings(context),
    };
    context.note(CREATING).await?;
    let created = context.vendor().create_binding(&organization, &wanted, &context.idempotency_key()).await?;
    let audit = context.made(KIND, created.object.id.as_str(), created.trace_id.clone());
    let report = bring_up_to_date(context, &created.object, Origin::Created).await?;
    Ok(StepReport { outcome: format!("Binding {} created.", created.object.id), ..report }
        .audited(Some(audit)))
}

async fn bring_up_to_date(
    context: &StepContext<'_>,
    binding: &Binding,
    origin: Origin,
) -> Result<StepReport, StepFailure> {
    let organization = organization::id(context)?;
    let patch =
        BindingPatch { mappings: Some(mappings(context)), disabled: Some(false), ..BindingPatch::default() };
    let id = &binding.id;
    let outcome = context.vendor().update_binding(&organization, id, |it| *it = patch).await?;
    let object = context.object(KIND, id.as_str(), &binding.name, origin);
    Ok(updated(
        context,
        outcome,
        format!("Binding {id} was there; its mappings were set."),
        format!("Binding {id} was there and as wanted."),
    )
    .recording(object))
}

/// Takes the sign-in method away from the organization, or gives it back.
pub(in crate::engine) async fn switch(
    context: &StepContext<'_>,
    on: bool,
) -> Result<StepReport, StepFailure> {
    let organization = organization::id(context)?;
    let id = id(context)?;
    let patch = BindingPatch { disabled: Some(!on), ..BindingPatch::default() };
    let outcome = context.vendor().update_binding(&organization, &id, |it| *it = patch).await?;
    let word = if on { "enabled" } else { "disabled" };
    Ok(updated(
        context,
        outcome,
        format!("Binding {id} is now {word}."),
        format!("Binding {id} was {word} already."),
    ))
}

/// Deletes the binding if the abandoned enablement made it.
pub(in crate::engine) async fn undo(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let undo = super::to_undo(context, KIND, context.step.kind).await?;
    let Undo::Delete(id) = &undo else { return Ok(super::left(KIND, &undo)) };
    let organization = organization::id(context)?;
    let binding_id: BindingId = vendor_id(id)?;
    if let Some(binding) = found(context.vendor().get_binding(&organization, &binding_id).await)?
        && binding.identity_pool_id.as_ref() != Some(&pool::id(context)?)
    {
        return Err(StepFailure::foreign(KIND, id, "it connects another pool"));
    }
    let outcome = context.vendor().delete_binding(&organization, &binding_id).await?;
    Ok(super::deleted(context, KIND, id, outcome))
}
