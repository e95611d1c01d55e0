//! Workspaces, also called authorization servers (vendor contract, workspaces).

use serde_json::{Map, Value, json};

use super::{bindings, found_by};
use crate::{
    call::Call,
    config::SandboxConfig,
    fields::SERVER,
    http_error::Refusal,
    identity::pools,
    paging::{Page, Sort},
    reply::Reply,
    store::{ADMIN_WORKSPACE, Doc, Fields, SYSTEM_WORKSPACE, Store, Table, public},
};

const SORTS: &[(&str, Sort)] = &[("name", Sort::Field("name"))];

/// Fields of a workspace that an update without them leaves as they are.
const KEPT: &[&str] = &["id", "tenant_id", "type", "secret", "rotated_secrets", "jwks"];

/// Fields of the light list (vendor contract, `WorkspaceResponse`).
const LIGHT: &[&str] = &[
    "authentication_context_settings",
    "authentication_mechanisms",
    "color",
    "description",
    "id",
    "idp_discovery",
    "issuer_url",
    "logo_uri",
    "metadata",
    "name",
    "preferences",
    "profile",
    "settings",
    "sso",
    "subject_format",
    "template",
    "theme_id",
    "type",
];

/// A workspace with the contract's defaults.
pub(crate) fn fresh(config: &SandboxConfig, id: &str, kind: &str, secret: &str) -> Doc {
    let mut doc = defaults(id);
    for (name, value) in [
        ("tenant_id", json!(config.tenant_id)),
        ("type", json!(kind)),
        ("secret", json!(secret)),
        ("rotated_secrets", json!([])),
        ("subject_identifier_algorithm_salt", json!(crate::digest::fingerprint(secret)[..32])),
    ] {
        doc.insert(name.to_owned(), value);
    }
    doc
}

/// What a workspace has where a body says nothing.
fn defaults(id: &str) -> Doc {
    let value = json!({
        "id": id,
        "name": id,
        "access_token_strategy": "jwt",
        "access_token_ttl": "1h0m0s",
        "authentication_mechanisms": ["password"],
        "authorization_code_ttl": "10m0s",
        "color": "#007FFF",
        "enforce_pkce": false,
        "enforce_pkce_for_public_clients": false,
        "grant_types": ["authorization_code", "implicit", "client_credentials", "refresh_token"],
        "id_token_ttl": "1h0m0s",
        "key_type": "ecdsa",
        "preferences": {"display_identity_pool_idp": true, "display_organization_idp": true},
        "profile": "default",
        "refresh_token_ttl": "720h0m0s",
        "settings": {"deactivated": false},
        "sso": {"enabled": false},
        "subject_format": "hash",
        "subject_identifier_types": ["public", "pairwise"],
        "template": false,
        "token_endpoint_auth_methods": [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            "self_signed_tls_client_auth",
            "tls_client_auth",
            "none",
        ],
        "version": 3,
    });
    match value {
        Value::Object(doc) => doc,
        _ => Doc::new(),
    }
}

/// The workspace with that id.
///
/// # Errors
/// 404.
pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Doc, Refusal> {
    store.get(Table::Workspaces, id).ok_or_else(|| Refusal::not_found("workspace", id))
}

/// `GET /servers`.
pub(crate) fn list_servers(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let ids = page(call, "server", "server_types")?;
    Ok(Reply::list("servers", ids.iter().filter_map(|id| view(call, id)).collect()))
}

/// `GET /workspaces`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let ids = page(call, "workspace", "workspace_types")?;
    let light = |mut doc: Doc| {
        doc.retain(|name, _| LIGHT.contains(&name.as_str()));
        doc
    };
    Ok(Reply::list("workspaces", ids.iter().filter_map(|id| view(call, id)).map(light).collect()))
}

/// `POST /servers`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(SERVER)?;
    call.check_tenant(&body)?;
    let id = call.chosen_id(&body, "id")?;
    if call.store.has(Table::Workspaces, &id) {
        return Err(Refusal::conflict(format!("workspace {id} exists")).at("id"));
    }
    let with_pool = call.query_flag("with_identity_pool")?.unwrap_or(false);
    let with_binding = call.query_flag("with_identity_pool_idp")?.unwrap_or(false);
    let mut doc = fresh(call.config(), &id, "regular", &call.engine.random_secret());
    doc.extend(body);
    doc.insert("id".to_owned(), json!(id));
    check_parent(call.store, &id, doc.text("parent_id"))?;
    let name = doc.text("name").to_owned();
    call.store.put(Table::Workspaces, &id, doc);
    if with_pool || with_binding {
        let pool = pools::insert_named(call, &format!("{name} Pool"), &id);
        if with_binding {
            bindings::insert(call, &id, &pool, &name);
        }
    }
    created(call, &id)
}

