//! The public listener: login URLs and health. Nothing of the console is reachable here.

use std::sync::Arc;

use app::context::FrameAncestors;
use axum::{
    Router,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use services::{
    Console,
    start_login::{self, LoginStart},
    test_sign_in::{self, Returned},
};
use url::form_urlencoded;

use super::{doors, edge, plain_page, rate_limit::RateLimits};
use crate::config::LimitsConfig;

/// The routes of the public listener.
pub(crate) fn router(console: Console, limits: &LimitsConfig) -> Router {
    let entropy = Arc::clone(&console.entropy);
    let routes = doors::public_routes().fallback(unknown).with_state(console);
    edge::around(routes, RateLimits::of_public(limits), entropy, &FrameAncestors::only(&[]))
}

/// A biller's login URL: starts a sign-in with fresh state and nonce, so it must never be cached.
pub(super) async fn login(
    State(console): State<Console>,
    Path(slug): Path<String>,
    request: Request,
) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let test = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == test_sign_in::PARAMETER);
    let start = match test {
        Some((_, id)) => test_sign_in::open(&console, &slug, &id).await,
        None => start_login::start(&console, &slug).await,
    };
    match start {
        Ok(LoginStart::Redirect(url)) | Ok(LoginStart::Legacy(url)) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, url.to_string()), (header::CACHE_CONTROL, "no-store".to_owned())],
        )
            .into_response(),
        Ok(LoginStart::Unknown) => unknown(request).await,
        Err(error) => {
            tracing::error!(slug, "sign-in cannot start: {error}");
            let text = "Signing in is not possible for the moment. Please try again in a few minutes.";
            let title = "Please try again shortly";
            let page = plain_page::answer(&request, StatusCode::SERVICE_UNAVAILABLE, title, text);
            ([(header::RETRY_AFTER, "60")], page).into_response()
        }
    }
}

/// Somebody came back from a test sign-in. The answer holds nothing of what came: that stands in the console.
pub(super) async fn test_came_back(State(console): State<Console>, request: Request) -> Response {
    let mut returned = Returned::default();
    for (name, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        let field = match &*name {
            "code" => &mut returned.code,
            "state" => &mut returned.state,
            "error" => &mut returned.error,
            "error_description" => &mut returned.error_description,
            _ => continue,
        };
        *field = Some(value.into_owned());
    }
    match test_sign_in::finish(&console, returned).await {
        Ok(true) => {
            let text = "You can close this tab: what came of the test stands in the console.";
            let page = plain_page::answer(&request, StatusCode::OK, "The test is over", text);
            ([(header::CACHE_CONTROL, "no-store")], page).into_response()
        }
        Ok(false) => unknown(request).await,
        Err(error) => {
            tracing::error!("a test sign-in cannot be finished: {error}");
            let text = "The test could not be finished. Please begin another one in the console.";
            plain_page::answer(&request, StatusCode::SERVICE_UNAVAILABLE, "Please try again shortly", text)
        }
    }
}

/// The same answer whatever was asked for.
async fn unknown(request: Request) -> Response {
    let text = "There is no sign-in page at this address. Please check the link on your bill or on your provider's website.";
    plain_page::answer(&request, StatusCode::NOT_FOUND, "Address not found", text)
}
