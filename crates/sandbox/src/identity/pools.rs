//! Identity pools: user directories (vendor contract, identity pools).

use serde_json::{Map, Value, json};

use crate::{
    admin::{bindings, found_by, workspaces},
    call::Call,
    fields::POOL,
    http_error::Refusal,
    paging::{Page, Sort},
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

const SORTS: &[(&str, Sort)] = &[("name", Sort::Field("name"))];

/// `GET …/pools`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    page(call, None)
}

/// `GET …/workspace/{wid}/pools`; the contract has no 404 here, so nobody's workspace has no pools.
pub(crate) fn list_of_workspace(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    page(call, Some(&workspace))
}

/// `POST …/pools`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(POOL)?;
    let workspace = body.text("workspace_id").to_owned();
    if !workspace.is_empty() && !call.store.has(Table::Workspaces, &workspace) {
        let message = format!("workspace_id: workspace {workspace} does not exist");
        return Err(Refusal::invalid(message).at("workspace_id"));
    }
    let id = insert(call, body)?;
    created(call, &id)
}

/// `POST …/workspace/{wid}/pools`; `with_idp` also binds the pool to that workspace.
pub(crate) fn create_of_workspace(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let with_binding = call.query_flag("with_idp")?.unwrap_or(false);
    let mut body = call.body(POOL)?;
    Call::check_same(&body, "workspace_id", &workspace)?;
    body.insert("workspace_id".to_owned(), json!(workspace));
    let name = body.text("name").to_owned();
    let id = insert(call, body)?;
    if with_binding {
        bindings::insert(call, &workspace, &id, &name);
    }
    created(call, &id)
}

/// `GET …/pools/{ipID}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("ipID");
    Ok(Reply::one(view(call.store, find(call.store, &id)?)))
}

/// `PUT …/pools/{ipID}`: replaces every field but the ids.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("ipID");
    let workspace = find(call.store, &id)?.text("workspace_id").to_owned();
    let body = call.body(POOL)?;
    Call::check_same(&body, "id", &id)?;
    Call::check_same(&body, "workspace_id", &workspace)?;
    check(call, &body, Some(&id))?;
    let mut doc = filled(body, &id);
    if !workspace.is_empty() {
        doc.insert("workspace_id".to_owned(), json!(workspace));
    }
    call.store.put(Table::Pools, &id, doc);
    get(call)
}

/// `DELETE …/pools/{ipID}`; `with_idp` also removes its bindings.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("ipID");
    find(call.store, &id)?;
    remove(call, &id)
}

/// `DELETE …/workspace/{wid}/pools/{ipID}`.
pub(crate) fn delete_of_workspace(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (workspace, id) = (call.param("wid"), call.param("ipID"));
    if find(call.store, &id)?.text("workspace_id") != workspace {
        return Err(Refusal::not_found("pool", &id));
    }
    remove(call, &id)
}

/// The pool with that id.
///
/// # Errors
/// 404.
pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Doc, Refusal> {
    store.get(Table::Pools, id).ok_or_else(|| Refusal::not_found("pool", id))
}

/// A new pool of a workspace under a name made fit: cleaned and, if taken, numbered. Returns its id.
pub(crate) fn insert_named(call: &mut Call<'_>, name: &str, workspace: &str) -> String {
    insert_copy(call, &Doc::new(), name, workspace)
}

/// A copy of a pool, without its users, for a workspace. Returns its id.
pub(crate) fn insert_copy(call: &mut Call<'_>, source: &Doc, name: &str, workspace: &str) -> String {
    let id = call.engine.random_hex(16);
    let mut doc = filled(public(source), &id);
    doc.insert("name".to_owned(), json!(free_name(call.store, name)));
    doc.insert("tenant_id".to_owned(), json!(call.tenant()));
    doc.insert("workspace_id".to_owned(), json!(workspace));
    call.store.put(Table::Pools, &id, doc);
    id
}

