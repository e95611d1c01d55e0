//! Every setting that the rollout's questions name stands in the catalogue, with a status and, where it is not supported,
//! the reason.

use domain::settings::{Support, find};

/// What is named (object by object, as in the answer to "which settings can be updated by API"), and where it stands.
const ASKED: [(&str, &str); 12] = [
    (
        "pool.",
        "name description badge_color mechanisms preferred_mechanism self_registration identifier_case_insensitive \
         payload_schema metadata_schema business_metadata_schema metadata schemas groups roles",
    ),
    ("pool.mfa.", "mechanisms preferred_mechanism threshold allow_skip session_ttl totp_issuer"),
    (
        "pool.password.",
        "min_length capital_letters lowercase_letters digits special_characters not_used_since strength hashing_method \
         expires_after",
    ),
    (
        "pool.code.",
        "activation.length activation.ttl authentication.length authentication.ttl challenge.length challenge.ttl \
         enroll_webauthn.length enroll_webauthn.ttl reset_password.length reset_password.ttl reset_totp.length \
         reset_totp.ttl verify_address.length verify_address.ttl",
    ),
    ("pool.reset.", "self_service password_older_than totp_older_than webauthn_older_than"),
    (
        "organization.",
        "name description color logo styling.logo styling.font styling.colors profile code_ttl access_token_ttl \
         id_token_ttl refresh_token_ttl cookie_max_age token_form grant_types client_auth_methods client_auth_algorithms \
         pkce pkce_public par issuer subject_format subject_types sso.enabled sso.max_idle sso.max_age \
         sso.post_logout_url sso.logout_domains discovery.enabled discovery.mode show_pools show_organizations mechanisms \
         deactivated default_client context registration saml metadata template parent domains",
    ),
    (
        "organization.",
        "keys scopes claims policies scripts script_points custom_apps acrs consent_page webhooks secrets roles",
    ),
    (
        "binding.",
        "name logo order hidden disabled discovery.domains discovery.identifier_first discovery.instant_redirect \
         discovery.fallback attributes mappings jit sso_disabled reload_claims",
    ),
    (
        "application.",
        "name description logo url terms policy redirect_uris post_logout_redirect_uris grant_types response_types scopes \
         audience auth_method jwks custom_ttls code_ttl access_token_ttl id_token_ttl refresh_token_ttl subject_type \
         trusted status metadata saml secret",
    ),
    ("theme.", "name logo templates bound translations"),
    ("vanity_domain.", "host certificate key"),
    (
        "tenant.",
        "name url styling metadata default_template default_workspace security_headers translations brute_force \
         vanity_domains beta_features mfa_methods roles",
    ),
];

#[test]
fn every_setting_of_the_rollouts_questions_has_a_status() {
    let mut missing = Vec::new();
    for (object, names) in ASKED {
        for name in names.split_whitespace() {
            let key = format!("{object}{name}");
            match find(&key) {
                None => missing.push(key),
                Some(setting) => match setting.support {
                    Support::Supported => assert!(!setting.help.is_empty(), "{key} explains itself"),
                    Support::Planned(why) | Support::NotOffered(why) => {
                        assert!(why.len() > 20, "{key} says why: {why:?}");
                    }
                },
            }
        }
    }
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
}
