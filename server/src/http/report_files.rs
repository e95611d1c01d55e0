//! `GET /performance/report.json` and `/performance/report.csv`: the report of a month with what stands behind it.

use axum::{
    body::Body,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::{actor::Actor, performance::Month};
use serde::Deserialize;
use services::performance::report::{self, Table};

use super::{console::Served, problem::Problem};

/// What is wanted.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    month: Option<String>,
    /// An edition that was taken down; the present report where there is none.
    edition: Option<i64>,
    table: Option<String>,
}

/// The document, whose SHA-256 is the digest on the page.
pub(crate) async fn json(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    let (actor, month) = match asked(&served, &session, &wanted).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    match report::file(&served.console, &actor, month, wanted.edition).await {
        Ok(document) => {
            let edition = wanted.edition.map(|it| format!("-edition-{it}")).unwrap_or_default();
            file("application/json", &format!("report-{month}{edition}.json"), Body::from(document))
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// A table of it.
pub(crate) async fn csv(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    let (actor, month) = match asked(&served, &session, &wanted).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let table = match wanted.table.as_deref().map_or(Ok(Table::Objectives), str::parse) {
        Ok(table) => table,
        Err(error) => return Problem::bad_request(error.to_string()).into_response(),
    };
    match report::rows(&served.console, &actor, month, table).await {
        Ok(rows) => {
            file("text/csv; charset=utf-8", &format!("report-{month}-{table}.csv"), Body::from_stream(rows))
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

async fn asked(
    served: &Served,
    session: &tower_sessions::Session,
    wanted: &Wanted,
) -> Result<(Actor, Month), Box<Response>> {
    let Ok(Some(actor)) = app::session::actor(session).await else {
        return Err(Box::new(Redirect::to("/sign-in?next=/performance/report").into_response()));
    };
    let month = match wanted.month.as_deref() {
        None => report::usual_month(&served.console),
        Some(text) => text
            .parse()
            .map_err(|error: domain::performance::InvalidMonth| Problem::bad_request(error.to_string()))
            .map_err(|problem| Box::new(problem.into_response()))?,
    };
    Ok((actor, month))
}

fn file(kind: &'static str, name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body)
        .into_response()
}
