//! OpenTelemetry: what `/metrics` tells, and a trace of each request and each call to the vendor, sent to a collector
//! (OTLP over HTTP, protobuf). Off unless a collector is named.

use std::{
    collections::HashMap,
    time::{Duration, UNIX_EPOCH},
};

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Request, Response};
use domain::Clock as _;
use metrics_exporter_opentelemetry::Recorder;
use opentelemetry::{
    KeyValue,
    trace::{Span as _, SpanBuilder, SpanKind, Status, Tracer as _, TracerProvider as _},
};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource,
    metrics::{Aggregation, Instrument, PeriodicReader, SdkMeterProvider, Stream},
    trace::{Sampler, SdkTracer, SdkTracerProvider},
};
use secrecy::ExposeSecret as _;
use secureauth::CallRecord;
use tokio::runtime::Handle;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{config::TelemetryConfig, runtime::SystemClock, telemetry::LATENCY_BUCKETS};

/// The name under which spans and measurements are made.
const SCOPE: &str = "ciam-console";

/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent to the collector.
pub(crate) struct Otlp {
    tracers: SdkTracerProvider,
    meters: SdkMeterProvider,
    /// Takes what `/metrics` takes.
    pub(crate) recorder: Recorder,
}

impl Otlp {
    /// Begins to send, if a collector is named.
    ///
    /// # Errors
    /// When the collector's address or a header cannot be used.
    pub(crate) fn start(config: &TelemetryConfig) -> Result<Option<Self>, ExporterBuildError> {
        if config.otlp_endpoint.is_empty() {
            return Ok(None);
        }
        let base = config.otlp_endpoint.trim_end_matches('/');
        let headers: HashMap<String, String> = config
            .otlp_headers
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
            .collect();
        let collector = Collector { http: reqwest::Client::new(), runtime: Handle::current() };
        let resource = Resource::builder().with_service_name(config.service_name.clone()).build();
        let spans = SpanExporter::builder()
            .with_http()
            .with_http_client(collector.clone())
            .with_endpoint(format!("{base}/v1/traces"))
            .with_headers(headers.clone())
            .with_timeout(PATIENCE)
            .build()?;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.trace_ratio)));
        let tracers = SdkTracerProvider::builder()
            .with_batch_exporter(spans)
            .with_sampler(sampler)
            .with_resource(resource.clone())
            .build();
        let measurements = MetricExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_endpoint(format!("{base}/v1/metrics"))
            .with_headers(headers)
            .with_timeout(PATIENCE)
            .build()?;
        let every = Duration::from_secs(u64::from(config.metrics_every_seconds));
        let reader = PeriodicReader::builder(measurements).with_interval(every).build();
        let (meters, recorder) = Recorder::builder(SCOPE)
            .with_meter_provider(|builder| {
                builder.with_reader(reader).with_resource(resource).with_view(buckets)
            })
            .build();
        Ok(Some(Self { tracers, meters, recorder }))
    }

    /// Makes spans.
    pub(crate) fn tracer(&self) -> SdkTracer {
        self.tracers.tracer(SCOPE)
    }

    /// Sends what is left.
    pub(crate) fn finish(&self) {
        if let Err(error) = self.tracers.shutdown().and(self.meters.shutdown()) {
            tracing::warn!("not everything reached the collector: {error}");
        }
    }
}

/// The buckets of `/metrics`: the usual ones are meant for milliseconds.
fn buckets(of: &Instrument) -> Option<Stream> {
    let boundaries = LATENCY_BUCKETS.to_vec();
    let aggregation = Aggregation::ExplicitBucketHistogram { boundaries, record_min_max: false };
    let of_latencies = of.name().ends_with("_call_seconds") || of.name().ends_with("_response_seconds");
    of_latencies.then(|| Stream::builder().with_aggregation(aggregation).build().ok()).flatten()
}

/// A span for a call to the vendor that has just ended, below the request or job that made it.
pub(crate) fn span_of_call(tracer: &SdkTracer, call: &CallRecord) {
    let now = UNIX_EPOCH + Duration::from_micros(SystemClock.now().micros().unsigned_abs());
    let mut attributes = vec![
        KeyValue::new("secureauth.operation", call.operation.as_str()),
        KeyValue::new("secureauth.api", call.api.as_str()),
        KeyValue::new("secureauth.outcome", call.outcome.as_str()),
        KeyValue::new("secureauth.correlation_id", call.correlation_id.clone()),
    ];
    attributes.extend(call.status.map(|it| KeyValue::new("http.response.status_code", i64::from(it))));
    // What SecureAuth's support asks for.
    attributes.extend(call.trace_id.clone().map(|it| KeyValue::new("secureauth.trace_id", it)));
    let builder = SpanBuilder::from_name(format!("secureauth {}", call.operation.as_str()))
        .with_kind(SpanKind::Client)
        .with_start_time(now - call.latency)
        .with_attributes(attributes);
    let mut span = tracer.build_with_context(builder, &tracing::Span::current().context());
    if !matches!(call.outcome, secureauth::OutcomeClass::Ok | secureauth::OutcomeClass::Conflict) {
        span.set_status(Status::error(call.outcome.as_str()));
    }
    span.end_with_timestamp(now);
}

/// Sends by the console's own HTTP client. Exporters run on threads of their own, where no runtime is: the request is
/// made on the program's.
#[derive(Clone, Debug)]
struct Collector {
    http: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move {
            let answer = http.execute(request.try_into()?).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut made = Response::new(answer.bytes().await?);
            *made.status_mut() = status;
            *made.headers_mut() = headers;
            Ok::<_, reqwest::Error>(made)
        });
        Ok(sent.await??)
    }
}
