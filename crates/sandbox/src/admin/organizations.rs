//! Organizations: workspaces of type `organization`, one per biller (vendor contract, organizations).

use serde_json::{Map, Value, json};

use super::{found_by, templates, workspaces};
use crate::{
    call::Call,
    fields::{ORGANIZATION, ORGANIZATION_METADATA},
    http_error::Refusal,
    paging::{Page, Sort},
    reply::Reply,
    store::{Doc, Fields, Store, Table},
};

const KIND: &str = "organization";
const SORTS: &[(&str, Sort)] = &[("name", Sort::Field("name"))];

/// Fields an organization shares with the workspace it is.
const SHARED: &[&str] = &[
    "authentication_mechanisms",
    "color",
    "description",
    "id",
    "metadata",
    "name",
    "parent_id",
    "subject_format",
    "subject_identifier_algorithm_salt",
    "template",
];

/// `GET /organizations`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let page = Page::read(call, KIND, SORTS)?;
    let template = call.query_flag("template")?;
    let with_children = call.query_flag("with_child_count")?.unwrap_or(false);
    let (phrase, parent) = (call.query("search_phrase"), call.query("parent_id"));
    let rows = organizations(call.store)
        .filter(|(id, doc)| found_by(phrase, id, doc, "name"))
        .filter(|(_, doc)| template.is_none_or(|wanted| doc.flag("template") == wanted))
        .filter(|(_, doc)| parent.is_none_or(|parent| doc.text("parent_id") == parent))
        .map(|(id, doc)| (page.key(id, doc), id.clone(), (id, doc)))
        .collect();
    let items = page.cut(rows).into_iter().map(|(id, doc)| {
        let mut view = view(call, id, doc);
        if with_children {
            let children = organizations(call.store).filter(|(_, doc)| doc.text("parent_id") == id).count();
            view.insert("number_of_child_organizations".to_owned(), json!(children));
        }
        view
    });
    Ok(Reply::list("organizations", items.collect()))
}

/// `POST /organizations`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(ORGANIZATION)?;
    let id = call.chosen_id(&body, "id")?;
    if call.store.has(Table::Workspaces, &id) {
        return Err(Refusal::conflict(format!("organization {id} exists")).at("id"));
    }
    workspaces::check_parent(call.store, &id, body.text("parent_id"))?;
    let mut doc = workspaces::fresh(call.config(), &id, KIND, &call.engine.random_secret());
    write(&mut doc, &body);
    call.store.put(Table::Workspaces, &id, doc);
    let template = body.text("template_id");
    if !template.is_empty() {
        templates::copy(call, template, &id, body.contains_key("authentication_mechanisms"))?;
    }
    Ok(Reply::created(view(call, &id, find(call.store, &id)?)))
}

/// `GET /organizations/{wid}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("wid");
    Ok(Reply::one(view(call, &id, find(call.store, &id)?)))
}

/// `PUT /organizations/{wid}`: replaces every field of the organization.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("wid");
    let mut doc = find(call.store, &id)?.clone();
    let mut body = call.body(ORGANIZATION)?;
    body.remove("template_id");
    Call::check_same(&body, "id", &id)?;
    workspaces::check_parent(call.store, &id, body.text("parent_id"))?;
    write(&mut doc, &body);
    call.store.put(Table::Workspaces, &id, doc);
    get(call)
}

/// `PUT /organizations/{wid}/metadata`: replaces the payload, keeps its schema.
pub(crate) fn update_metadata(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("wid");
    let mut doc = find(call.store, &id)?.clone();
    let body = call.body(ORGANIZATION_METADATA)?;
    let metadata = doc.entry("metadata").or_insert_with(|| json!({}));
    metadata["payload"] = body.get("payload").cloned().unwrap_or_else(|| json!({}));
    let answer = Map::from_iter([("payload".to_owned(), metadata["payload"].clone())]);
    call.store.put(Table::Workspaces, &id, doc);
    Ok(Reply::one(answer))
}

/// `DELETE /organizations/{wid}`.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("wid");
    find(call.store, &id)?;
    workspaces::remove(call.store, &id)?;
    Ok(Reply::Empty)
}

/// The organization with that id.
///
/// # Errors
/// 404, also when the id is that of another kind of workspace.
pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Doc, Refusal> {
    workspaces::find(store, id)
        .ok()
        .filter(|doc| doc.text("type") == KIND)
        .ok_or_else(|| Refusal::not_found(KIND, id))
}

fn organizations(store: &Store) -> impl Iterator<Item = (&String, &Doc)> {
    store.all(Table::Workspaces).filter(|(_, doc)| doc.text("type") == KIND)
}

/// Writes the organization's fields into its workspace; what the body leaves out gets its default.
fn write(doc: &mut Doc, body: &Map<String, Value>) {
    let mut set = |name: &str, default: Option<Value>| {
        match body.get(name).cloned().or(default) {
            Some(value) => doc.insert(name.to_owned(), value),
            None => doc.remove(name),
        };
    };
    set("authentication_mechanisms", Some(json!(["password"])));
    set("color", Some(json!("#007FFF")));
    set("description", None);
    set("metadata", None);
    set("parent_id", None);
    set("template", Some(json!(false)));
    if let Some(name) = body.get("name") {
        doc.insert("name".to_owned(), name.clone());
    }
    let domains = body.get("domains").cloned().unwrap_or_else(|| json!([]));
    doc.insert("organization".to_owned(), json!({ "domains": domains }));
    let settings = doc.entry("settings").or_insert_with(|| json!({}));
    settings["deactivated"] = json!(body.flag("deactivated"));
}

/// An organization as it is answered.
fn view(call: &Call<'_>, id: &str, doc: &Doc) -> Map<String, Value> {
    let mut view: Map<String, Value> =
        SHARED.iter().filter_map(|name| Some(((*name).to_owned(), doc.get(*name)?.clone()))).collect();
    view.insert("deactivated".to_owned(), json!(is_deactivated(doc)));
    view.insert(
        "domains".to_owned(),
        doc.get("organization").map_or_else(|| json!([]), |o| o["domains"].clone()),
    );
    view.insert("issuer_url".to_owned(), json!(call.engine.issuer(id)));
    if let Some(theme) = call.store.get(Table::ThemeBindings, id) {
        view.insert("theme_id".to_owned(), json!(theme.text("theme_id")));
    }
    view
}

/// Whether a workspace is deactivated.
pub(crate) fn is_deactivated(doc: &Doc) -> bool {
    doc.get("settings")
        .and_then(|settings| settings.get("deactivated"))
        .and_then(Value::as_bool)
        .unwrap_or(false)
}
