//! Signing in directly, at the company's own identity provider: the way there, the way back, and the way out.

use app::{paths, session};
use axum::{
    extract::{RawQuery, Request, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::{
    company_sign_in::{Reason, Refused},
    session::{Means, SignIn},
};
use services::{
    Console,
    company_sign_in::{self, Callback},
};
use tower_sessions::Session;

use super::{plain_page, request_id};

/// What everybody is told who does not get in, whatever the reason: the reason stands in the log.
const TITLE: &str = "You were not signed in";
const TEXT: &str = "Go to the <a href=\"/sign-in\">sign-in page</a> and try again. If it stays like this, report the \
     reference below: the log knows more.";

/// `GET /oidc/start`: off to the provider.
pub(crate) async fn start(
    State(console): State<Console>,
    session: Session,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let query = query.unwrap_or_default();
    let mut fields = url::form_urlencoded::parse(query.as_bytes());
    let next = fields.find(|(name, _)| name == "next").map(|(_, next)| next).unwrap_or_default();
    match begun(&console, &session, paths::local(&next)).await {
        Ok(url) => away(&url),
        Err(refused) => refusal(&request, &refused),
    }
}

async fn begun(console: &Console, session: &Session, next: &str) -> Result<String, Refused> {
    let (url, pending) = company_sign_in::begin(console, next).await?;
    session::put_pending(session, &pending).await.map_err(fault)?;
    Ok(url.to_string())
}

/// `GET /oidc/callback`: back from the provider.
pub(crate) async fn callback(
    State(console): State<Console>,
    session: Session,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|text| text.to_str().ok());
    let sign_in = SignIn::new(Means::Oidc, user_agent);
    match entered(&console, &session, &query.unwrap_or_default(), &sign_in).await {
        Ok(page) => away(&page),
        Err(refused) => refusal(&request, &refused),
    }
}

async fn entered(
    console: &Console,
    session: &Session,
    query: &str,
    sign_in: &SignIn,
) -> Result<String, Refused> {
    let pending = session::pending(session).await.map_err(fault)?;
    let callback = Callback::read(query)?;
    let arrived = company_sign_in::finish(console, pending.as_ref(), &callback).await;
    if !matches!(&arrived, Err(refused) if refused.reason == Reason::State) {
        // Used once. But an answer that was not asked for does not end a sign-in that is under way.
        session::drop_pending(session).await.map_err(fault)?;
    }
    let arrived = arrived?;
    let present = session::actor(session).await.map_err(fault)?;
    company_sign_in::enter(console, &arrived, sign_in).await?;
    if present.is_some_and(|present| present.id() != arrived.actor.id()) {
        // Nothing of the one before is for the one who comes.
        session.clear().await;
    }
    session::begin(session, &arrived.actor, sign_in).await.map_err(fault)?;
    session::put_id_token(session, &arrived.id_token).await.map_err(fault)?;
    Ok(pending.map_or_else(|| paths::OVERVIEW.to_owned(), |pending| paths::local(&pending.next).to_owned()))
}

/// `GET /oidc/signed-out`: on to the provider, where the session ends, too. Not by a redirect: browsers follow none from
/// a form of ours to another site.
pub(crate) async fn signed_out(session: Session) -> Response {
    let onward = match session::take_farewell(&session).await {
        Ok(Some(url)) => {
            let url = url.replace('&', "&amp;").replace('"', "%22").replace('<', "%3C");
            format!(
                "<meta http-equiv=\"refresh\" content=\"0; url={url}\"><p>Your company sign-in ends, too. \
                 <a href=\"{url}\">Go on</a> if nothing happens.</p>"
            )
        }
        Ok(None) => "<p>You are signed out. <a href=\"/sign-in\">Sign in again</a></p>".to_owned(),
        Err(error) => {
            tracing::warn!(%error, "the way out of the identity provider was lost");
            "<p>You are signed out here. <a href=\"/sign-in\">Sign in again</a></p>".to_owned()
        }
    };
    let page = plain_page::document("Signed out", &onward);
    ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

fn away(to: &str) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Redirect::to(to)).into_response()
}

fn fault(error: tower_sessions::session::Error) -> Refused {
    Refused::new(Reason::Fault, error)
}

/// Says the same whatever the reason; the reason goes into the log and is counted.
fn refusal(request: &Request, refused: &Refused) -> Response {
    let reason = refused.reason.as_str();
    let reference =
        request.headers().get(request_id::HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default();
    metrics::counter!("sign_in_refused_total", "reason" => reason).increment(1);
    if matches!(refused.reason, Reason::Fault | Reason::NoAnswer) {
        tracing::error!(reason, reference, "sign-in refused: {refused}");
    } else {
        tracing::warn!(reason, reference, "sign-in refused: {refused}");
    }
    plain_page::answer(request, StatusCode::BAD_REQUEST, TITLE, TEXT)
}
