//! `POST /launch`: the CRM opens the console for one of its people. The only form that another site may send: what it
//! brings proves by itself who sent it.

use app::{
    context::FrameAncestors,
    paths,
    session::{self, Flash},
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    launch::{Launch, Reason, Refused},
    session::{Means, SignIn},
};
use services::{
    Console,
    launch::{self, Landing},
};
use tower_sessions::Session;

use super::{plain_page, problem::Problem, request_id, same_origin};

/// Where the CRM posts to.
pub(super) const PATH: &str = "/launch";

/// The longest form that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// What every refused launch is told, whatever the reason: the reason stands in the log.
const TITLE: &str = "The console was not opened";
const TEXT: &str = "Go back to the CRM and open the console from there again. If it stays like this, report the \
     reference below: the log knows more.";

/// The field of the form with the token.
const TOKEN: &str = "token";

/// What came of a launch that was not refused.
enum Opened {
    /// A session, which begins here.
    At(String),
    /// The same person goes on.
    GoesOn,
    /// Somebody else is signed in here. Nothing was done.
    SomebodyElse,
}

/// Opens a session and leads to the biller. A page in the frame that only wants to go on asks for JSON: it is told
/// 204, or 409 when the launch is for another person than the one whose page it is.
pub(crate) async fn open(
    State(console): State<Console>,
    State(crm): State<FrameAncestors>,
    session: Session,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let goes_on = wants_json(&parts.headers);
    if let Some(site) = foreign_site(&parts.headers, &crm) {
        return refusal(&parts, &Refused::new(Reason::Origin, site), goes_on);
    }
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|text| text.to_str().ok());
    let sign_in = SignIn::new(Means::Launch, user_agent);
    match opened(&console, &session, body, &sign_in, goes_on).await {
        Ok(Opened::At(page)) => ([(header::CACHE_CONTROL, "no-store")], Redirect::to(&page)).into_response(),
        Ok(Opened::GoesOn) => StatusCode::NO_CONTENT.into_response(),
        Ok(Opened::SomebodyElse) => {
            let text = "The CRM has somebody else signed in now. Open the console from there again.";
            Problem::new(StatusCode::CONFLICT, "Somebody else", text).into_response()
        }
        Err(refused) => refusal(&parts, &refused, goes_on),
    }
}

async fn opened(
    console: &Console,
    session: &Session,
    body: Body,
    sign_in: &SignIn,
    goes_on: bool,
) -> Result<Opened, Refused> {
    let fault = |error: tower_sessions::session::Error| Refused::new(Reason::Fault, error.to_string());
    let launch = launch::read(console, &token(body).await?).await?;
    let present = session::actor(session).await.map_err(fault)?;
    let another = present.is_some_and(|present| present.id() != launch.actor.id());
    if goes_on && another {
        return Ok(Opened::SomebodyElse);
    }
    let landing = launch::enter(console, &launch, sign_in).await?;
    if another {
        // Nothing of the one before is for the one who comes.
        session.clear().await;
    }
    session::begin(session, &launch.actor, sign_in).await.map_err(fault)?;
    remember(session, &launch).await.map_err(fault)?;
    if goes_on {
        return Ok(Opened::GoesOn);
    }
    land(session, &launch, landing).await.map(Opened::At).map_err(fault)
}

/// The site that sent the form, if it is neither the CRM's nor our own page, which goes on with its session.
fn foreign_site<'a>(headers: &'a HeaderMap, crm: &FrameAncestors) -> Option<&'a str> {
    let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or("unreadable");
    (!same_origin::is_ours(headers) && !crm.may_launch(origin)).then_some(origin)
}

/// The token in the form.
async fn token(body: Body) -> Result<String, Refused> {
    let bytes = to_bytes(body, LONGEST)
        .await
        .map_err(|error| Refused::new(Reason::TooLong, format!("the form cannot be read: {error}")))?;
    let mut tokens = url::form_urlencoded::parse(&bytes).filter(|(field, _)| field == TOKEN);
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        (None, _) => Err(Reason::NoToken.into()),
        _ => Err(Refused::new(Reason::NoToken, "it holds several")),
    }
}

async fn remember(session: &Session, launch: &Launch) -> Result<(), tower_sessions::session::Error> {
    if let Some(theme) = launch.theme {
        session::set_theme(session, theme).await?;
    }
    match &launch.locale {
        Some(locale) => session::set_locale(session, locale).await,
        None => Ok(()),
    }
}

/// The page to begin with.
async fn land(
    session: &Session,
    launch: &Launch,
    landing: Landing,
) -> Result<String, tower_sessions::session::Error> {
    match landing {
        Landing::Biller(bid) => Ok(paths::biller(&bid)),
        Landing::Overview => Ok(paths::OVERVIEW.to_owned()),
        Landing::NoSuchBiller => {
            let named = launch.biller.as_deref().unwrap_or_default();
            let text = format!(
                "The CRM asked for biller {named:?}, which is not here, or not among yours. Import it or have IC \
                 announce it first."
            );
            session::put_flash(session, &Flash::problem(text)).await?;
            Ok(paths::OVERVIEW.to_owned())
        }
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.split(',').any(|kind| kind.trim() == "application/json"))
}

/// Says the same whatever the reason, to people and programs; the reason goes into the log and is counted.
fn refusal(parts: &Parts, refused: &Refused, goes_on: bool) -> Response {
    let reason = refused.reason.as_str();
    let reference = parts.headers.get(request_id::HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default();
    metrics::counter!("launch_refused_total", "reason" => reason).increment(1);
    if refused.reason == Reason::Fault {
        tracing::error!(reason, reference, "launch refused: {refused}");
    } else {
        tracing::warn!(reason, reference, "launch refused: {refused}");
    }
    if goes_on {
        return Problem::new(StatusCode::FORBIDDEN, TITLE, TEXT).into_response();
    }
    plain_page::to(parts.uri.path(), &parts.headers, StatusCode::FORBIDDEN, TITLE, TEXT)
}
