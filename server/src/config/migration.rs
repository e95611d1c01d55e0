//! `[migration]`: how users are moved.

use std::{io::Write as _, path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Entropy as _, migration::MailRules};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use services::settings::{Key, MigrationSettings};

use super::ConfigError;
use crate::runtime::SystemEntropy;

/// The file beside the embedded database that holds the key where none is configured.
const KEY_FILE: &str = "migration.key";

/// How users are moved.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrationSection {
    /// Encrypts staged rows; 32 bytes as base64, empty for a file in the data directory.
    pub key: SecretString,
    /// Opens passwords that IC encrypted; 32 bytes as base64, empty for none.
    pub password_key: SecretString,
    /// Requests in flight at most.
    pub parallel: usize,
    /// Seconds until an uncertain batch is read back.
    pub settle_seconds: u64,
    /// Reset e-mails that the mail server takes in an hour.
    pub mails_per_hour: u32,
    /// Hours that a reset code lives.
    pub code_hours: u32,
    /// The hour at which the working day begins.
    pub mails_from_hour: u8,
    /// The hour at which it ends.
    pub mails_to_hour: u8,
}

impl MigrationSection {
    /// Whether staged rows have a key that is not beside them.
    pub(super) fn has_key(&self) -> bool {
        !self.key.expose_secret().trim().is_empty()
    }

    /// Checks what does not need a file.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        decoded("migration.key", &self.key)?;
        decoded("migration.password_key", &self.password_key)?;
        let wrong = |key, problem: &str| Err(ConfigError::Value { key, problem: problem.to_owned() });
        if self.mails_from_hour >= self.mails_to_hour || self.mails_to_hour > 24 {
            return wrong(
                "migration.mails_to_hour",
                "the working day ends after it began, at 24 at the latest",
            );
        }
        if !(1..=1_000_000).contains(&self.mails_per_hour) {
            return wrong("migration.mails_per_hour", "give 1 to 1000000");
        }
        if !(1..=720).contains(&self.code_hours) {
            return wrong("migration.code_hours", "a code lives 1 to 720 hours");
        }
        if (1..=8).contains(&self.parallel) {
            return Ok(());
        }
        let problem = "1 to 8 requests may be in flight; the vendor asks for no more".to_owned();
        Err(ConfigError::Value { key: "migration.parallel", problem })
    }

    /// As the use cases take it; makes the key's file at the first start.
    pub(crate) fn settings(&self, data_dir: &Path) -> Result<MigrationSettings, ConfigError> {
        let key = match decoded("migration.key", &self.key)? {
            Some(key) => key,
            None => kept_key(&data_dir.join(KEY_FILE))?,
        };
        Ok(MigrationSettings {
            key,
            password_key: decoded("migration.password_key", &self.password_key)?,
            parallel: self.parallel,
            settle: Duration::from_secs(self.settle_seconds),
            mails: MailRules {
                per_hour: self.mails_per_hour,
                code_life: Duration::from_secs(u64::from(self.code_hours) * 3_600),
                from_hour: self.mails_from_hour,
                to_hour: self.mails_to_hour,
            },
        })
    }
}

fn decoded(key: &'static str, text: &SecretString) -> Result<Option<Key>, ConfigError> {
    let text = text.expose_secret().trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = STANDARD.decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(|bytes| Some(Key::new(bytes))).ok_or_else(|| ConfigError::Value {
        key,
        problem: "give 32 bytes as base64, e.g. from `openssl rand -base64 32`".to_owned(),
    })
}

fn kept_key(file: &Path) -> Result<Key, ConfigError> {
    let broken = |error: std::io::Error| ConfigError::Value {
        key: "migration.key",
        problem: format!("is empty, and {} cannot be used: {error}", file.display()),
    };
    if !file.exists() {
        let mut bytes = [0_u8; 32];
        SystemEntropy.fill(&mut bytes);
        let mut open = std::fs::OpenOptions::new();
        open.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        match open.open(file) {
            Ok(mut made) => {
                made.write_all(STANDARD.encode(bytes).as_bytes())
                    .and_then(|()| made.sync_all())
                    .map_err(broken)?;
            }
            // Another process was faster: its key is ours.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(broken(error)),
        }
    }
    let text: SecretString = std::fs::read_to_string(file).map_err(broken)?.into();
    let damaged = || std::io::Error::other("it does not hold 32 bytes as base64");
    decoded("migration.key", &text)?.ok_or_else(|| broken(damaged()))
}
