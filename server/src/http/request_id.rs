//! An id for every request: in the log, in the answer's header, and on error pages, so that they can be matched.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use domain::Entropy;

/// Where the id stands, in requests and answers.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id of ours; what a caller sent under this name is not trusted.
pub(crate) async fn set(
    State(entropy): State<Arc<dyn Entropy>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut bytes = [0_u8; 8];
    entropy.fill(&mut bytes);
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let Ok(id) = HeaderValue::from_str(&text) else { return next.run(request).await };
    request.headers_mut().insert(HEADER, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(HEADER, id);
    response
}
