//! `ciam-console serve`: the sandbox if asked for, the listeners, the workers, and an orderly stop.

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::Router;
use leptos::config::get_configuration;
use metrics_exporter_prometheus::PrometheusHandle;
use services::{Console, sample_billers, worker};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{ServeArgs, WorkerArgs},
    compose,
    config::{Config, LimitsConfig},
    doors, embedded_sandbox,
    error::StartError,
    http::{
        console::{self, Served},
        ops::{self, Observed},
        public,
    },
    otlp::Otlp,
    telemetry, terminal, vendor_gauges,
};

/// Serves until the process is told to stop.
///
/// # Errors
/// [`StartError`] names what failed and the cure.
pub(crate) async fn serve(
    mut config: Config,
    data_dir: &Path,
    args: ServeArgs,
    otlp: Option<Otlp>,
) -> Result<(), StartError> {
    let lonely = doors::mismatches();
    if !lonely.is_empty() {
        return Err(StartError::Doors(lonely.join(", ")));
    }
    let shutdown = stop_signal();
    let console_addr = args.console_addr.unwrap_or(config.server.console_addr);
    let public_addr = args.public_addr.unwrap_or(config.server.public_addr);
    let console_listener = listen(console_addr, "server.console_addr or --console-addr").await?;
    let public_listener = listen(public_addr, "server.public_addr or --public-addr").await?;
    let watched = Watched::listen(args.ops_addr.or(config.server.ops_addr)).await?;
    let metrics = telemetry::start_metrics(watched.is_some(), otlp.as_ref())?;
    let sandbox = if args.sandbox {
        let addr = args.sandbox_addr.unwrap_or(config.sandbox.addr);
        let console_url = format!("http://{}", local_addr(&console_listener)?);
        Some(embedded_sandbox::start(&mut config, data_dir, addr, console_url).await?)
    } else {
        None
    };
    config.keep_sandbox_apart(console_addr, sandbox.is_some())?;
    let console = compose::console(&config, data_dir, local_addr(&public_listener)?, otlp.as_ref()).await?;
    if args.samples {
        sample_billers::seed(&console).await?;
    }
    worker::prepare(&console).await?;
    let mut tasks = JoinSet::new();
    start_workers(&mut tasks, &console, config.server.workers, &shutdown);
    start_recording(&mut tasks, &console, &shutdown);
    let addresses = terminal::Addresses {
        console: Some(format!("http://{}", local_addr(&console_listener)?)),
        public: Some(format!("http://{}", local_addr(&public_listener)?)),
        ops: watched.as_ref().map(|watched| watched.url.clone()),
        sandbox: sandbox.as_ref().map(|sandbox| sandbox.base_url().to_owned()),
        crm: sandbox.as_ref().map(|sandbox| format!("{}/crm", sandbox.crm_origin())),
    };
    let leptos = get_configuration(None).map_err(|error| StartError::Site(error.to_string()))?.leptos_options;
    let ancestors = config.embedding.frame_ancestors();
    let served = Served { console: console.clone(), leptos, shutdown: shutdown.clone(), ancestors };
    let routes = console::router(served, &config);
    tasks.spawn(answer(console_listener, routes, shutdown.clone()));
    tasks.spawn(answer(public_listener, public::router(console.clone(), &config.limits), shutdown.clone()));
    keep_measuring(&mut tasks, &console, metrics.clone(), otlp.is_some(), &shutdown);
    if let Some((watched, metrics)) = watched.zip(metrics) {
        watched.answer(&mut tasks, Observed { console, metrics }, &config.limits, &shutdown);
    }
    terminal::announce(&addresses, args.ready_file.as_deref())?;
    let ended = finish(tasks, &shutdown, Duration::from_secs(config.server.shutdown_seconds)).await;
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    if let Some(otlp) = otlp {
        otlp.finish();
    }
    ended
}

