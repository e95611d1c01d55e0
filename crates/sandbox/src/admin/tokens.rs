//! Revoking everything of users: tokens, codes and sessions (vendor contract, revocation).

use serde_json::Value;

use super::workspaces;
use crate::{
    call::{Call, Payload},
    http_error::Refusal,
    identity::pools,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// Users or subjects one request may name.
const MAX: usize = 100;

/// `DELETE /pools/{ipID}/tokens`, body `{"users": [1 to 100 ids]}`.
pub(crate) fn revoke_of_pool(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let pool = call.param("ipID");
    pools::find(call.store, &pool)?;
    let users = named(call, "users")?;
    let users: Vec<String> = users.iter().map(|user| format!("{pool}/{user}")).collect();
    forget(call, |doc| users.iter().any(|user| user == doc.text("user")));
    Ok(Reply::Empty)
}

/// `DELETE /servers/{wid}/tokens`, body `{"subjects": [1 to 100], "idp_id": …}`. Consents do not exist
/// here, so `consent_id` alone revokes nothing.
pub(crate) fn revoke_of_workspace(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    if call.query("consent_id").is_some() {
        return Ok(Reply::Empty);
    }
    let subjects = named(call, "subjects")?;
    forget(call, |doc| {
        let subject = doc.text("user").rsplit('/').next().unwrap_or_default();
        doc.text("workspace") == workspace && subjects.iter().any(|wanted| wanted == subject)
    });
    Ok(Reply::Empty)
}

fn forget(call: &mut Call<'_>, mut gone: impl FnMut(&Doc) -> bool) {
    for table in [Table::Tokens, Table::Codes, Table::Sessions] {
        let ids: Vec<String> =
            call.store.all(table).filter(|(_, doc)| gone(doc)).map(|(id, _)| id.clone()).collect();
        for id in ids {
            call.store.remove(table, &id);
        }
    }
}

/// The 1 to 100 strings of a list in the body.
fn named(call: &Call<'_>, name: &str) -> Result<Vec<String>, Refusal> {
    let list = match &call.incoming.payload {
        Payload::Json(body) => body.get(name).and_then(Value::as_array),
        Payload::Nothing | Payload::Form(_) => None,
    };
    let items: Option<Vec<String>> =
        list.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    items
        .filter(|items| (1..=MAX).contains(&items.len()))
        .ok_or_else(|| Refusal::invalid(format!("{name} must be a list of 1 to {MAX} ids")).at(name))
}
