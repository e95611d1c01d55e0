//! Pools and users.

use super::{
    Field, any, choice, choices,
    enums::{
        ACTIVE_INACTIVE, ADDRESS_TYPES, CODE_TYPES, CONTACT_METHODS, CREDENTIAL_STATES, CREDENTIAL_TYPES,
        HASHING_METHODS, IDENTIFIER_TYPES, MECHANISMS, PASSWORD_STRENGTHS, USER_STATUSES,
    },
    flag, free, free_list, number, object, objects, text, time, whole,
};

/// Body of creating and updating a pool (vendor contract, identity pools).
pub(crate) const POOL: &[Field] = &[
    flag("allow_skip_2fa"),
    choices("authentication_mechanisms", MECHANISMS),
    text("badge_color"),
    text("business_metadata_schema_id"),
    flag("deleted"),
    text("description"),
    text("id"),
    flag("identifier_case_insensitive"),
    free("metadata"),
    text("metadata_schema_id"),
    text("mfa_session_ttl"),
    text("name").must(),
    object("otp_settings", OTP_SETTINGS),
    object("password_policy", PASSWORD_POLICY),
    object("password_settings", PASSWORD_SETTINGS),
    text("payload_schema_id"),
    choice("preferred_authentication_mechanism", MECHANISMS),
    flag("public_registration_allowed"),
    object("reset_credentials_settings", RESET_SETTINGS),
    choices("second_factor_authentication_mechanisms", MECHANISMS),
    choice("second_factor_preferred_authentication_mechanism", MECHANISMS),
    number("second_factor_threshold"),
    flag("system"),
    text("tenant_id").must(),
    object("totp_settings", TOTP),
    text("workspace_id"),
];

/// Body of creating a schema (vendor contract, schemas).
pub(crate) const SCHEMA: &[Field] = &[
    text("description"),
    text("id"),
    text("name").must(),
    free("schema").must(),
    flag("system"),
    text("tenant_id").must(),
];

/// Body of creating a user (vendor contract, users).
pub(crate) const NEW_USER: &[Field] = &[
    free("business_metadata"),
    text("business_metadata_schema_id"),
    objects("credentials", NEW_CREDENTIAL),
    text("id"),
    objects("identifiers", NEW_IDENTIFIER),
    free("metadata"),
    text("metadata_schema_id"),
    free("payload"),
    text("payload_schema_id"),
    object("preferences", USER_PREFERENCES),
    choice("status", USER_STATUSES).must(),
    any("user_type"),
    objects("verifiable_addresses", NEW_ADDRESS),
];

/// Body of updating a user (vendor contract, users).
pub(crate) const UPDATE_USER: &[Field] = &[
    free("business_metadata"),
    text("business_metadata_schema_id"),
    free("metadata"),
    text("metadata_schema_id"),
    free("payload"),
    text("payload_schema_id"),
    object("preferences", USER_PREFERENCES),
    choice("status", USER_STATUSES),
];

const OTP_SETTINGS: &[Field] = &[
    object("activation", OTP),
    object("authentication", OTP),
    object("challenge", OTP),
    object("enroll_webauthn", OTP),
    object("reset_password", OTP),
    object("reset_totp", OTP),
    object("verify_address", OTP),
];

const OTP: &[Field] = &[whole("length"), text("ttl")];

const PASSWORD_POLICY: &[Field] = &[
    whole("capital_letters"),
    whole("digits"),
    whole("lowercase_letters"),
    whole("min_length"),
    whole("not_used_since"),
    whole("special_characters"),
    choice("strength", PASSWORD_STRENGTHS),
];

const PASSWORD_SETTINGS: &[Field] = &[text("expires_after"), choice("hashing_method", HASHING_METHODS)];

const RESET_SETTINGS: &[Field] = &[
    flag("do_not_allow_users_to_self_reset_credentials"),
    time("reset_password_older_than"),
    time("reset_totp_older_than"),
    time("reset_webauthn_older_than"),
];

const TOTP: &[Field] = &[text("issuer")];

