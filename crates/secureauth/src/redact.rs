//! Takes secrets and private keys out of what the vendor answers, before anyone keeps or shows it.

use serde_json::Value;

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";

/// Replaced whatever they hold: hashes and their parameters, lists of secrets, credentials of a user.
const WHOLE: &[&str] = &[
    "hashed_password",
    "hashed_code",
    "hashed_secret",
    "hashed_rotated_secrets",
    "rotated_secrets",
    "saml_idp_signing_key",
    "totp_secret",
    "new_totp_secret",
];

/// Replaced where they hold text: the vendor uses some of these words for settings, too.
const TEXT: &[&str] = &[
    "apikey",
    "api_key",
    "api_key_value",
    "auth_token",
    "cert",
    "certificate",
    "code",
    "extended_code",
    "idp_certificate",
    "key",
    "private_key",
    "privatekey",
    "salt",
    "securecontextkey",
    "signing_cert",
    "signing_key",
    "subject_identifier_algorithm_salt",
];

const TEXT_ENDINGS: &[&str] =
    &["secret", "secrets", "password", "passphrase", "token", "_salt", "_private_key"];

/// The private members of a JSON web key (RFC 7518); `kty` tells that an object is one.
const PRIVATE_JWK: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k", "oth"];

/// Replaces every secret, hash and private key in `value`, at any depth, by [`REDACTED`].
///
/// Names decide, not contents: a secret in a field that the vendor's contract does not know as one can
/// only be caught by its name. Settings whose names sound alike (`access_token_ttl`, `password_policy`)
/// stay, as do public keys.
pub fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_jwk = fields.contains_key("kty");
            for (name, field) in fields.iter_mut() {
                if is_secret(name, field, is_jwk) {
                    *field = Value::String(REDACTED.to_owned());
                } else {
                    redact(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

fn is_secret(name: &str, field: &Value, in_jwk: bool) -> bool {
    if is_empty(field) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    if WHOLE.contains(&name.as_str()) || (in_jwk && PRIVATE_JWK.contains(&name.as_str())) {
        return true;
    }
    let by_name = TEXT.contains(&name.as_str()) || TEXT_ENDINGS.iter().any(|end| name.ends_with(end));
    by_name && holds_text(field)
}

fn holds_text(field: &Value) -> bool {
    match field {
        Value::String(_) => true,
        Value::Array(items) => items.iter().any(Value::is_string),
        _ => false,
    }
}

fn is_empty(field: &Value) -> bool {
    match field {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a private key is among the web keys in `value`: what we send is public.
pub(crate) fn holds_private_key(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            let private =
                fields.contains_key("kty") && fields.keys().any(|it| PRIVATE_JWK.contains(&it.as_str()));
            private || fields.values().any(holds_private_key)
        }
        Value::Array(items) => items.iter().any(holds_private_key),
        _ => false,
    }
}

/// Words for an error message: known secrets taken out, control characters and length tamed.
pub(crate) fn scrub(text: &str, secrets: &[&str]) -> String {
    const LONGEST: usize = 400;
    let mut clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for secret in secrets.iter().filter(|secret| secret.len() >= 6) {
        clean = clean.replace(secret, REDACTED);
    }
    if clean.chars().count() > LONGEST {
        clean = clean.chars().take(LONGEST).chain("…".chars()).collect();
    }
    clean.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_go_and_settings_stay() {
        let mut client = json!({
            "client_id": "c1", "client_secret": "s3cret", "hashed_secret": "h", "rotated_secrets": ["a", "b"],
            "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "pub", "y": "pub", "d": "priv", "kid": "k1"}]},
            "token_ttls": {"access_token_ttl": "1h0m0s"}, "token_endpoint_auth_method": "none",
            "metadata": {"deep": [{"api_key": "abc"}]}, "saml_idp_signing_key": {"kty": "RSA", "n": "1"},
        });
        redact(&mut client);
        assert_eq!(
            client,
            json!({
                "client_id": "c1", "client_secret": REDACTED, "hashed_secret": REDACTED, "rotated_secrets": REDACTED,
                "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "pub", "y": "pub", "d": REDACTED, "kid": "k1"}]},
                "token_ttls": {"access_token_ttl": "1h0m0s"}, "token_endpoint_auth_method": "none",
                "metadata": {"deep": [{"api_key": REDACTED}]}, "saml_idp_signing_key": REDACTED,
            })
        );
    }

    #[test]
    fn settings_of_a_pool_that_sound_like_secrets_stay() {
        let before = json!({
            "otp_settings": {"reset_password": {"length": 6, "ttl": "10m0s"}},
            "password_policy": {"min_length": 8}, "password_settings": {"hashing_method": "bcrypt"},
            "authentication_mechanisms": ["password"], "drop_tokens_on_password_reset": true, "client_secret": "",
        });
        let mut after = before.clone();
        redact(&mut after);
        assert_eq!(after, before);
    }

    #[test]
    fn messages_lose_secrets_and_stay_short() {
        let message = format!("bad client hunter22:\n{}", "x".repeat(1_000));
        let clean = scrub(&message, &["hunter22", ""]);
        assert!(clean.starts_with("bad client [redacted]: xxx"), "{clean}");
        assert_eq!(clean.chars().count(), 401);
    }
}
