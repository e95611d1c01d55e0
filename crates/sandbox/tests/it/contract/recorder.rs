//! Records exchanges on their way through the sandbox's router.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    middleware::{self, Next},
    response::Response,
};

/// A request with its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) request_headers: HeaderMap,
    pub(crate) request_body: Bytes,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} → {}", self.method, self.uri, self.status.as_u16())
    }
}

/// Keeps the exchanges with the vendor's API; the sandbox's own pages are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<Exchange>>>);

impl Recorder {
    /// The router with this recorder around it.
    pub(crate) fn wrap(self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self, record))
    }

    /// What was recorded so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.0.lock().unwrap().clone()
    }
}

async fn record(State(recorder): State<Recorder>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let request_body = to_bytes(body, usize::MAX).await.unwrap();
    let (method, uri, request_headers) = (parts.method.clone(), parts.uri.clone(), parts.headers.clone());
    let response = next.run(Request::from_parts(parts, Body::from(request_body.clone()))).await;
    if !is_vendors(uri.path()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    recorder.0.lock().unwrap().push(Exchange {
        method,
        uri,
        request_headers,
        request_body,
        status: parts.status,
        headers: parts.headers.clone(),
        body: body.clone(),
    });
    Response::from_parts(parts, Body::from(body))
}

/// Whether a path is part of the vendor's contract. The pages of signing in, the page for people and the
/// control endpoints are the sandbox's own.
fn is_vendors(path: &str) -> bool {
    let pages = path.ends_with("/login") || path.ends_with("/error");
    path != "/" && path != "/alive" && !path.starts_with("/sandbox/page/") && !pages && !is_control(path)
}

fn is_control(path: &str) -> bool {
    ["/sandbox/faults", "/sandbox/state", "/sandbox/reset", "/sandbox/settings"].contains(&path)
}
