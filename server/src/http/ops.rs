//! The listener for our own monitoring: measurements and health of a server or a worker, and nothing else.

use std::sync::Arc;

use app::context::FrameAncestors;
use axum::{
    Router,
    extract::{FromRef, Request},
    http::StatusCode,
    response::Response,
};
use metrics_exporter_prometheus::PrometheusHandle;
use services::Console;

use super::{doors, edge, plain_page, rate_limit::RateLimits};
use crate::config::LimitsConfig;

/// What is told about.
#[derive(Clone, FromRef)]
pub(crate) struct Observed {
    pub(crate) console: Console,
    pub(crate) metrics: PrometheusHandle,
}

/// The routes of the listener for monitoring.
pub(crate) fn router(observed: Observed, limits: &LimitsConfig) -> Router {
    let entropy = Arc::clone(&observed.console.entropy);
    let routes = doors::ops_routes().fallback(unknown).with_state(observed);
    edge::around(routes, RateLimits::of_ops(limits), entropy, &FrameAncestors::only(&[]))
}

async fn unknown(request: Request) -> Response {
    let text = "This listener answers /metrics, /healthz and /readyz.";
    plain_page::answer(&request, StatusCode::NOT_FOUND, "Address not found", text)
}
