//! `GET /settings.json`: what is set, as a file; `?bid=` for one biller.

use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::Bid;
use serde::Deserialize;
use services::biller_settings::as_code;

use super::{console::Served, problem::Problem};

/// Whose settings.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    bid: Option<String>,
}

/// The file.
pub(crate) async fn json(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    let Ok(Some(actor)) = app::session::actor(&session).await else {
        return Redirect::to("/sign-in?next=/settings").into_response();
    };
    let bid = match wanted.bid.as_deref().map(Bid::parse).transpose() {
        Ok(bid) => bid,
        Err(error) => return Problem::bad_request(error.to_string()).into_response(),
    };
    match as_code::export(&served.console, &actor, bid.as_ref()).await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"settings.json\""),
            ];
            (headers, text).into_response()
        }
        Err(error) => Problem::from(error).into_response(),
    }
}
