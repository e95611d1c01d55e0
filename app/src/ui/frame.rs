//! What surrounds every page: who is there, what went wrong, which status the answer has.

use std::future::Future;

use axum::http::{HeaderValue, StatusCode, header::LOCATION, request::Parts};
use domain::{InvalidId, Topic, actor::Actor};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use services::{Console, ServiceError, follow_topic};

use super::{
    layout,
    layout::{Chrome, Place},
    rendered::{Rendered, rendered},
    states,
    time::Now,
};
use crate::{
    context::FrameAncestors,
    paths,
    session::{self, Flash},
};

/// A signed-in person's visit to a page.
#[derive(Clone)]
pub(crate) struct Visit {
    /// The console.
    pub(crate) console: Console,
    /// Who visits.
    pub(crate) actor: Actor,
    /// The notice of the action before.
    pub(crate) flash: Option<Flash>,
    /// The query string.
    pub(crate) query: String,
}

/// A topic and its version from before the page read its data.
pub(crate) struct Followed {
    pub(crate) topic: Topic,
    pub(crate) version: i64,
}

impl Visit {
    /// Notes where a topic stands, before anything of it is read: the page hears of every later change.
    pub(crate) async fn follow(&self, topic: Topic) -> Result<Followed, PageError> {
        let version = follow_topic::version(&self.console, &self.actor, &topic).await?;
        Ok(Followed { topic, version })
    }

    /// What was typed into this field before the form was refused.
    pub(crate) fn typed(&self, field: &str) -> Option<String> {
        self.flash.as_ref()?.typed.get(field).cloned()
    }

    /// What is wrong with this field.
    pub(crate) fn error(&self, field: &str) -> Option<String> {
        self.flash.as_ref()?.errors.get(field).cloned()
    }
}

/// A page that is ready to be shown.
pub(crate) struct Page {
    /// The document's title.
    pub(crate) title: String,
    /// What it follows live.
    pub(crate) follows: Option<Followed>,
    /// The state in one sentence; read out when it changes.
    pub(crate) announce: String,
    /// What stands on it.
    pub(crate) body: Rendered,
}

impl Page {
    /// A page that does not change by itself.
    pub(crate) fn new(title: impl Into<String>, body: impl IntoView) -> Self {
        Self { title: title.into(), follows: None, announce: String::new(), body: rendered(body) }
    }

    /// Follows a topic, and says this when it changed.
    pub(crate) fn live(mut self, followed: Followed, announce: impl Into<String>) -> Self {
        self.follows = Some(followed);
        self.announce = announce.into();
        self
    }
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// A use case said no.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The address holds something that cannot be an id.
    #[error("The address holds no id of ours: {0}.")]
    Address(#[from] InvalidId),
    /// The session cannot be read or written.
    #[error("Your session could not be read. Reload the page; if it stays like this, sign in again.")]
    Session(#[from] tower_sessions::session::Error),
    /// A form or address that cannot be understood, with the cure.
    #[error("{0}")]
    Form(&'static str),
    /// The server was put together wrongly.
    #[error("The server gives no {0} to its pages. This is a fault of the program, not of yours.")]
    Mounting(&'static str),
}

impl From<domain::text::UnknownWord> for PageError {
    fn from(error: domain::text::UnknownWord) -> Self {
        Self::Service(error.into())
    }
}

impl From<domain::access::Refusal> for PageError {
    fn from(refusal: domain::access::Refusal) -> Self {
        Self::Service(refusal.into())
    }
}

/// What a page takes from its request before it waits for anything.
struct Request {
    console: Option<Console>,
    crm: Option<String>,
    path: String,
    query: String,
}

impl Request {
    fn present() -> Self {
        let uri = use_context::<Parts>().map(|parts| parts.uri).unwrap_or_default();
        Self {
            console: use_context(),
            crm: use_context::<FrameAncestors>().and_then(|crm| crm.origins().map(str::to_owned)),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
        }
    }

    fn address(&self) -> String {
        paths::with_query(&self.path, &self.query)
    }
}

/// Shows a page to whoever is signed in; everybody else is asked to sign in first.
pub(crate) fn page<L, F>(place: Place, load: L) -> impl IntoView
where
    L: FnOnce(Visit) -> F + Send + 'static,
    F: Future<Output = Result<Page, PageError>> + Send + 'static,
{
    let request = Request::present();
    if let Some(console) = &request.console {
        provide_context(Now(console.now()));
    }
    Suspend::new(async move {
        let mut chrome = Chrome::stranger(place, request.console.as_ref());
        let outcome = match enter(&request, &mut chrome, Notices::Take).await {
            Ok(Some(visit)) => load(visit).await,
            Ok(None) => {
                see_other(&paths::sign_in(&request.address()));
                Ok(Page::new("Sign in", ()))
            }
            Err(error) => Err(error),
        };
        let page = outcome.unwrap_or_else(|error| states::failed(&error, chrome.actor.as_ref()));
        layout::layout(chrome, page)
    })
}

/// Shows a page to anybody: the sign-in page and addresses that lead nowhere. The notice is shown but kept,
/// so that what was typed before a session ended is still there after signing in.
pub(crate) fn open_page<L, F>(load: L) -> impl IntoView
where
    L: FnOnce(Option<Visit>, Option<Console>, String) -> F + Send + 'static,
    F: Future<Output = Result<Page, PageError>> + Send + 'static,
{
    let request = Request::present();
    Suspend::new(async move {
        let mut chrome = Chrome::stranger(Place::Elsewhere, request.console.as_ref());
        let outcome = match enter(&request, &mut chrome, Notices::Keep).await {
            Ok(visit) => load(visit, request.console, request.query).await,
            Err(error) => Err(error),
        };
        let page = outcome.unwrap_or_else(|error| states::failed(&error, chrome.actor.as_ref()));
        layout::layout(chrome, page)
    })
}

/// What becomes of the one-time notice once it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notices {
    Take,
    Keep,
}

/// Opens the session: notice and colours for the frame, and the visit if somebody is signed in.
async fn enter(request: &Request, chrome: &mut Chrome, notices: Notices) -> Result<Option<Visit>, PageError> {
    let console = request.console.clone().ok_or(PageError::Mounting("console"))?;
    let session = session::session().await.ok_or(PageError::Mounting("session"))?;
    chrome.crm.clone_from(&request.crm);
    chrome.theme = session::theme(&session).await?;
    chrome.flash = match notices {
        Notices::Take => session::take_flash(&session).await?,
        Notices::Keep => session::peek_flash(&session).await?,
    };
    chrome.actor = session::actor(&session).await?;
    chrome.ends_in = session::ends_at(&session).await?.map(|at| at.since(console.now()));
    Ok(chrome.actor.clone().map(|actor| Visit {
        console,
        actor,
        flash: chrome.flash.clone(),
        query: request.query.clone(),
    }))
}

/// Answers with another address (303): after a post, or to whoever has to sign in first.
pub(crate) fn see_other(path: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static(paths::OVERVIEW));
    response.insert_header(LOCATION, location);
    response.set_status(StatusCode::SEE_OTHER);
}

/// Sets the answer's status.
pub(crate) fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// The id under which the server's log knows this request.
pub(crate) fn reference() -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.headers.get("x-request-id")?.to_str().ok().map(str::to_owned)
}
