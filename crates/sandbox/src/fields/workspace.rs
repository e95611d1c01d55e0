//! Workspaces, organizations and themes.

use super::{
    Field, choice, choices,
    enums::{
        AUTH_METHODS, DISCOVERY_MODES, GRANT_TYPES, KEY_TYPES, MECHANISMS, PROFILES, RESPONSE_TYPES,
        SUBJECT_FORMATS, SUBJECT_TYPES, TOKEN_STRATEGIES, WORKSPACE_TYPES,
    },
    flag, free, number, object, objects, text, texts, whole,
};

/// Body of creating and updating an organization (vendor contract, organizations).
pub(crate) const ORGANIZATION: &[Field] = &[
    choices("authentication_mechanisms", MECHANISMS),
    text("color"),
    flag("deactivated"),
    text("description"),
    texts("domains"),
    text("id"),
    object("metadata", SERVER_METADATA),
    text("name"),
    text("parent_id"),
    flag("template"),
    text("template_id"),
];

/// Body of creating and updating a workspace (vendor contract, workspaces).
pub(crate) const SERVER: &[Field] = &[
    choice("access_token_strategy", TOKEN_STRATEGIES),
    text("access_token_ttl"),
    free("advanced"),
    object("authentication_context_settings", AUTHENTICATION_CONTEXT),
    choices("authentication_mechanisms", MECHANISMS),
    text("authorization_code_ttl"),
    texts("backchannel_token_delivery_modes_supported"),
    flag("backchannel_user_code_parameter_supported"),
    free("cdr"),
    text("color"),
    text("consent_id_namespace"),
    text("cookie_max_age"),
    text("custom_issuer_url"),
    text("description"),
    free("device_authorization"),
    free("dynamic_client_registration"),
    text("dynamic_scope_separator"),
    flag("enable_idp_discovery"),
    flag("enable_legacy_clients_with_no_software_statement"),
    flag("enable_quick_access"),
    flag("enable_trust_anchor"),
    flag("enforce_id_token_encryption"),
    flag("enforce_pkce"),
    flag("enforce_pkce_for_public_clients"),
    free("fdx"),
    choices("grant_types", GRANT_TYPES),
    text("id"),
    text("id_token_ttl"),
    free("identity_assurance"),
    object("idp_discovery", IDP_DISCOVERY),
    text("issuer_id"),
    free("jwks"),
    choice("key_type", KEY_TYPES),
    free("legal_entity"),
    text("logo_uri"),
    object("metadata", SERVER_METADATA),
    text("name"),
    free("obbr"),
    object("organization", ORGANIZATION_DOMAINS),
    text("parent_id"),
    object("preferences", SERVER_PREFERENCES),
    choice("profile", PROFILES),
    text("pushed_authorization_request_ttl"),
    text("refresh_token_ttl"),
    flag("require_pushed_authorization_requests"),
    choices("response_types", RESPONSE_TYPES),
    text("root_cas"),
    texts("rotated_secrets"),
    free("saml"),
    texts("scope_claim_formats"),
    text("secret"),
    object("settings", SERVER_SETTINGS),
    object("sso", SSO),
    object("styling", STYLING),
    text("subject_custom_attribute"),
    choice("subject_format", SUBJECT_FORMATS),
    text("subject_identifier_algorithm_salt"),
    choices("subject_identifier_types", SUBJECT_TYPES),
    flag("template"),
    text("tenant_id").must(),
    choices("token_endpoint_auth_methods", AUTH_METHODS),
    texts("token_endpoint_auth_signing_alg_values"),
    choices("token_endpoint_authn_methods", AUTH_METHODS),
    free("trust_anchor_configuration"),
    choice("type", WORKSPACE_TYPES),
    whole("version"),
    free("workforce"),
];

/// Body of creating, updating and deleting a vanity domain (vendor contract, custom domains).
pub(crate) const VANITY_DOMAIN: &[Field] = &[
    text("api_key"),
    text("base_path"),
    text("cert"),
    text("domain").must(),
    text("id"),
    text("key"),
    text("server_id"),
    text("tenant_id"),
    text("type"),
];

/// Body of creating and updating a theme (vendor contract, branding).
pub(crate) const THEME: &[Field] = &[text("id"), text("logo_url"), text("name"), text("tenant_id").must()];

const SERVER_METADATA: &[Field] = &[free("payload"), free("schema")];

const SERVER_SETTINGS: &[Field] =
    &[flag("deactivated"), text("default_client_id"), text("default_post_authn_ctx_script_id")];

const SERVER_PREFERENCES: &[Field] = &[flag("display_identity_pool_idp"), flag("display_organization_idp")];

const IDP_DISCOVERY: &[Field] = &[choice("discovery_mode", DISCOVERY_MODES), flag("enabled")];

const SSO: &[Field] = &[
    text("domain"),
    flag("enabled"),
    number("loa_threshold"),
    texts("logout_redirect_domains"),
    text("max_age"),
    text("max_idle"),
    text("post_logout_url"),
];

const STYLING: &[Field] = &[free("colors"), text("font_url"), text("logo_size"), text("logo_url")];

const ORGANIZATION_DOMAINS: &[Field] = &[texts("domains")];

const AUTHENTICATION_CONTEXT: &[Field] = &[objects("attributes", ATTRIBUTE)];

/// An attribute of the authentication context.
pub(crate) const ATTRIBUTE: &[Field] = &[text("description"), texts("labels"), text("name"), text("type")];

/// Body of replacing an organization's metadata (vendor contract, organizations).
pub(crate) const ORGANIZATION_METADATA: &[Field] = &[free("payload")];
