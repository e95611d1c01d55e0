//! Hashes of passwords made elsewhere, as an import brings them (vendor contract, bulk import).
//!
//! The contract leaves the encoding open; this stand-in takes: the crypt string as `value` for bcrypt; base64 of the
//! key as `value` and base64 of the salt as `salt` for pbkdf2 and argon2 (the id variant, version 1.3); base64 of
//! digest and salt together as `value` for sha and md5, cut by `salt_length`, in the order that
//! `salt_after_digest_in_hash` says, the digest being over the password and then the salt.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest as _, Md5};
use serde_json::Value;

use crate::store::{Doc, Fields};

/// A hash, read.
enum Hash {
    Bcrypt { crypt: String },
    Pbkdf2 { function: Function, rounds: u32, salt: Vec<u8>, key: Vec<u8> },
    Argon2 { params: argon2::Params, salt: Vec<u8>, key: Vec<u8> },
    Sha { function: Function, salt: Vec<u8>, digest: Vec<u8> },
    Md5 { salt: Vec<u8>, digest: Vec<u8> },
}

/// The functions that `function` may name.
#[derive(Clone, Copy)]
enum Function {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Function {
    fn read(name: &str) -> Result<Self, String> {
        match name {
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            "sha384" => Ok(Self::Sha384),
            "sha512" => Ok(Self::Sha512),
            _ => Err(format!("function {name:?} is not known")),
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// Whether a hash can be taken over.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(hash: &Value) -> Result<(), String> {
    read(hash).map(|_| ())
}

/// Whether this is the password behind the hash.
pub(super) fn verify(hash: &Value, password: &str) -> bool {
    let password = password.as_bytes();
    match read(hash) {
        Err(_) => false,
        Ok(Hash::Bcrypt { crypt }) => bcrypt::verify(password, &crypt).unwrap_or(false),
        Ok(Hash::Pbkdf2 { function, rounds, salt, key }) => {
            let mut made = vec![0; key.len()];
            match function {
                Function::Sha1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, &salt, rounds, &mut made),
                Function::Sha256 => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, &salt, rounds, &mut made),
                Function::Sha384 => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, &salt, rounds, &mut made),
                Function::Sha512 => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, &salt, rounds, &mut made),
            }
            made == key
        }
        Ok(Hash::Argon2 { params, salt, key }) => {
            let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
            let mut made = vec![0; key.len()];
            argon.hash_password_into(password, &salt, &mut made).is_ok() && made == key
        }
        Ok(Hash::Sha { function, salt, digest }) => {
            let text = [password, &salt].concat();
            digest
                == match function {
                    Function::Sha1 => sha1::Sha1::digest(text).to_vec(),
                    Function::Sha256 => sha2::Sha256::digest(text).to_vec(),
                    Function::Sha384 => sha2::Sha384::digest(text).to_vec(),
                    Function::Sha512 => sha2::Sha512::digest(text).to_vec(),
                }
        }
        Ok(Hash::Md5 { salt, digest }) => digest == Md5::digest([password, &salt].concat()).to_vec(),
    }
}

fn read(hash: &Value) -> Result<Hash, String> {
    let hash = hash.as_object().ok_or("hashed_password must be an object with value and config")?;
    let config = object(hash, "config")?;
    let value = hash.text("value");
    let method = config.text("method");
    let settings = object(config, method)?;
    match method {
        "bcrypt" => bcrypt_hash(value, settings),
        "pbkdf2" => {
            let rounds = u32::try_from(settings.whole("number_of_iterations")).unwrap_or(0);
            let function = Function::read(settings.text("function"))?;
            let (salt, key) = (salt(settings)?, key(settings, value)?);
            if rounds == 0 {
                return Err("number_of_iterations must be at least 1".to_owned());
            }
            Ok(Hash::Pbkdf2 { function, rounds, salt, key })
        }
        "argon2" => {
            let key = key(settings, value)?;
            let number = |name: &str| u32::try_from(settings.whole(name)).unwrap_or(0);
            let params = argon2::Params::new(
                number("memory_in_kb"),
                number("iterations"),
                number("parallelism"),
                Some(key.len()),
            );
            let params = params.map_err(|error| format!("argon2: {error}"))?;
            Ok(Hash::Argon2 { params, salt: salt(settings)?, key })
        }
        "sha" => {
            let function = Function::read(settings.text("function"))?;
            let (digest, salt) = parts(settings, value, function.length())?;
            Ok(Hash::Sha { function, salt, digest })
        }
        "md5" => {
            let (digest, salt) = parts(settings, value, 16)?;
            Ok(Hash::Md5 { salt, digest })
        }
        _ => Err(format!("method {method:?} is not one of bcrypt, pbkdf2, argon2, sha, md5")),
    }
}

fn bcrypt_hash(value: &str, settings: &Doc) -> Result<Hash, String> {
    let parts: bcrypt::HashParts = value.parse().map_err(|error| format!("bcrypt: {error}"))?;
    if i64::from(parts.get_cost()) != settings.whole("cost") {
        return Err("cost differs from the one in value".to_owned());
    }
    Ok(Hash::Bcrypt { crypt: value.to_owned() })
}

fn object<'a>(doc: &'a Doc, name: &str) -> Result<&'a Doc, String> {
    doc.get(name).and_then(Value::as_object).ok_or_else(|| format!("{name:?} is missing"))
}

fn bytes(text: &str, what: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(text).map_err(|_| format!("{what} is not base64"))
}

fn salt(settings: &Doc) -> Result<Vec<u8>, String> {
    let salt = bytes(settings.text("salt"), "salt")?;
    length("salt_length", settings, salt.len()).map(|()| salt)
}

fn key(settings: &Doc, value: &str) -> Result<Vec<u8>, String> {
    let key = bytes(value, "value")?;
    length("key_length", settings, key.len()).map(|()| key)
}

fn length(name: &str, settings: &Doc, has: usize) -> Result<(), String> {
    let says = settings.whole(name);
    if usize::try_from(says) == Ok(has) && has > 0 {
        return Ok(());
    }
    Err(format!("{name} is {says}, found are {has} bytes"))
}

/// Digest and salt out of the one value.
fn parts(settings: &Doc, value: &str, digest_length: usize) -> Result<(Vec<u8>, Vec<u8>), String> {
    let value = bytes(value, "value")?;
    let salt_length = usize::try_from(settings.whole("salt_length")).unwrap_or(usize::MAX);
    if value.len().checked_sub(salt_length) != Some(digest_length) {
        return Err(format!("value has {} bytes: digest and salt do not fit", value.len()));
    }
    if settings.flag("salt_after_digest_in_hash") {
        let (digest, salt) = value.split_at(digest_length);
        Ok((digest.to_vec(), salt.to_vec()))
    } else {
        let (salt, digest) = value.split_at(salt_length);
        Ok((digest.to_vec(), salt.to_vec()))
    }
}
