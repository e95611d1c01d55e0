//! The proof from outside: discovery answers, and the authorize page does what the status promises.

use std::time::Duration;

use domain::{object::ObjectKind, run::FailureKind};
use secureauth::AuthorizeProbe;
use url::Url;

use super::step::{StepContext, StepFailure, StepReport};
use crate::start_login::AuthorizationRequest;

/// Changes at the vendor may take a moment to show.
const PAUSES: [Duration; 3] = [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2)];

/// The authorize page must answer.
pub(super) async fn answers(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    match probe_until(context, |probe| matches!(probe, AuthorizeProbe::Answers)).await? {
        (endpoint, AuthorizeProbe::Answers) => Ok(StepReport::done(format!(
            "Discovery answers, and the authorize page at {endpoint} shows the sign-in form."
        ))),
        (endpoint, AuthorizeProbe::Refused { status, reason }) => Err(StepFailure::new(
            FailureKind::Unproven,
            format!("The authorize page at {endpoint} refuses the sign-in (HTTP {status}): {reason}"),
            "Check application, binding and organization at SecureAuth against the list of objects; then retry.",
        )),
    }
}

/// The authorize page must refuse.
pub(super) async fn refused(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    match probe_until(context, |probe| matches!(probe, AuthorizeProbe::Refused { .. })).await? {
        (_, AuthorizeProbe::Refused { reason, .. }) => {
            Ok(StepReport::done(format!("Sign-ins at SecureAuth are refused: {reason}")))
        }
        (endpoint, AuthorizeProbe::Answers) => Err(StepFailure::new(
            FailureKind::Unproven,
            format!("The authorize page at {endpoint} still lets people sign in."),
            "Sign-ins at the login URL already go to the legacy page. Look at the application at SecureAuth; then retry.",
        )),
    }
}

async fn probe_until(
    context: &StepContext<'_>,
    wanted: impl Fn(&AuthorizeProbe) -> bool,
) -> Result<(Url, AuthorizeProbe), StepFailure> {
    let (endpoint, url) = authorize_url(context).await?;
    let mut probe = context.vendor().probe_authorize(&url).await?;
    for pause in PAUSES {
        if wanted(&probe) {
            break;
        }
        tokio::time::sleep(pause).await;
        probe = context.vendor().probe_authorize(&url).await?;
    }
    Ok((endpoint, probe))
}

/// The same request that the login URL makes, with a state that nobody will redeem.
async fn authorize_url(context: &StepContext<'_>) -> Result<(Url, Url), StepFailure> {
    let unknown = || {
        StepFailure::new(
            FailureKind::Mismatch,
            "The biller has no issuer yet.",
            "Undo the enablement and enable again.",
        )
    };
    let issuer =
        context.biller().issuer.as_deref().and_then(|text| Url::parse(text).ok()).ok_or_else(unknown)?;
    let endpoint = context.vendor().probe_discovery(&issuer).await?.discovery.authorization_endpoint;
    let oidc = context.oidc();
    let request = AuthorizationRequest {
        endpoint: &endpoint,
        client_id: &context.id_of(ObjectKind::Application),
        redirect_uri: oidc.redirect_uri(),
        scopes: &oidc.scopes,
        state: &context.console.random_text::<32>(),
        nonce: &context.console.random_text::<16>(),
        code_verifier: &context.console.random_text::<32>(),
    };
    let url = request.url();
    Ok((endpoint, url))
}