/// `GET /servers/{wid}` and `GET /workspaces/{wid}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("wid");
    let view = view(call, &id).ok_or_else(|| Refusal::not_found("workspace", &id))?;
    Ok(Reply::one(view))
}

/// `PUT /servers/{wid}`: replaces every field but those that cannot change.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("wid");
    let before = find(call.store, &id)?.clone();
    let body = call.body(SERVER)?;
    call.check_tenant(&body)?;
    Call::check_same(&body, "id", &id)?;
    Call::check_same(&body, "type", before.text("type"))?;
    check_parent(call.store, &id, body.text("parent_id"))?;
    let mut doc = defaults(&id);
    for name in KEPT.iter().chain(&["subject_identifier_algorithm_salt"]) {
        if let Some(value) = before.get(*name) {
            doc.insert((*name).to_owned(), value.clone());
        }
    }
    doc.extend(body);
    call.store.put(Table::Workspaces, &id, doc);
    get(call)
}

/// `DELETE /servers/{wid}`.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("wid");
    find(call.store, &id)?;
    remove(call.store, &id)?;
    Ok(Reply::Empty)
}

/// Removes a workspace or organization with its applications, bindings, theme, keys and tokens. Its
/// pools stay: they are directories of their own.
///
/// # Errors
/// 400 for a special workspace, or one that has organizations below it.
pub(crate) fn remove(store: &mut Store, id: &str) -> Result<(), Refusal> {
    if id == ADMIN_WORKSPACE || id == SYSTEM_WORKSPACE {
        return Err(Refusal::malformed(format!("workspace {id} cannot be deleted")));
    }
    if store.all(Table::Workspaces).any(|(_, doc)| doc.text("parent_id") == id) {
        return Err(Refusal::malformed(format!("{id} has organizations: delete those first")));
    }
    store.remove(Table::Workspaces, id);
    store.remove(Table::ThemeBindings, id);
    store.remove(Table::Keys, id);
    store.remove(Table::VanityDomains, id);
    for table in [Table::Clients, Table::Bindings] {
        store.remove_where(table, |_, doc| doc.text("authorization_server_id") == id);
    }
    for table in [Table::Tokens, Table::Codes, Table::Sessions] {
        store.remove_where(table, |_, doc| doc.text("workspace") == id);
    }
    Ok(())
}

/// Refuses a parent that is not there, or that is the workspace itself.
///
/// # Errors
/// 422.
pub(crate) fn check_parent(store: &Store, id: &str, parent: &str) -> Result<(), Refusal> {
    if parent.is_empty() || (parent != id && store.has(Table::Workspaces, parent)) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("parent_id: workspace {parent} cannot be the parent")).at("parent_id"))
}

/// A workspace as it is answered.
fn view(call: &Call<'_>, id: &str) -> Option<Map<String, Value>> {
    let mut view = public(call.store.get(Table::Workspaces, id)?);
    view.insert("issuer_url".to_owned(), json!(call.engine.issuer(id)));
    let purposes = json!(["single_page", "server_web", "mobile_desktop", "service"]);
    view.insert("supported_application_purposes".to_owned(), purposes);
    if let Some(theme) = call.store.get(Table::ThemeBindings, id) {
        view.insert("theme_id".to_owned(), json!(theme.text("theme_id")));
    }
    Some(view)
}

fn created(call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    view(call, id).map(Reply::created).ok_or_else(|| Refusal::not_found("workspace", id))
}

fn page(call: &Call<'_>, thing: &str, types: &str) -> Result<Vec<String>, Refusal> {
    let page = Page::read(call, thing, SORTS)?;
    let template = call.query_flag("template")?;
    let (phrase, theme, types) = (call.query("search_phrase"), call.query("theme_id"), call.query(types));
    let rows = call
        .store
        .all(Table::Workspaces)
        .filter(|(id, doc)| found_by(phrase, id, doc, "name"))
        .filter(|(_, doc)| template.is_none_or(|wanted| doc.flag("template") == wanted))
        .filter(|(_, doc)| types.is_none_or(|types| types.split(',').any(|kind| kind == doc.text("type"))))
        .filter(|(id, _)| theme.is_none_or(|theme| theme_of(call.store, id) == Some(theme)))
        .map(|(id, doc)| (page.key(id, doc), id.clone(), id.clone()))
        .collect();
    Ok(page.cut(rows))
}

fn theme_of<'a>(store: &'a Store, workspace: &str) -> Option<&'a str> {
    store.get(Table::ThemeBindings, workspace).map(|doc| doc.text("theme_id"))
}
