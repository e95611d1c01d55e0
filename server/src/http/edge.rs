//! What both listeners do around every request: an id, a log line, headers, and a calm answer
//! to a fault of ours.

use std::{any::Any, sync::Arc, time::Duration};

use app::context::FrameAncestors;
use axum::{
    Router,
    body::HttpBody,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use domain::Entropy;
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};

use super::{plain_page, rate_limit, rate_limit::RateLimits, request_id, security_headers};

/// A body that stays silent for this long is given up.
const BODY_SILENT: Duration = Duration::from_secs(30);

/// Puts a listener's routes behind what every request goes through.
pub(super) fn around(
    routes: Router,
    limits: Arc<RateLimits>,
    entropy: Arc<dyn Entropy>,
    ancestors: &FrameAncestors,
) -> Router {
    routes
        .layer(middleware::from_fn_with_state(limits, rate_limit::by_address))
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENT))
        .layer(CatchPanicLayer::custom(broken))
        .layer(middleware::from_fn(explain))
        .layer(middleware::from_fn_with_state(security_headers::policy(ancestors), security_headers::add))
        .layer(crate::telemetry::trace_requests())
        .layer(middleware::from_fn_with_state(entropy, request_id::set))
}

/// A fault of ours. What it was stands in the log, not in the answer.
fn broken(panic: Box<dyn Any + Send + 'static>) -> Response {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!("a handler panicked: {what}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Says in words what an answer without any means.
async fn explain(request: Request, next: Next) -> Response {
    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
    let response = next.run(request).await;
    let silent = response.body().size_hint().exact() == Some(0);
    let (title, text) = match response.status() {
        StatusCode::INTERNAL_SERVER_ERROR if silent => (
            "The console failed at this",
            "Try again. If it stays like this, report the reference below: the log knows more.",
        ),
        StatusCode::SERVICE_UNAVAILABLE if silent => {
            ("This took too long", "It was given up. Look whether it was done before you try again.")
        }
        StatusCode::METHOD_NOT_ALLOWED if silent => (
            "Nothing is done here",
            "This address does not take such a request. Go back and try again from the page.",
        ),
        _ => return response,
    };
    let mut explained = plain_page::to(&path, &headers, response.status(), title, text);
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        explained.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    explained
}
