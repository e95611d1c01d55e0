//! A password hash that SecureAuth can take (API.md §13).
//!
//! The vendor's `HashConfig` has five methods. It has no word for a salt that was hashed before the password, none for
//! the variant of argon2 and none for peppers: such hashes are not represented here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// A hash function of the SHA family, as the vendor's `function` names it (inferred: the names are not published,
    /// and the canary proves them on the target tenant).
    ShaFunction, "hash function" {
        /// SHA-1, 20 bytes.
        Sha1 = "sha1", "SHA-1";
        /// SHA-256, 32 bytes.
        Sha256 = "sha256", "SHA-256";
        /// SHA-384, 48 bytes.
        Sha384 = "sha384", "SHA-384";
        /// SHA-512, 64 bytes.
        Sha512 = "sha512", "SHA-512";
    }
}

impl ShaFunction {
    /// Bytes of a digest.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The function whose digests have this many bytes.
    #[must_use]
    pub fn of_length(bytes: usize) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.length() == bytes)
    }
}

/// A password hash that can be imported. Its `Debug` says the method only: a hash is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasswordHash {
    /// `$2a$`, `$2b$` or `$2y$`.
    Bcrypt {
        /// The whole crypt string.
        crypt: String,
        /// Logarithm of the rounds, 4 to 31.
        cost: u32,
    },
    /// PBKDF2 with HMAC.
    Pbkdf2 {
        /// The function inside the HMAC.
        function: ShaFunction,
        /// Rounds.
        iterations: u32,
        /// The salt.
        salt: Vec<u8>,
        /// The derived key.
        key: Vec<u8>,
    },
    /// argon2id, version 1.3.
    Argon2id {
        /// Passes.
        iterations: u32,
        /// Memory in KiB.
        memory_kib: u32,
        /// Lanes.
        parallelism: u32,
        /// The salt.
        salt: Vec<u8>,
        /// The derived key.
        key: Vec<u8>,
    },
    /// One round over the password, then the salt.
    Sha {
        /// The function.
        function: ShaFunction,
        /// The digest.
        digest: Vec<u8>,
        /// The salt; may be empty.
        salt: Vec<u8>,
    },
    /// One round over the password, then the salt.
    Md5 {
        /// The digest.
        digest: Vec<u8>,
        /// The salt; may be empty.
        salt: Vec<u8>,
    },
}

impl PasswordHash {
    /// The vendor's name of the method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Bcrypt { .. } => "bcrypt",
            Self::Pbkdf2 { .. } => "pbkdf2",
            Self::Argon2id { .. } => "argon2",
            Self::Sha { .. } => "sha",
            Self::Md5 { .. } => "md5",
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordHash({})", self.method())
    }
}
