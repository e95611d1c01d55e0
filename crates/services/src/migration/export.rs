//! Failed rows as a file: with what is wrong, to be corrected and fed back. Secrets stay here.

use domain::{
    MigrationId,
    actor::{Actor, Capability},
    audit::AuditAction,
    migration::RowState,
};
use serde_json::json;
use storage::user_migrations;

use super::{control::find, entry, vault::Vault};
use crate::{Console, ServiceError, spreadsheet::harmless};

/// Names the row; must stay as it is.
pub(super) const LINE: &str = "_line";
/// What is wrong, for the eye.
pub(super) const PROBLEMS: &str = "_problems";
/// Stands for a secret that is kept.
pub(super) const KEPT: &str = "(kept)";

/// Every rejected or failed row as CSV. Cells that a spreadsheet would take for a formula get a quote mark in front.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to move users; [`ServiceError::NotFound`].
pub async fn failed_rows(console: &Console, actor: &Actor, id: MigrationId) -> Result<Vec<u8>, ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let it = find(&mut *console.store.read().await?, actor, id).await?;
    let vault = Vault::new(&console.settings.migration.key);
    let columns = it.mapping.bind(&it.header).ok();
    let broken = |error: csv::Error| ServiceError::Field { field: "file", problem: error.to_string() };
    let mut out = csv::Writer::from_writer(Vec::new());
    let names = [LINE, PROBLEMS].into_iter().chain(it.header.iter().map(String::as_str));
    out.write_record(names).map_err(broken)?;
    let mut rows = 0_u64;
    for state in [RowState::Rejected, RowState::Failed] {
        let mut after = 0;
        loop {
            let mut conn = console.store.read().await?;
            let found = user_migrations::by_state(&mut conn, id, state, after, 500).await?;
            let Some(last) = found.last() else { break };
            after = last.line;
            for row in &found {
                let cells = row.sealed.as_deref().and_then(|text| vault.open(id, row.line, text));
                let mut cells = cells.map(|row| row.cells).unwrap_or_default();
                cells.resize(it.header.len(), String::new());
                for (place, cell) in cells.iter_mut().enumerate() {
                    let field = columns.as_ref().and_then(|columns| columns.at(place));
                    if field.is_some_and(domain::migration::SourceField::is_secret) && !cell.is_empty() {
                        KEPT.clone_into(cell);
                    }
                }
                let problems: Vec<String> = row
                    .problems
                    .iter()
                    .map(|it| format!("{}: {}. {}.", it.cause.label(), it.detail, it.cause.cure()))
                    .collect();
                let first = [row.line.to_string(), problems.join(" ")];
                out.write_record(first.iter().chain(&cells).map(|cell| harmless(cell))).map_err(broken)?;
                rows += 1;
            }
        }
    }
    let said = json!({"migration": id, "rows": rows});
    let tx = console.store.begin().await?;
    tx.commit_audited(entry(console.now(), actor, AuditAction::MigrationExported, &it.bid, said)).await?;
    out.into_inner().map_err(|error| ServiceError::Field { field: "file", problem: error.to_string() })
}
