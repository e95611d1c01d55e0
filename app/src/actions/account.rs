//! Signing in and out, and the colours.

use axum::http::{header::USER_AGENT, request::Parts};
use domain::session::{self as rules, Means};
use leptos::prelude::*;
use services::{company_sign_in, sessions, settings::Environment};

use super::post::{console, leave, open_session};
use crate::{
    paths,
    personas::Persona,
    session::{self, Flash, Theme},
    ui::frame::{PageError, see_other},
};

/// Opens a session in a role, with or without a limit to a portfolio. Only the sandbox lets people choose.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "sign_in")]
pub(super) async fn sign_in(
    #[server(default)] role: String,
    #[server(default)] next: String,
) -> Result<(), ServerFnError> {
    match enter(&role).await {
        Ok(()) => see_other(paths::local(&next)),
        Err(error) => leave(&paths::sign_in(paths::local(&next)), &Flash::problem(error.to_string())).await,
    }
    Ok(())
}

async fn enter(role: &str) -> Result<(), PageError> {
    let console = console()?;
    if console.settings.environment != Environment::Sandbox {
        return Err(PageError::Form(
            "Roles can be chosen in the sandbox only. Open the console from the CRM's Products page.",
        ));
    }
    let actor = role.parse::<Persona>()?.into_actor();
    let sign_in = rules::SignIn::new(Means::RoleChooser, user_agent().as_deref());
    let session = open_session().await?;
    sessions::signed_in(&console, &actor, &sign_in).await?;
    session::begin(&session, &actor, &sign_in).await?;
    Ok(())
}

/// What the browser says of itself.
fn user_agent() -> Option<String> {
    use_context::<Parts>()?.headers.get(USER_AGENT)?.to_str().ok().map(str::to_owned)
}

/// Ends the session.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "sign_out")]
pub(super) async fn sign_out() -> Result<(), ServerFnError> {
    match exit().await {
        Ok(next) => see_other(next),
        Err(error) => leave(paths::OVERVIEW, &Flash::problem(error.to_string())).await,
    }
    Ok(())
}

/// Ends the session; the answer is the page to go to.
async fn exit() -> Result<&'static str, PageError> {
    let session = open_session().await?;
    let console = console()?;
    if let Some(actor) = session::actor(&session).await? {
        sessions::signed_out(&console, &actor).await?;
    }
    if let Some(token) = session::id_token(&session).await?
        && let Some(url) = company_sign_in::sign_out_url(&console, &token).await
    {
        session::end_with_farewell(&session, url.as_str()).await?;
        return Ok(paths::OIDC_SIGNED_OUT);
    }
    session::end(&session).await?;
    Ok(paths::SIGN_IN)
}

/// Chooses the colours for this session.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "set_theme")]
pub(super) async fn set_theme(
    #[server(default)] theme: String,
    #[server(default)] next: String,
) -> Result<(), ServerFnError> {
    let theme: Theme = theme.parse().unwrap_or_default();
    if let Ok(session) = open_session().await
        && let Err(error) = session::set_theme(&session, theme).await
    {
        tracing::warn!(%error, "the colours could not be kept");
    }
    see_other(paths::local(&next));
    Ok(())
}
