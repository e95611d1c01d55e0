//! What a session holds: who is signed in, the one-time notice, the colour theme.

use std::collections::{BTreeMap, HashMap};

use axum::http::request::Parts;
pub use domain::theme::Theme;
use domain::{
    Timestamp,
    actor::Actor,
    launch::Locale,
    session::{SessionKey, SignIn},
};
use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::{ServiceError, company_sign_in::Pending};
use tower_sessions::{Session, session::Error};

use crate::{context::LIVE_HEADER, ui::frame::PageError};

const ACTOR: &str = "actor";
const SIGN_IN: &str = "sign_in";
const FLASH: &str = "flash";
const THEME: &str = "theme";
const LOCALE: &str = "locale";
const PENDING: &str = "company_sign_in";
const ID_TOKEN: &str = "id_token";
const FAREWELL: &str = "farewell";

/// Under this name the store tells when the session ends, in microseconds since 1970. It is read only.
pub const ENDS_AT: &str = "ends_at";

/// Whether a notice tells of success or of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlashKind {
    /// It was done.
    Done,
    /// It was not done.
    Problem,
}

/// A notice that the next page shows once. What was typed and what is wrong with it travel here and never
/// in the URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Success or problem.
    pub kind: FlashKind,
    /// What to tell.
    pub text: String,
    /// What was typed, by field.
    #[serde(default)]
    pub typed: BTreeMap<String, String>,
    /// What is wrong, by field.
    #[serde(default)]
    pub errors: BTreeMap<String, String>,
}

impl Flash {
    /// A notice that something was done.
    #[must_use]
    pub fn done(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Done, text: text.into(), typed: BTreeMap::new(), errors: BTreeMap::new() }
    }

    /// A notice that something was not done.
    #[must_use]
    pub fn problem(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Problem, ..Self::done(text) }
    }

    /// A form was refused: the problem stands beside the field where it names one that is on the form.
    pub(crate) fn refused(error: &PageError, typed: BTreeMap<String, String>) -> Self {
        let mut flash = match error {
            PageError::Service(ServiceError::Field { field, problem }) if typed.contains_key(*field) => {
                let mut flash = Self::problem("Nothing was done yet: one field needs a correction.");
                flash.errors.insert((*field).to_owned(), problem.clone());
                flash
            }
            PageError::Service(ServiceError::Field { problem, .. }) => Self::problem(problem),
            PageError::Service(ServiceError::Settings(problems)) => {
                let text = match problems.as_slice() {
                    [one] => format!("Nothing was done yet. {}: {}", one.key.setting().label, one.problem),
                    _ => format!("Nothing was done yet: {} fields need a correction.", problems.len()),
                };
                let errors = problems.iter().map(|it| (it.key.to_string(), it.problem.clone())).collect();
                Self { errors, ..Self::problem(text) }
            }
            other => Self::problem(other.to_string()),
        };
        flash.typed = typed;
        flash
    }

    /// A form was sent after the session had ended.
    pub(crate) fn signed_out(typed: BTreeMap<String, String>) -> Self {
        let text =
            "You were signed out, so nothing was done. What you typed is kept: sign in and send it again.";
        Self { typed, ..Self::problem(text) }
    }
}

/// The session of the present request; `None` outside a request or where sessions are not mounted.
pub async fn session() -> Option<Session> {
    leptos_axum::extract::<Session>().await.ok()
}

/// Who is signed in.
///
/// # Errors
/// When the session cannot be read.
pub async fn actor(session: &Session) -> Result<Option<Actor>, Error> {
    session.get(ACTOR).await
}

/// Signs in: a new session id, so that an id from before is worth nothing.
///
/// # Errors
/// When the session cannot be written.
pub async fn begin(session: &Session, actor: &Actor, sign_in: &SignIn) -> Result<(), Error> {
    session.cycle_id().await?;
    session.insert(ACTOR, actor).await?;
    session.insert(SIGN_IN, sign_in).await
}

/// Who is signed in by what is in a session, and how it began.
#[must_use]
pub fn begun(data: &HashMap<String, Value>) -> Option<(Actor, SignIn)> {
    let actor = Actor::deserialize(data.get(ACTOR)?).ok()?;
    let sign_in = SignIn::deserialize(data.get(SIGN_IN)?).ok()?;
    Some((actor, sign_in))
}

