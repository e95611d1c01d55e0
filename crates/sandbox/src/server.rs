//! Running a sandbox: the router, the listener, and the handle tests and the program hold.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{RawPathParams, Request, State},
    http::Method,
    routing::{MethodFilter, on},
};
use domain::{Clock, Entropy};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    SandboxError,
    config::{ClientCredentials, DeactivatedEffect, SandboxConfig},
    control,
    dispatch::{dispatch, under_vanity_domain, unknown},
    drift,
    engine::SandboxState,
    faults::Faults,
    ic,
    listener::{ResetSwitch, ResettableListener},
    operation::{Api, OperationInfo},
    operations,
    request_log::RequestRecord,
    store::{ADMIN_WORKSPACE, ObjectKind, SYSTEM_WORKSPACE, Snapshot},
};

/// How long requests may take to end once the sandbox is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// The stand-in for SecureAuth.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Everything a sandbox answers, as a router.
    ///
    /// Connection resets need the sandbox's own listener ([`Sandbox::start`]); served otherwise, the
    /// answer breaks off instead.
    pub fn router(state: &SandboxState) -> Router {
        let mut router = control::router().merge(ic::router());
        for operation in operations::all() {
            let path = state.0.route(operation.api, operation.path);
            let handler =
                move |State(state): State<SandboxState>, params: RawPathParams, request: Request| {
                    dispatch(state.0, operation, params, request)
                };
            router = router.route(&path, on(filter(&operation.method), handler));
            if operation.api == Api::OAuth2 {
                let handler = move |State(state): State<SandboxState>, request: Request| {
                    under_vanity_domain(state.0, operation, request)
                };
                router = router.route(operation.path, on(filter(&operation.method), handler));
            }
        }
        router.fallback(unknown).method_not_allowed_fallback(unknown).with_state(state.clone())
    }

    /// What a sandbox plays: the names faults use, and what the contract says of each.
    pub fn operations() -> impl Iterator<Item = OperationInfo> {
        operations::all().map(OperationInfo::of)
    }

    /// Starts a sandbox on its own task.
    ///
    /// # Errors
    /// When the address is taken or the state file cannot be used.
    pub async fn start(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<RunningSandbox, SandboxError> {
        Self::start_layered(config, clock, entropy, |router| router).await
    }

    /// Starts a sandbox whose router `layer` has wrapped, e.g. in a recorder.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub async fn start_layered(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        layer: impl FnOnce(Router) -> Router,
    ) -> Result<RunningSandbox, SandboxError> {
        let wanted = config.addr;
        let listener =
            TcpListener::bind(wanted).await.map_err(|error| SandboxError::Listen { addr: wanted, error })?;
        let addr = listener.local_addr().map_err(|error| SandboxError::Listen { addr: wanted, error })?;
        let state = SandboxState::open(config, clock, entropy)?;
        state.0.listens_at(format!("http://{addr}"));
        let service = layer(Self::router(&state)).into_make_service_with_connect_info::<ResetSwitch>();
        let (stop, mut stopped) = watch::channel(false);
        let server = axum::serve(ResettableListener(listener), service).with_graceful_shutdown(async move {
            // An error means that the handle is gone: nobody can stop the sandbox any more, so it stops.
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        let task = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the sandbox has stopped");
            }
        });
        tracing::info!(url = state.0.base_url(), "the sandbox listens");
        Ok(RunningSandbox { state, addr, stop, task })
    }

    /// Runs a sandbox until `shutdown` ends.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub async fn serve(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), SandboxError> {
        let running = Self::start(config, clock, entropy).await?;
        shutdown.await;
        running.shutdown().await;
        Ok(())
    }
}

fn pair(client: &ClientCredentials) -> (String, String) {
    (client.id.clone(), client.secret.clone())
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET)
}

/// A sandbox that listens. Dropping the handle stops it; [`RunningSandbox::shutdown`] also waits.
pub struct RunningSandbox {
    state: SandboxState,
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningSandbox {
    /// The address listened on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL the sandbox is reached by, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.state.0.base_url()
    }

    /// The issuer whose tokens open the admin API.
    #[must_use]
    pub fn admin_issuer(&self) -> String {
        self.issuer(ADMIN_WORKSPACE)
    }

    /// The issuer whose tokens open the system API.
    #[must_use]
    pub fn system_issuer(&self) -> String {
        self.issuer(SYSTEM_WORKSPACE)
    }

    /// The issuer of any workspace or organization.
    #[must_use]
    pub fn issuer(&self, workspace: &str) -> String {
        self.state.0.issuer(workspace)
    }

    /// How IC's CRM, which the sandbox plays too, names itself in the launches that it signs.
    #[must_use]
    pub fn crm_issuer(&self) -> String {
        self.state.0.crm_issuer()
    }

    /// The origin of the CRM's pages, which show the console in a frame.
    #[must_use]
    pub fn crm_origin(&self) -> String {
        self.state.0.crm_origin()
    }

    /// A launch of the console with these claims, right or wrong, signed by the CRM; `None` when no key could be made.
    #[must_use]
    pub fn sign_launch(&self, claims: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
        self.state.0.sign_as_crm(claims)
    }

    /// Id and secret of the client of the `admin` workspace.
    #[must_use]
    pub fn admin_credentials(&self) -> (String, String) {
        pair(&self.state.0.config.admin_client)
    }

    /// Id and secret of the client of the `system` workspace.
    #[must_use]
    pub fn system_credentials(&self) -> (String, String) {
        pair(&self.state.0.config.system_client)
    }

    /// The configuration it runs with.
    #[must_use]
    pub fn config(&self) -> &SandboxConfig {
        &self.state.0.config
    }

    /// The faults, to switch on and off.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.state.0.faults
    }

    /// Changes what `deactivated: true` on an organization does.
    pub fn set_deactivated_effect(&self, effect: DeactivatedEffect) {
        self.state.0.set_deactivated_effect(effect);
    }

    /// Changes an object as somebody would in the vendor's own console: fields as a merge patch.
    ///
    /// # Errors
    /// When there is no such object, in words.
    pub fn drift(&self, kind: ObjectKind, id: &str, fields: &serde_json::Value) -> Result<(), String> {
        let fields = fields.as_object().ok_or("the fields must be an object")?;
        drift::drift(&self.state.0, kind, id, fields, drift::SOMEBODY)
            .map_err(|refusal| refusal.message().to_owned())
    }

    /// A copy of every object, to count and to look at.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        self.state.snapshot()
    }

    /// The last messages that would have been sent to people, the newest first, at most 200: `kind`, `address`, `user`,
    /// `code`, and `at` in microseconds.
    #[must_use]
    pub fn messages(&self) -> Vec<serde_json::Value> {
        self.state.0.messages(usize::MAX).into_iter().map(serde_json::Value::Object).collect()
    }

    /// How many requests there were, refused and reset ones included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state.0.log.total()
    }

    /// How many requests there were of each operation, e.g. `admin.createClient`.
    #[must_use]
    pub fn requests_per_operation(&self) -> BTreeMap<String, u64> {
        self.state.0.log.per_operation()
    }

    /// The last requests, the newest first, at most 500.
    #[must_use]
    pub fn last_requests(&self, count: usize) -> Vec<RequestRecord> {
        self.state.0.log.last(count)
    }

    /// Stops listening and waits for the requests under way, five seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            tracing::warn!("requests to the sandbox are still under way; they are dropped");
            self.task.abort();
        }
    }
}
