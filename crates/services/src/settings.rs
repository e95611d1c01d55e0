//! What the use cases take from the configuration.

use std::time::Duration;

use domain::{
    migration::MailRules, performance::CreditTiers, plan::PlanSettings, policy::NewBillerPolicy, zone::Zone,
};
use secrecy::SecretString;
use url::Url;

pub use crate::{
    company_sign_in::{CompanySignIn, SignOut},
    launch::{LaunchKeys, LaunchSettings},
    performance::{
        alerts::{AlertSettings, MailSettings},
        probe::ProbeSettings,
        watch::WatchSettings,
    },
    vendor_numbers::NumbersSettings,
};

/// Configuration of the use cases. The server fills it from the configuration file.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which environment this is; always visible on the page.
    pub environment: Environment,
    /// How objects at SecureAuth are made.
    pub plan: PlanSettings,
    /// What happens with billers that IC announces.
    pub new_billers: NewBillerPolicy,
    /// Where the public listener is reached from outside; login URLs begin with it.
    pub public_url: Url,
    /// IC's own login page, where sign-ins of billers without CIAM go.
    pub legacy_login_url: Url,
    /// How launches from the CRM are recognised; `None` where there are none.
    pub launch: Option<LaunchSettings>,
    /// How people sign in directly; `None` where they come from the CRM only.
    pub company_sign_in: Option<CompanySignIn>,
    /// How often all billers are scanned for drift; `None` where nobody but people asks for it.
    pub drift_scan_every: Option<std::time::Duration>,
    /// Whether a change of settings of high risk waits for a second person. Always so in production.
    pub second_person: bool,
    /// How users are moved.
    pub migration: MigrationSettings,
    /// The time zone of billers of which IC names none.
    pub zone: Zone,
    /// Who is told of events.
    pub receivers: Vec<Receiver>,
    /// How the vendor is probed.
    pub probes: ProbeSettings,
    /// How often the vendor's own numbers are read.
    pub numbers: NumbersSettings,
    /// What the contract with the vendor says.
    pub contract: Contract,
    /// When incidents begin and end.
    pub watch: WatchSettings,
    /// Who is told of alerts.
    pub alerts: AlertSettings,
}

/// What the contract with the vendor says.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Where its months begin and end.
    pub zone: Zone,
    /// What it is called in the report.
    pub reference: Option<String>,
    /// What comes back of a month's fee when availability was too low.
    pub tiers: CreditTiers,
    /// Within so many days after the month a credit has to be claimed.
    pub claim_days: Option<u16>,
}

/// How users are moved.
#[derive(Clone, Debug)]
pub struct MigrationSettings {
    /// Encrypts staged rows at rest.
    pub key: Key,
    /// Opens passwords that IC encrypted; `None` where there are none.
    pub password_key: Option<Key>,
    /// Requests in flight at most, 1 to 8.
    pub parallel: usize,
    /// How long after an uncertain batch its users are read back: until then it may still arrive.
    pub settle: Duration,
    /// How reset e-mails go out.
    pub mails: MailRules,
}

/// A key of AES-256. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// Wraps 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

domain::words! {
    /// Which environment the console works on.
    Environment, "environment" {
        /// The embedded stand-in for SecureAuth.
        Sandbox = "sandbox", "Sandbox";
        /// A test tenant of the vendor.
        Test = "test", "Test";
        /// Real billers and real users.
        Production = "production", "Production";
    }
}

/// A receiver of outbound events.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Its name in the configuration and on the page.
    pub name: String,
    /// Where events are posted.
    pub url: Url,
    /// The signing secret, `whsec_` and base64 (Standard Webhooks).
    pub secret: SecretString,
}

impl Settings {
    /// The login URL of a slug.
    #[must_use]
    pub fn login_url(&self, slug: &domain::Slug) -> String {
        format!("{}/b/{slug}", self.public_url.as_str().trim_end_matches('/'))
    }
}
