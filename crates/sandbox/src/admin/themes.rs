//! Themes, and which workspace has which (vendor contract, branding).

use serde_json::{Map, Value, json};

use super::workspaces;
use crate::{
    call::Call,
    fields::THEME,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

/// `GET /themes`: all of them; the contract has no pages here.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::list("themes", call.store.all(Table::Themes).map(|(_, doc)| public(doc)).collect()))
}

/// `POST /theme`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(THEME)?;
    call.check_tenant(&body)?;
    let id = call.chosen_id(&body, "id")?;
    if call.store.has(Table::Themes, &id) {
        return Err(Refusal::conflict(format!("theme {id} exists")).at("id"));
    }
    let doc = with_id(body, &id);
    call.store.put(Table::Themes, &id, doc.clone());
    Ok(Reply::created(public(&doc)))
}

/// `GET /theme/{themeID}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("themeID");
    Ok(Reply::one(public(find(call.store, &id)?)))
}

/// `PUT /theme/{themeID}`: replaces every field.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("themeID");
    find(call.store, &id)?;
    let body = call.body(THEME)?;
    call.check_tenant(&body)?;
    Call::check_same(&body, "id", &id)?;
    call.store.put(Table::Themes, &id, with_id(body, &id));
    get(call)
}

/// `DELETE /theme/{themeID}`: workspaces that had it have none.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("themeID");
    find(call.store, &id)?;
    call.store.remove(Table::Themes, &id);
    call.store.remove_where(Table::ThemeBindings, |_, doc| doc.text("theme_id") == id);
    Ok(Reply::Empty)
}

/// `POST /servers/{wid}/bind-theme/{themeID}`.
pub(crate) fn bind(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (workspace, theme) = (call.param("wid"), call.param("themeID"));
    workspaces::find(call.store, &workspace)?;
    find(call.store, &theme)?;
    let doc = Doc::from_iter([
        ("tenant_id".to_owned(), json!(call.tenant())),
        ("server_id".to_owned(), json!(workspace)),
        ("theme_id".to_owned(), json!(theme)),
    ]);
    call.store.put(Table::ThemeBindings, &workspace, doc.clone());
    Ok(Reply::one(doc))
}

/// `POST /servers/{wid}/unbind-theme`; answers what is left, which is no theme.
pub(crate) fn unbind(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    call.store.remove(Table::ThemeBindings, &workspace);
    Ok(Reply::one(Map::from_iter([
        ("tenant_id".to_owned(), json!(call.tenant())),
        ("server_id".to_owned(), json!(workspace)),
    ])))
}

/// `GET /servers/{wid}/theme`.
pub(crate) fn of_workspace(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let bound = call.store.get(Table::ThemeBindings, &workspace);
    bound.cloned().map(Reply::one).ok_or_else(|| Refusal::not_found("theme of workspace", &workspace))
}

fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Doc, Refusal> {
    store.get(Table::Themes, id).ok_or_else(|| Refusal::not_found("theme", id))
}

fn with_id(mut body: Map<String, Value>, id: &str) -> Doc {
    body.insert("id".to_owned(), json!(id));
    body
}
