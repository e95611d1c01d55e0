//! Formats with `$` between their parts: crypt(3), PHC strings, Django.

use super::{Found, PasswordKind, base64};
use crate::migration::hash::{PasswordHash, ShaFunction};

/// More rounds than this are a damaged field, not a hash.
const ITERATIONS_MAX: u32 = 100_000_000;
/// 4 GiB.
const MEMORY_MAX_KIB: u32 = 4 * 1_024 * 1_024;

/// Crypt formats that the vendor has no method for.
const OTHERS: &[&str] = &[
    "$1$",
    "$5$",
    "$6$",
    "$7$",
    "$2$",
    "$2x$",
    "$y$",
    "$gy$",
    "$apr1$",
    "$scrypt$",
    "$P$",
    "$H$",
    "$S$",
    "$sha1$",
    "$argon2i$",
    "$argon2d$",
    "$bcrypt-sha256$",
    "bcrypt_sha256$",
    "scrypt$",
    "scrypt:",
];

pub(super) fn detect(text: &str) -> Option<Found> {
    if ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
        return bcrypt(text);
    }
    if let Some(rest) = text.strip_prefix("$argon2id$").or_else(|| text.strip_prefix("argon2$argon2id$")) {
        return argon2id(rest);
    }
    if let Some(rest) = text.strip_prefix("$pbkdf2") {
        return phc_pbkdf2(rest);
    }
    if let Some(rest) = text.strip_prefix("pbkdf2_") {
        return django_pbkdf2(rest);
    }
    // Django's bcrypt hasher writes its name before the crypt string.
    if let Some(rest) = text.strip_prefix("bcrypt$") {
        return bcrypt(rest);
    }
    if OTHERS.iter().any(|prefix| text.starts_with(prefix)) || text.starts_with("argon2$argon2") {
        return Some(Found::reset(PasswordKind::OtherHash));
    }
    django_digest(text)
}

/// `$2b$12$` and 53 characters: 22 of salt, 31 of digest.
fn bcrypt(text: &str) -> Option<Found> {
    let mut parts = text.get(4..)?.splitn(2, '$');
    let (cost, tail) = (parts.next()?, parts.next()?);
    if !["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) || cost.len() != 2 {
        return None;
    }
    let cost: u32 = cost.parse().ok().filter(|cost| (4..=31).contains(cost))?;
    let fits =
        tail.len() == 53 && tail.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/'));
    fits.then(|| Found::hash(PasswordKind::Bcrypt, PasswordHash::Bcrypt { crypt: text.to_owned(), cost }))
}

/// `v=19$m=65536,t=3,p=4$salt$key`.
fn argon2id(rest: &str) -> Option<Found> {
    let mut parts = rest.split('$');
    // Version 1.0 is another function; the vendor cannot be told the version.
    if parts.next()? != "v=19" {
        return Some(Found::reset(PasswordKind::OtherHash));
    }
    let (mut memory_kib, mut iterations, mut parallelism) = (None, None, None);
    for parameter in parts.next()?.split(',') {
        match parameter.split_once('=')? {
            ("m", value) => memory_kib = value.parse().ok().filter(|m| (8..=MEMORY_MAX_KIB).contains(m)),
            ("t", value) => iterations = value.parse().ok().filter(|t| (1..=1_000_000).contains(t)),
            ("p", value) => parallelism = value.parse().ok().filter(|p| (1..=255).contains(p)),
            // A key id or associated data: something was hashed in that we do not have.
            _ => return Some(Found::reset(PasswordKind::OtherHash)),
        }
    }
    let (salt, key) = (sized(parts.next()?, 8, 64)?, sized(parts.next()?, 4, 128)?);
    if parts.next().is_some() {
        return None;
    }
    let hash = PasswordHash::Argon2id {
        iterations: iterations?,
        memory_kib: memory_kib?,
        parallelism: parallelism?,
        salt,
        key,
    };
    Some(Found::hash(PasswordKind::Argon2id, hash))
}

/// PHC: `-sha256$i=600000,l=32$salt$key`; passlib: `-sha256$29000$salt$key`, and `$29000$…` for SHA-1.
fn phc_pbkdf2(rest: &str) -> Option<Found> {
    let mut parts = rest.split('$');
    let function = match parts.next()? {
        "" | "-sha1" => ShaFunction::Sha1,
        "-sha256" => ShaFunction::Sha256,
        "-sha384" => ShaFunction::Sha384,
        "-sha512" => ShaFunction::Sha512,
        _ => return Some(Found::reset(PasswordKind::OtherHash)),
    };
    let (iterations, length) = phc_rounds(parts.next()?)?;
    // passlib writes `.` for `+`.
    let mut adapted = |least, most| sized(&parts.next()?.replace('.', "+"), least, most);
    let (salt, key) = (adapted(1, 1_024)?, adapted(16, 128)?);
    if parts.next().is_some() || length.is_some_and(|length| length != key.len()) {
        return None;
    }
    let hash = PasswordHash::Pbkdf2 { function, iterations, salt, key };
    Some(Found::hash(PasswordKind::Pbkdf2, hash))
}

/// `i=600000`, `i=600000,l=32`, or passlib's bare `600000`: rounds, and the length of the key where it is named.
fn phc_rounds(parameters: &str) -> Option<(u32, Option<usize>)> {
    let Some(named) = parameters.strip_prefix("i=") else { return Some((rounds(parameters)?, None)) };
    match named.split_once(",l=") {
        Some((iterations, length)) => Some((rounds(iterations)?, Some(length.parse().ok()?))),
        None => Some((rounds(named)?, None)),
    }
}

/// `sha256$600000$salt$key`: the salt is used as the text it is, the key is base64.
fn django_pbkdf2(rest: &str) -> Option<Found> {
    let mut parts = rest.split('$');
    let function = match parts.next()? {
        "sha256" => ShaFunction::Sha256,
        "sha1" => ShaFunction::Sha1,
        _ => return None,
    };
    let iterations = rounds(parts.next()?)?;
    let salt = parts.next().filter(|salt| !salt.is_empty())?.as_bytes().to_vec();
    let key = sized(parts.next()?, 16, 128).filter(|key| key.len() == function.length())?;
    if parts.next().is_some() {
        return None;
    }
    Some(Found::hash(PasswordKind::DjangoPbkdf2, PasswordHash::Pbkdf2 { function, iterations, salt, key }))
}

/// Django's old hashers `sha1$salt$hex` and `md5$salt$hex` put the salt first; without a salt the order is the same.
fn django_digest(text: &str) -> Option<Found> {
    let mut parts = text.split('$');
    let (name, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
    let digest = hex::decode(digest).ok()?;
    if parts.next().is_some() {
        return None;
    }
    match (name, digest.len(), salt.is_empty()) {
        ("sha1", 20, true) => {
            let hash = PasswordHash::Sha { function: ShaFunction::Sha1, digest, salt: Vec::new() };
            Some(Found::hash(PasswordKind::PlainSha, hash))
        }
        ("md5", 16, true) => {
            Some(Found::hash(PasswordKind::PlainMd5, PasswordHash::Md5 { digest, salt: Vec::new() }))
        }
        ("sha1", 20, false) | ("md5", 16, false) => Some(Found::reset(PasswordKind::SaltFirst)),
        _ => None,
    }
}

fn rounds(text: &str) -> Option<u32> {
    text.parse().ok().filter(|rounds| (1..=ITERATIONS_MAX).contains(rounds))
}

fn sized(text: &str, least: usize, most: usize) -> Option<Vec<u8>> {
    base64(text).filter(|bytes| (least..=most).contains(&bytes.len()))
}
