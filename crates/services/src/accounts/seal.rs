//! Passwords' hashes at rest, and keyed hashes of what IC said.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    Bid,
    migration::{PasswordHash, PasswordSource, detect},
};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{Console, ServiceError, migration};

/// A hash on its way: the text as IC gave it, and its salt.
pub(super) struct Kept {
    text: String,
    salt: String,
}

impl Kept {
    /// The hash as SecureAuth takes it.
    pub(super) fn hash(&self) -> Option<PasswordHash> {
        match detect(&self.text, &self.salt, None).1 {
            PasswordSource::Hash(hash) => Some(hash),
            PasswordSource::Encrypted(_) | PasswordSource::Reset(_) => None,
        }
    }
}

/// Takes a password as IC gives it; one that came encrypted is hashed at once.
pub(super) fn take(console: &Console, text: &str, salt: &str) -> Result<Kept, ServiceError> {
    let wrong = |problem: String| ServiceError::Field { field: "password", problem };
    match detect(text, salt, None) {
        (_, PasswordSource::Hash(_)) => {
            Ok(Kept { text: text.trim().to_owned(), salt: salt.trim().to_owned() })
        }
        (_, PasswordSource::Encrypted(sealed)) => {
            let Some(key) = &console.settings.migration.password_key else {
                return Err(wrong(
                    "It is encrypted, and no password_key is configured in the section migration.".to_owned(),
                ));
            };
            let hashed = migration::open_password(key, &sealed)
                .and_then(|clear| migration::rehash(console, &clear))
                .ok_or_else(|| wrong("It cannot be decrypted with the configured password_key, or is longer than bcrypt takes.".to_owned()))?;
            Ok(Kept { text: hashed, salt: String::new() })
        }
        (_, PasswordSource::Reset(kind)) => {
            let why = kind.why_reset().unwrap_or("SecureAuth cannot take it");
            Err(wrong(format!("{why}. Send a hash that can be imported, or leave the password out.")))
        }
    }
}

/// Encrypts a hash for its account; it opens for no other.
pub(super) fn seal(
    console: &Console,
    bid: &Bid,
    reference: &str,
    kept: &Kept,
) -> Result<String, ServiceError> {
    let mut nonce = [0_u8; 12];
    console.entropy.fill(&mut nonce);
    let text = format!("{}\n{}", kept.text, kept.salt);
    let aad = place(bid, reference);
    let body = cipher(console).encrypt(&nonce.into(), Payload { msg: text.as_bytes(), aad: &aad }).map_err(
        |_| ServiceError::Field { field: "password", problem: "It cannot be encrypted.".to_owned() },
    )?;
    Ok(STANDARD.encode([nonce.as_slice(), &body].concat()))
}

/// Opens a hash; nothing when it is damaged, of another account, or encrypted with another key.
pub(super) fn open(console: &Console, bid: &Bid, reference: &str, sealed: &str) -> Option<Kept> {
    let bytes = STANDARD.decode(sealed).ok()?;
    let (nonce, body) = bytes.split_first_chunk::<12>()?;
    let aad = place(bid, reference);
    let text = cipher(console).decrypt(nonce.into(), Payload { msg: body, aad: &aad }).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (text, salt) = text.split_once('\n')?;
    Some(Kept { text: text.to_owned(), salt: salt.to_owned() })
}

fn cipher(console: &Console) -> Aes256Gcm {
    Aes256Gcm::new(console.settings.migration.key.bytes().into())
}

fn place(bid: &Bid, reference: &str) -> Vec<u8> {
    format!("account/{bid}/{reference}").into_bytes()
}

/// A keyed hash: the same text gives the same, and nobody without the key can try texts.
pub(super) fn fingerprint(console: &Console, text: &str) -> String {
    let mut key = Sha256::new();
    key.update(b"ciam-console told users");
    key.update(console.settings.migration.key.bytes());
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.finalize()) else { return String::new() };
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
