//! Reads everything back and compares it with the plan.

use domain::{object::ObjectKind, run::FailureKind};

use super::{
    objects::{application, binding, organization, pool},
    step::{StepContext, StepFailure, StepReport},
};

/// What differs, in words.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn check(&mut self, kind: ObjectKind, field: &str, same: bool) {
        if !same {
            self.0.push(format!("{}: {field}", kind.label()));
        }
    }
}

/// Reads organization, pool, binding, application and theme, and compares every field we set.
pub(super) async fn compare(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let mut differences = Differences::default();
    organization_and_theme(context, &mut differences).await?;
    pool_and_binding(context, &mut differences).await?;
    the_application(context, &mut differences).await?;
    if differences.0.is_empty() {
        return Ok(StepReport::done("Everything reads back as planned."));
    }
    Err(StepFailure::new(
        FailureKind::Mismatch,
        format!("What SecureAuth shows differs from the plan in {}.", differences.0.join("; ")),
        "Someone may have changed it meanwhile. Look at these fields at SecureAuth; undo this enablement and enable again, or set them right there and retry.",
    ))
}

/// Reads binding and application, and compares what sign-ins need of them.
pub(super) async fn switches(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let mut differences = Differences::default();
    let (organization, pool) = (organization::id(context)?, pool::id(context)?);
    let bound = context.vendor().get_binding(&organization, &binding::id(context)?).await?;
    differences.check(ObjectKind::Binding, "pool", bound.identity_pool_id == Some(pool));
    differences.check(ObjectKind::Binding, "disabled", !bound.disabled);
    let client = context.vendor().get_client(&application::id(context)?).await?;
    differences.check(ObjectKind::Application, "status", client.is_active());
    if differences.0.is_empty() {
        return Ok(StepReport::done("The binding is enabled, and the application is active."));
    }
    Err(StepFailure::new(
        FailureKind::Mismatch,
        format!("SecureAuth shows otherwise than needed: {}.", differences.0.join("; ")),
        "Someone may be changing it right now. Look at these fields at SecureAuth; then retry.",
    ))
}

async fn organization_and_theme(
    context: &StepContext<'_>,
    differences: &mut Differences,
) -> Result<(), StepFailure> {
    let plan = &context.plan().organization;
    let id = organization::id(context)?;
    let found = context.vendor().get_organization(&id).await?;
    let kind = ObjectKind::Organization;
    differences.check(kind, "name", found.name == plan.name);
    differences.check(kind, "parent", found.parent_id.is_none_or(|parent| parent.as_str() == plan.parent_id));
    differences.check(kind, "deactivated", !found.deactivated);
    differences.check(kind, "mark", plan.mark.is_on(&serde_json::Value::Object(found.metadata)));
    differences.check(kind, "issuer", found.issuer_url.map(|url| url.to_string()) == context.biller().issuer);
    if let Some(theme) = &context.plan().theme {
        let bound = context.vendor().get_theme_binding(&id).await?;
        differences.check(ObjectKind::Theme, "theme", bound.is_some_and(|bound| bound.as_str() == theme));
    }
    Ok(())
}

async fn pool_and_binding(
    context: &StepContext<'_>,
    differences: &mut Differences,
) -> Result<(), StepFailure> {
    let organization = organization::id(context)?;
    let pool_id = pool::id(context)?;
    let found = context.vendor().get_pool(&pool_id).await?;
    let plan = &context.plan().pool;
    let kind = ObjectKind::Pool;
    differences.check(kind, "name", found.name == plan.name);
    differences.check(kind, "description", found.description == plan.description);
    differences.check(kind, "owner", found.workspace_id.is_none_or(|owner| owner == organization));
    differences.check(kind, "second factor", found.second_factor_authentication_mechanisms.is_empty());
    let found = context.vendor().get_binding(&organization, &binding::id(context)?).await?;
    let kind = ObjectKind::Binding;
    differences.check(kind, "pool", found.identity_pool_id == Some(pool_id));
    differences.check(kind, "disabled", !found.disabled);
    differences.check(kind, "mappings", found.mappings == binding::mappings(context));
    Ok(())
}

async fn the_application(
    context: &StepContext<'_>,
    differences: &mut Differences,
) -> Result<(), StepFailure> {
    let oidc = context.oidc();
    let found = context.vendor().get_client(&application::id(context)?).await?;
    let (method, jwks_uri) = application::proof(&oidc.client_auth)?;
    let kind = ObjectKind::Application;
    differences.check(kind, "name", found.client_name == context.plan().application.name);
    differences.check(kind, "status", found.is_active());
    differences.check(kind, "redirect URIs", found.redirect_uris == oidc.redirect_uris);
    let after = &oidc.post_logout_redirect_uris;
    differences.check(kind, "addresses after signing out", found.post_logout_redirect_uris == *after);
    differences.check(kind, "scopes", oidc.scopes.iter().all(|scope| found.scopes.contains(scope)));
    differences.check(kind, "client proof", found.token_endpoint_auth_method == Some(method));
    // An adopted application that proves itself by secret may still name keys from before: nobody uses them.
    differences.check(kind, "keys", jwks_uri.is_none() || found.jwks_uri == jwks_uri);
    Ok(())
}
