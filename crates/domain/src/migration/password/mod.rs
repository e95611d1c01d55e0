//! Which kind of password a row holds, found out from the text itself.
//!
//! What is not recognised for certain is [`PasswordKind::Unknown`] and becomes a reset: guessing would lock people out
//! later, and a text that is no hash may be a password in clear, which is never kept, sent or shown.

mod binary;
mod digest;
mod modular;

use std::fmt;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{hash::PasswordHash, mapping::StatedDigest};
use crate::words;

/// Base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The longest text that is looked at: no format we know is longer.
pub const PASSWORD_MAX: usize = 2_048;

words! {
    /// The kind of a password in the source.
    PasswordKind, "password kind" {
        /// bcrypt: `$2a$`, `$2b$`, `$2y$`.
        Bcrypt = "bcrypt", "bcrypt";
        /// PBKDF2 as a PHC string or in passlib's spelling.
        Pbkdf2 = "pbkdf2", "PBKDF2";
        /// PBKDF2 as Django writes it.
        DjangoPbkdf2 = "django_pbkdf2", "PBKDF2 (Django)";
        /// ASP.NET Identity version 2: PBKDF2 with SHA-1, 1 000 rounds.
        AspNetV2 = "aspnet_v2", "ASP.NET Identity v2";
        /// ASP.NET Identity version 3: PBKDF2 with its own header.
        AspNetV3 = "aspnet_v3", "ASP.NET Identity v3";
        /// argon2id as a PHC string.
        Argon2id = "argon2id", "argon2id";
        /// `{SSHA}`, `{SSHA256}`, `{SSHA384}`, `{SSHA512}`.
        LdapSsha = "ldap_ssha", "LDAP salted SHA";
        /// `{SMD5}`.
        LdapSmd5 = "ldap_smd5", "LDAP salted MD5";
        /// A bare digest with its salt after the password.
        SaltedSha = "salted_sha", "Salted SHA";
        /// A bare MD5 digest with its salt after the password.
        SaltedMd5 = "salted_md5", "Salted MD5";
        /// SHA without a salt.
        PlainSha = "plain_sha", "SHA without salt";
        /// MD5 without a salt.
        PlainMd5 = "plain_md5", "MD5 without salt";
        /// A digest with its salt before the password: the vendor has no word for it.
        SaltFirst = "salt_first", "Digest with the salt first";
        /// A hash that is recognised and that the vendor cannot take, e.g. scrypt.
        OtherHash = "other_hash", "Hash SecureAuth cannot take";
        /// Reversibly encrypted with a key that IC gave us.
        Encrypted = "encrypted", "Encrypted";
        /// No password at all.
        None = "none", "No password";
        /// Nothing we recognise.
        Unknown = "unknown", "Not recognised";
    }
}

impl PasswordKind {
    /// Whether a password of this kind is kept: the person signs in as before.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        !matches!(self, Self::SaltFirst | Self::OtherHash | Self::None | Self::Unknown)
    }

    /// Why a password of this kind becomes a reset; nothing where it is kept.
    #[must_use]
    pub const fn why_reset(self) -> Option<&'static str> {
        match self {
            Self::SaltFirst => Some("SecureAuth cannot be told that the salt was hashed before the password"),
            Self::OtherHash => Some("SecureAuth has no method for this hash"),
            Self::None => Some("the source holds no password"),
            Self::Unknown => Some("the password is in no format we recognise"),
            _ => None,
        }
    }
}

/// A reversibly encrypted password: AES-256-GCM, nonce (12 bytes), ciphertext and tag (16 bytes) in this order.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The nonce.
    pub nonce: [u8; 12],
    /// Ciphertext and tag.
    pub body: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// What a row's password is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordSource {
    /// It can be imported as it is.
    Hash(PasswordHash),
    /// It must be decrypted and hashed first.
    Encrypted(Sealed),
    /// It cannot be kept; the kind says why.
    Reset(PasswordKind),
}

/// Finds out what a password is. `salt` is the row's own salt, where the source has a column for it; `stated` is how
/// bare digests were made, where somebody said so.
#[must_use]
pub fn detect(password: &str, salt: &str, stated: Option<StatedDigest>) -> (PasswordKind, PasswordSource) {
    let text = password.trim();
    let found = if text.is_empty() {
        Found::reset(PasswordKind::None)
    } else if text.len() > PASSWORD_MAX || !text.is_ascii() {
        Found::reset(PasswordKind::Unknown)
    } else {
        recognised(text, salt.trim(), stated).unwrap_or(Found::reset(PasswordKind::Unknown))
    };
    (found.kind, found.source)
}

fn recognised(text: &str, salt: &str, stated: Option<StatedDigest>) -> Option<Found> {
    // Directories and frameworks write a crypt string behind their own prefix.
    for prefix in ["{CRYPT}", "{crypt}", "{BCRYPT}", "{bcrypt}"] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return modular::detect(rest);
        }
    }
    if let Some(rest) = text.strip_prefix("{AES-GCM}") {
        return binary::sealed(rest);
    }
    if text.starts_with('{') {
        return digest::ldap(text);
    }
    if text.contains('$') {
        return modular::detect(text);
    }
    digest::bare(text, salt, stated).or_else(|| binary::aspnet(text))
}

/// A kind with what it is good for.
struct Found {
    kind: PasswordKind,
    source: PasswordSource,
}

impl Found {
    const fn hash(kind: PasswordKind, hash: PasswordHash) -> Self {
        Self { kind, source: PasswordSource::Hash(hash) }
    }

    const fn reset(kind: PasswordKind) -> Self {
        Self { kind, source: PasswordSource::Reset(kind) }
    }
}

/// Bytes out of base64 with or without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}
