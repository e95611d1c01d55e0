//! `/healthz`: the process lives. `/readyz`: it can work, and if not, which part fails. `/metrics`: how much and how fast.

use axum::{Json, extract::State, http::StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use services::Console;

/// Always "ok" while the process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// What readiness depends on.
#[derive(Debug, Serialize)]
pub(crate) struct Readiness {
    ready: bool,
    database: String,
}

/// 200 when the database answers, 503 with the failing part otherwise. The vendor is no part of it: when
/// SecureAuth is away, the console still has to show so.
pub(crate) async fn readyz(State(console): State<Console>) -> (StatusCode, Json<Readiness>) {
    match ping(&console).await {
        Ok(()) => (StatusCode::OK, Json(Readiness { ready: true, database: "ok".to_owned() })),
        Err(error) => {
            tracing::error!("not ready: {error}");
            let database = "does not answer; see the log and run `ciam-console doctor`".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, Json(Readiness { ready: false, database }))
        }
    }
}

async fn ping(console: &Console) -> Result<(), storage::StorageError> {
    let mut conn = console.store.read().await?;
    storage::health::ping(&mut conn).await
}

/// Every measurement, in Prometheus' text format.
pub(crate) async fn metrics(State(metrics): State<PrometheusHandle>) -> String {
    metrics.render()
}