/// `ciam-console worker`: works off the jobs beside other servers.
///
/// # Errors
/// [`StartError`] names what failed and the cure.
pub(crate) async fn work(
    config: Config,
    data_dir: &Path,
    args: WorkerArgs,
    otlp: Option<Otlp>,
) -> Result<(), StartError> {
    let shutdown = stop_signal();
    let watched = Watched::listen(args.ops_addr.or(config.server.ops_addr)).await?;
    let metrics = telemetry::start_metrics(watched.is_some(), otlp.as_ref())?;
    let console = compose::console(&config, data_dir, config.server.public_addr, otlp.as_ref()).await?;
    worker::prepare(&console).await?;
    let mut tasks = JoinSet::new();
    start_workers(&mut tasks, &console, config.server.workers.max(1), &shutdown);
    start_recording(&mut tasks, &console, &shutdown);
    let mut addresses = terminal::Addresses::default();
    keep_measuring(&mut tasks, &console, metrics.clone(), otlp.is_some(), &shutdown);
    if let Some((watched, metrics)) = watched.zip(metrics) {
        addresses.ops = Some(watched.url.clone());
        watched.answer(&mut tasks, Observed { console, metrics }, &config.limits, &shutdown);
    }
    terminal::announce(&addresses, args.ready_file.as_deref())?;
    let ended = finish(tasks, &shutdown, Duration::from_secs(config.server.shutdown_seconds)).await;
    if let Some(otlp) = otlp {
        otlp.finish();
    }
    ended
}

/// The listener for our own monitoring.
struct Watched {
    listener: TcpListener,
    url: String,
}

impl Watched {
    async fn listen(addr: Option<SocketAddr>) -> Result<Option<Self>, StartError> {
        let Some(addr) = addr else { return Ok(None) };
        let listener = listen(addr, "server.ops_addr or --ops-addr").await?;
        let url = format!("http://{}", local_addr(&listener)?);
        Ok(Some(Self { listener, url }))
    }

    fn answer(
        self,
        tasks: &mut JoinSet<Result<(), StartError>>,
        observed: Observed,
        limits: &LimitsConfig,
        shutdown: &CancellationToken,
    ) {
        tasks.spawn(answer(self.listener, ops::router(observed, limits), shutdown.clone()));
    }
}

/// Keeps the vendor's gauges fresh where somebody takes them, and what was measured small.
fn keep_measuring(
    tasks: &mut JoinSet<Result<(), StartError>>,
    console: &Console,
    metrics: Option<PrometheusHandle>,
    exported: bool,
    shutdown: &CancellationToken,
) {
    if metrics.is_none() && !exported {
        return;
    }
    let (console, stop) = (console.clone(), shutdown.clone().cancelled_owned());
    tasks.spawn(async move {
        let keep_up = async {
            loop {
                vendor_gauges::set(&console).await;
                if let Some(metrics) = &metrics {
                    // Folded together, measurements stay small when nobody asks for them.
                    metrics.run_upkeep();
                }
                tokio::time::sleep(vendor_gauges::EVERY).await;
            }
        };
        tokio::select! { () = keep_up => {}, () = stop => {} }
        Ok(())
    });
}

fn start_workers(
    tasks: &mut JoinSet<Result<(), StartError>>,
    console: &Console,
    workers: usize,
    shutdown: &CancellationToken,
) {
    let process = std::process::id();
    for number in 1..=workers {
        let (console, shutdown) = (console.clone(), shutdown.clone());
        tasks.spawn(async move {
            worker::run(console, format!("{process}-{number}"), shutdown).await;
            Ok(())
        });
    }
}

/// Writes measurements of the vendor's calls down.
fn start_recording(
    tasks: &mut JoinSet<Result<(), StartError>>,
    console: &Console,
    shutdown: &CancellationToken,
) {
    let (calls, store, shutdown) = (console.calls.clone(), console.store.clone(), shutdown.clone());
    tasks.spawn(async move {
        calls.run(&store, shutdown).await;
        Ok(())
    });
}

async fn listen(addr: SocketAddr, setting: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|error| StartError::Listen { addr, error, setting })
}

fn local_addr(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(StartError::Serve)
}

async fn answer(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(shutdown.cancelled_owned())
        .await
        .map_err(StartError::Serve)
}

/// Waits for the stop signal or the first task that fails, then gives the rest a moment to finish.
async fn finish(
    mut tasks: JoinSet<Result<(), StartError>>,
    shutdown: &CancellationToken,
    patience: Duration,
) -> Result<(), StartError> {
    let mut result = Ok(());
    tokio::select! {
        () = shutdown.cancelled() => {}
        Some(Ok(ended)) = tasks.join_next() => result = ended,
    }
    shutdown.cancel();
    let drained = tokio::time::timeout(patience, async { while tasks.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!("some work did not end in time; it goes on after the next start");
    }
    result
}

/// Cancelled at Ctrl-C or SIGTERM.
pub(crate) fn stop_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let told = token.clone();
    tokio::spawn(async move {
        let interrupt = tokio::signal::ctrl_c();
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => {
                let _ = interrupt.await;
            }
        }
        told.cancel();
    });
    token
}
