//! Apply: the good rows of an upload become billers, all or none of them.

use domain::{
    ImportId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    import::RowError,
};
use serde_json::json;
use storage::{
    billers::{self, UpsertCounts},
    imports::{self, ImportState, ImportSummary},
};
use tokio::io::AsyncRead;

use crate::{Console, ServiceError, stage_import};

/// Rows that are read and written at a time.
const BATCH: usize = 500;

/// Errors reported by the command line.
const ERRORS_REPORTED: usize = 1_000;

/// What became of a file that was staged and applied in one go.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The upload.
    pub summary: ImportSummary,
    /// What its good rows did.
    pub counts: UpsertCounts,
    /// What is wrong with the bad ones; the first 1 000 errors.
    pub errors: Vec<RowError>,
}

/// Takes over the good rows of an upload, in one transaction. Bad rows harm no other.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Refused`] without the right to import, [`ServiceError::Field`]
/// when the upload was applied, discarded or could not be read.
pub async fn apply(console: &Console, actor: &Actor, id: ImportId) -> Result<UpsertCounts, ServiceError> {
    actor.may(Capability::ImportBillers)?;
    let mut tx = console.store.begin().await?;
    let summary = imports::find(&mut tx, id).await?.ok_or_else(|| ServiceError::not_found("upload", id))?;
    must_be_ready(&summary)?;
    let mut counts = UpsertCounts::default();
    let mut after = 0;
    loop {
        let rows = imports::good_rows(&mut tx, id, after, BATCH).await?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        let drafts: Vec<_> = rows.into_iter().map(|(_, draft)| draft).collect();
        let batch = billers::upsert_many(&mut tx, &drafts, console.now()).await?;
        counts.created += batch.created;
        counts.changed += batch.changed;
        counts.unchanged += batch.unchanged;
    }
    imports::mark_applied(&mut tx, id, console.now()).await?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::BillersImported,
        Subject::new(SubjectKind::Import, id.to_string()),
    )
    .change(
        None,
        Some(json!({
            "file": summary.file_name,
            "created": counts.created,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "bad_rows": summary.bad,
        })),
    );
    tx.commit_audited(entry).await?;
    Ok(counts)
}

/// Stages and applies a file in one go: for the command line.
///
/// # Errors
/// As [`apply`]; a file that cannot be read at all is [`ServiceError::Field`] with the reason.
pub async fn import_file(
    console: &Console,
    actor: &Actor,
    file_name: &str,
    source: impl AsyncRead + Send + Unpin,
) -> Result<FileReport, ServiceError> {
    let id = stage_import::stage(console, actor, file_name, source).await?;
    let counts = apply(console, actor, id).await?;
    let mut conn = console.store.read().await?;
    let summary = imports::find(&mut conn, id).await?.ok_or_else(|| ServiceError::not_found("upload", id))?;
    let errors = imports::errors(&mut conn, id, 0, ERRORS_REPORTED).await?;
    Ok(FileReport { summary, counts, errors })
}

/// Whether the upload waits to be applied or discarded.
pub(crate) fn must_be_ready(summary: &ImportSummary) -> Result<(), ServiceError> {
    let problem = match summary.state {
        ImportState::Ready => return Ok(()),
        ImportState::Staging => {
            "the file is still being read: wait a moment and load the page again".to_owned()
        }
        ImportState::Applied => {
            "this upload was applied already: upload the file again to apply it again".to_owned()
        }
        ImportState::Discarded => "this upload was discarded: upload the file again".to_owned(),
        ImportState::Unreadable => summary.file_error.clone().unwrap_or_default(),
    };
    Err(ServiceError::Field { field: "file", problem })
}
