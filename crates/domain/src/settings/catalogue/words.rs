//! The vendor's closed lists of words, with labels (spec identity, admin).

use crate::settings::Word;

const fn word(word: &'static str, label: &'static str) -> Word {
    Word { word, label }
}

/// First factors; `totp` is left out, being a second factor only.
pub(super) const MECHANISMS: &[Word] = &[
    word("password", "Password"),
    word("otp", "Code by e-mail or SMS"),
    word("email_otp", "Code by e-mail"),
    word("sms_otp", "Code by SMS"),
    word("webauthn", "Passkey"),
];

/// Every factor.
pub(super) const FACTORS: &[Word] = &[
    word("password", "Password"),
    word("otp", "Code by e-mail or SMS"),
    word("email_otp", "Code by e-mail"),
    word("sms_otp", "Code by SMS"),
    word("webauthn", "Passkey"),
    word("totp", "Authenticator app"),
];

/// How hard a password must be to guess.
pub(super) const STRENGTHS: &[Word] = &[
    word("any", "Any"),
    word("weak", "Weak"),
    word("fair", "Fair"),
    word("strong", "Strong"),
    word("very_strong", "Very strong"),
];

/// How passwords are hashed.
pub(super) const HASHES: &[Word] =
    &[word("bcrypt", "bcrypt"), word("pbkdf2", "PBKDF2"), word("argon2", "Argon2"), word("sha", "SHA")];

/// Whether an application may be used.
pub(super) const STATUSES: &[Word] = &[word("active", "Active"), word("inactive", "Inactive")];

/// What subjects in tokens look like.
pub(super) const SUBJECT_TYPES: &[Word] =
    &[word("public", "The same for all applications"), word("pairwise", "Different for each application")];

/// What access tokens look like.
pub(super) const TOKEN_FORMS: &[Word] = &[word("jwt", "Readable (JWT)"), word("opaque", "Opaque")];
