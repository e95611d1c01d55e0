//! Ending sessions from elsewhere.

use domain::session::SessionKey;
use leptos::prelude::*;
use services::sessions;

use super::post::{Done, Form, open_session, post};
use crate::{paths, session, ui::frame::PageError};

/// Ends one of the person's own sessions.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "end_session")]
pub(super) async fn end_session(#[server(default)] key: String) -> Result<(), ServerFnError> {
    post(Form::on(paths::SESSIONS), |console, actor| async move {
        let key: SessionKey = key.parse().map_err(|_| PageError::Form("No session was named. Try again."))?;
        sessions::end_own(&console, &actor, &key).await?;
        Ok(Done::at(paths::SESSIONS, "The session has ended."))
    })
    .await
}

/// Ends all of the person's sessions but this one.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "end_other_sessions")]
pub(super) async fn end_other_sessions() -> Result<(), ServerFnError> {
    post(Form::on(paths::SESSIONS), |console, actor| async move {
        let this = session::key(&open_session().await?).ok_or(PageError::Mounting("session"))?;
        let text = match sessions::end_others(&console, &actor, &this).await? {
            0 => "There was no other session.".to_owned(),
            1 => "One other session has ended.".to_owned(),
            more => format!("{more} other sessions have ended."),
        };
        Ok(Done::at(paths::SESSIONS, text))
    })
    .await
}

/// Ends every session of a person.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "end_sessions_of")]
pub(super) async fn end_sessions_of(#[server(default)] person: String) -> Result<(), ServerFnError> {
    post(Form::on(paths::SESSIONS), |console, actor| async move {
        let ended = sessions::end_all_of(&console, &actor, &person).await?;
        let text = if ended == 1 {
            "One session has ended.".to_owned()
        } else {
            format!("{ended} sessions have ended.")
        };
        Ok(Done::at(paths::SESSIONS, text))
    })
    .await
}
