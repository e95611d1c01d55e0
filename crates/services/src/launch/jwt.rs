//! Signed tokens: the header, which key fits it, and the claims once the signature holds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    claims::Claims,
    launch::{Reason, Refused},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

/// The shortest modulus of an RSA key, in bytes.
const RSA_BYTES: usize = 256;

/// What the header says. A key in the header, or an address of one, is nothing we look at.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    alg: String,
    pub(super) kid: Option<String>,
    crit: Option<Value>,
}

/// A key with the one algorithm in which it may have been used.
pub(super) struct Key {
    key: DecodingKey,
    algorithm: Algorithm,
}

/// Reads the header. Nothing in it is to be believed yet.
///
/// # Errors
/// [`Reason::Malformed`], or [`Reason::Unsigned`] when it says so itself.
pub(super) fn header(token: &str) -> Result<Header, Refused> {
    let malformed = |why: &str| Refused::new(Reason::Malformed, why);
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("it has not three parts"));
    };
    let json = URL_SAFE_NO_PAD.decode(header).map_err(|_| malformed("its header is no base64url"))?;
    let header: Header =
        serde_json::from_slice(&json).map_err(|_| malformed("its header is no JSON with an algorithm"))?;
    if header.alg.eq_ignore_ascii_case("none") || signature.is_empty() {
        return Err(Reason::Unsigned.into());
    }
    if header.crit.is_some() {
        return Err(malformed("its header has extensions that must be understood (crit)"));
    }
    Ok(header)
}

impl Header {
    fn other_algorithm(&self) -> Refused {
        let named: String = self.alg.chars().take(20).collect();
        Refused::new(Reason::Algorithm, format!("{named:?}"))
    }

    /// The public-key algorithm that the token names.
    ///
    /// # Errors
    /// [`Reason::Algorithm`] for every other one.
    pub(super) fn public_algorithm(&self) -> Result<Algorithm, Refused> {
        match self.alg.as_str() {
            "RS256" => Ok(Algorithm::RS256),
            "ES256" => Ok(Algorithm::ES256),
            _ => Err(self.other_algorithm()),
        }
    }
}

/// The shared secret, if the token is signed with one.
///
/// # Errors
/// [`Reason::Algorithm`] when it is not.
pub(super) fn shared_key(header: &Header, secret: &SecretString) -> Result<Key, Refused> {
    if header.alg != "HS256" {
        return Err(header.other_algorithm());
    }
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    Ok(Key { key, algorithm: Algorithm::HS256 })
}

/// The key among these that the header means: the one it names, or the only one that fits. `None` when it is not
/// among them.
///
/// # Errors
/// [`Reason::Algorithm`] when the key is for another algorithm or use, or too weak.
pub(super) fn public_key(header: &Header, keys: &[Jwk]) -> Result<Option<Key>, Refused> {
    let algorithm = header.public_algorithm()?;
    let named = |key: &&Jwk| header.kid.is_none() || key.common.key_id == header.kid;
    let mut fitting = keys.iter().filter(named).filter(|key| fits(key, algorithm));
    let (first, another) = (fitting.next(), fitting.next());
    let wrong = || Refused::new(Reason::Algorithm, format!("{algorithm:?} does not fit the key"));
    match first {
        Some(jwk) if header.kid.is_some() || another.is_none() => {
            let key = DecodingKey::from_jwk(jwk).map_err(|_| wrong())?;
            Ok(Some(Key { key, algorithm }))
        }
        None if header.kid.is_some() && keys.iter().any(|key| named(&key)) => Err(wrong()),
        _ => Ok(None),
    }
}

/// Whether the key is made for this algorithm and for signatures.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let named = |expected| key.common.key_algorithm.is_none_or(|named| named == expected);
    let signs = key.common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature);
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(key), Algorithm::RS256) => {
            let modulus = URL_SAFE_NO_PAD.decode(&key.n).unwrap_or_default();
            modulus.len() >= RSA_BYTES && named(KeyAlgorithm::RS256)
        }
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256 && named(KeyAlgorithm::ES256)
        }
        _ => false,
    };
    kind && signs
}

/// The claims of a token whose signature holds. Time, issuer and audience are not looked at here.
///
/// # Errors
/// [`Reason::Signature`], or [`Reason::Malformed`] when what is signed cannot be read.
pub(super) fn claims(token: &str, key: &Key) -> Result<Claims, Refused> {
    let mut validation = Validation::new(key.algorithm);
    validation.required_spec_claims.clear();
    // By our own clock and rules, later.
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode::<Claims>(token, &key.key, &validation).map(|token| token.claims).map_err(|error| {
        match error.kind() {
            ErrorKind::InvalidSignature => Reason::Signature.into(),
            ErrorKind::InvalidAlgorithm => Reason::Algorithm.into(),
            _ => Refused::new(Reason::Malformed, error.to_string()),
        }
    })
}
