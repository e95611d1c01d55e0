//! `POST /import/upload`: takes a CSV file from the browser, streamed, and shows its preview.

use app::session::Flash;
use axum::{
    extract::{Multipart, State, multipart::MultipartError},
    response::{IntoResponse, Redirect, Response},
};
use futures::TryStreamExt;
use services::{ServiceError, stage_import};
use tokio_util::io::StreamReader;

use super::console::Served;

/// The largest file taken, in bytes: 100 000 billers take about 10 MB.
pub(crate) const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Streams the file into the staging tables and goes on to the preview.
pub(crate) async fn upload(
    State(served): State<Served>,
    session: tower_sessions::Session,
    form: Multipart,
) -> Response {
    let Ok(Some(actor)) = app::session::actor(&session).await else {
        return Redirect::to("/sign-in?next=/import").into_response();
    };
    match stage(&served, &actor, form).await {
        Ok(id) => Redirect::to(&format!("/import/{id}")).into_response(),
        Err(problem) => {
            if let Err(error) = app::session::put_flash(&session, &Flash::problem(problem)).await {
                tracing::warn!("the notice was not kept: {error}");
            }
            Redirect::to("/import").into_response()
        }
    }
}

async fn stage(
    served: &Served,
    actor: &domain::actor::Actor,
    mut form: Multipart,
) -> Result<domain::ImportId, String> {
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
        let reader = StreamReader::new(field.map_err(std::io::Error::other));
        let reader = std::pin::pin!(reader);
        return stage_import::stage(&served.console, actor, &name, reader)
            .await
            .map_err(|error: ServiceError| error.to_string());
    }
    Err("No file was chosen: pick a CSV file first.".to_owned())
}
