//! Static files of the site; everything else is the page "not found".

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tower::ServiceExt as _;
use tower_http::{CompressionLevel, compression::Compression, services::ServeDir};

use super::console::Served;

/// How hard files are compressed on the way where nobody compressed them before: as quick as the usual level of pages,
/// and the first page's WebAssembly is 5 % smaller.
const QUALITY: CompressionLevel = CompressionLevel::Precise(6);

/// Serves a file of the site, or the application's own page for an unknown address.
///
/// Files do not go through `leptos_axum`'s own handler: that one looks for response headers in whatever
/// page its thread rendered last, and then a style sheet takes another page's security headers away.
pub(crate) async fn file_or_page(State(served): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let files = ServeDir::new(served.leptos.site_root.as_ref())
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let file = Compression::new(files)
        .quality(QUALITY)
        .oneshot(Request::from_parts(parts.clone(), Body::empty()))
        .await;
    match file {
        Ok(found) if !matches!(found.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
            let mut response = found.into_response();
            // The names carry no hash: the browser may keep a file but has to ask whether it is still the same.
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        _ => not_found(served, Request::from_parts(parts, body)).await,
    }
}

async fn not_found(served: Served, request: Request) -> Response {
    let context = served.context();
    let leptos = served.leptos;
    let page = leptos_axum::render_app_async_with_context(context, move || app::shell(leptos.clone()));
    page(request).await
}
