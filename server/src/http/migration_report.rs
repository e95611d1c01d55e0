//! Reports of moves of users, and their lists of differences, taken away as files.

use app::{paths, session::Flash};
use axum::{
    Form,
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::{Bid, MigrationId, actor::Actor};
use serde::Deserialize;
use services::{ServiceError, migration};

use super::console::Served;

/// Which report.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    of: String,
    edition: u64,
}

/// `POST /billers/{bid}/migration/report.json`: a report as the file that is kept.
pub(crate) async fn json(
    served: State<Served>,
    session: tower_sessions::Session,
    bid: Path<String>,
    wanted: Form<Wanted>,
) -> Response {
    file(served, session, bid, wanted, What::Report).await
}

/// `POST /billers/{bid}/migration/differences.csv`: the whole list of differences.
pub(crate) async fn differences(
    served: State<Served>,
    session: tower_sessions::Session,
    bid: Path<String>,
    wanted: Form<Wanted>,
) -> Response {
    file(served, session, bid, wanted, What::Differences).await
}

#[derive(Clone, Copy)]
enum What {
    Report,
    Differences,
}

async fn file(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Path(bid): Path<String>,
    Form(wanted): Form<Wanted>,
    what: What,
) -> Response {
    let Ok(bid) = Bid::parse(&bid) else { return Redirect::to(paths::MIGRATIONS).into_response() };
    let page = paths::migration_report(&bid);
    let Ok(Some(actor)) = app::session::actor(&session).await else {
        return Redirect::to(&paths::sign_in(&page)).into_response();
    };
    match taken(&served, &actor, &bid, &wanted, what).await {
        Ok(answer) => answer,
        Err(error) => {
            if let Err(error) = app::session::put_flash(&session, &Flash::problem(error.to_string())).await {
                tracing::warn!("the notice was not kept: {error}");
            }
            Redirect::to(&page).into_response()
        }
    }
}

async fn taken(
    served: &Served,
    actor: &Actor,
    bid: &Bid,
    wanted: &Wanted,
    what: What,
) -> Result<Response, ServiceError> {
    let of: MigrationId = wanted
        .of
        .parse()
        .map_err(|_| ServiceError::NotFound { what: "report of a move", id: wanted.of.clone() })?;
    let edition = wanted.edition;
    let headers = |kind: &'static str, name: &str, ends: &str| {
        let name = format!("attachment; filename=\"{name}-{bid}-{edition}.{ends}\"");
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, name),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ]
    };
    Ok(match what {
        What::Report => {
            let body = migration::report_json(&served.console, actor, bid, of, edition).await?;
            (headers("application/json", "report", "json"), body).into_response()
        }
        What::Differences => {
            let rows = migration::differences_csv(&served.console, actor, bid, of, edition).await?;
            (headers("text/csv; charset=utf-8", "differences", "csv"), Body::from_stream(rows))
                .into_response()
        }
    })
}
