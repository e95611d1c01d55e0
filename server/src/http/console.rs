//! The console's listener: pages, server functions, live events, uploads, exports, IC's API, health, metrics.

use std::sync::Arc;

use app::{App, shell};
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request, State},
    middleware,
    response::IntoResponse,
    routing::{get, post},
};
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use metrics_exporter_prometheus::PrometheusHandle;
use services::Console;
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite, cookie::time::Duration};

use super::{
    activity_export, api, assets, events, health, import_upload, request_id, same_origin, security_headers,
    session_store::DatabaseSessions,
};
use crate::config::ApiKey;

/// A person who does nothing for this long has to sign in again.
const IDLE: Duration = Duration::minutes(60);

/// What the handlers of the console work with.
#[derive(Clone, FromRef)]
pub(crate) struct Served {
    pub(crate) console: Console,
    pub(crate) leptos: LeptosOptions,
    pub(crate) shutdown: CancellationToken,
    pub(crate) metrics: PrometheusHandle,
}

/// The routes of the console's listener.
pub(crate) fn router(served: Served, keys: Vec<ApiKey>) -> Router {
    let console = served.console.clone();
    let entropy = Arc::clone(&console.entropy);
    let pages = Router::new()
        .leptos_routes_with_context(
            &served,
            generate_route_list(App),
            {
                let console = console.clone();
                move || provide_context(console.clone())
            },
            {
                let options = served.leptos.clone();
                move || shell(options.clone())
            },
        )
        .route("/do/{*function}", post(server_function))
        .route("/events", get(events::stream))
        .route(
            "/import/upload",
            post(import_upload::upload).layer(DefaultBodyLimit::max(import_upload::MAX_BYTES)),
        )
        .route("/activity.csv", get(activity_export::csv))
        .route("/activity.jsonl", get(activity_export::jsonl))
        .fallback(assets::file_or_page)
        .layer(sessions(&console))
        .layer(middleware::from_fn(same_origin::require))
        .with_state(served.clone());
    let plain = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(prometheus))
        .with_state(served);
    pages
        .merge(plain)
        .merge(api::router(console, keys))
        .layer(middleware::from_fn(security_headers::add))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(crate::telemetry::trace_requests())
        .layer(middleware::from_fn_with_state(entropy, request_id::set))
}

/// Sessions in our database, in a cookie that only this host gets and no script reads.
fn sessions(console: &Console) -> SessionManagerLayer<DatabaseSessions> {
    let store = DatabaseSessions { store: console.store.clone(), clock: Arc::clone(&console.clock) };
    SessionManagerLayer::new(store)
        .with_name("__Host-ciam-console")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE))
}

async fn server_function(State(served): State<Served>, request: Request) -> impl IntoResponse {
    let console = served.console.clone();
    leptos_axum::handle_server_fns_with_context(move || provide_context(console.clone()), request).await
}

async fn prometheus(State(served): State<Served>) -> String {
    served.metrics.render()
}