fn insert(call: &mut Call<'_>, body: Map<String, Value>) -> Result<String, Refusal> {
    let id = call.chosen_id(&body, "id")?;
    if call.store.has(Table::Pools, &id) {
        return Err(Refusal::conflict(format!("pool {id} exists")).at("id"));
    }
    check(call, &body, None)?;
    call.store.put(Table::Pools, &id, filled(body, &id));
    Ok(id)
}

/// Names are letters, digits and spaces (vendor contract, identity pools) and unique in the tenant.
fn check(call: &Call<'_>, body: &Map<String, Value>, own: Option<&str>) -> Result<(), Refusal> {
    call.check_tenant(body)?;
    let name = body.text("name");
    let fit = !name.trim().is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
    if !fit {
        return Err(Refusal::invalid("name may have letters, digits and spaces only").at("name"));
    }
    if call.store.all(Table::Pools).any(|(id, doc)| Some(id.as_str()) != own && doc.text("name") == name) {
        return Err(Refusal::conflict(format!("a pool named {name} exists")).at("name"));
    }
    Ok(())
}

fn free_name(store: &Store, wanted: &str) -> String {
    let clean: String = wanted.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let taken = |name: &str| store.all(Table::Pools).any(|(_, doc)| doc.text("name") == name);
    if !taken(&clean) {
        return clean;
    }
    (2..).map(|number| format!("{clean} {number}")).find(|name| !taken(name)).unwrap_or(clean)
}

/// A pool with the contract's defaults where the body says nothing.
fn filled(body: Map<String, Value>, id: &str) -> Doc {
    let mut doc = Doc::from_iter([
        ("authentication_mechanisms".to_owned(), json!(["password"])),
        ("preferred_authentication_mechanism".to_owned(), json!("password")),
        ("second_factor_authentication_mechanisms".to_owned(), json!([])),
        ("identifier_case_insensitive".to_owned(), json!(false)),
        ("public_registration_allowed".to_owned(), json!(false)),
        ("deleted".to_owned(), json!(false)),
        ("system".to_owned(), json!(false)),
        ("password_settings".to_owned(), json!({"hashing_method": "pbkdf2"})),
    ]);
    doc.extend(body);
    doc.insert("id".to_owned(), json!(id));
    doc
}

fn remove(call: &mut Call<'_>, id: &str) -> Result<Reply, Refusal> {
    let with_binding = call.query_flag("with_idp")?.unwrap_or(false);
    call.store.remove(Table::Pools, id);
    let prefix = format!("{id}/");
    for table in [Table::Users, Table::Identifiers, Table::UserCodes] {
        let keys: Vec<String> = call.store.under(table, &prefix).map(|(key, _)| key.clone()).collect();
        for key in keys {
            call.store.remove(table, &key);
        }
    }
    for table in [Table::Tokens, Table::Codes, Table::Sessions] {
        call.store.remove_where(table, |_, doc| doc.text("user").starts_with(&prefix));
    }
    if with_binding {
        call.store.remove_where(Table::Bindings, |_, doc| doc.text("identity_pool_id") == id);
    }
    Ok(Reply::Empty)
}

fn page(call: &Call<'_>, workspace: Option<&str>) -> Result<Reply, Refusal> {
    let page = Page::read(call, "pool", SORTS)?;
    let phrase = call.query("search_phrase");
    let rows = call
        .store
        .all(Table::Pools)
        .filter(|(_, doc)| workspace.is_none_or(|workspace| doc.text("workspace_id") == workspace))
        .filter(|(id, doc)| found_by(phrase, id, doc, "name"))
        .map(|(id, doc)| (page.key(id, doc), id.clone(), doc))
        .collect();
    let items = page.cut(rows).into_iter().map(|doc| view(call.store, doc));
    Ok(Reply::list("pools", items.collect()))
}

/// A pool as it is answered: with its number of users.
fn view(store: &Store, doc: &Doc) -> Map<String, Value> {
    let mut view = public(doc);
    let users = store.users_of(doc.text("id"));
    view.insert("number_of_users".to_owned(), json!(users));
    view.insert("number_of_standard_users".to_owned(), json!(users));
    view.insert("number_of_jit_users".to_owned(), json!(0));
    view
}

fn created(call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    Ok(Reply::created(view(call.store, find(call.store, id)?)))
}
