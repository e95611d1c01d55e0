//! The identity pool: `PUT /api/identity/{tid}/admin/pools/{ipID}` (API.md §6).

use super::words::{FACTORS, HASHES, MECHANISMS, STRENGTHS};
use crate::settings::{
    Control, Kind, Owner, Scope, Section, Setting,
    VendorField::{At, Call, Not},
};

const DAY: u64 = 86_400;

const NO_MFA: &str = "MFA stays off: billers' users sign in with a password as they do today, and delegated login \
    has no place for a second factor. Any other value is drift.";
const WITH_MFA: &str = "It concerns a second factor only, and MFA stays off.";

const fn pool(
    key: &'static str,
    section: Section,
    path: &'static str,
    kind: Kind,
    label: &'static str,
    help: &'static str,
) -> Setting {
    Setting::new(key, Scope::Pool, section, At(path), kind, label, help)
}

const fn rule(key: &'static str, path: &'static str, label: &'static str, help: &'static str) -> Setting {
    pool(key, Section::Passwords, path, Kind::Whole { min: 0, max: 32 }, label, help)
        .medium()
        .owner(Owner::Security)
}

const fn length(key: &'static str, path: &'static str, label: &'static str) -> Setting {
    let help = "How many digits the code has. Longer is harder to guess and to type.";
    pool(key, Section::Codes, path, Kind::Whole { min: 4, max: 12 }, label, help).medium()
}

const fn ttl(key: &'static str, path: &'static str, label: &'static str) -> Setting {
    let help = "How long the code works after it was sent.";
    pool(key, Section::Codes, path, Kind::Duration { min: 60, max: 30 * DAY }, label, help).medium()
}

