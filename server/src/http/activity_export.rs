//! `POST /activity.csv` and `/activity.jsonl`: the audit log as a file, streamed. Taking it away is an act that
//! is written down, so it is posted.

use app::activity_query::ActivityQuery;
use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use services::activity::{self, Format};

use super::{console::Served, problem::Problem};

/// The log as CSV; cells that a spreadsheet would run as formulas are neutralised.
pub(crate) async fn csv(
    served: State<Served>,
    session: tower_sessions::Session,
    query: RawQuery,
) -> Response {
    export(served, session, query, Format::Csv).await
}

/// The log as JSON Lines, with hashes, so that the chain can be checked elsewhere.
pub(crate) async fn jsonl(
    served: State<Served>,
    session: tower_sessions::Session,
    query: RawQuery,
) -> Response {
    export(served, session, query, Format::Jsonl).await
}

async fn export(
    State(served): State<Served>,
    session: tower_sessions::Session,
    RawQuery(query): RawQuery,
    format: Format,
) -> Response {
    let Ok(Some(actor)) = app::session::actor(&session).await else {
        return Redirect::to("/sign-in?next=/activity").into_response();
    };
    let wanted = ActivityQuery::parse(&query.unwrap_or_default()).unpaged().to_audit();
    match activity::export(&served.console, &actor, wanted, format).await {
        Ok(rows) => {
            let (kind, name) = match format {
                Format::Csv => ("text/csv; charset=utf-8", "activity.csv"),
                Format::Jsonl => ("application/jsonl", "activity.jsonl"),
            };
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers =
                [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
            (headers, Body::from_stream(rows)).into_response()
        }
        Err(error) => Problem::from(error).into_response(),
    }
}
