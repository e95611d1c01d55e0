//! `GET /settings.json` and `GET /settings.toml`: what is set, as a file; `?bid=` for one biller.

use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::Bid;
use serde::Deserialize;
use services::biller_settings::as_code::{self, FileForm};

use super::{console::Served, problem::Problem};

/// Whose settings.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    bid: Option<String>,
}

/// The file as JSON.
pub(crate) async fn json(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    file(&served, &session, &wanted, FileForm::Json).await
}

/// The file as TOML.
pub(crate) async fn toml(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    file(&served, &session, &wanted, FileForm::Toml).await
}

async fn file(
    served: &Served,
    session: &tower_sessions::Session,
    wanted: &Wanted,
    form: FileForm,
) -> Response {
    let Ok(Some(actor)) = app::session::actor(session).await else {
        return Redirect::to("/sign-in?next=/settings").into_response();
    };
    let bid = match wanted.bid.as_deref().map(Bid::parse).transpose() {
        Ok(bid) => bid,
        Err(error) => return Problem::bad_request(error.to_string()).into_response(),
    };
    match as_code::export(&served.console, &actor, bid.as_ref(), form).await {
        Ok(text) => {
            let (kind, name) = match form {
                FileForm::Json => ("application/json", "attachment; filename=\"settings.json\""),
                FileForm::Toml => ("application/toml", "attachment; filename=\"settings.toml\""),
            };
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
            (headers, text).into_response()
        }
        Err(error) => Problem::from(error).into_response(),
    }
}
