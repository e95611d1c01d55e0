//! Headers that every answer carries, pages, static files and errors alike.

use app::context::FrameAncestors;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// The policy of answers that are no pages: nothing may run in them, and they are framed as pages are.
pub(super) fn policy(ancestors: &FrameAncestors) -> HeaderValue {
    let ancestors = ancestors.as_str();
    let text =
        format!("default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}");
    // Origins were checked when the configuration was read; what cannot be a header lets nobody frame anything.
    HeaderValue::from_str(&text)
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// Adds what is absent; pages bring a policy of their own with a nonce.
pub(crate) async fn add(State(policy): State<HeaderValue>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // `no-referrer` would turn the Origin of our own forms into "null".
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}
