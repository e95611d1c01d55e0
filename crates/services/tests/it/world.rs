//! A console with everything it needs, for one test: a database of its own, a sandbox, a clock that stands
//! still and randomness that repeats.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{
    Bid, Clock, Entropy, ImportId, Timestamp,
    actor::{Actor, Role},
    audit::ChainedEntry,
    biller::{Biller, BillerDraft, PortfolioSaid},
    migration::MailRules,
    performance::{CreditTiers, IncidentRule},
    plan::{ClientAuth, PlanSettings},
    policy::NewBillerPolicy,
    zone::Zone,
};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use secureauth::{AuthMethod, Credentials, Limits, RetryPolicy, SecureAuth, SecureAuthConfig};
use services::{
    Console, Settings, deliver_events,
    performance::record::CallRecorder,
    settings::{
        AlertSettings, Contract, Environment, Key, MigrationSettings, NumbersSettings, ProbeSettings,
        Receiver, WatchSettings,
    },
    worker,
};
use storage::{Bookkeeping, OpenOptions, Store, audit::AuditQuery};
use url::Url;

use crate::database::Database;

/// A clock that stands still until it is told to move.
pub(crate) struct FixedClock(AtomicI64);

impl FixedClock {
    /// Moves on.
    pub(crate) fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }

    /// Jumps.
    pub(crate) fn set(&self, to: Timestamp) {
        self.0.store(to.micros(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same in every run (`SplitMix64`).
pub(crate) struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Everything a test works with.
pub(crate) struct World {
    /// The console.
    pub(crate) console: Console,
    /// The vendor's stand-in.
    pub(crate) sandbox: Arc<RunningSandbox>,
    /// The time of console and sandbox.
    pub(crate) clock: Arc<FixedClock>,
    database: Arc<Database>,
}

impl World {
    /// On SQLite, with the usual settings.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// On SQLite, with other settings.
    pub(crate) async fn with(edit: impl FnOnce(&mut Settings)) -> Self {
        Self::open(Arc::new(Database::sqlite()), edit).await
    }

    /// Runs a test on SQLite, and on PostgreSQL where `CIAM_TEST_POSTGRES_URL` names one.
    pub(crate) async fn each(test: impl AsyncFn(Self)) {
        for database in Database::each().await {
            let database = Arc::new(database);
            test(Self::open(database.clone(), |_| {}).await).await;
            database.remove().await;
        }
    }

    async fn open(database: Arc<Database>, edit: impl FnOnce(&mut Settings)) -> Self {
        // The provider is installed once for the process; every later attempt says that it is there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(FixedClock(AtomicI64::new(START)));
        let entropy = Arc::new(SeededEntropy::new(1));
        let sandbox =
            Sandbox::start(SandboxConfig::default(), clock.clone(), entropy).await.expect("sandbox");
        let mut settings = settings();
        edit(&mut settings);
        let console = console(&database, &sandbox, clock.clone(), settings).await;
        Self { console, sandbox: Arc::new(sandbox), clock, database }
    }

    /// A console as a restart of the server makes it, on the same database and sandbox.
    pub(crate) async fn reopen(&self) -> Console {
        self.console_on(&self.database).await
    }

    /// The same world after somebody changed the configuration and restarted the server.
    pub(crate) async fn restarted_with(&self, edit: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&self.console.settings);
        edit(&mut settings);
        let console = console(&self.database, &self.sandbox, self.clock.clone(), settings).await;
        Self {
            console,
            sandbox: self.sandbox.clone(),
            clock: self.clock.clone(),
            database: self.database.clone(),
        }
    }

    /// The same sandbox and clock with a console that knows nothing.
    pub(crate) async fn with_empty_database(&self) -> Self {
        let database = Arc::new(self.database.another().await);
        let console = self.console_on(&database).await;
        Self { console, sandbox: self.sandbox.clone(), clock: self.clock.clone(), database }
    }

    async fn console_on(&self, database: &Database) -> Console {
        console(database, &self.sandbox, self.clock.clone(), Settings::clone(&self.console.settings)).await
    }

    /// The console with other settings.
    pub(crate) fn console_with(&self, edit: impl FnOnce(&mut Settings)) -> Console {
        let mut console = self.console.clone();
        edit(Arc::make_mut(&mut console.settings));
        console
    }

    /// Works off every job that is due.
    pub(crate) async fn work(&self) {
        worker::run_until_idle(&self.console).await.expect("jobs");
    }

    /// A person in this role.
    pub(crate) fn person(&self, role: Role) -> Actor {
        Actor::Person {
            id: format!("p-{role}"),
            name: format!("Pat {role}"),
            roles: role.into(),
            portfolio: None,
        }
    }

    /// A person in this role who is limited to a portfolio.
    pub(crate) fn limited(&self, role: Role, portfolio: &str) -> Actor {
        Actor::Person {
            id: format!("p-{role}-{portfolio}"),
            name: format!("Pat {role} of {portfolio}"),
            roles: role.into(),
            portfolio: Some(portfolio.parse().expect("portfolio")),
        }
    }

    /// A system of IC.
    pub(crate) fn integration(&self) -> Actor {
        Actor::Integration { name: "portal".to_owned() }
    }

    /// A biller of which nothing but bid and name is known.
    pub(crate) async fn biller(&self, bid: &str, name: &str) -> Bid {
        let mut tx = self.console.store.begin().await.expect("begin");
        let draft = draft(bid, name);
        storage::billers::upsert(&mut tx, &draft, self.clock.now()).await.expect("upsert");
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.expect("commit");
        draft.bid
    }

    /// Puts a biller into a portfolio, or into none.
    pub(crate) async fn put_into(&self, bid: &Bid, portfolio: Option<&str>) {
        let portfolio = portfolio.map(|name| name.parse().expect("portfolio"));
        let draft = BillerDraft { portfolio: portfolio.into(), ..self.find(bid).await.draft };
        let mut tx = self.console.store.begin().await.expect("begin");
        storage::billers::upsert(&mut tx, &draft, self.clock.now()).await.expect("upsert");
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.expect("commit");
    }

    /// The biller as it stands.
    pub(crate) async fn find(&self, bid: &Bid) -> Biller {
        let mut conn = self.console.store.read().await.expect("read");
        storage::billers::find(&mut conn, bid).await.expect("find").expect("there")
    }

    /// Uploads that have not come in completely.
    pub(crate) async fn unfinished_uploads(&self) -> Vec<ImportId> {
        let ids = self.database.texts("SELECT id FROM imports WHERE state = 'staging'").await;
        ids.iter().map(|id| id.parse().expect("id")).collect()
    }

    /// Where the database is, with what lies beside it; none for a server.
    pub(crate) fn database_files(&self) -> Vec<std::path::PathBuf> {
        let Some(file) = self.database.url.strip_prefix("sqlite:") else { return Vec::new() };
        let folder = std::path::Path::new(file).parent().expect("folder");
        std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect()
    }

    /// The newest audit entries, newest first.
    pub(crate) async fn audit(&self) -> Vec<ChainedEntry> {
        let mut conn = self.console.store.read().await.expect("read");
        let query = AuditQuery { limit: 200, ..AuditQuery::default() };
        storage::audit::list(&mut conn, &query).await.expect("audit")
    }
}

/// What IC says of a biller, as little as can be.
pub(crate) fn draft(bid: &str, name: &str) -> BillerDraft {
    BillerDraft {
        bid: bid.parse().expect("bid"),
        name: name.to_owned(),
        state: None,
        ownership: None,
        customers: None,
        tier: None,
        time_zone: None,
        portfolio: PortfolioSaid::Nothing,
    }
}

/// 2026-11-23T12:00:00Z.
const START: i64 = 1_795_435_200_000_000;

async fn console(
    database: &Database,
    sandbox: &RunningSandbox,
    clock: Arc<FixedClock>,
    settings: Settings,
) -> Console {
    /// Every console draws other bytes, as every start of the server does.
    static CONSOLES: AtomicU64 = AtomicU64::new(2);
    let seed = CONSOLES.fetch_add(1, Ordering::Relaxed);
    let store =
        Store::open(&database.url, OpenOptions { migrate: true, max_connections: 4 }).await.expect("store");
    let entropy = Arc::new(SeededEntropy::new(seed << 32));
    let calls = Arc::new(CallRecorder::new(clock.clone(), entropy.clone()));
    let observer = Arc::clone(&calls);
    let vendor = SecureAuth::new(vendor_config(sandbox), entropy.clone(), observer).expect("vendor client");
    let http = deliver_events::http_client().expect("http client");
    Console::new(store, vendor, http, clock, entropy, Arc::new(settings)).recording(calls)
}

fn vendor_config(sandbox: &RunningSandbox) -> SecureAuthConfig {
    let url = |text: &str| Url::parse(text).expect("url");
    let credentials = |(client_id, secret): (String, String)| Credentials {
        client_id,
        client_secret: secret.into(),
        auth_method: AuthMethod::default(),
    };
    let mut config = SecureAuthConfig::new(
        url(sandbox.base_url()),
        &sandbox.config().tenant_id,
        url(&sandbox.admin_issuer()),
        url(&sandbox.system_issuer()),
        credentials(sandbox.admin_credentials()),
        credentials(sandbox.system_credentials()),
    );
    config.limits = Limits { requests_per_second: 2_000, burst: 2_000, max_in_flight: 16 };
    config.retry = RetryPolicy {
        max_attempts: 3,
        base_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(5),
    };
    config
}

fn settings() -> Settings {
    let url = |text: &str| Url::parse(text).expect("url");
    Settings {
        environment: Environment::Sandbox,
        plan: PlanSettings {
            id_prefix: "ic-".to_owned(),
            parent_workspace: "billers".to_owned(),
            template: None,
            theme: Some("shared-theme".to_owned()),
            redirect_uris: vec!["https://portal.example/{slug}/callback".to_owned()],
            post_logout_redirect_uris: vec!["https://portal.example/{slug}".to_owned()],
            client_auth: ClientAuth::PrivateKeyJwt {
                jwks_uri: "https://portal.example/jwks.json".to_owned(),
            },
        },
        new_billers: NewBillerPolicy::Off,
        public_url: url("https://login.example/"),
        legacy_login_url: url("https://ic.example/login"),
        drift_scan_every: None,
        second_person: false,
        launch: None,
        company_sign_in: None,
        migration: MigrationSettings {
            key: Key::new([7; 32]),
            password_key: Some(Key::new([9; 32])),
            parallel: 4,
            settle: Duration::ZERO,
            // One in six minutes, and half an hour a day: five of them.
            mails: MailRules {
                per_hour: 10,
                code_life: Duration::from_secs(24 * 3600),
                from_hour: 9,
                to_hour: 10,
            },
        },
        // Nobody listens there: events are recorded, and their deliveries wait.
        zone: Zone::named("America/Chicago").expect("zone"),
        receivers: vec![receiver("portal", "http://127.0.0.1:9/events")],
        probes: ProbeSettings::OFF,
        numbers: NumbersSettings::OFF,
        contract: Contract {
            zone: Zone::utc(),
            reference: None,
            tiers: CreditTiers::default(),
            claim_days: None,
        },
        watch: WatchSettings { rule: IncidentRule { open_after: 3, close_after: 5 } },
        alerts: AlertSettings::default(),
    }
}

/// A receiver of events at this address.
pub(crate) fn receiver(name: &str, url: &str) -> Receiver {
    Receiver { name: name.to_owned(), url: Url::parse(url).expect("url"), secret: SECRET.to_owned().into() }
}

/// The secret that receivers share with the console.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
