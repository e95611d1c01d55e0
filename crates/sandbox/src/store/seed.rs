//! What a fresh sandbox holds: the two special workspaces, the parent of organizations, a shared theme.

use serde_json::json;

use super::{Doc, Store, Table};
use crate::config::SandboxConfig;

/// Id of the workspace whose tokens open the admin API (vendor contract, access tokens).
pub(crate) const ADMIN_WORKSPACE: &str = "admin";
/// Id of the workspace whose tokens open the system API.
pub(crate) const SYSTEM_WORKSPACE: &str = "system";

/// A store as a fresh sandbox has it; `secret` gives each workspace its hashing secret.
pub(crate) fn seed(config: &SandboxConfig, mut secret: impl FnMut() -> String) -> Store {
    let mut store = Store::default();
    let parent = config.parent_workspace_id.as_str();
    for (id, name, kind) in [
        (ADMIN_WORKSPACE, "Admin", "admin"),
        (SYSTEM_WORKSPACE, "System", "system"),
        (parent, "Billers", "regular"),
    ] {
        let mut doc = crate::admin::workspaces::fresh(config, id, kind, &secret());
        doc.insert("name".to_owned(), json!(name));
        store.put(Table::Workspaces, id, doc);
    }
    let mut theme = Doc::new();
    theme.insert("id".to_owned(), json!(config.shared_theme_id));
    theme.insert("tenant_id".to_owned(), json!(config.tenant_id));
    theme.insert("name".to_owned(), json!("Shared theme"));
    store.put(Table::Themes, &config.shared_theme_id, theme);
    store.commit();
    store
}
