//! Where measurements and traces are sent.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::ConfigError;

/// Where measurements and traces are sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// The collector's address for OTLP over HTTP, without `/v1/…`; empty where nothing is sent.
    pub otlp_endpoint: String,
    /// Headers that the collector asks for.
    pub otlp_headers: BTreeMap<String, SecretString>,
    /// What the console is called there.
    pub service_name: String,
    /// Seconds between two sendings of measurements.
    pub metrics_every_seconds: u32,
    /// The share of requests that are traced, 0 to 1.
    pub trace_ratio: f64,
}

impl TelemetryConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let value = |key, problem: &str| Err(ConfigError::Value { key, problem: problem.to_owned() });
        let usable = |text: &str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !self.otlp_endpoint.is_empty() && !usable(&self.otlp_endpoint) {
            let problem = "give the collector's address, e.g. http://127.0.0.1:4318, or nothing";
            return value("telemetry.otlp_endpoint", problem);
        }
        if !(1..=3600).contains(&self.metrics_every_seconds) {
            return value("telemetry.metrics_every_seconds", "give 1 to 3600 seconds");
        }
        if !(0.0..=1.0).contains(&self.trace_ratio) {
            return value("telemetry.trace_ratio", "give a share from 0 to 1, e.g. 0.1");
        }
        Ok(())
    }
}
