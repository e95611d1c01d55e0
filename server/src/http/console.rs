//! The console's listener: pages, server functions, live events, uploads, exports, IC's API, health.

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRef,
    middleware::{from_fn, from_fn_with_state},
};
use leptos::prelude::LeptosOptions;
use services::Console;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite, cookie::time::Duration};

use super::{
    api_key, assets, doors, edge,
    rate_limit::{self, RateLimits},
    same_origin,
    session_store::DatabaseSessions,
};
use crate::config::{ApiKey, LimitsConfig};

/// A person who does nothing for this long has to sign in again.
const IDLE: Duration = Duration::minutes(60);

/// What the handlers of the console work with.
#[derive(Clone, FromRef)]
pub(crate) struct Served {
    pub(crate) console: Console,
    pub(crate) leptos: LeptosOptions,
    pub(crate) shutdown: CancellationToken,
}

/// The routes of the console's listener.
pub(crate) fn router(served: Served, keys: Vec<ApiKey>, limits: &LimitsConfig) -> Router {
    let limits = RateLimits::of_console(limits);
    let keys = Arc::new(keys);
    let entropy = Arc::clone(&served.console.entropy);
    let inner = doors::console_routes(&served, |handler| {
        handler.layer(from_fn_with_state(keys.clone(), api_key::require_key))
    })
    .fallback(assets::file_or_page)
    .layer(from_fn_with_state(limits.clone(), rate_limit::by_session))
    .layer(sessions(&served.console))
    .layer(from_fn(same_origin::require))
    .with_state(served)
    .layer(CompressionLayer::new());
    edge::around(inner, limits, entropy)
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
