//! Formats that are one base64 text: ASP.NET Identity, and passwords encrypted with AES-GCM.

use super::{Found, PasswordKind, PasswordSource, Sealed, base64};
use crate::migration::hash::{PasswordHash, ShaFunction};

/// Version 2: `00`, 16 bytes of salt, 32 bytes of key. Version 3: `01`, function, rounds and length of the salt as
/// four bytes each, big end first, then salt and key.
pub(super) fn aspnet(text: &str) -> Option<Found> {
    let bytes = base64(text)?;
    match bytes.split_first()? {
        (0, rest) if rest.len() == 48 => {
            let (salt, key) = rest.split_at(16);
            let hash = PasswordHash::Pbkdf2 {
                function: ShaFunction::Sha1,
                iterations: 1_000,
                salt: salt.to_vec(),
                key: key.to_vec(),
            };
            Some(Found::hash(PasswordKind::AspNetV2, hash))
        }
        (1, rest) => version_three(rest),
        _ => None,
    }
}

fn version_three(rest: &[u8]) -> Option<Found> {
    let (function, rest) = number(rest)?;
    let (iterations, rest) = number(rest)?;
    let (salt_length, rest) = number(rest)?;
    let function = match function {
        0 => ShaFunction::Sha1,
        1 => ShaFunction::Sha256,
        2 => ShaFunction::Sha512,
        _ => return None,
    };
    let (salt, key) = rest.split_at_checked(usize::try_from(salt_length).ok()?)?;
    if !(8..=64).contains(&salt.len()) || !(16..=64).contains(&key.len()) || iterations == 0 {
        return None;
    }
    let hash = PasswordHash::Pbkdf2 { function, iterations, salt: salt.to_vec(), key: key.to_vec() };
    Some(Found::hash(PasswordKind::AspNetV3, hash))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (four, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*four), rest))
}

/// Nonce, ciphertext of at least one byte, tag.
pub(super) fn sealed(text: &str) -> Option<Found> {
    let bytes = base64(text)?;
    let (nonce, body) = bytes.split_first_chunk::<12>()?;
    (body.len() > 16).then(|| Found {
        kind: PasswordKind::Encrypted,
        source: PasswordSource::Encrypted(Sealed { nonce: *nonce, body: body.to_vec() }),
    })
}
