//! Idempotency keys: a resumed step sends the very request it sent before the crash.

use sha2::{Digest, Sha256};
use thiserror::Error;

/// Identifies one creation, however often it is sent (vendor contract, conventions: POST only, 32 to 255
/// characters, replayed within one minute). Keep it with the step that creates.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// Why a text cannot be an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidIdempotencyKey {
    /// Too short or too long for the vendor.
    #[error("the idempotency key has {0} characters: the vendor takes 32 to 255")]
    Length(usize),
    /// A character that cannot stand in an HTTP header.
    #[error("the idempotency key holds {0:?}: use visible ASCII characters only")]
    Character(char),
}

impl IdempotencyKey {
    /// Checks and wraps a key that was kept.
    ///
    /// # Errors
    /// [`InvalidIdempotencyKey`] when the vendor would not take it.
    pub fn parse(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        if let Some(found) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(InvalidIdempotencyKey::Character(found));
        }
        if !(32..=255).contains(&text.len()) {
            return Err(InvalidIdempotencyKey::Length(text.len()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The same key for the same parts, e.g. run, step and attempt; different keys for different parts.
    #[must_use]
    pub fn derive(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The key as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_key_and_others_do_not() {
        let key = IdempotencyKey::derive(&["run-1", "organization"]);
        assert_eq!(key, IdempotencyKey::derive(&["run-1", "organization"]));
        assert_ne!(key, IdempotencyKey::derive(&["run-1o", "rganization"]));
        assert_eq!(IdempotencyKey::parse(key.as_str()), Ok(key));
    }

    #[test]
    fn what_the_vendor_would_refuse_is_refused_here() {
        assert_eq!(IdempotencyKey::parse("short"), Err(InvalidIdempotencyKey::Length(5)));
        assert_eq!(IdempotencyKey::parse(&"k".repeat(256)), Err(InvalidIdempotencyKey::Length(256)));
        assert_eq!(IdempotencyKey::parse(&"é".repeat(40)), Err(InvalidIdempotencyKey::Character('é')));
    }
}
