//! Bindings: identity-pool providers of a workspace.

use super::{Field, any, flag, free, object, objects, text, texts, whole, workspace::ATTRIBUTE};

/// Body of creating and updating a binding (vendor contract, identity-pool provider).
pub(crate) const BINDING: &[Field] = &[
    objects("attributes", ATTRIBUTE),
    text("authorization_server_id"),
    text("client_id"),
    object("config", IDP_CONFIG),
    flag("disabled"),
    object("discovery_settings", DISCOVERY_SETTINGS),
    whole("display_order"),
    flag("hidden"),
    text("id"),
    text("identity_pool_id"),
    free("jit"),
    text("logo_uri"),
    objects("mappings", MAPPING),
    text("method"),
    text("name"),
    text("post_authn_app_id"),
    object("sso_settings", IDP_SSO),
    texts("static_amr"),
    text("tenant_id"),
    object("token_exchange_settings", IDP_TOKEN_EXCHANGE),
    whole("version"),
    text("workspace_id"),
];

const IDP_CONFIG: &[Field] = &[flag("reload_claims_at_refresh_token"), flag("use_embedded")];

const DISCOVERY_SETTINGS: &[Field] = &[
    texts("domains"),
    flag("fallback_provider"),
    flag("identifier_based_matching"),
    flag("instant_redirect"),
];

const MAPPING: &[Field] = &[
    flag("allow_weak_decoding"),
    text("mode"),
    text("source"),
    any("static"),
    text("target").must(),
    text("type").must(),
];

const IDP_SSO: &[Field] = &[flag("disabled")];

const IDP_TOKEN_EXCHANGE: &[Field] = &[flag("enabled")];
