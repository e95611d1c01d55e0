//! Why the program could not start or finish, and what to do.

use std::{io, net::SocketAddr};

use thiserror::Error;

use crate::config::ConfigError;

/// Why the program could not start or finish, and what to do.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The vendor section of the configuration.
    #[error("[secureauth]: {0}")]
    Vendor(#[from] secureauth::ConfigError),
    /// The database.
    #[error("The database: {0}")]
    Storage(#[from] storage::StorageError),
    /// A use case.
    #[error(transparent)]
    Service(#[from] services::ServiceError),
    /// The collector of measurements and traces.
    #[error(
        "[telemetry]: {0}. Correct the collector's address or headers, or leave telemetry.otlp_endpoint empty."
    )]
    Collector(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The sandbox.
    #[error("The sandbox: {0}")]
    Sandbox(#[from] sandbox::SandboxError),
    /// The data directory.
    #[error("The data directory {dir} cannot be made: {error}. Choose another with --data-dir.")]
    DataDir {
        /// The directory.
        dir: String,
        /// Why.
        error: io::Error,
    },
    /// An address is taken.
    #[error("Nothing can listen on {addr}: {error}. Stop what listens there, or set {setting}.")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// Why.
        error: io::Error,
        /// The setting or option to change.
        setting: &'static str,
    },
    /// A move of users that waits for a person.
    #[error("{0}")]
    UsersMove(String),
    /// A file.
    #[error("{file}: {error}")]
    File {
        /// The file.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// The public address is not a URL.
    #[error("public.url: {url:?} is not a URL: {error}")]
    PublicUrl {
        /// What was given.
        url: String,
        /// Why.
        error: url::ParseError,
    },
    /// The HTTP client for deliveries.
    #[error("The HTTP client for event deliveries cannot be made: {0}")]
    HttpClient(String),
    /// The metrics registry.
    #[error("Measurements cannot be started: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// Measurements go elsewhere already.
    #[error("Measurements cannot be taken: {0}. This is a fault of the program: report it.")]
    MeasuredTwice(String),
    /// A page or server function without a row in the table of doors, or a row without one.
    #[error(
        "These addresses stand in only one of the application and the table of doors (server/src/http/doors.rs): {0}"
    )]
    Doors(String),
    /// Leptos' own settings.
    #[error("The site's settings cannot be read: {0}")]
    Site(String),
    /// A server task ended.
    #[error("A listener ended: {0}")]
    Serve(io::Error),
    /// A check found problems; they were printed.
    #[error("{0} of the checks failed; see above")]
    Unhealthy(usize),
    /// The audit chain is broken.
    #[error("The audit log is broken: {0}")]
    BrokenChain(String),
    /// The audit chain holds, but is another one than it was.
    #[error(
        "The audit log was written anew: entry {0} is not the one that was noted. Compare it with the last export."
    )]
    Rewritten(i64),
    /// The file held bad rows.
    #[error(
        "{0} rows were not imported; see above. Correct them and import the file again: rows that are in already do no harm."
    )]
    BadRows(usize),
}
