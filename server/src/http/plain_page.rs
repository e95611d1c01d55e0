//! Answers that need nothing but themselves: for whoever gets no further, and for faults of ours.

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};

use super::{problem::Problem, request_id};

/// Where IC's systems call; they get JSON.
const API: &str = "/api/";

/// An answer in words: a problem document for IC's systems, a small page for everybody else.
pub(super) fn answer(request: &Request, status: StatusCode, title: &'static str, text: &str) -> Response {
    to(request.uri().path(), request.headers(), status, title, text)
}

/// The same when the request itself is gone.
pub(super) fn to(
    path: &str,
    headers: &HeaderMap,
    status: StatusCode,
    title: &'static str,
    text: &str,
) -> Response {
    if path.starts_with(API) {
        return Problem::new(status, title, text).into_response();
    }
    let reference = headers.get(request_id::HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default();
    (status, page(title, text, reference)).into_response()
}

/// A page without style sheet or script. Title and text are ours; nothing of the request stands in it.
fn page(title: &str, text: &str, reference: &str) -> Html<String> {
    Html(document(title, &format!("<p>{text}</p><p><small>Reference: {reference}</small></p>")))
}

/// The same with other content, which must be safe already.
pub(super) fn document(title: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <main><h1>{title}</h1>{content}</main></html>"
    )
}
