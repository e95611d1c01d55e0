//! Files of users: uploaded and fed back as streams, failed rows taken away.

use app::{paths, session::Flash};
use axum::{
    extract::{Multipart, Path, State, multipart::MultipartError},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Bid, MigrationId,
    actor::{Actor, Capability},
};
use futures::TryStreamExt as _;
use services::{ServiceError, migration};
use tokio_util::io::StreamReader;

use super::console::Served;

/// The largest file taken, in bytes: 10 million users take about 2 GB.
pub(crate) const MAX_BYTES: usize = 4 * 1024 * 1024 * 1024;

/// The largest file of corrected rows, in bytes.
pub(crate) const CORRECTIONS_MAX: usize = 64 * 1024 * 1024;

/// `POST /billers/{bid}/migration/upload`: streams a file of users into the staging tables.
pub(crate) async fn upload(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Path(bid): Path<String>,
    form: Multipart,
) -> Response {
    take(&served, &session, &bid, form, Kind::Users).await
}

/// `POST /billers/{bid}/migration/corrections`: takes corrected rows of the newest move in.
pub(crate) async fn corrections(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Path(bid): Path<String>,
    form: Multipart,
) -> Response {
    take(&served, &session, &bid, form, Kind::Corrections).await
}

/// `POST /billers/{bid}/migration/failed.csv`: the failed rows of the newest move.
pub(crate) async fn failed(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Path(bid): Path<String>,
) -> Response {
    let Ok(bid) = Bid::parse(&bid) else { return Redirect::to(paths::MIGRATIONS).into_response() };
    let page = paths::biller_migration(&bid);
    let Ok(Some(actor)) = app::session::actor(&session).await else {
        return Redirect::to(&paths::sign_in(&page)).into_response();
    };
    match newest_failed(&served, &actor, &bid).await {
        Ok(file) => {
            let name = format!("attachment; filename=\"failed-users-{bid}.csv\"");
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, name),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, file).into_response()
        }
        Err(error) => told(&session, Flash::problem(error.to_string()), &page).await,
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Users,
    Corrections,
}

async fn newest_failed(served: &Served, actor: &Actor, bid: &Bid) -> Result<Vec<u8>, ServiceError> {
    let id = newest(served, actor, bid).await?;
    migration::failed_rows(&served.console, actor, id).await
}

/// The newest move of a biller, for somebody who may change it.
async fn newest(served: &Served, actor: &Actor, bid: &Bid) -> Result<MigrationId, ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let (newest, _) = migration::of_biller(&served.console, actor, bid).await?;
    newest.map(|view| view.it.id).ok_or_else(|| nothing(bid))
}

fn nothing(bid: &Bid) -> ServiceError {
    ServiceError::NotFound { what: "move of users", id: bid.to_string() }
}

async fn take(
    served: &Served,
    session: &tower_sessions::Session,
    bid: &str,
    form: Multipart,
    kind: Kind,
) -> Response {
    let Ok(bid) = Bid::parse(bid) else { return Redirect::to(paths::MIGRATIONS).into_response() };
    let page = paths::biller_migration(&bid);
    let Ok(Some(actor)) = app::session::actor(session).await else {
        return Redirect::to(&paths::sign_in(&page)).into_response();
    };
    match stream(served, &actor, &bid, form, kind).await {
        Ok(()) => Redirect::to(&page).into_response(),
        Err(problem) => told(session, Flash::problem(problem), &page).await,
    }
}

async fn told(session: &tower_sessions::Session, flash: Flash, page: &str) -> Response {
    if let Err(error) = app::session::put_flash(session, &flash).await {
        tracing::warn!("the notice was not kept: {error}");
    }
    Redirect::to(page).into_response()
}

async fn stream(
    served: &Served,
    actor: &Actor,
    bid: &Bid,
    mut form: Multipart,
    kind: Kind,
) -> Result<(), String> {
    let broken = |error: MultipartError| {
        tracing::info!("upload broke off: {error}");
        "The upload broke off before the file was complete. Nothing was kept; try again.".to_owned()
    };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        if name.is_empty() {
            break;
        }
        let reader = std::pin::pin!(StreamReader::new(field.map_err(std::io::Error::other)));
        let console = &served.console;
        let taken = match kind {
            Kind::Users => migration::stage(console, actor, bid, &name, reader).await.map(drop),
            Kind::Corrections => match newest(served, actor, bid).await {
                Ok(id) => migration::feed_back(console, actor, id, reader).await.map(drop),
                Err(error) => Err(error),
            },
        };
        return taken.map_err(|error| error.to_string());
    }
    Err("No file was chosen: pick a file first.".to_owned())
}
