//! What a new organization takes over from its template: pool, binding, sign-in methods.

use serde_json::json;

use super::organizations;
use crate::{
    call::Call,
    http_error::Refusal,
    identity::pools,
    store::{Doc, Fields, Table},
};

/// Copies pools and bindings of the template to the organization, and its sign-in methods unless the
/// creation named its own.
///
/// # Errors
/// 422 when the template is not an organization marked as template.
pub(crate) fn copy(
    call: &mut Call<'_>,
    template: &str,
    organization: &str,
    own_mechanisms: bool,
) -> Result<(), Refusal> {
    let source = organizations::find(call.store, template)
        .ok()
        .filter(|doc| doc.flag("template"))
        .cloned()
        .ok_or_else(|| {
        Refusal::invalid(format!("template_id: {template} is not an organization template")).at("template_id")
    })?;
    let mut target = organizations::find(call.store, organization)?.clone();
    if let Some(mechanisms) = source.get("authentication_mechanisms").filter(|_| !own_mechanisms) {
        target.insert("authentication_mechanisms".to_owned(), mechanisms.clone());
        call.store.put(Table::Workspaces, organization, target.clone());
    }
    let bindings: Vec<Doc> = of_workspace(call, Table::Bindings, "authorization_server_id", template);
    let mut copies = Vec::new();
    for pool in of_workspace(call, Table::Pools, "workspace_id", template) {
        let name = format!("{} {}", target.text("name"), pool.text("name"));
        let id = pools::insert_copy(call, &pool, &name, organization);
        copies.push((pool.text("id").to_owned(), id));
    }
    for mut binding in bindings {
        let id = call.engine.random_hex(16);
        binding.insert("id".to_owned(), json!(id));
        binding.insert("authorization_server_id".to_owned(), json!(organization));
        // A binding to a pool the template does not own leads to the very same pool.
        if let Some((_, copy)) = copies.iter().find(|(from, _)| from == binding.text("identity_pool_id")) {
            binding.insert("identity_pool_id".to_owned(), json!(copy));
        }
        call.store.put(Table::Bindings, &id, binding);
    }
    Ok(())
}

fn of_workspace(call: &Call<'_>, table: Table, field: &str, workspace: &str) -> Vec<Doc> {
    let rows = call.store.all(table).filter(|(_, doc)| doc.text(field) == workspace);
    rows.map(|(_, doc)| doc.clone()).collect()
}
