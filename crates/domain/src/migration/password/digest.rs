//! One round of SHA or MD5: LDAP's `{SSHA}` family, and bare digests whose making somebody stated.

use super::{Found, PasswordKind, base64};
use crate::migration::{
    hash::{PasswordHash, ShaFunction},
    mapping::{SaltOrder, StatedDigest},
};

/// `{SSHA}` is base64 of the digest and then the salt; the digest is over the password and then the salt.
pub(super) fn ldap(text: &str) -> Option<Found> {
    let (scheme, rest) = text.strip_prefix('{')?.split_once('}')?;
    let (function, salted) = match scheme.to_ascii_uppercase().as_str() {
        "SHA" => (Some(ShaFunction::Sha1), false),
        "SSHA" => (Some(ShaFunction::Sha1), true),
        "SHA256" => (Some(ShaFunction::Sha256), false),
        "SSHA256" => (Some(ShaFunction::Sha256), true),
        "SHA384" => (Some(ShaFunction::Sha384), false),
        "SSHA384" => (Some(ShaFunction::Sha384), true),
        "SHA512" => (Some(ShaFunction::Sha512), false),
        "SSHA512" => (Some(ShaFunction::Sha512), true),
        "MD5" => (None, false),
        "SMD5" => (None, true),
        "PBKDF2" | "PBKDF2_SHA256" | "PBKDF2-SHA256" | "PBKDF2-SHA512" | "SCRYPT" | "ARGON2" => {
            return Some(Found::reset(PasswordKind::OtherHash));
        }
        _ => return None,
    };
    let bytes = base64(rest)?;
    let (digest, salt) = bytes.split_at_checked(function.map_or(16, ShaFunction::length))?;
    if salted == salt.is_empty() || salt.len() > 64 {
        return None;
    }
    let kind = match (function, salted) {
        (Some(_), true) => PasswordKind::LdapSsha,
        (Some(_), false) => PasswordKind::PlainSha,
        (None, true) => PasswordKind::LdapSmd5,
        (None, false) => PasswordKind::PlainMd5,
    };
    Some(Found::hash(kind, one_round(function, digest.to_vec(), salt.to_vec())))
}

/// A digest in hex or base64, recognised by its length; how it was made must have been stated.
pub(super) fn bare(text: &str, salt: &str, stated: Option<StatedDigest>) -> Option<Found> {
    let stated = stated?;
    let digest = hex::decode(text).ok().or_else(|| base64(text))?;
    let function = ShaFunction::of_length(digest.len());
    if function.is_none() && digest.len() != 16 {
        return None;
    }
    let salt = stated.encoding.bytes(salt)?;
    match (stated.order, salt.is_empty()) {
        (SaltOrder::PasswordFirst, false) => {
            let kind = if function.is_some() { PasswordKind::SaltedSha } else { PasswordKind::SaltedMd5 };
            Some(Found::hash(kind, one_round(function, digest, salt)))
        }
        (SaltOrder::SaltFirst, false) => Some(Found::reset(PasswordKind::SaltFirst)),
        (SaltOrder::NoSalt, _) => {
            let kind = if function.is_some() { PasswordKind::PlainSha } else { PasswordKind::PlainMd5 };
            Some(Found::hash(kind, one_round(function, digest, Vec::new())))
        }
        // A salt was promised and is not there: the hash is of no use.
        (SaltOrder::PasswordFirst | SaltOrder::SaltFirst, true) => None,
    }
}

const fn one_round(function: Option<ShaFunction>, digest: Vec<u8>, salt: Vec<u8>) -> PasswordHash {
    match function {
        Some(function) => PasswordHash::Sha { function, digest, salt },
        None => PasswordHash::Md5 { digest, salt },
    }
}
