//! The public listener: login URLs and health. Nothing of the console is reachable here.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use services::{
    Console,
    start_login::{self, LoginStart},
};

use super::{health, request_id, security_headers};

/// The routes of the public listener.
pub(crate) fn router(console: Console) -> Router {
    let entropy = Arc::clone(&console.entropy);
    Router::new()
        .route("/b/{slug}", get(login))
        .route("/healthz", get(health::healthz))
        .fallback(unknown)
        .layer(middleware::from_fn(security_headers::add))
        .layer(crate::telemetry::trace_requests())
        .layer(middleware::from_fn_with_state(entropy, request_id::set))
        .with_state(console)
}

/// A biller's login URL: starts a sign-in with fresh state and nonce, so it must never be cached.
async fn login(State(console): State<Console>, Path(slug): Path<String>) -> Response {
    match start_login::start(&console, &slug).await {
        Ok(LoginStart::Redirect(url)) | Ok(LoginStart::Legacy(url)) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, url.to_string()), (header::CACHE_CONTROL, "no-store".to_owned())],
        )
            .into_response(),
        Ok(LoginStart::Unknown) => unknown().await,
        Err(error) => {
            tracing::error!(slug, "sign-in cannot start: {error}");
            let text = "Signing in is not possible for the moment. Please try again in a few minutes.";
            let page = page("Please try again shortly", text);
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "60")], page).into_response()
        }
    }
}

/// The same answer whatever was asked for.
async fn unknown() -> Response {
    let text = "There is no sign-in page at this address. Please check the link on your bill or on your provider's website.";
    (StatusCode::NOT_FOUND, page("Address not found", text)).into_response()
}

fn page(title: &str, text: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><main><h1>{title}</h1><p>{text}</p></main></html>"
    ))
}
