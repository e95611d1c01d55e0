//! Applications: OAuth clients of a workspace or organization (vendor contract, clients).

use std::time::Duration;

use domain::Timestamp;
use serde_json::{Map, Value, json};

use super::{found_by, workspaces};
use crate::{
    call::Call,
    duration,
    fields::{CLIENT, CLIENT_UPDATE_ONLY},
    http_error::Refusal,
    paging::{Page, Sort},
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

const SORTS: &[(&str, Sort)] = &[
    ("name", Sort::Field("client_name")),
    ("issued_at", Sort::Field("created_at")),
    ("client_id", Sort::Id),
];

/// Fields only the server sets; an update leaves them as they are.
const OURS: &[&str] = &["client_id", "client_id_issued_at", "created_at", "application_types", ROTATED];

/// Where rotated secrets are kept, each with the instant until which it still works.
const ROTATED: &str = "_rotated";

/// How many rotated secrets are kept (vendor contract, clients).
const MAX_ROTATED: usize = 2;

/// Ways of authenticating that need a secret.
const WITH_SECRET: &[&str] =
    &["client_secret_basic", "client_secret_post", "client_secret_jwt", "unspecified"];

/// `GET /servers/{wid}/clients`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let page = Page::read(call, "client", SORTS)?;
    let phrase = call.query("search_phrase");
    let kinds = call.query("client_types");
    let applications = call.query("application_types");
    // Clients registered by outsiders do not exist here, so every client is an internal one.
    let internal = call.query("type").is_none_or(|kind| kind == "internal");
    let any = |list: Option<&str>, has: &[&str]| {
        list.is_none_or(|list| list.split(',').any(|wanted| has.contains(&wanted)))
    };
    let rows = call
        .store
        .all(Table::Clients)
        .filter(|(_, doc)| internal && doc.text("authorization_server_id") == workspace)
        .filter(|(id, doc)| found_by(phrase, id, doc, "client_name"))
        .filter(|(_, doc)| any(kinds, &[doc.text("client_type")]))
        .filter(|(_, doc)| any(applications, &doc.texts("application_types")))
        .map(|(id, doc)| (page.key(id, doc), id.clone(), doc))
        .collect();
    Ok(Reply::list("clients", page.cut(rows).into_iter().map(|doc| view(call, doc)).collect()))
}

/// `POST /clients`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut body = call.body(CLIENT)?;
    for name in CLIENT_UPDATE_ONLY {
        if body.remove(*name).is_some() {
            call.dropped.push((*name).to_owned());
        }
    }
    let id = call.chosen_id(&body, "client_id")?;
    if call.store.has(Table::Clients, &id) {
        return Err(Refusal::conflict(format!("client {id} exists")).at("client_id"));
    }
    check(call, &body)?;
    let now = call.now();
    let mut doc = filled(&body, call.query("application_purpose"));
    doc.insert("client_id".to_owned(), json!(id));
    doc.insert("client_id_issued_at".to_owned(), json!(now.seconds()));
    doc.insert("created_at".to_owned(), json!(now.rfc3339()));
    doc.insert("updated_at".to_owned(), json!(now.rfc3339()));
    give_secret(call, &mut doc, None);
    call.store.put(Table::Clients, &id, doc.clone());
    Ok(Reply::created(view(call, &doc)))
}

/// `GET /clients/{cid}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("cid");
    Ok(Reply::one(view(call, find(call.store, &id)?)))
}

/// `PUT /clients/{cid}`: replaces every field but the server's own; a secret left out stays.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("cid");
    let before = find(call.store, &id)?.clone();
    let body = call.body(CLIENT)?;
    Call::check_same(&body, "client_id", &id)?;
    Call::check_same(&body, "authorization_server_id", before.text("authorization_server_id"))?;
    check(call, &body)?;
    let mut doc = filled(&body, None);
    for name in OURS {
        if let Some(value) = before.get(*name) {
            doc.insert((*name).to_owned(), value.clone());
        }
    }
    doc.insert("updated_at".to_owned(), call.stamp());
    give_secret(call, &mut doc, before.get("client_secret"));
    call.store.put(Table::Clients, &id, doc);
    get(call)
}

/// `DELETE /clients/{cid}`.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("cid");
    find(call.store, &id)?;
    call.store.remove(Table::Clients, &id);
    for table in [Table::Tokens, Table::Codes] {
        call.store.remove_where(table, |_, doc| doc.text("client") == id);
    }
    Ok(Reply::Empty)
}

