//! What the installation can do (vendor contract, environment).

use serde_json::{Value, json};

use crate::{call::Call, http_error::Refusal, reply::Reply, store::ADMIN_WORKSPACE};

/// `GET /environment`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let environment = json!({
        "admin_issuer_url": call.engine.issuer(ADMIN_WORKSPACE),
        "admin_workspace_access": true,
        "analytics_duration": "2160h0m0s",
        "audit_events_duration": "2160h0m0s",
        "block_non_vanity_domain_access": false,
        "client_secrets_stored_as_one_way_hash": false,
        "commit": "sandbox",
        "organizations": true,
        "scim_v2": false,
        "system_workspace_access": true,
        "tenant_flags": ["organizations"],
        "tenant_level_identity_pool": true,
        "version": concat!("sandbox-", env!("CARGO_PKG_VERSION")),
        "with_analytics": false,
        "with_permissions": false,
        "with_roles": false,
    });
    match environment {
        Value::Object(body) => Ok(Reply::data(body)),
        _ => Err(Refusal::broken("the environment is not an object")),
    }
}
