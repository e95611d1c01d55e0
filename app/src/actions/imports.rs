//! What is done with an uploaded file of billers.

use domain::ImportId;
use leptos::prelude::*;
use services::{apply_import as apply, discard_import as discard};

use super::post::{Done, Form, post};
use crate::paths;

fn page_of(id: &str) -> String {
    id.parse::<ImportId>().map_or_else(|_| paths::IMPORT.to_owned(), paths::import)
}

/// Brings the good rows of an uploaded file in.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "apply_import")]
pub(super) async fn apply_import(#[server(default)] id: String) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&id)), |console, actor| async move {
        let id: ImportId = id.parse()?;
        apply::apply(&console, &actor, id).await?;
        Ok(Done::at(paths::import(id), "The billers are in."))
    })
    .await
}

/// Throws an uploaded file away.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "discard_import")]
pub(super) async fn discard_import(#[server(default)] id: String) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&id)), |console, actor| async move {
        discard::discard(&console, &actor, id.parse()?).await?;
        Ok(Done::at(paths::IMPORT, "The file was thrown away; no biller was changed."))
    })
    .await
}
