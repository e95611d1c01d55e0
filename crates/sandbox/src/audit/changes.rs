//! Changes of objects as events: by API, and in the vendor's own console.

use serde_json::{Map, Value, json};

use super::{Event, record};
use crate::{
    call::Call,
    engine::Engine,
    operation::Access,
    reply::Reply,
    store::{ADMIN_WORKSPACE, Doc, Fields, ObjectKind, SYSTEM_WORKSPACE, Store, Table, public},
};

/// Where an operation names the object it changes.
enum Named {
    Param(&'static str),
    Reply(&'static str),
}

/// What an operation changes: subject, action, table, and where its id stands.
fn change(operation: &str) -> Option<(&'static str, &'static str, Table, Named)> {
    use Named::{Param, Reply};
    Some(match operation {
        "createOrganization" => ("organization", "created", Table::Workspaces, Reply("id")),
        "updateOrganization" | "updateOrganizationMetadata" => {
            ("organization", "updated", Table::Workspaces, Param("wid"))
        }
        "deleteOrganization" => ("organization", "deleted", Table::Workspaces, Param("wid")),
        "createAuthorizationServer" => ("server", "created", Table::Workspaces, Reply("id")),
        "updateAuthorizationServer" => ("server", "updated", Table::Workspaces, Param("wid")),
        "deleteAuthorizationServer" => ("server", "deleted", Table::Workspaces, Param("wid")),
        "createClient" => ("client", "created", Table::Clients, Reply("client_id")),
        "updateClient" | "rotateClientSecret" | "revokeRotatedClientSecrets" => {
            ("client", "updated", Table::Clients, Param("cid"))
        }
        "deleteClient" => ("client", "deleted", Table::Clients, Param("cid")),
        "createPool" | "createWorkspacePool" | "systemCreatePool" => {
            ("pool", "created", Table::Pools, Reply("id"))
        }
        "updatePool" | "systemUpdatePool" => ("pool", "updated", Table::Pools, Param("ipID")),
        "deletePool" | "deleteWorkspacePool" | "systemDeletePool" => {
            ("pool", "deleted", Table::Pools, Param("ipID"))
        }
        "createUser" | "systemCreateUser" => ("user", "created", Table::Users, Reply("id")),
        "updateUser" | "systemUpdateUser" => ("user", "updated", Table::Users, Param("userID")),
        "deleteUser" | "systemDeleteUser" => ("user", "deleted", Table::Users, Param("userID")),
        "revokeTokensByPool" => ("tokens", "revoked", Table::Pools, Param("ipID")),
        "revokeTokens" => ("tokens", "revoked", Table::Workspaces, Param("wid")),
        _ => return None,
    })
}

/// The object that a call is about to delete, as it was.
pub(crate) fn before(call: &Call<'_>) -> Option<Doc> {
    let (_, action, table, named) = change(call.operation.id)?;
    match named {
        Named::Param(param) if action == "deleted" => {
            call.store.get(table, &key(call, table, call.param(param))).cloned()
        }
        _ => None,
    }
}

/// Records what a call changed, if it changed something that has an event.
pub(crate) fn note_change(call: &mut Call<'_>, reply: &Reply, before: Option<Doc>) {
    let Some((subject, action, table, named)) = change(call.operation.id) else { return };
    let id = match (named, reply) {
        (Named::Param(param), _) => call.param(param),
        (Named::Reply(field), Reply::Json { body, .. }) => {
            body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        (Named::Reply(_), _) => return,
    };
    let key = key(call, table, id);
    let Some(doc) = before.or_else(|| call.store.get(table, &key).cloned()) else { return };
    let server = match call.operation.access {
        Access::System(_) => SYSTEM_WORKSPACE,
        Access::Open | Access::Admin | Access::Workspace => ADMIN_WORKSPACE,
    };
    let mut metadata = concerning(call.store, table, &doc);
    let client = call.principal.as_ref().map(|principal| principal.client.clone()).unwrap_or_default();
    metadata.insert("client_id".to_owned(), json!(client));
    for (header, field) in [("x-correlation-id", "request_correlation_id"), ("user-agent", "user_agent")] {
        if let Some(value) = call.incoming.headers.get(header).and_then(|value| value.to_str().ok()) {
            metadata.insert(field.to_owned(), json!(value));
        }
    }
    let payload = payload(subject, table, &doc);
    let server = server.to_owned();
    record(call.engine, call.store, Event { server, subject, action, metadata, payload });
}

/// Records what somebody changed in the vendor's own console.
pub(crate) fn note_drift(engine: &Engine, store: &mut Store, kind: ObjectKind, id: &str, by: &str) {
    let subject = match kind {
        ObjectKind::Workspace | ObjectKind::Organization => "server",
        ObjectKind::Pool => "pool",
        ObjectKind::Application => "client",
        ObjectKind::User => "user",
        ObjectKind::Binding | ObjectKind::Theme | ObjectKind::ThemeBinding | ObjectKind::Token => return,
    };
    let Some(doc) = store.get(kind.table(), id).cloned() else { return };
    let mut metadata = concerning(store, kind.table(), &doc);
    metadata.insert("subject".to_owned(), json!(by));
    metadata.insert("user_agent".to_owned(), json!("Mozilla/5.0 (a person in the vendor's console)"));
    let payload = payload(subject, kind.table(), &doc);
    let server = ADMIN_WORKSPACE.to_owned();
    record(engine, store, Event { server, subject, action: "updated", metadata, payload });
}

fn key(call: &Call<'_>, table: Table, id: String) -> String {
    if table == Table::Users { format!("{}/{id}", call.param("ipID")) } else { id }
}

/// Whom and what an object belongs to.
fn concerning(store: &Store, table: Table, doc: &Doc) -> Map<String, Value> {
    let mut metadata =
        Map::from_iter([("ip".to_owned(), json!("127.0.0.1")), ("result".to_owned(), json!("success"))]);
    let mut set = |name: &str, value: &str| metadata.insert(name.to_owned(), json!(value));
    let pool = match table {
        Table::Pools => Some(doc.text("id")),
        Table::Users => Some(doc.text("user_pool_id")),
        _ => None,
    };
    if let Some(pool) = pool {
        set("identity_pool_id", pool);
    }
    if table == Table::Users {
        set("affected_user_pool_id", doc.text("user_pool_id"));
        set("affected_user_id", doc.text("id"));
    }
    let workspace = match table {
        Table::Workspaces => doc.text("id"),
        Table::Clients => doc.text("authorization_server_id"),
        _ => pool.and_then(|pool| store.get(Table::Pools, pool)).map_or("", |pool| pool.text("workspace_id")),
    };
    let is_organization = |doc: &&Doc| doc.text("type") == "organization";
    let known = store.get(Table::Workspaces, workspace).or((table == Table::Workspaces).then_some(doc));
    if known.filter(is_organization).is_some() {
        set("organization_id", workspace);
    }
    metadata
}

/// What the contract gives for the subject; an event of a pool names three of its fields only.
fn payload(subject: &str, table: Table, doc: &Doc) -> Option<Map<String, Value>> {
    let pick = |names: &[&str]| -> Map<String, Value> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), doc.get(*name)?.clone()))).collect()
    };
    Some(match subject {
        "organization" => {
            let mut org = pick(ORGANIZATION);
            let domains = doc.get("organization").and_then(|it| it.get("domains")).cloned();
            org.insert("domains".to_owned(), domains.unwrap_or_else(|| json!([])));
            org.insert("deactivated".to_owned(), json!(crate::admin::organizations::is_deactivated(doc)));
            org
        }
        "server" => public(doc).into_iter().filter(|(name, _)| !SECRET.contains(&name.as_str())).collect(),
        "client" => pick(CLIENT),
        "pool" => {
            let mut pool = pick(&["name", "public_registration_allowed"]);
            pool.insert("pool_id".to_owned(), json!(doc.text("id")));
            pool
        }
        "user" => {
            let mut user = pick(&["status"]);
            user.insert("user_id".to_owned(), json!(doc.text("id")));
            user
        }
        "tokens" if table == Table::Pools => Map::from_iter([("type".to_owned(), json!("user"))]),
        "tokens" => Map::from_iter([("type".to_owned(), json!("subject"))]),
        _ => return None,
    })
}

const ORGANIZATION: &[&str] =
    &["authentication_mechanisms", "color", "description", "id", "metadata", "name", "parent_id", "template"];

/// Fields of a workspace that its event does not carry.
const SECRET: &[&str] = &[
    "jwks",
    "mtls_issuer_url",
    "root_cas",
    "rotated_secrets",
    "secret",
    "subject_identifier_algorithm_salt",
    "supported_application_purposes",
];

const CLIENT: &[&str] = &[
    "app_url",
    "audience",
    "authorization_server_id",
    "client_id",
    "client_name",
    "client_status",
    "client_uri",
    "description",
    "grant_types",
    "jwks_uri",
    "logo_uri",
    "metadata",
    "policy_uri",
    "post_logout_redirect_uris",
    "redirect_uris",
    "response_types",
    "scopes",
    "subject_type",
    "tenant_id",
    "token_endpoint_auth_method",
    "token_ttls",
    "tos_uri",
    "trusted",
    "use_custom_token_ttls",
];
