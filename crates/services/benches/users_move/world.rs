//! A console on a database of its own, against the stand-in.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{
    Bid, Clock, Entropy, MigrationId, Timestamp,
    actor::{Actor, Role},
    biller::{BillerDraft, PortfolioSaid},
    migration::{MailRules, MigrationAct, MigrationState},
    performance::{CreditTiers, IncidentRule},
    plan::{ClientAuth, PlanSettings},
    policy::NewBillerPolicy,
    zone::Zone,
};
use secureauth::{AuthMethod, Credentials, Limits, SecureAuth, SecureAuthConfig};
use services::{
    Console, Settings, deliver_events, enable_biller, migration,
    performance::record::CallRecorder,
    settings::{
        AlertSettings, Contract, Environment, Key, MigrationSettings, NumbersSettings, ProbeSettings,
        WatchSettings,
    },
    worker,
};
use storage::{Bookkeeping, OpenOptions, Store, user_migrations};
use url::Url;

use crate::{Outcome, child::Address};

/// Requests in flight, of the console and of the bare loop.
pub(crate) const PARALLEL: usize = 8;

/// So high that neither the console nor the bare loop ever waits for it.
const UNLIMITED: Limits = Limits { requests_per_second: 100_000, burst: 100_000, max_in_flight: 64 };

/// The system's clock.
pub(crate) struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "the one place of this program that asks the system")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Bytes that look random (`SplitMix64`): as quick as a processor's own.
pub(crate) struct Random(AtomicU64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let now = u64::try_from(Now.now().micros()).unwrap_or(0);
        Self(AtomicU64::new(now ^ (seed << 56)))
    }
}

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Everything a measurement works with.
pub(crate) struct World {
    pub(crate) console: Console,
    pub(crate) address: Address,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn open(address: &Address) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let console = console(address, folder.path(), UNLIMITED).await?;
        Ok(Self { console, address: address.clone(), folder })
    }

    /// An enabled biller; the answer is it and its pool.
    pub(crate) async fn biller(&self, bid: &str) -> Outcome<(Bid, String)> {
        let bid = Bid::parse(bid)?;
        let draft = BillerDraft {
            bid: bid.clone(),
            name: format!("City {bid}"),
            state: None,
            ownership: None,
            customers: None,
            tier: None,
            time_zone: None,
            portfolio: PortfolioSaid::Nothing,
        };
        let mut tx = self.console.store.begin().await?;
        storage::billers::upsert(&mut tx, &draft, self.console.clock.now()).await?;
        tx.commit_bookkeeping(Bookkeeping::SampleData).await?;
        enable_biller::enable(&self.console, &ops(), &bid, None).await?;
        worker::run_until_idle(&self.console).await?;
        let mut conn = self.console.store.read().await?;
        let pool = storage::objects::find(&mut conn, &bid, domain::object::ObjectKind::Pool).await?;
        Ok((bid, pool.ok_or("the biller has no pool")?.vendor_id))
    }

    pub(crate) async fn state(&self, id: MigrationId) -> Outcome<MigrationState> {
        let mut conn = self.console.store.read().await?;
        Ok(user_migrations::state(&mut conn, id).await?.ok_or("no move")?)
    }

    /// Starts a checked move.
    pub(crate) async fn start(&self, id: MigrationId) -> Outcome<()> {
        Ok(migration::ask(&self.console, &ops(), id, MigrationAct::Start, None, "").await?)
    }
}

/// A console on the database of a folder, with these limits of calls.
pub(crate) async fn console(address: &Address, folder: &Path, limits: Limits) -> Outcome<Console> {
    let file = format!("sqlite:{}", folder.join("console.db").display());
    let store = Store::open(&file, OpenOptions { migrate: true, max_connections: 4 }).await?;
    let (clock, entropy) = (Arc::new(Now), Arc::new(Random::new(1)));
    let calls = Arc::new(CallRecorder::new(clock.clone(), entropy.clone()));
    let vendor = SecureAuth::new(vendor_config(address, limits)?, entropy.clone(), calls.clone())?;
    let http = deliver_events::http_client()?;
    Ok(Console::new(store, vendor, http, clock, entropy, Arc::new(settings()?)).recording(calls))
}

/// Who moves users.
pub(crate) fn ops() -> Actor {
    Actor::Person {
        id: "ops".to_owned(),
        name: "Ops".to_owned(),
        roles: Role::PlatformOwner.into(),
        portfolio: None,
    }
}

fn vendor_config(address: &Address, limits: Limits) -> Outcome<SecureAuthConfig> {
    let credentials = |(client_id, secret): (String, String)| Credentials {
        client_id,
        client_secret: secret.into(),
        auth_method: AuthMethod::default(),
    };
    let mut config = SecureAuthConfig::new(
        Url::parse(&address.base)?,
        &address.tenant,
        Url::parse(&address.admin_issuer)?,
        Url::parse(&address.system_issuer)?,
        credentials(address.admin.clone()),
        credentials(address.system.clone()),
    );
    config.limits = limits;
    Ok(config)
}

fn settings() -> Outcome<Settings> {
    Ok(Settings {
        environment: Environment::Sandbox,
        plan: PlanSettings {
            id_prefix: "ic-".to_owned(),
            parent_workspace: "billers".to_owned(),
            template: None,
            theme: Some("shared-theme".to_owned()),
            redirect_uris: vec!["https://portal.example/{slug}/callback".to_owned()],
            post_logout_redirect_uris: Vec::new(),
            client_auth: ClientAuth::PrivateKeyJwt {
                jwks_uri: "https://portal.example/jwks.json".to_owned(),
            },
        },
        new_billers: NewBillerPolicy::Off,
        public_url: Url::parse("https://login.example/")?,
        legacy_login_url: Url::parse("https://ic.example/login")?,
        drift_scan_every: None,
        launch: None,
        company_sign_in: None,
        migration: MigrationSettings {
            key: Key::new([7; 32]),
            password_key: None,
            parallel: PARALLEL,
            settle: Duration::from_secs(1),
            mails: MailRules {
                per_hour: 1_000,
                code_life: Duration::from_secs(24 * 3600),
                from_hour: 9,
                to_hour: 17,
            },
        },
        zone: Zone::utc(),
        second_person: false,
        receivers: Vec::new(),
        probes: ProbeSettings::OFF,
        numbers: NumbersSettings::OFF,
        contract: Contract {
            zone: Zone::utc(),
            reference: None,
            tiers: CreditTiers::default(),
            claim_days: None,
        },
        watch: WatchSettings { rule: IncidentRule { open_after: 3, close_after: 10 } },
        alerts: AlertSettings::default(),
    })
}

/// The memory that this process took at most, in MiB.
pub(crate) fn peak() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib / 1_024.0)
}
