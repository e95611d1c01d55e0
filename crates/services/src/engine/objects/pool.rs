//! The biller's identity pool.

use domain::object::{ObjectKind, Origin};
use secureauth::{AuthenticationMechanism, NewPool, PageRequest, Pool, PoolId, PoolPatch, WithBinding};
use serde_json::Value;

use super::{Undo, found, in_use, organization, updated, vendor_id};
use crate::engine::step::{CREATING, StepContext, StepFailure, StepReport};

const KIND: ObjectKind = ObjectKind::Pool;

/// The pool's id.
pub(in crate::engine) fn id(context: &StepContext<'_>) -> Result<PoolId, StepFailure> {
    vendor_id(&context.id_of(KIND))
}

/// Creates the pool, takes over by id what is ours, or takes the one that the template brought along.
pub(in crate::engine) async fn ensure(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let id = id(context)?;
    if let Some(pool) = found(context.vendor().get_pool(&id).await)? {
        check_ours(context, &pool)?;
        return bring_up_to_date(context, &pool, context.origin_of_found()).await;
    }
    match from_template(context).await? {
        // The template's copy came with an organization that this run made.
        Some(pool) => bring_up_to_date(context, &pool, Origin::Created).await,
        None => create(context, id).await,
    }
}

fn check_ours(context: &StepContext<'_>, pool: &Pool) -> Result<(), StepFailure> {
    let organization = context.id_of(ObjectKind::Organization);
    let id = pool.id.as_str();
    if pool.workspace_id.as_ref().is_some_and(|owner| owner.as_str() != organization) {
        return Err(StepFailure::foreign(KIND, id, "it belongs to another workspace"));
    }
    if !context.plan().organization.mark.is_on(&Value::Object(pool.metadata.clone())) {
        return Err(StepFailure::foreign(KIND, id, "it does not bear our mark with this bid"));
    }
    Ok(())
}

/// The single pool that a template gave the organization, if we use a template.
async fn from_template(context: &StepContext<'_>) -> Result<Option<Pool>, StepFailure> {
    if context.plan().organization.template_id.is_none() {
        return Ok(None);
    }
    let organization = organization::id(context)?;
    let mut pools = context.vendor().list_pools(&organization, &PageRequest::default()).await?.items;
    if pools.len() > 1 {
        let why = format!("the template gave the organization {} pools, and one is expected", pools.len());
        return Err(StepFailure::foreign(KIND, organization.as_str(), &why));
    }
    Ok(pools.pop())
}

async fn create(context: &StepContext<'_>, id: PoolId) -> Result<StepReport, StepFailure> {
    let plan = &context.plan().pool;
    let wanted = NewPool {
        id: Some(id),
        name: plan.name.clone(),
        description: Some(plan.description.clone()),
        authentication_mechanisms: vec![AuthenticationMechanism::Password],
        public_registration_allowed: false,
        identifier_case_insensitive: true,
        metadata: context.mark(),
    };
    let organization = organization::id(context)?;
    context.note(CREATING).await?;
    let created = context
        .vendor()
        .create_pool(&organization, &wanted, WithBinding::No, &context.idempotency_key())
        .await?;
    let id = created.object.id.as_str();
    let object = context.object(KIND, id, &created.object.name, Origin::Created);
    Ok(StepReport::done(format!("Identity pool {id} created."))
        .recording(object)
        .audited(Some(context.made(KIND, id, created.trace_id.clone()))))
}

async fn bring_up_to_date(
    context: &StepContext<'_>,
    pool: &Pool,
    origin: Origin,
) -> Result<StepReport, StepFailure> {
    let plan = &context.plan().pool;
    let patch = PoolPatch {
        name: Some(plan.name.clone()),
        description: Some(plan.description.clone()),
        metadata: Some(context.mark()),
        ..PoolPatch::default()
    };
    let id = &pool.id;
    let outcome = context.vendor().update_pool(id, |it| *it = patch).await?;
    let object = context.object(KIND, id.as_str(), &plan.name, origin);
    Ok(updated(
        context,
        outcome,
        format!("Identity pool {id} was there; brought up to date."),
        format!("Identity pool {id} was there, ours and as wanted."),
    )
    .recording(object))
}

/// Deletes the pool if the abandoned enablement made it and it holds no users.
pub(in crate::engine) async fn undo(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let undo = super::to_undo(context, KIND, context.step.kind).await?;
    let Undo::Delete(id) = &undo else { return Ok(super::left(KIND, &undo)) };
    let pool_id: PoolId = vendor_id(id)?;
    if let Some(pool) = found(context.vendor().get_pool(&pool_id).await)? {
        check_ours(context, &pool)?;
        in_use::pool_is_empty(context, &pool).await?;
    }
    let outcome = context.vendor().delete_pool(&pool_id, WithBinding::No).await?;
    Ok(super::deleted(context, KIND, id, outcome))
}