const NEW_CREDENTIAL: &[Field] = &[
    flag("must_be_changed"),
    flag("must_be_reset"),
    text("password"),
    text("totp_secret"),
    choice("type", CREDENTIAL_TYPES).must(),
    free_list("webauthn_credentials"),
];

const NEW_IDENTIFIER: &[Field] =
    &[text("identifier").must(), free("metadata"), choice("type", IDENTIFIER_TYPES).must()];

const NEW_ADDRESS: &[Field] = &[
    text("address").must(),
    flag("allowed_for_2fa"),
    free("metadata"),
    choice("preferred_contact_method", CONTACT_METHODS),
    choice("status", ACTIVE_INACTIVE).must(),
    choice("type", ADDRESS_TYPES).must(),
    flag("verified").must(),
];

pub(super) const USER_PREFERENCES: &[Field] = &[object("mfa", MFA_PREFERENCES)];

const MFA_PREFERENCES: &[Field] = &[choice("preferred_2fa", MECHANISMS)];

/// Body of checking a password (vendor contract, passwords).
pub(crate) const VERIFY_PASSWORD: &[Field] =
    &[text("id"), text("identifier"), text("password").must(), text("userID")];

/// Body of giving a user one more identifier (vendor contract, users).
pub(crate) const ADD_IDENTIFIER: &[Field] = NEW_IDENTIFIER;

/// Body of taking an identifier away.
pub(crate) const REMOVE_IDENTIFIER: &[Field] = &[text("identifier").must()];

/// Body of giving a user one more address.
pub(crate) const ADD_ADDRESS: &[Field] = &[
    text("address").must(),
    flag("allowed_for_2fa"),
    free("metadata"),
    choice("preferred_contact_method", CONTACT_METHODS),
    choice("status", ACTIVE_INACTIVE),
    choice("type", ADDRESS_TYPES).must(),
    flag("verified").must(),
];

/// Body of changing an address.
pub(crate) const UPDATE_ADDRESS: &[Field] = &[
    text("address").must(),
    flag("allowed_for_2fa"),
    free("metadata"),
    choice("preferred_contact_method", CONTACT_METHODS),
    choice("status", ACTIVE_INACTIVE).must(),
    flag("verified").must(),
];

/// Body of taking an address away.
pub(crate) const REMOVE_ADDRESS: &[Field] = &[text("address").must()];

/// Body of sending an activation message (vendor contract, activation).
pub(crate) const SEND_ACTIVATION: &[Field] = &[text("address"), text("identifier")];

/// Body of sending a reset.
pub(crate) const SEND_RESET: &[Field] = &[text("address").must()];

/// Body of making a code (vendor contract, codes).
pub(crate) const NEW_CODE: &[Field] =
    &[text("address"), text("identifier"), free("metadata"), choice("type", CODE_TYPES).must()];

/// Body of self-registration.
pub(crate) const REGISTER: &[Field] = &[
    text("identifier").must(),
    text("otp_address"),
    text("password"),
    free("payload"),
    text("totp_secret"),
    free_list("webauthn_credentials"),
];

/// Body of activating oneself.
pub(crate) const ACTIVATE: &[Field] =
    &[text("code").must(), text("otp_address"), text("password"), text("totp_secret"), free_list("webauthn")];

/// Body of asking for a new password.
pub(crate) const REQUEST_RESET: &[Field] = &[text("address").must(), text("identifier"), text("userID")];

/// Body of setting a new password with a code.
pub(crate) const COMPLETE_RESET: &[Field] =
    &[text("address"), text("code").must(), text("identifier"), text("new_password").must(), text("userID")];

/// Body of asking for the code that verifies an address.
pub(crate) const VERIFY_ADDRESS: &[Field] = &[text("address").must()];

/// Body of verifying an address with a code.
pub(crate) const COMPLETE_VERIFICATION: &[Field] = &[text("address").must(), text("code").must()];

/// Body of setting the state of a password.
pub(crate) const PASSWORD_STATE: &[Field] = &[choice("state", CREDENTIAL_STATES).must()];