/// What names this session in the list of sessions.
#[must_use]
pub fn key(session: &Session) -> Option<SessionKey> {
    session.id().map(|id| SessionKey::of(&id.to_string()))
}

/// When the session ends if nothing more is done in it; `None` for one that was never stored.
///
/// # Errors
/// When the session cannot be read.
pub async fn ends_at(session: &Session) -> Result<Option<Timestamp>, Error> {
    Ok(session.get(ENDS_AT).await?.map(Timestamp::from_micros))
}

/// Signs out: the session is gone.
///
/// # Errors
/// When the session cannot be removed.
pub async fn end(session: &Session) -> Result<(), Error> {
    session.flush().await
}

/// Leaves a notice for the next page.
///
/// # Errors
/// When the session cannot be written.
pub async fn put_flash(session: &Session, flash: &Flash) -> Result<(), Error> {
    session.insert(FLASH, flash).await
}

/// Takes the notice; a page that is fetched in the background leaves it for the one a person sees.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn take_flash(session: &Session) -> Result<Option<Flash>, Error> {
    let in_background = use_context::<Parts>().is_some_and(|parts| parts.headers.contains_key(LIVE_HEADER));
    let flash = session.get(FLASH).await?;
    if flash.is_some() && !in_background {
        session.remove::<Flash>(FLASH).await?;
    }
    Ok(flash)
}

/// Looks at the notice and leaves it there.
///
/// # Errors
/// When the session cannot be read.
pub async fn peek_flash(session: &Session) -> Result<Option<Flash>, Error> {
    session.get(FLASH).await
}

/// The colours chosen in this session.
///
/// # Errors
/// When the session cannot be read.
pub async fn theme(session: &Session) -> Result<Theme, Error> {
    Ok(session.get(THEME).await?.unwrap_or_default())
}

/// Remembers the colours for this session.
///
/// # Errors
/// When the session cannot be written.
pub async fn set_theme(session: &Session, theme: Theme) -> Result<(), Error> {
    session.insert(THEME, theme).await
}

/// Remembers the person's language for this session.
///
/// # Errors
/// When the session cannot be written.
pub async fn set_locale(session: &Session, locale: &Locale) -> Result<(), Error> {
    session.insert(LOCALE, locale.as_str()).await
}

/// Keeps what belongs to a sign-in at the company's identity provider; one at a time.
///
/// # Errors
/// When the session cannot be written.
pub async fn put_pending(session: &Session, pending: &Pending) -> Result<(), Error> {
    session.insert(PENDING, pending).await
}

/// The sign-in at the company's identity provider that is under way.
///
/// # Errors
/// When the session cannot be read.
pub async fn pending(session: &Session) -> Result<Option<Pending>, Error> {
    session.get(PENDING).await
}

/// Forgets the sign-in that was under way.
///
/// # Errors
/// When the session cannot be written.
pub async fn drop_pending(session: &Session) -> Result<(), Error> {
    session.remove_value(PENDING).await.map(drop)
}

/// Keeps the identity provider's token, with which it is told of the sign-out.
///
/// # Errors
/// When the session cannot be written.
pub async fn put_id_token(session: &Session, token: &str) -> Result<(), Error> {
    session.insert(ID_TOKEN, token).await
}

/// The identity provider's token, if the person came from there.
///
/// # Errors
/// When the session cannot be read.
pub async fn id_token(session: &Session) -> Result<Option<String>, Error> {
    session.get(ID_TOKEN).await
}

/// Signs out, and keeps for the next page, in a new session of nobody, where the identity provider's session ends.
///
/// # Errors
/// When the session cannot be removed or written.
pub async fn end_with_farewell(session: &Session, url: &str) -> Result<(), Error> {
    session.flush().await?;
    session.cycle_id().await?;
    session.insert(FAREWELL, url).await
}

/// Takes the address where the identity provider's session ends.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn take_farewell(session: &Session) -> Result<Option<String>, Error> {
    session.remove(FAREWELL).await
}
