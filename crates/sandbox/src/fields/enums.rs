//! The closed lists of words the contract allows.

pub(crate) const DISCOVERY_MODES: &[&str] = &["domain_matching", "script_execution"];
pub(crate) const MECHANISMS: &[&str] = &["totp", "password", "otp", "email_otp", "sms_otp", "webauthn"];
pub(crate) const TOKEN_STRATEGIES: &[&str] = &["jwt", "opaque"];
pub(crate) const GRANT_TYPES: &[&str] = &[
    "authorization_code",
    "implicit",
    "client_credentials",
    "refresh_token",
    "password",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:device_code",
];
pub(crate) const KEY_TYPES: &[&str] = &["rsa", "ecdsa", "ps"];
pub(crate) const PROFILES: &[&str] = &[
    "default",
    "demo",
    "workforce",
    "workforce_v2",
    "consumer",
    "partners",
    "third_party",
    "fapi_advanced",
    "fapi_rw",
    "fapi_ro",
    "openbanking_uk_fapi_advanced",
    "openbanking_uk",
    "openbanking_br",
    "openbanking_br_unico",
    "cdr_australia",
    "cdr_australia_fapi_rw",
    "fdx",
    "openbanking_ksa",
    "fapi_20_security",
    "fapi_20_message_signing",
    "connect_id",
    "agentic_ai",
];
pub(crate) const RESPONSE_TYPES: &[&str] = &[
    "token",
    "id_token",
    "code",
    "code id_token",
    "token id_token",
    "token code",
    "token id_token code",
    "none",
];
pub(crate) const SUBJECT_FORMATS: &[&str] = &["hash", "legacy", "custom"];
pub(crate) const SUBJECT_TYPES: &[&str] = &["public", "pairwise"];
pub(crate) const AUTH_METHODS: &[&str] = &[
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "self_signed_tls_client_auth",
    "tls_client_auth",
    "none",
    "unspecified",
];
pub(crate) const WORKSPACE_TYPES: &[&str] = &["admin", "developer", "system", "regular", "organization"];
pub(crate) const APPLICATION_TYPES: &[&str] =
    &["single_page", "server_web", "mobile_desktop", "service", "legacy", "dcr"];
pub(crate) const KEY_ENCRYPTIONS: &[&str] = &["RSA-OAEP", "RSA-OAEP-256"];
pub(crate) const CONTENT_ENCRYPTIONS: &[&str] = &["A256GCM", "A128CBC-HS256"];
pub(crate) const ACTIVE_INACTIVE: &[&str] = &["active", "inactive"];
pub(crate) const CLIENT_TYPES: &[&str] = &["oauth2", "saml"];
pub(crate) const SIGNATURES: &[&str] = &["RS256", "ES256", "PS256"];
pub(crate) const ENDPOINT_AUTH_METHODS: &[&str] = &[
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "self_signed_tls_client_auth",
    "tls_client_auth",
    "none",
];
pub(crate) const REQUEST_SIGNATURES: &[&str] = &["any", "none", "RS256", "ES256", "PS256"];
pub(crate) const SAML_HASHES: &[&str] = &["sha-1", "sha-256", "sha-512"];
pub(crate) const SAML_NAME_IDS: &[&str] = &[
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
];
pub(crate) const CLIENT_SIGNATURES: &[&str] = &["RS256", "ES256", "PS256", "HS256", ""];
pub(crate) const USERINFO_SIGNATURES: &[&str] = &["none", "RS256", "ES256"];
pub(crate) const PASSWORD_STRENGTHS: &[&str] = &["any", "weak", "fair", "strong", "very_strong"];
pub(crate) const HASHING_METHODS: &[&str] = &["bcrypt", "pbkdf2", "argon2", "sha"];
pub(crate) const CREDENTIAL_STATES: &[&str] = &["valid", "must_be_reset", "must_be_changed"];
pub(crate) const CREDENTIAL_TYPES: &[&str] = &["password", "webauthn", "totp"];
pub(crate) const CODE_TYPES: &[&str] = &[
    "activation",
    "reset_password",
    "reset_totp",
    "enroll_webauthn",
    "challenge",
    "verify_address",
    "authentication",
];
pub(crate) const IDENTIFIER_TYPES: &[&str] = &["email", "mobile", "uid", "external", "federated"];
pub(crate) const CONTACT_METHODS: &[&str] = &["sms", "voice"];
pub(crate) const ADDRESS_TYPES: &[&str] = &["email", "mobile"];
pub(crate) const USER_STATUSES: &[&str] = &["active", "inactive", "deleted", "new"];
