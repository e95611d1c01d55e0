//! What every posted form has in common: who posts, where it leads, what comes back when it is refused.

use std::{collections::BTreeMap, future::Future};

use domain::actor::Actor;
use leptos::prelude::*;
use services::{Console, ServiceError};
use tower_sessions::Session;

use crate::{
    paths,
    session::{self, Flash},
    ui::frame::{PageError, reference, see_other},
};

/// A posted form: where it stands, and what was typed into it.
pub(super) struct Form {
    back: String,
    typed: BTreeMap<String, String>,
}

impl Form {
    /// A form on this page.
    pub(super) fn on(page: impl Into<String>) -> Self {
        Self { back: page.into(), typed: BTreeMap::new() }
    }

    /// Keeps what was typed, so that it is there again if the form is refused.
    pub(super) fn keep(mut self, field: &str, typed: &str) -> Self {
        self.typed.insert(field.to_owned(), typed.to_owned());
        self
    }
}

/// What was done, and the page that shows it.
pub(super) struct Done {
    to: String,
    text: String,
}

impl Done {
    /// It was done; this page shows the result.
    pub(super) fn at(page: impl Into<String>, text: impl Into<String>) -> Self {
        Self { to: page.into(), text: text.into() }
    }
}

/// The text itself, unless it is blank.
pub(super) fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Lets the signed-in person do something, then redirects: to the result, back to the form with what is
/// wrong, or to the sign-in page. It never fails itself, since that would put the error into the URL.
pub(super) async fn post<A, F>(form: Form, act: A) -> Result<(), ServerFnError>
where
    A: FnOnce(Console, Actor) -> F + Send,
    F: Future<Output = Result<Done, PageError>> + Send,
{
    let back = form.back.clone();
    let (to, flash) = match entered().await {
        Ok((console, Some(actor))) => match act(console, actor.clone()).await {
            Ok(done) => (done.to, Flash::done(done.text)),
            Err(error) => {
                log(&error, Some(&actor));
                (back, Flash::refused(&error, form.typed))
            }
        },
        Ok((_, None)) => (paths::sign_in(&back), Flash::signed_out(form.typed)),
        Err(error) => {
            log(&error, None);
            (back, Flash::refused(&error, form.typed))
        }
    };
    leave(&to, &flash).await;
    Ok(())
}

async fn entered() -> Result<(Console, Option<Actor>), PageError> {
    let session = open_session().await?;
    Ok((console()?, session::actor(&session).await?))
}

/// The console.
pub(super) fn console() -> Result<Console, PageError> {
    use_context::<Console>().ok_or(PageError::Mounting("console"))
}

/// The session.
pub(super) async fn open_session() -> Result<Session, PageError> {
    session::session().await.ok_or(PageError::Mounting("session"))
}

/// Redirects with a notice. A notice that cannot be kept is not worth losing the redirect for.
pub(super) async fn leave(to: &str, flash: &Flash) {
    if let Some(session) = session::session().await
        && let Err(error) = session::put_flash(&session, flash).await
    {
        tracing::warn!(%error, "the notice could not be kept");
    }
    see_other(to);
}

fn log(error: &PageError, actor: Option<&Actor>) {
    let fault = matches!(
        error,
        PageError::Service(ServiceError::Storage(_) | ServiceError::Vendor(_))
            | PageError::Session(_)
            | PageError::Mounting(_)
    );
    if fault {
        let reference = reference().unwrap_or_default();
        tracing::error!(error = ?error, reference, actor = actor.map(Actor::id).unwrap_or_default(), "action failed");
    }
}
