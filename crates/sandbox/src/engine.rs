//! The inside of a sandbox: configuration, time, randomness, what it knows, its faults and its log.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use domain::{Clock, Entropy};

use crate::{
    SandboxError,
    admin::vanity,
    config::{DeactivatedEffect, Routing, SandboxConfig},
    digest::{base64url, hex},
    faults::Faults,
    http_error::Refusal,
    ic::Ic,
    operation::Api,
    rate_limit::Limiter,
    request_log::RequestLog,
    store::{Doc, Journal, Snapshot, Store, Table, seed},
};

/// A sandbox that can be served: what it knows and how it behaves. Clones share everything.
#[derive(Clone)]
pub struct SandboxState(pub(crate) Arc<Engine>);

impl SandboxState {
    /// Opens a sandbox: reads the state file where one is configured and exists, else begins fresh.
    ///
    /// # Errors
    /// When the state file cannot be read or written, is damaged, or belongs to another tenant.
    pub fn open(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SandboxError> {
        let fresh = || seed(&config, || base64url(&random::<32>(&*entropy)));
        let kept = match &config.state_file {
            None => Kept { store: fresh(), journal: None },
            Some(path) => {
                let store = Journal::read(path, &config.tenant_id)?.unwrap_or_else(fresh);
                let journal = Some(Journal::create(path, &config.tenant_id, &store)?);
                Kept { store, journal }
            }
        };
        let engine = Engine {
            faults: Faults::new(config.seed),
            deactivated: Mutex::new(config.deactivated_effect),
            config,
            clock,
            entropy,
            base: OnceLock::new(),
            kept: Mutex::new(kept),
            log: RequestLog::default(),
            limiter: Limiter::default(),
            ic: Ic::default(),
        };
        Ok(Self(Arc::new(engine)))
    }

    /// A copy of every object.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.0.read(Snapshot::of)
    }
}

/// See the module.
pub(crate) struct Engine {
    pub(crate) config: SandboxConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) limiter: Limiter,
    pub(crate) ic: Ic,
    entropy: Arc<dyn Entropy>,
    base: OnceLock<String>,
    deactivated: Mutex<DeactivatedEffect>,
    kept: Mutex<Kept>,
}

struct Kept {
    store: Store,
    journal: Option<Journal>,
}

impl Engine {
    /// Runs `change` on the store: all of it is kept (and written, where there is a state file), or none.
    ///
    /// # Errors
    /// The refusal of `change`, or 500 when the state file cannot be written.
    pub(crate) fn apply<T>(
        &self,
        change: impl FnOnce(&mut Store) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut kept = lock(&self.kept);
        let Kept { store, journal } = &mut *kept;
        let outcome = change(store).and_then(|value| write(store, journal).map(|()| value));
        match outcome {
            Ok(value) => {
                store.commit();
                Ok(value)
            }
            Err(refusal) => {
                store.rollback();
                Err(refusal)
            }
        }
    }

    /// Reads the store.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Store) -> T) -> T {
        look(&lock(&self.kept).store)
    }

    /// The last messages that would have been sent to people, the newest first.
    pub(crate) fn messages(&self, count: usize) -> Vec<Doc> {
        self.read(|store| {
            let mut all: Vec<Doc> = store.all(Table::Messages).map(|(_, doc)| doc.clone()).collect();
            all.reverse();
            all.truncate(count);
            all
        })
    }

    /// Puts everything back to how a fresh sandbox is: objects, faults, limits and log.
    ///
    /// # Errors
    /// When the state file cannot be written; nothing has changed then.
    pub(crate) fn reset(&self) -> Result<(), std::io::Error> {
        let mut kept = lock(&self.kept);
        let fresh = seed(&self.config, || self.random_secret());
        if let Some(journal) = &mut kept.journal {
            journal.replace(&fresh)?;
        }
        kept.store = fresh;
        self.faults.clear();
        self.limiter.clear();
        self.log.clear();
        self.ic.clear();
        *lock(&self.deactivated) = self.config.deactivated_effect;
        Ok(())
    }

    /// What `deactivated` on an organization does at present.
    pub(crate) fn deactivated_effect(&self) -> DeactivatedEffect {
        *lock(&self.deactivated)
    }

    /// Changes what `deactivated` on an organization does.
    pub(crate) fn set_deactivated_effect(&self, effect: DeactivatedEffect) {
        *lock(&self.deactivated) = effect;
    }

    /// Says where the sandbox is reached, once it listens.
    pub(crate) fn listens_at(&self, url: String) {
        self.base.get_or_init(|| url);
    }

    /// Where the sandbox is reached, without a trailing slash.
    pub(crate) fn base_url(&self) -> &str {
        match &self.config.public_url {
            Some(url) => url.trim_end_matches('/'),
            None => self.base.get().map_or("http://127.0.0.1", String::as_str),
        }
    }

    /// The issuer of a workspace or organization.
    pub(crate) fn issuer(&self, workspace: &str) -> String {
        let base = self.base_url();
        match self.config.routing {
            Routing::TenantInPath => format!("{base}/{}/{workspace}", self.config.tenant_id),
            Routing::TenantDomain => format!("{base}/{workspace}"),
        }
    }

    /// The workspace that answers under a host name, with its issuer there.
    pub(crate) fn under_vanity_domain(&self, host: &str) -> Option<(String, String)> {
        let name = host.split(':').next().unwrap_or_default();
        let server = self.read(|store| vanity::server_of(store, name))?;
        let scheme = self.base_url().split("://").next().unwrap_or("http");
        Some((server, format!("{scheme}://{}", host.to_ascii_lowercase())))
    }

    /// The path of an API group or of issuers, as a route with parameters.
    pub(crate) fn route(&self, api: Api, path: &str) -> String {
        match (api.base(), self.config.routing) {
            (Some(base), Routing::TenantInPath) => format!("{base}/{{tid}}{path}"),
            (Some(base), Routing::TenantDomain) => format!("{base}{path}"),
            (None, Routing::TenantInPath) => format!("/{{tid}}/{{wid}}{path}"),
            (None, Routing::TenantDomain) => format!("/{{wid}}{path}"),
        }
    }

    /// Random bytes in hexadecimal.
    pub(crate) fn random_hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.entropy.fill(&mut buffer);
        hex(&buffer)
    }

    /// Random decimal digits.
    pub(crate) fn random_digits(&self, count: usize) -> String {
        let mut buffer = vec![0; count];
        self.entropy.fill(&mut buffer);
        buffer.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
    }

    /// A new secret: 43 characters of base64url.
    pub(crate) fn random_secret(&self) -> String {
        base64url(&self.random::<32>())
    }

    /// Random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        random(&*self.entropy)
    }
}

fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// Writes what the change set leaves behind, before it counts.
fn write(store: &mut Store, journal: &mut Option<Journal>) -> Result<(), Refusal> {
    let Some(journal) = journal else {
        return Ok(());
    };
    let pending = store.pending();
    if pending.is_empty() {
        return Ok(());
    }
    journal.append(&pending).map_err(|error| Refusal::broken(format!("the state file: {error}")))?;
    if let Err(error) = journal.tidy(store) {
        tracing::warn!(%error, "could not rewrite the sandbox's state file; it stays as it is");
    }
    Ok(())
}

/// A panic elsewhere must not take the sandbox down with it: the data is whole at every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
