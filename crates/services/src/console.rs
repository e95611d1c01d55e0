//! What every use case works with.

use std::sync::Arc;

use domain::{Clock, Entropy, JobId, Timestamp, job::JobKind};
use secureauth::SecureAuth;
use storage::{Store, Tx};
use tokio::sync::Notify;

use crate::{
    ServiceError, Settings,
    company_sign_in::Provider,
    launch::PublishedKeys,
    performance::{probe::Rotation, record::CallRecorder},
    start_login::Endpoints,
    vendor_watch::VendorWatch,
};

/// The console's parts, cheap to clone. Clock and randomness are parts too, so that tests can fix them.
#[derive(Clone)]
pub struct Console {
    /// The database.
    pub store: Store,
    /// The vendor.
    pub vendor: SecureAuth,
    /// Delivers outbound events; made by [`crate::deliver_events::http_client`].
    pub http: reqwest::Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Configuration.
    pub settings: Arc<Settings>,
    /// Wakes this process' workers when a job was committed.
    pub(crate) wake: Arc<Notify>,
    /// Authorization endpoints that login URLs lead to.
    pub(crate) endpoints: Arc<Endpoints>,
    /// What the company's identity provider says about itself.
    pub(crate) provider: Arc<Provider>,
    /// The keys with which the CRM signs launches.
    pub(crate) launch_keys: Arc<PublishedKeys>,
    /// What is known of the vendor's health.
    pub(crate) watch: Arc<VendorWatch>,
    /// Writes down how the vendor's calls went.
    pub calls: Arc<CallRecorder>,
    /// Whose issuers are probed next.
    pub(crate) rotation: Arc<Rotation>,
}

impl Console {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        store: Store,
        vendor: SecureAuth,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Arc<Settings>,
    ) -> Self {
        let calls = Arc::new(CallRecorder::new(Arc::clone(&clock), Arc::clone(&entropy)));
        Self {
            calls,
            store,
            vendor,
            http,
            clock,
            entropy,
            settings,
            wake: Arc::default(),
            endpoints: Arc::default(),
            provider: Arc::default(),
            launch_keys: Arc::default(),
            watch: Arc::default(),
            rotation: Arc::default(),
        }
    }

    /// With the recorder that observes the vendor's calls.
    #[must_use]
    pub fn recording(mut self, calls: Arc<CallRecorder>) -> Self {
        self.calls = calls;
        self
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Puts a job into the transaction; call [`Console::wake_workers`] after the commit.
    pub(crate) async fn enqueue(
        &self,
        tx: &mut Tx,
        kind: JobKind,
        subject: &str,
    ) -> Result<(), ServiceError> {
        self.enqueue_at(tx, kind, subject, self.now()).await
    }

    /// The same, for later.
    pub(crate) async fn enqueue_at(
        &self,
        tx: &mut Tx,
        kind: JobKind,
        subject: &str,
        at: Timestamp,
    ) -> Result<(), ServiceError> {
        let id = JobId::new(self.clock.as_ref(), self.entropy.as_ref());
        storage::jobs::enqueue(tx, id, kind, subject, at).await?;
        Ok(())
    }

    /// Lets the workers of this process look for jobs at once.
    pub(crate) fn wake_workers(&self) {
        self.wake.notify_waiters();
    }

    /// `N` random bytes as URL-safe text.
    pub(crate) fn random_text<const N: usize>(&self) -> String {
        use base64::Engine;
        let mut bytes = [0_u8; N];
        self.entropy.fill(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }
}
