//! The admin API: organizations, workspaces, bindings, applications, themes, revocation.

pub(crate) mod bindings;
pub(crate) mod clients;
pub(crate) mod environment;
pub(crate) mod organizations;
mod templates;
pub(crate) mod themes;
pub(crate) mod tokens;
pub(crate) mod vanity;
pub(crate) mod workspaces;

use crate::store::{Doc, Fields};

/// Whether id or name of a document contain the phrase, whatever its case.
pub(crate) fn found_by(phrase: Option<&str>, id: &str, doc: &Doc, name: &str) -> bool {
    let Some(phrase) = phrase.map(str::to_lowercase) else {
        return true;
    };
    id.to_lowercase().contains(&phrase) || doc.text(name).to_lowercase().contains(&phrase)
}
