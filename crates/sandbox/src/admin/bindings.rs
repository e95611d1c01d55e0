//! Bindings: identity-pool providers that connect a pool to a workspace or organization (vendor
//! contract, identity-pool provider).

use serde_json::{Map, Value, json};

use super::workspaces;
use crate::{
    call::Call,
    fields::BINDING,
    http_error::Refusal,
    identity::pools,
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

const METHOD: &str = "identity_pool";

/// `GET /servers/{wid}/idps`.
pub(crate) fn list_of_workspace(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    Ok(Reply::list("idps", list(call.store, "authorization_server_id", &workspace)))
}

/// `GET /pools/{ipID}/idps`.
pub(crate) fn list_of_pool(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let pool = call.param("ipID");
    pools::find(call.store, &pool)?;
    Ok(Reply::list("idps", list(call.store, "identity_pool_id", &pool)))
}

/// `POST /servers/{wid}/idps/identity_pool`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let body = call.body(BINDING)?;
    let id = call.chosen_id(&body, "id")?;
    if call.store.has(Table::Bindings, &id) {
        return Err(Refusal::conflict(format!("identity provider {id} exists")).at("id"));
    }
    check(call, &body, &workspace)?;
    let doc = filled(call, &id, &workspace, body);
    call.store.put(Table::Bindings, &id, doc.clone());
    Ok(Reply::created(public(&doc)))
}

/// `GET /servers/{wid}/idps/identity_pool/{iid}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (workspace, id) = (call.param("wid"), call.param("iid"));
    Ok(Reply::one(public(find(call.store, &workspace, &id)?)))
}

/// `PUT /servers/{wid}/idps/identity_pool/{iid}`: replaces every field but the ids.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (workspace, id) = (call.param("wid"), call.param("iid"));
    find(call.store, &workspace, &id)?;
    let body = call.body(BINDING)?;
    Call::check_same(&body, "id", &id)?;
    check(call, &body, &workspace)?;
    let doc = filled(call, &id, &workspace, body);
    call.store.put(Table::Bindings, &id, doc);
    get(call)
}

/// `DELETE /servers/{wid}/idps/{iid}`.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (workspace, id) = (call.param("wid"), call.param("iid"));
    find(call.store, &workspace, &id)?;
    call.store.remove(Table::Bindings, &id);
    Ok(Reply::Empty)
}

/// Connects a pool with the defaults, as creating a pool `with_idp` does.
pub(crate) fn insert(call: &mut Call<'_>, workspace: &str, pool: &str, name: &str) {
    let id = call.engine.random_hex(16);
    let body =
        Map::from_iter([("name".to_owned(), json!(name)), ("identity_pool_id".to_owned(), json!(pool))]);
    let doc = filled(call, &id, workspace, body);
    call.store.put(Table::Bindings, &id, doc);
}

/// The binding with that id in that workspace.
///
/// # Errors
/// 404.
pub(crate) fn find<'a>(store: &'a Store, workspace: &str, id: &str) -> Result<&'a Doc, Refusal> {
    store
        .get(Table::Bindings, id)
        .filter(|doc| doc.text("authorization_server_id") == workspace)
        .ok_or_else(|| Refusal::not_found("identity provider", id))
}

/// The bindings of a workspace through which people can sign in: not disabled, and their pool exists.
pub(crate) fn usable<'a>(store: &'a Store, workspace: &'a str) -> impl Iterator<Item = &'a Doc> {
    store
        .all(Table::Bindings)
        .map(|(_, doc)| doc)
        .filter(move |doc| doc.text("authorization_server_id") == workspace)
        .filter(|doc| !doc.flag("disabled"))
        .filter(|doc| store.has(Table::Pools, doc.text("identity_pool_id")))
}

fn check(call: &Call<'_>, body: &Map<String, Value>, workspace: &str) -> Result<(), Refusal> {
    call.check_tenant(body)?;
    Call::check_same(body, "authorization_server_id", workspace)?;
    Call::check_same(body, "method", METHOD)?;
    for name in ["name", "identity_pool_id"] {
        if body.text(name).is_empty() {
            return Err(Refusal::invalid(format!("{name} is required")).at(name));
        }
    }
    let pool = body.text("identity_pool_id");
    if call.store.has(Table::Pools, pool) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("identity_pool_id: pool {pool} does not exist")).at("identity_pool_id"))
}

/// A binding with everything the body leaves out.
fn filled(call: &Call<'_>, id: &str, workspace: &str, body: Map<String, Value>) -> Doc {
    let mut doc = Doc::from_iter([
        ("disabled".to_owned(), json!(false)),
        ("hidden".to_owned(), json!(false)),
        ("display_order".to_owned(), json!(0)),
        ("attributes".to_owned(), json!([])),
        ("mappings".to_owned(), json!([])),
        ("static_amr".to_owned(), json!([])),
        ("version".to_owned(), json!(3)),
    ]);
    doc.extend(body);
    for (name, value) in
        [("id", id), ("tenant_id", call.tenant()), ("authorization_server_id", workspace), ("method", METHOD)]
    {
        doc.insert(name.to_owned(), json!(value));
    }
    doc
}

fn list(store: &Store, field: &str, id: &str) -> Vec<Map<String, Value>> {
    let rows = store.all(Table::Bindings).filter(|(_, doc)| doc.text(field) == id);
    rows.map(|(_, doc)| public(doc)).collect()
}
