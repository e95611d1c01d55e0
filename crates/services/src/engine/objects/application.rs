//! The biller's application: the OIDC client of IC's portal.

use domain::{
    object::{ObjectKind, Origin, VendorObject},
    oidc::ClientAuth,
    run::FailureKind,
};
use secureauth::{
    Client, ClientId, ClientPatch, ClientStatus, GrantType, NewClient, ResponseType, SubjectType,
    TokenEndpointAuthMethod,
};
use serde_json::Value;
use url::Url;

use super::{Undo, found, organization, updated, vendor_id};
use crate::engine::step::{CREATING, StepContext, StepFailure, StepReport};

const KIND: ObjectKind = ObjectKind::Application;

/// The client id.
pub(in crate::engine) fn id(context: &StepContext<'_>) -> Result<ClientId, StepFailure> {
    vendor_id(&context.id_of(KIND))
}

/// Creates the application, or takes over by id what bears our mark.
pub(in crate::engine) async fn ensure(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let id = id(context)?;
    match found(context.vendor().get_client(&id).await)? {
        None => create(context, id).await,
        Some(client) => adopt(context, client).await,
    }
}

/// How the portal proves itself, and where its keys are.
pub(in crate::engine) fn proof(
    client_auth: &ClientAuth,
) -> Result<(TokenEndpointAuthMethod, Option<Url>), StepFailure> {
    match client_auth {
        ClientAuth::ClientSecret => Ok((TokenEndpointAuthMethod::ClientSecretBasic, None)),
        ClientAuth::PrivateKeyJwt { jwks_uri } => match Url::parse(jwks_uri) {
            Ok(url) => Ok((TokenEndpointAuthMethod::PrivateKeyJwt, Some(url))),
            Err(error) => Err(StepFailure::new(
                FailureKind::Refused,
                format!("objects.client_auth.jwks_uri is no URL: {error}"),
                "Correct it in the configuration, restart, and retry.",
            )),
        },
    }
}

async fn create(context: &StepContext<'_>, id: ClientId) -> Result<StepReport, StepFailure> {
    let plan = &context.plan().application;
    let oidc = &plan.oidc;
    let (method, jwks_uri) = proof(&oidc.client_auth)?;
    let wanted = NewClient {
        client_id: Some(id),
        workspace_id: organization::id(context)?,
        client_name: plan.name.clone(),
        description: None,
        redirect_uris: oidc.redirect_uris.clone(),
        post_logout_redirect_uris: oidc.post_logout_redirect_uris.clone(),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        response_types: vec![ResponseType::Code],
        scopes: oidc.scopes.clone(),
        token_endpoint_auth_method: method,
        jwks_uri,
        jwks: None,
        subject_type: Some(SubjectType::Public),
        trusted: true,
        metadata: context.mark(),
    };
    context.note(CREATING).await?;
    // A secret, where the answer holds one, is dropped here: nobody is there to see it. One that is seen, once, is
    // made when somebody asks for it (`hand_over_secret`).
    let created = context.vendor().create_client(&wanted, &context.idempotency_key()).await?;
    let id = created.client.client_id.as_str();
    let object = given(context, id, &created.client.client_name, Origin::Created);
    Ok(StepReport::done(format!("Application {id} created.")).recording(object).audited(Some(context.made(
        KIND,
        id,
        created.trace_id.clone(),
    ))))
}

async fn adopt(context: &StepContext<'_>, client: Client) -> Result<StepReport, StepFailure> {
    let plan = &context.plan().application;
    let id = client.client_id.clone();
    if client.workspace_id != organization::id(context)? {
        return Err(StepFailure::foreign(KIND, id.as_str(), "it belongs to another workspace"));
    }
    if !context.plan().organization.mark.is_on(&Value::Object(client.metadata)) {
        return Err(StepFailure::foreign(KIND, id.as_str(), "it does not bear our mark with this bid"));
    }
    let oidc = &plan.oidc;
    let (method, jwks_uri) = proof(&oidc.client_auth)?;
    let patch = ClientPatch {
        client_name: Some(plan.name.clone()),
        client_status: Some(ClientStatus::Active),
        redirect_uris: Some(oidc.redirect_uris.clone()),
        post_logout_redirect_uris: Some(oidc.post_logout_redirect_uris.clone()),
        scopes: Some(oidc.scopes.clone()),
        token_endpoint_auth_method: Some(method),
        jwks_uri,
        ..ClientPatch::default()
    };
    let outcome = context.vendor().update_client(&id, |it| *it = patch).await?;
    let object = given(context, id.as_str(), &plan.name, context.origin_of_found());
    Ok(updated(
        context,
        outcome,
        format!("Application {id} was there and ours; brought up to date."),
        format!("Application {id} was there, ours and as wanted."),
    )
    .recording(object))
}

/// The application with what it was given, which is what IC is told from now on.
fn given(context: &StepContext<'_>, id: &str, name: &str, origin: Origin) -> VendorObject {
    let oidc = Some(context.plan().application.oidc.clone());
    VendorObject { oidc, ..context.object(KIND, id, name, origin) }
}

/// `inactive` blocks authorization, authentication and pushed requests; `active` allows them again.
pub(in crate::engine) async fn switch(
    context: &StepContext<'_>,
    on: bool,
) -> Result<StepReport, StepFailure> {
    let id = id(context)?;
    let status = if on { ClientStatus::Active } else { ClientStatus::Inactive };
    let patch = ClientPatch { client_status: Some(status.clone()), ..ClientPatch::default() };
    let outcome = context.vendor().update_client(&id, |it| *it = patch).await?;
    Ok(updated(
        context,
        outcome,
        format!("Application {id} is now {status}."),
        format!("Application {id} was {status} already."),
    ))
}

/// Deletes the application if the abandoned enablement made it.
pub(in crate::engine) async fn undo(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let undo = super::to_undo(context, KIND, context.step.kind).await?;
    let Undo::Delete(id) = &undo else { return Ok(super::left(KIND, &undo)) };
    let client_id: ClientId = vendor_id(id)?;
    if let Some(client) = found(context.vendor().get_client(&client_id).await)?
        && !context.plan().organization.mark.is_on(&Value::Object(client.metadata))
    {
        return Err(StepFailure::foreign(KIND, id, "it no longer bears our mark"));
    }
    let outcome = context.vendor().delete_client(&client_id).await?;
    Ok(super::deleted(context, KIND, id, outcome))
}
