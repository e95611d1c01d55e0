//! Logs and measurements.

use std::{sync::Arc, time::Duration};

use axum::{extract::Request, http::Response};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_util::{MetricKindMask, layers::FanoutBuilder};
use opentelemetry_sdk::trace::SdkTracer;
use secureauth::{CallObserver, CallRecord};
use services::performance::record::CallRecorder;
use tower_http::{
    classify::{ServerErrorsAsFailures, SharedClassifier},
    trace::TraceLayer,
};
use tracing::Span;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::LevelFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    config::{LogConfig, LogFormat},
    error::StartError,
    http::request_id,
    otlp::{self, Otlp},
    vendor_gauges,
};

/// Upper bounds of the latency histogram's buckets, in seconds.
pub(crate) const LATENCY_BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Starts logging to standard error, and tracing to a collector where one is named. `RUST_LOG` wins over the
/// configuration.
pub(crate) fn start_logging(config: &LogConfig, otlp: Option<&Otlp>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(&config.filter));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let spans = otlp
        .map(|otlp| tracing_opentelemetry::layer().with_tracer(otlp.tracer()).with_filter(LevelFilter::INFO));
    let started = tracing_subscriber::registry().with(spans).with(lines.with_filter(filter)).try_init();
    if let Err(error) = started {
        tracing::debug!("logging was started before: {error}");
    }
}

/// A gauge that was not set for so long is no longer told.
const GAUGES_LAST: Duration = Duration::from_secs(3 * vendor_gauges::EVERY.as_secs());

/// Starts to take measurements: for `/metrics` where it is told, and for a collector where one is named. Gauges that are
/// not set again go from `/metrics` after 90 seconds.
///
/// # Errors
/// When measurements were started before.
pub(crate) fn start_metrics(told: bool, otlp: Option<&Otlp>) -> Result<Option<PrometheusHandle>, StartError> {
    let mut to = FanoutBuilder::default();
    let mut handle = None;
    if told {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCY_BUCKETS)?
            .idle_timeout(MetricKindMask::GAUGE, Some(GAUGES_LAST))
            .build_recorder();
        handle = Some(recorder.handle());
        to = to.add_recorder(recorder);
    }
    if let Some(otlp) = otlp {
        to = to.add_recorder(otlp.recorder.clone());
    }
    if told || otlp.is_some() {
        metrics::set_global_recorder(to.build())
            .map_err(|error| StartError::MeasuredTwice(error.to_string()))?;
    }
    Ok(handle)
}

/// Measures every call to the vendor: for `/metrics`, and for the console's own pages.
#[derive(Clone, Debug)]
pub(crate) struct VendorMetrics {
    /// Keeps what the pages show.
    pub(crate) recorder: Arc<CallRecorder>,
    /// Makes spans, where a collector is named.
    pub(crate) tracer: Option<SdkTracer>,
}

impl CallObserver for VendorMetrics {
    fn observe(&self, call: &CallRecord) {
        self.recorder.observe(call);
        if let Some(tracer) = &self.tracer {
            otlp::span_of_call(tracer, call);
        }
        let labels = [
            ("operation", call.operation.as_str()),
            ("api", call.api.as_str()),
            ("outcome", call.outcome.as_str()),
        ];
        metrics::counter!("secureauth_calls_total", &labels).increment(1);
        metrics::histogram!("secureauth_call_seconds", &labels).record(call.latency.as_secs_f64());
        tracing::debug!(
            operation = call.operation.as_str(),
            outcome = call.outcome.as_str(),
            status = call.status,
            latency_ms = u64::try_from(call.latency.as_millis()).unwrap_or(u64::MAX),
            trace_id = call.trace_id.as_deref(),
            correlation_id = call.correlation_id,
            "secureauth call"
        );
    }
}

type Trace = TraceLayer<
    SharedClassifier<ServerErrorsAsFailures>,
    fn(&Request) -> Span,
    tower_http::trace::DefaultOnRequest,
    fn(&Response<axum::body::Body>, Duration, &Span),
>;

/// One span per request and one line per answer. The query stays out of the log: it may hold what people typed.
pub(crate) fn trace_requests() -> Trace {
    let span: fn(&Request) -> Span = |request| {
        let id =
            request.headers().get(request_id::HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default();
        tracing::info_span!("request", otel.kind = "server", id, method = %request.method(), path = request.uri().path())
    };
    let answered: fn(&Response<axum::body::Body>, Duration, &Span) = |response, latency, _| {
        let status = response.status();
        metrics::counter!("http_responses_total", "status" => status.as_u16().to_string()).increment(1);
        metrics::histogram!("http_response_seconds").record(latency.as_secs_f64());
        tracing::debug!(
            status = status.as_u16(),
            latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
    };
    TraceLayer::new_for_http().make_span_with(span).on_response(answered)
}
