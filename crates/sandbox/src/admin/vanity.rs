//! Vanity domains: host names under which an issuer answers, too (vendor contract, custom domains).
//!
//! What the contract leaves open and is decided here: a workspace has one at most, the issuer follows the host that was
//! asked, the old address keeps answering, a `base_path` is kept and has no effect, and private keys are never answered.

use serde_json::{Map, Value, json};

use super::workspaces;
use crate::{
    call::Call,
    fields::VANITY_DOMAIN,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Store, Table, public},
};

/// The key of what belongs to the whole tenant; workspaces have their ids.
const TENANT: &str = "-";

/// `GET /vanity-domains?server_id=`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let key = key(call.query("server_id").unwrap_or_default());
    Ok(Reply::one(public(find(call.store, &key)?)))
}

/// `POST /vanity-domains`.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(VANITY_DOMAIN)?;
    let server = body.text("server_id").to_owned();
    if !server.is_empty() {
        workspaces::find(call.store, &server)?;
    }
    if call.store.has(Table::VanityDomains, &key(&server)) {
        return Err(Refusal::conflict("there is a vanity domain already").at("server_id"));
    }
    put(call, body, &server)
}

/// `PUT /vanity-domains`: replaces every field.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(VANITY_DOMAIN)?;
    let server = body.text("server_id").to_owned();
    let id = find(call.store, &key(&server))?.text("id").to_owned();
    Call::check_same(&body, "id", &id)?;
    put(call, body, &server)
}

/// `DELETE /vanity-domains`, with the domain in the body.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(VANITY_DOMAIN)?;
    let key = key(body.text("server_id"));
    if !find(call.store, &key)?.text("domain").eq_ignore_ascii_case(body.text("domain")) {
        return Err(Refusal::not_found("vanity domain", body.text("domain")));
    }
    call.store.remove(Table::VanityDomains, &key);
    Ok(Reply::Empty)
}

/// The workspace that answers under this host name.
pub(crate) fn server_of(store: &Store, host: &str) -> Option<String> {
    store
        .all(Table::VanityDomains)
        .find(|(key, doc)| key.as_str() != TENANT && doc.text("domain").eq_ignore_ascii_case(host))
        .map(|(key, _)| key.clone())
}

fn key(server: &str) -> String {
    if server.is_empty() { TENANT.to_owned() } else { server.to_owned() }
}

fn find<'a>(store: &'a Store, key: &str) -> Result<&'a Doc, Refusal> {
    store.get(Table::VanityDomains, key).ok_or_else(|| Refusal::not_found("vanity domain of", key))
}

fn put(call: &mut Call<'_>, mut body: Map<String, Value>, server: &str) -> Result<Reply, Refusal> {
    call.check_tenant(&body)?;
    let (domain, key) = (body.text("domain").to_ascii_lowercase(), key(server));
    if !is_host(&domain) {
        return Err(Refusal::invalid("domain must be a host name such as login.example.com").at("domain"));
    }
    let others = |(other, doc): (&String, &Doc)| *other != key && doc.text("domain") == domain;
    let taken = call.store.all(Table::VanityDomains).any(others);
    if taken {
        return Err(Refusal::conflict(format!("{domain} belongs to another workspace")).at("domain"));
    }
    let before = call.store.get(Table::VanityDomains, &key).map(|doc| doc.text("id").to_owned());
    let id = match before {
        Some(id) => id,
        None => call.chosen_id(&body, "id")?,
    };
    body.remove("key");
    body.remove("api_key");
    for (name, value) in [("id", json!(id)), ("domain", json!(domain)), ("tenant_id", json!(call.tenant()))] {
        body.insert(name.to_owned(), value);
    }
    body.entry("type").or_insert_with(|| json!(if server.is_empty() { "tenant" } else { "server" }));
    call.store.put(Table::VanityDomains, &key, body.clone());
    Ok(Reply::one(public(&body)))
}

fn is_host(text: &str) -> bool {
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}
