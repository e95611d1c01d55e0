//! The client itself: what its parts share, and the one way every API call takes.

use std::{fmt, sync::Arc};

use domain::Entropy;
use url::Url;

use crate::{
    answer::Answer,
    config::{ConfigError, SecureAuthConfig, Workspace},
    discovery::{self, Discovery},
    error::CallError,
    fresh::Fresh,
    gate::{CallGate, OpenGate},
    observe::{CallObserver, CallSource},
    routes::Routes,
    token::Tokens,
    transport::{Authorization, Call, Transport},
};

/// The SecureAuth client. Cheap to clone; clones share tokens, limits, breakers and measurements.
#[derive(Clone)]
pub struct SecureAuth {
    pub(crate) shared: Arc<Shared>,
    pub(crate) gate: Arc<dyn CallGate>,
    pub(crate) source: CallSource,
}

pub(crate) struct Shared {
    pub(crate) config: SecureAuthConfig,
    pub(crate) routes: Routes,
    pub(crate) transport: Transport,
    pub(crate) tokens: Tokens,
    pub(crate) discoveries: discovery::Kept,
}

impl SecureAuth {
    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    /// [`ConfigError`] names the configuration key and the cure.
    pub fn new(
        config: SecureAuthConfig,
        entropy: Arc<dyn Entropy>,
        observer: Arc<dyn CallObserver>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let transport = Transport::new(&config, entropy, observer)?;
        let routes = Routes::new(&config);
        let discoveries = discovery::Kept { admin: Fresh::new(), system: Fresh::new() };
        let shared = Shared { config, routes, transport, tokens: Tokens::new(), discoveries };
        Ok(Self { shared: Arc::new(shared), gate: Arc::new(OpenGate), source: CallSource::Work })
    }

    /// The same client with a gate on both sides of every mutating call.
    #[must_use]
    pub fn with_gate(mut self, gate: Arc<dyn CallGate>) -> Self {
        self.gate = gate;
        self
    }

    /// The same client for synthetic probes: what it asks is measured apart from the console's own work.
    #[must_use]
    pub fn for_probes(mut self) -> Self {
        self.source = CallSource::Probe;
        self
    }

    /// The configured tenant.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.shared.config.tenant_id
    }

    /// The configured issuer of one of the two workspaces that issue API tokens.
    #[must_use]
    pub fn issuer(&self, workspace: Workspace) -> &Url {
        match workspace {
            Workspace::Admin => &self.shared.config.admin_issuer,
            Workspace::System => &self.shared.config.system_issuer,
        }
    }

    /// Sends a call with the token its operation needs. A token that the vendor calls invalid is replaced and
    /// the call repeated once (vendor contract, access tokens).
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, CallError> {
        let transport = &self.shared.transport;
        let mut progress = transport.start(self.source);
        let Some(subject) = call.operation.token() else {
            return self.send_open(call, &Authorization::None).await;
        };
        let bearer = self.bearer(subject).await?;
        let first = Authorization::Header(bearer.clone());
        match transport.run(call, &first, &*self.gate, &mut progress).await {
            Err(error) if error.is_stale_token() => {
                self.forget_bearer(subject, &bearer);
                let fresh = self.bearer(subject).await.map_err(|error| progress.taint(error))?;
                let second = Authorization::Header(fresh);
                transport.run(call, &second, &*self.gate, &mut progress).await
            }
            result => result,
        }
    }

    /// Sends a call that needs no token of ours.
    pub(crate) async fn send_open(
        &self,
        call: &Call,
        authorization: &Authorization,
    ) -> Result<Answer, CallError> {
        let transport = &self.shared.transport;
        transport.run(call, authorization, &*self.gate, &mut transport.start(self.source)).await
    }

    /// The kept discovery document's place for an issuer, if it is one of the two that issue API tokens.
    pub(crate) fn kept_discovery(&self, issuer: &Url) -> Option<&Fresh<Discovery>> {
        let shared = &self.shared;
        if discovery::same_issuer(issuer, &shared.config.admin_issuer) {
            Some(&shared.discoveries.admin)
        } else if discovery::same_issuer(issuer, &shared.config.system_issuer) {
            Some(&shared.discoveries.system)
        } else {
            None
        }
    }
}

impl fmt::Debug for SecureAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureAuth").field("config", &self.shared.config).finish_non_exhaustive()
    }
}
