//! Staged rows at rest: encrypted, each bound to its place.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Entropy, MigrationId, migration::Sealed};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::settings::Key;

/// A row as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    /// The cells, in the order of the columns.
    #[serde(rename = "f")]
    pub(super) cells: Vec<String>,
    /// The hash that took the place of an encrypted password.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub(super) hashed: Option<String>,
}

/// Encrypts and opens.
#[derive(Clone)]
pub(super) struct Vault {
    cipher: Aes256Gcm,
    mac_key: [u8; 32],
}

impl Vault {
    pub(super) fn new(key: &Key) -> Self {
        let mut mac_key = Sha256::new();
        mac_key.update(b"ciam-console moved users");
        mac_key.update(key.bytes());
        Self { cipher: Aes256Gcm::new(key.bytes().into()), mac_key: mac_key.finalize().into() }
    }

    /// Encrypts a row for its place; it opens nowhere else.
    pub(super) fn seal(
        &self,
        entropy: &dyn Entropy,
        id: MigrationId,
        line: i64,
        row: &Row,
    ) -> Option<String> {
        let mut nonce = [0_u8; 12];
        entropy.fill(&mut nonce);
        let text = serde_json::to_vec(row).ok()?;
        let aad = place(id, line);
        let body = self.cipher.encrypt(&nonce.into(), Payload { msg: &text, aad: &aad }).ok()?;
        Some(STANDARD.encode([nonce.as_slice(), &body].concat()))
    }

    /// Opens a row; nothing when it is damaged, of another place, or encrypted with another key.
    pub(super) fn open(&self, id: MigrationId, line: i64, sealed: &str) -> Option<Row> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, body) = bytes.split_first_chunk::<12>()?;
        let aad = place(id, line);
        let text = self.cipher.decrypt(nonce.into(), Payload { msg: body, aad: &aad }).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// What a row claims for itself, as it may be kept: equal where the texts are, within one move only.
    pub(super) fn claim(&self, id: MigrationId, space: &str, text: &str) -> String {
        let mut hash = self.fingerprint(&[&id.to_string(), space, text]);
        // Half of it tells more users apart than there are people.
        hash.truncate(32);
        hash
    }

    /// A keyed hash: the same text gives the same, and nobody without the key can try texts.
    pub(super) fn fingerprint(&self, parts: &[&str]) -> String {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.mac_key) else { return String::new() };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        hex::encode(mac.finalize().into_bytes())
    }
}

/// Opens a password that IC encrypted.
pub(crate) fn open_password(key: &Key, sealed: &Sealed) -> Option<String> {
    let cipher = Aes256Gcm::new(key.bytes().into());
    let clear = cipher.decrypt((&sealed.nonce).into(), sealed.body.as_slice()).ok()?;
    String::from_utf8(clear).ok().filter(|text| !text.is_empty())
}

fn place(id: MigrationId, line: i64) -> Vec<u8> {
    format!("{id}/{line}").into_bytes()
}
