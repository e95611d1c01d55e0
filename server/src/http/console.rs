//! The console's listener: pages, server functions, live events, uploads, exports, IC's API, health.

use std::sync::Arc;

use app::context::FrameAncestors;
use axum::{
    Router,
    extract::FromRef,
    middleware::{from_fn, from_fn_with_state},
};
use leptos::prelude::{LeptosOptions, provide_context};
use services::Console;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::{
    api_key, assets, doors, edge,
    rate_limit::{self, RateLimits},
    same_origin,
    session_cookie::{self, Place},
    session_store::DatabaseSessions,
    session_use::{self, SessionUses},
};
use crate::config::Config;

/// What the handlers of the console work with.
#[derive(Clone, FromRef)]
pub(crate) struct Served {
    pub(crate) console: Console,
    pub(crate) leptos: LeptosOptions,
    pub(crate) shutdown: CancellationToken,
    pub(crate) ancestors: FrameAncestors,
}

impl Served {
    /// Gives pages and server functions what they work with.
    pub(super) fn context(&self) -> impl Fn() + Clone + Send + Sync + use<> {
        let (console, ancestors) = (self.console.clone(), self.ancestors.clone());
        move || {
            provide_context(console.clone());
            provide_context(ancestors.clone());
        }
    }
}

/// The routes of the console's listener.
pub(crate) fn router(served: Served, config: &Config) -> Router {
    let limits = RateLimits::of_console(&config.limits);
    let keys = Arc::new(config.api_keys.clone());
    let Console { store, clock, entropy, .. } = served.console.clone();
    let ancestors = served.ancestors.clone();
    let lifetime = config.sessions.limits();
    let uses = SessionUses::new(store.clone(), Arc::clone(&clock), lifetime);
    let sessions = DatabaseSessions { store, clock, limits: lifetime };
    let place = if config.embedding.is_on() { Place::Frame } else { Place::Window };
    let inner = doors::console_routes(&served, |handler| {
        handler.layer(from_fn_with_state(keys.clone(), api_key::require_key))
    })
    .fallback(assets::file_or_page)
    .layer(from_fn_with_state(uses, session_use::note))
    .layer(from_fn_with_state(limits.clone(), rate_limit::by_session))
    .layer(session_layer(sessions))
    .layer(from_fn_with_state(place, session_cookie::complete))
    .layer(from_fn(same_origin::require))
    .with_state(served)
    .layer(CompressionLayer::new());
    edge::around(inner, limits, entropy, &ancestors)
}

/// Sessions in our database, in a cookie that goes with the browser; how long the session itself lasts is the store's
/// business, and who gets the cookie is said by [`session_cookie`].
fn session_layer(store: DatabaseSessions) -> SessionManagerLayer<DatabaseSessions> {
    SessionManagerLayer::new(store)
        .with_name(session_cookie::NAME)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}
