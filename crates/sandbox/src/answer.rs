//! Turns what a handler answers into HTTP.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use futures::{StreamExt as _, stream};
use serde_json::Value;

use crate::{
    etag,
    http_error::{Refusal, unknown_resource},
    operation::Api,
    reply::Reply,
};

/// Pieces a slow body is cut into.
const PIECES: u32 = 10;

/// The status of a reply.
pub(crate) fn status(reply: &Reply) -> u16 {
    match reply {
        Reply::Json { status, .. } | Reply::Html { status, .. } => *status,
        Reply::Empty => 204,
        Reply::Redirect(_) | Reply::SignedIn { .. } => 302,
    }
}

/// The HTTP answer of a reply.
pub(crate) fn reply(reply: &Reply, replayed: bool) -> Response<Body> {
    let mut response = match reply {
        Reply::Json { status, body, tagged } => {
            let mut response = json(*status, body);
            if *tagged {
                set(&mut response, header::ETAG, &etag::of(body));
            }
            response
        }
        Reply::Html { status, page } => html(*status, page.clone()),
        Reply::Empty => empty(204),
        Reply::Redirect(url) => {
            let mut response = empty(302);
            set(&mut response, header::LOCATION, url);
            response
        }
        Reply::SignedIn { url, cookie } => {
            let mut response = empty(302);
            set(&mut response, header::LOCATION, url);
            set(&mut response, header::SET_COOKIE, cookie);
            response
        }
    };
    if replayed {
        set(&mut response, HeaderName::from_static("x-idempotent-replayed"), "true");
    }
    response
}

/// The HTTP answer of a refusal, in the shape its API group declares.
pub(crate) fn refusal(refusal: &Refusal, api: Api) -> Response<Body> {
    let body = match (api, refusal.status()) {
        (Api::OAuth2, 404) => unknown_resource(refusal.message()),
        _ => refusal.body(api),
    };
    let mut response = json(refusal.status(), &body);
    if let Some(seconds) = refusal.retry_after() {
        set(&mut response, header::RETRY_AFTER, &seconds.to_string());
    }
    if refusal.status() == 401 {
        let scheme = if refusal.code() == "invalid_client" { "Basic" } else { "Bearer" };
        set(&mut response, header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The answer to a path or method nobody plays.
pub(crate) fn unknown_path() -> Response<Body> {
    json(404, &unknown_resource("No operation has this path and method"))
}

/// Adds what every answer carries, and stretches the body where a fault asks for it.
pub(crate) fn finish(mut response: Response<Body>, trace_id: &str, slow: Option<Duration>) -> Response<Body> {
    set(&mut response, HeaderName::from_static("x-trace-id"), trace_id);
    match slow {
        Some(over) => stretch(response, over),
        None => response,
    }
}

/// Names the faults that hit the request, so that nobody takes the answer for the vendor's.
pub(crate) fn mark(mut response: Response<Body>, faults: &str) -> Response<Body> {
    if !faults.is_empty() {
        set(&mut response, HeaderName::from_static("x-sandbox-fault"), faults);
    }
    response
}

/// An HTML page under a strict content policy: styles inline, forms to ourselves, no script.
pub(crate) fn html(status: u16, page: String) -> Response<Body> {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = code(status);
    set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(&mut response, header::CACHE_CONTROL, "no-store");
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
    set(&mut response, header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// A JSON answer.
pub(crate) fn json(status: u16, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = code(status);
    set(&mut response, header::CONTENT_TYPE, "application/json");
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

fn empty(status: u16) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = code(status);
    response
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => {
            response.headers_mut().insert(name, value);
        }
        Err(error) => tracing::warn!(%name, %error, "a header value cannot be sent"),
    }
}

/// Sends the body in pieces with pauses between them.
fn stretch(response: Response<Body>, over: Duration) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let pause = over / PIECES;
    let pieces = stream::once(axum::body::to_bytes(body, usize::MAX)).flat_map(move |whole| {
        let pieces: Vec<Result<Bytes, axum::Error>> = match whole {
            Err(error) => vec![Err(error)],
            Ok(bytes) => cut(&bytes).into_iter().map(Ok).collect(),
        };
        stream::iter(pieces).then(move |piece| async move {
            tokio::time::sleep(pause).await;
            piece
        })
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn cut(bytes: &Bytes) -> Vec<Bytes> {
    let size = bytes.len().div_ceil(PIECES as usize).max(1);
    (0..bytes.len()).step_by(size).map(|from| bytes.slice(from..bytes.len().min(from + size))).collect()
}
