//! Makes password hashes: bcrypt for passwords that came encrypted, and one of every kind for the canary.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use domain::migration::PasswordKind;
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512};

use crate::Console;

/// Rounds of bcrypt as a power of two: about 60 ms a password on one processor.
const COST: u32 = 10;

/// The canary's password is random and lives for a second: its hash need not be slow.
const CANARY_COST: u32 = 5;

/// bcrypt takes no more bytes than this; what is longer would be cut.
const BCRYPT_MAX: usize = 72;

/// A bcrypt hash of a password; nothing where bcrypt would cut it.
pub(crate) fn rehash(console: &Console, clear: &str) -> Option<String> {
    (clear.len() <= BCRYPT_MAX).then(|| bcrypt_of(console, clear, COST)).flatten()
}

fn bcrypt_of(console: &Console, clear: &str, cost: u32) -> Option<String> {
    let parts = bcrypt::hash_with_salt(clear, cost, salt(console)).ok()?;
    Some(parts.format_for_version(bcrypt::Version::TwoB))
}

/// A hash of `clear` as a source writes one of this kind; nothing for kinds that are not kept.
///
/// It goes the same way as a row's: recognised, sent, and checked at SecureAuth.
pub(super) fn known(console: &Console, kind: PasswordKind, clear: &str) -> Option<Known> {
    let salt = salt(console);
    let pass = clear.as_bytes();
    let plain = |text: String| Some(Known { text, salt: String::new() });
    match kind {
        PasswordKind::Bcrypt | PasswordKind::Encrypted => plain(bcrypt_of(console, clear, CANARY_COST)?),
        PasswordKind::Pbkdf2 => {
            let key = pbkdf2_of::<Sha256>(pass, &salt, 1_000);
            let (salt, key) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(key));
            plain(format!("$pbkdf2-sha256$i=1000,l=32${salt}${key}"))
        }
        PasswordKind::DjangoPbkdf2 => {
            let salt = hex::encode(salt);
            let key = STANDARD.encode(pbkdf2_of::<Sha256>(pass, salt.as_bytes(), 1_000));
            plain(format!("pbkdf2_sha256$1000${salt}${key}"))
        }
        PasswordKind::AspNetV2 => {
            let key = pbkdf2_of::<sha1::Sha1>(pass, &salt, 1_000);
            plain(STANDARD.encode([&[0_u8], salt.as_slice(), &key].concat()))
        }
        PasswordKind::AspNetV3 => {
            let key = pbkdf2_of::<Sha512>(pass, &salt, 1_000);
            let head = [2_u32, 1_000, 16].map(u32::to_be_bytes).concat();
            plain(STANDARD.encode([&[1_u8], head.as_slice(), &salt, &key].concat()))
        }
        PasswordKind::Argon2id => plain(argon2id_of(pass, &salt)?),
        PasswordKind::LdapSsha => plain(format!("{{SSHA256}}{}", after_digest::<Sha256>(pass, &salt))),
        PasswordKind::LdapSmd5 => plain(format!("{{SMD5}}{}", after_digest::<Md5>(pass, &salt))),
        PasswordKind::PlainSha => plain(format!("{{SHA256}}{}", STANDARD.encode(Sha256::digest(pass)))),
        PasswordKind::PlainMd5 => plain(format!("{{MD5}}{}", STANDARD.encode(Md5::digest(pass)))),
        PasswordKind::SaltedSha | PasswordKind::SaltedMd5 => {
            let salt = hex::encode(salt);
            let text = [pass, salt.as_bytes()].concat();
            let sha = kind == PasswordKind::SaltedSha;
            let text = if sha { hex::encode(Sha256::digest(text)) } else { hex::encode(Md5::digest(text)) };
            Some(Known { text, salt })
        }
        PasswordKind::SaltFirst | PasswordKind::OtherHash | PasswordKind::None | PasswordKind::Unknown => {
            None
        }
    }
}

/// A hash with the salt that stands in a column of its own.
pub(super) struct Known {
    pub(super) text: String,
    pub(super) salt: String,
}

fn salt(console: &Console) -> [u8; 16] {
    let mut salt = [0_u8; 16];
    console.entropy.fill(&mut salt);
    salt
}

fn pbkdf2_of<D>(pass: &[u8], salt: &[u8], rounds: u32) -> [u8; 32]
where
    D: pbkdf2::hmac::EagerHash,
    <D as pbkdf2::hmac::EagerHash>::Core: Sync,
{
    let mut key = [0_u8; 32];
    pbkdf2::pbkdf2_hmac::<D>(pass, salt, rounds, &mut key);
    key
}

fn argon2id_of(pass: &[u8], salt: &[u8]) -> Option<String> {
    let params = argon2::Params::new(1_024, 2, 1, Some(32)).ok()?;
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut key = [0_u8; 32];
    argon.hash_password_into(pass, salt, &mut key).ok()?;
    let (salt, key) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(key));
    Some(format!("$argon2id$v=19$m=1024,t=2,p=1${salt}${key}"))
}

fn after_digest<D: sha2::Digest>(pass: &[u8], salt: &[u8]) -> String {
    let digest = D::digest([pass, salt].concat());
    STANDARD.encode([digest.as_slice(), salt].concat())
}