/// `POST /clients/{cid}/rotateSecret`: the old secret works on, until the time asked for.
pub(crate) fn rotate_secret(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("cid");
    let mut doc = find(call.store, &id)?.clone();
    let revoke_after = match call.query("auto_revoke_after") {
        None | Some("0") => None,
        Some(text) => Some(duration::parse(text).ok_or_else(|| {
            Refusal::malformed("auto_revoke_after must be a duration such as 2h30m").at("auto_revoke_after")
        })?),
    };
    let secret = call.engine.random_secret();
    if let Some(old) = doc.insert("client_secret".to_owned(), json!(secret)) {
        let until = revoke_after.map_or(i64::MAX, |after: Duration| call.now().plus(after).micros());
        let mut rotated = rotated(&doc);
        rotated.insert(0, json!({"secret": old, "until": until}));
        rotated.truncate(MAX_ROTATED);
        doc.insert(ROTATED.to_owned(), Value::Array(rotated));
    }
    call.store.put(Table::Clients, &id, doc);
    Ok(Reply::data(Map::from_iter([("secret".to_owned(), json!(secret))])))
}

/// `POST /clients/{cid}/revokeRotatedSecrets`.
pub(crate) fn revoke_rotated_secrets(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.param("cid");
    let mut doc = find(call.store, &id)?.clone();
    doc.remove(ROTATED);
    call.store.put(Table::Clients, &id, doc);
    Ok(Reply::Empty)
}

/// The client with that id.
///
/// # Errors
/// 404.
pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Doc, Refusal> {
    store.get(Table::Clients, id).ok_or_else(|| Refusal::not_found("client", id))
}

/// Whether a client may be used: it is not switched off.
pub(crate) fn is_active(doc: &Doc) -> bool {
    doc.text("client_status") != "inactive"
}

/// Whether `secret` is the client's present one, or a rotated one that still works.
pub(crate) fn knows_secret(doc: &Doc, secret: &str, now: Timestamp) -> bool {
    let present = doc.text("client_secret");
    (!present.is_empty() && present == secret)
        || rotated(doc)
            .iter()
            .any(|old| old["secret"] == secret && old["until"].as_i64() > Some(now.micros()))
}

fn check(call: &Call<'_>, body: &Map<String, Value>) -> Result<(), Refusal> {
    call.check_tenant(body)?;
    let workspace = body.text("authorization_server_id");
    if !call.store.has(Table::Workspaces, workspace) {
        let message = format!("authorization_server_id: workspace {workspace} does not exist");
        return Err(Refusal::invalid(message).at("authorization_server_id"));
    }
    let secret = body.text("client_secret");
    if !secret.is_empty() && secret.len() < 32 {
        return Err(Refusal::invalid("client_secret must have at least 32 characters").at("client_secret"));
    }
    for uri in body.texts("redirect_uris") {
        let usable = url::Url::parse(uri).is_ok_and(|url| url.fragment().is_none());
        if !usable {
            let message = format!("redirect_uris: {uri} is not an absolute URL without a fragment");
            return Err(Refusal::invalid(message).at("redirect_uris"));
        }
    }
    Ok(())
}

/// A client with the contract's defaults where the body says nothing.
fn filled(body: &Map<String, Value>, purpose: Option<&str>) -> Doc {
    let service = body.texts("grant_types") == ["client_credentials"];
    let application = purpose.unwrap_or(if service { "service" } else { "server_web" });
    let mut doc = Doc::from_iter([
        ("application_type".to_owned(), json!("web")),
        ("application_types".to_owned(), json!([application])),
        ("client_status".to_owned(), json!("active")),
        ("client_type".to_owned(), json!("oauth2")),
        ("grant_types".to_owned(), json!(["authorization_code"])),
        ("response_types".to_owned(), json!(["code"])),
        ("scopes".to_owned(), json!([])),
        ("redirect_uris".to_owned(), json!([])),
        ("subject_type".to_owned(), json!("public")),
        ("system".to_owned(), json!(false)),
        ("token_endpoint_auth_method".to_owned(), json!("client_secret_basic")),
        ("token_endpoint_auth_signing_alg".to_owned(), json!("ES256")),
        ("trusted".to_owned(), json!(false)),
        ("client_secret_expires_at".to_owned(), json!(0)),
    ]);
    let given = body.iter().filter(|(name, _)| !OURS.contains(&name.as_str()));
    doc.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    doc
}

/// Gives the client the secret its way of authenticating needs: sent, kept, or new.
fn give_secret(call: &Call<'_>, doc: &mut Doc, kept: Option<&Value>) {
    if doc.text("client_secret").is_empty() {
        doc.remove("client_secret");
        if let Some(kept) = kept {
            doc.insert("client_secret".to_owned(), kept.clone());
        } else if WITH_SECRET.contains(&doc.text("token_endpoint_auth_method")) {
            doc.insert("client_secret".to_owned(), json!(call.engine.random_secret()));
        }
    }
}

fn rotated(doc: &Doc) -> Vec<Value> {
    doc.get(ROTATED).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A client as it is answered.
fn view(call: &Call<'_>, doc: &Doc) -> Map<String, Value> {
    let mut view = public(doc);
    let issuer = call.engine.issuer(doc.text("authorization_server_id"));
    view.insert("server_issuer_url".to_owned(), json!(issuer));
    let old: Vec<Value> = rotated(doc).iter().map(|old| old["secret"].clone()).collect();
    view.insert("rotated_secrets".to_owned(), json!(old));
    view
}
