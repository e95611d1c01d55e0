//! OpenTelemetry export: a collector gets the numbers of `/metrics` and a trace of requests and calls.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::collector::{
    metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest,
};
use prost::Message as _;

use crate::console_process::{ConsoleProcess, sandbox};

/// What a collector was told.
#[derive(Default)]
struct Told {
    metrics: BTreeSet<String>,
    spans: BTreeSet<String>,
    attributes: BTreeSet<String>,
    keys: BTreeSet<String>,
}

type Collected = Arc<Mutex<Told>>;

fn key(headers: &HeaderMap) -> String {
    headers.get("x-collector-key").map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn metrics(State(told): State<Collected>, headers: HeaderMap, body: Bytes) {
    let request = ExportMetricsServiceRequest::decode(body).unwrap();
    let mut told = told.lock().unwrap();
    told.keys.insert(key(&headers));
    let scopes = request.resource_metrics.into_iter().flat_map(|it| it.scope_metrics);
    told.metrics.extend(scopes.flat_map(|it| it.metrics).map(|it| it.name));
}

async fn traces(State(told): State<Collected>, headers: HeaderMap, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let mut told = told.lock().unwrap();
    told.keys.insert(key(&headers));
    for span in request.resource_spans.into_iter().flat_map(|it| it.scope_spans).flat_map(|it| it.spans) {
        told.attributes.extend(span.attributes.into_iter().map(|it| it.key));
        told.spans.insert(span.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_measurements_and_spans_where_one_is_named() {
    let told = Collected::default();
    let routes = Router::new()
        .route("/v1/metrics", post(metrics))
        .route("/v1/traces", post(traces))
        .with_state(told.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });

    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let settings = [
        ("CIAM_TELEMETRY__OTLP_ENDPOINT", address),
        ("CIAM_TELEMETRY__OTLP_HEADERS", "{x-collector-key=sesame}".to_owned()),
        ("CIAM_TELEMETRY__METRICS_EVERY_SECONDS", "1".to_owned()),
        ("CIAM_PROBES__EVERY_MINUTES", "1".to_owned()),
    ];
    let console = ConsoleProcess::start_with(data.path(), &sandbox, &settings);
    let whole = |told: &Told| {
        let metrics = ["http_responses_total", "secureauth_call_seconds", "ciam_incidents_open"];
        metrics.iter().all(|it| told.metrics.contains(*it))
            && told.spans.contains("request")
            && told.spans.contains("secureauth get_environment")
    };
    for _ in 0..300 {
        reqwest::get(format!("{}/readyz", console.ops)).await.unwrap();
        if whole(&told.lock().unwrap()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let told = told.lock().unwrap();
    assert!(whole(&told), "{:?} {:?}", told.metrics, told.spans);
    assert!(told.attributes.contains("secureauth.operation"), "{:?}", told.attributes);
    assert_eq!(told.keys.iter().collect::<Vec<_>>(), ["sesame"]);
}
