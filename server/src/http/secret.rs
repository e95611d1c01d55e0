//! `POST /billers/{bid}/secret`: has a client secret made and answers with the page that shows it.

use app::{
    context::JustMade,
    secret_form::{self, SecretForm},
    shell,
};
use axum::{
    Form,
    body::Body,
    extract::{FromRequest, Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::provide_context;
use leptos_axum::render_app_async_with_context;

use super::console::Served;

/// The secret is in this answer only: neither browser nor proxy may keep it.
pub(crate) async fn make(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Path(bid): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let form = match Form::<SecretForm>::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(Form(form)) => form,
        Err(rejection) => return rejection.into_response(),
    };
    let console = served.console.clone();
    // Goes on when the browser does not wait: the log has to say what became of it.
    let made = tokio::spawn(async move { secret_form::post(&console, &session, &bid, form).await });
    let Ok(made) = made.await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    match made {
        Ok(made) => {
            let (context, leptos) = (served.context(), served.leptos);
            let made = JustMade(made);
            let page = render_app_async_with_context(
                move || {
                    context();
                    provide_context(made.clone());
                },
                move || shell(leptos.clone()),
            );
            let mut answer = page(Request::from_parts(parts, Body::empty())).await;
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            answer
        }
        Err(instead) => Redirect::to(&instead).into_response(),
    }
}