pub(super) const SETTINGS: &[Setting] = &[
    pool(
        "pool.name",
        Section::Appearance,
        "name",
        Kind::Text { min: 0, max: 100 },
        "Pool name",
        "Made from the biller's name: the vendor takes letters, digits and spaces only.",
    )
    .by(Control::Record),
    pool(
        "pool.description",
        Section::Appearance,
        "description",
        Kind::Text { min: 0, max: 500 },
        "Pool description",
        "Holds the biller's true name, which the pool's own name cannot always spell.",
    )
    .by(Control::Record),
    pool(
        "pool.badge_color",
        Section::Appearance,
        "badge_color",
        Kind::Colour,
        "Pool tag colour",
        "The tag's colour in the vendor's console.",
    )
    .not_offered("Nobody outside the vendor's console sees it."),
    pool(
        "pool.mechanisms",
        Section::SignIn,
        "authentication_mechanisms",
        Kind::Choices { of: MECHANISMS, at_least: 1 },
        "First factor",
        "What people may sign in with. Codes and passkeys need an address or a device that people have set up.",
    )
    .default("password")
    .high()
    .owner(Owner::Security),
    pool(
        "pool.preferred_mechanism",
        Section::SignIn,
        "preferred_authentication_mechanism",
        Kind::Choice(MECHANISMS),
        "Preferred first factor",
        "What the sign-in page offers first. It must be one of the first factors.",
    )
    .default("password")
    .medium(),
    pool(
        "pool.self_registration",
        Section::SignIn,
        "public_registration_allowed",
        Kind::Flag,
        "Self-registration",
        "Whether people may make accounts themselves. Accounts come from IC, so it is off unless a biller asks.",
    )
    .vendor_default("false")
    .high(),
    pool(
        "pool.identifier_case_insensitive",
        Section::SignIn,
        "identifier_case_insensitive",
        Kind::Flag,
        "Ignore case in user names",
        "Whether Ann and ann are the same user name. Changing it for a pool with users may make names collide.",
    )
    .default("true")
    .high()
    .owner(Owner::Platform),
    pool(
        "pool.password.min_length",
        Section::Passwords,
        "password_policy.min_length",
        Kind::Whole { min: 0, max: 128 },
        "Shortest password",
        "How many characters a new password needs at least. Present passwords keep working.",
    )
    .medium()
    .owner(Owner::Security),
    rule(
        "pool.password.capital_letters",
        "password_policy.capital_letters",
        "Capital letters",
        "How many capital letters a new password needs.",
    ),
    rule(
        "pool.password.lowercase_letters",
        "password_policy.lowercase_letters",
        "Lower-case letters",
        "How many lower-case letters a new password needs.",
    ),
    rule("pool.password.digits", "password_policy.digits", "Digits", "How many digits a new password needs."),
    rule(
        "pool.password.special_characters",
        "password_policy.special_characters",
        "Special characters",
        "How many characters other than letters and digits a new password needs.",
    ),
    rule(
        "pool.password.not_used_since",
        "password_policy.not_used_since",
        "Password history",
        "How many of a person's last passwords may not be used again.",
    ),
    pool(
        "pool.password.strength",
        Section::Passwords,
        "password_policy.strength",
        Kind::Choice(STRENGTHS),
        "Password strength",
        "How hard a new password must be to guess, by the vendor's own estimate.",
    )
    .medium()
    .owner(Owner::Security),
    pool(
        "pool.password.hashing_method",
        Section::Passwords,
        "password_settings.hashing_method",
        Kind::Choice(HASHES),
        "Password hashing",
        "How SecureAuth hashes passwords that are set from now on.",
    )
    .high()
    .owner(Owner::Security),
    pool(
        "pool.password.expires_after",
        Section::Passwords,
        "password_settings.expires_after",
        Kind::Duration { min: 0, max: 3650 * DAY },
        "Passwords expire after",
        "People must choose a new password after this time; 0s means never.",
    )
    .medium()
    .owner(Owner::Security),
    Setting::new(
        "pool.reset.self_service",
        Scope::Pool,
        Section::Passwords,
        Not("reset_credentials_settings.do_not_allow_users_to_self_reset_credentials"),
        Kind::Flag,
        "Self-service password reset",
        "Whether people may reset a forgotten password themselves. Off means a call to support each time.",
    )
    .vendor_default("true")
    .high(),
    pool(
        "pool.reset.password_older_than",
        Section::Passwords,
        "reset_credentials_settings.reset_password_older_than",
        Kind::Instant,
        "Reset passwords older than",
        "Everybody whose password was set before this instant must choose a new one at the next sign-in.",
    )
    .high()
    .owner(Owner::Security),
    length("pool.code.activation.length", "otp_settings.activation.length", "Activation code: digits"),
    ttl("pool.code.activation.ttl", "otp_settings.activation.ttl", "Activation code: lifetime"),
    length("pool.code.reset_password.length", "otp_settings.reset_password.length", "Reset code: digits"),
    ttl("pool.code.reset_password.ttl", "otp_settings.reset_password.ttl", "Reset code: lifetime"),
    length(
        "pool.code.verify_address.length",
        "otp_settings.verify_address.length",
        "Address verification code: digits",
    ),
    ttl(
        "pool.code.verify_address.ttl",
        "otp_settings.verify_address.ttl",
        "Address verification code: lifetime",
    ),
    length(
        "pool.code.authentication.length",
        "otp_settings.authentication.length",
        "Sign-in code: digits",
    ),
    ttl("pool.code.authentication.ttl", "otp_settings.authentication.ttl", "Sign-in code: lifetime"),
    length("pool.code.challenge.length", "otp_settings.challenge.length", "Challenge code: digits")
        .not_offered(WITH_MFA),
    ttl("pool.code.challenge.ttl", "otp_settings.challenge.ttl", "Challenge code: lifetime")
        .not_offered(WITH_MFA),
    length(
        "pool.code.enroll_webauthn.length",
        "otp_settings.enroll_webauthn.length",
        "Passkey enrolment code: digits",
    ),
    ttl(
        "pool.code.enroll_webauthn.ttl",
        "otp_settings.enroll_webauthn.ttl",
        "Passkey enrolment code: lifetime",
    ),
    length("pool.code.reset_totp.length", "otp_settings.reset_totp.length", "Authenticator reset code: digits")
        .not_offered(WITH_MFA),
    ttl("pool.code.reset_totp.ttl", "otp_settings.reset_totp.ttl", "Authenticator reset code: lifetime")
        .not_offered(WITH_MFA),
    pool(
        "pool.mfa.mechanisms",
        Section::SecondFactor,
        "second_factor_authentication_mechanisms",
        Kind::Choices { of: FACTORS, at_least: 0 },
        "Second factor (MFA)",
        "What people have to give besides the first factor.",
    )
    .kept("", NO_MFA)
    .owner(Owner::Security),
    pool(
        "pool.mfa.preferred_mechanism",
        Section::SecondFactor,
        "second_factor_preferred_authentication_mechanism",
        Kind::Choice(FACTORS),
        "Preferred second factor",
        "What the sign-in page offers first as a second factor.",
    )
    .not_offered(WITH_MFA),
    pool(
        "pool.mfa.threshold",
        Section::SecondFactor,
        "second_factor_threshold",
        Kind::Whole { min: 0, max: 100 },
        "Second factor threshold",
        "The risk score from which the second factor may be skipped.",
    )
    .not_offered(WITH_MFA),
    pool(
        "pool.mfa.allow_skip",
        Section::SecondFactor,
        "allow_skip_2fa",
        Kind::Flag,
        "Second factor may be skipped",
        "Whether people may go on without the second factor.",
    )
    .not_offered(WITH_MFA),
    pool(
        "pool.mfa.session_ttl",
        Section::SecondFactor,
        "mfa_session_ttl",
        Kind::Duration { min: 0, max: 90 * DAY },
        "Second factor remembered for",
        "How long a given second factor counts.",
    )
    .not_offered(WITH_MFA),
    pool(
        "pool.mfa.totp_issuer",
        Section::SecondFactor,
        "totp_settings.issuer",
        Kind::Text { min: 0, max: 100 },
        "Name in authenticator apps",
        "What an authenticator app shows beside the code.",
    )
    .not_offered(WITH_MFA),
    pool(
        "pool.reset.totp_older_than",
        Section::SecondFactor,
        "reset_credentials_settings.reset_totp_older_than",
        Kind::Instant,
        "Reset authenticators older than",
        "Everybody whose authenticator was set up before must set it up anew.",
    )
    .not_offered(WITH_MFA),
    pool(
        "pool.reset.webauthn_older_than",
        Section::SignIn,
        "reset_credentials_settings.reset_webauthn_older_than",
        Kind::Instant,
        "Reset passkeys older than",
        "Everybody whose passkey was set up before this instant must set it up anew.",
    )
    .high()
    .owner(Owner::Security),
    pool(
        "pool.payload_schema",
        Section::Directory,
        "payload_schema_id",
        Kind::Id,
        "Attribute schema",
        "Which attributes a user has.",
    )
    .not_offered("The move of users writes the vendor's standard attributes; another schema would refuse them."),
    pool(
        "pool.metadata_schema",
        Section::Directory,
        "metadata_schema_id",
        Kind::Id,
        "Schema of admin metadata",
        "Which admin metadata a user has.",
    )
    .not_offered("We write no admin metadata of users."),
    pool(
        "pool.business_metadata_schema",
        Section::Directory,
        "business_metadata_schema_id",
        Kind::Id,
        "Schema of business metadata",
        "Which business metadata a user has.",
    )
    .not_offered("We write no business metadata of users."),
    pool(
        "pool.metadata",
        Section::Directory,
        "metadata",
        Kind::Text { min: 0, max: 0 },
        "Pool metadata",
        "Free fields of the pool.",
    )
    .not_offered("They hold the mark by which the console knows the pool as its own."),
    Setting::new(
        "pool.schemas",
        Scope::Pool,
        Section::Directory,
        Call("/admin/schemas"),
        Kind::Text { min: 0, max: 0 },
        "Schemas",
        "The schemas themselves.",
    )
    .not_offered("Schemas belong to the whole account and are changed with the vendor's own tools."),
    Setting::new(
        "pool.groups",
        Scope::Pool,
        Section::Directory,
        Call("/admin/pools/{ipID}/groups"),
        Kind::Text { min: 0, max: 0 },
        "Groups",
        "Groups of users in the pool.",
    )
    .not_offered("IC decides what a user may do; groups at SecureAuth would be a second truth."),
    Setting::new(
        "pool.roles",
        Scope::Pool,
        Section::Directory,
        Call("/pools/{ipID}/roles"),
        Kind::Text { min: 0, max: 0 },
        "User managers",
        "Who may manage the pool's users in the vendor's console.",
    )
    .not_offered("Users are managed here and by IC; nobody needs the vendor's console for it."),
];
