//! Upload: a file of billers is read row by row and kept aside, with what is wrong with each bad row.

use domain::{
    ImportId, Timestamp,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::BillerDraft,
    import::RowError,
};
use serde_json::json;
use storage::{
    Bookkeeping,
    imports::{self, ImportSummary, RowEffect, StagedRow},
};
use tokio::io::AsyncRead;

use crate::{
    Console, ServiceError,
    billers_csv::{BillersCsv, FileError},
    clean_up,
};

/// Rows that are staged in one transaction.
const BATCH: usize = 500;

/// Errors shown on the page.
const ERRORS_SHOWN: usize = 200;

/// Good rows shown on the page.
const ROWS_SHOWN: usize = 10;

/// An upload as it is shown before it is applied.
#[derive(Clone, Debug)]
pub struct ImportView {
    /// The upload at a glance.
    pub summary: ImportSummary,
    /// The first errors.
    pub errors: Vec<RowError>,
    /// The first good rows, and what applying each would do.
    pub sample: Vec<(BillerDraft, RowEffect)>,
    /// When it is removed, decided on or not.
    pub kept_until: Timestamp,
}

/// Reads a file and keeps its rows aside. Nothing of the list of billers changes. A file that cannot be read
/// at all is kept too, with the reason.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to import, [`ServiceError::Storage`].
pub async fn stage(
    console: &Console,
    actor: &Actor,
    file_name: &str,
    source: impl AsyncRead + Send + Unpin,
) -> Result<ImportId, ServiceError> {
    actor.may(Capability::ImportBillers)?;
    let id = ImportId::new(console.clock.as_ref(), console.entropy.as_ref());
    let mut tx = console.store.begin().await?;
    imports::begin(&mut tx, id, &shown_name(file_name), actor, console.now()).await?;
    tx.commit_bookkeeping(Bookkeeping::Staging).await?;
    match read(console, id, source).await {
        Ok(ignored) => finish(console, actor, id, &ignored, None).await?,
        Err(Stopped::File(error)) => finish(console, actor, id, &[], Some(error.to_string())).await?,
        Err(Stopped::Service(error)) => return Err(error),
    }
    Ok(id)
}

/// Shows an upload.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Refused`] without the right to import.
pub async fn show(console: &Console, actor: &Actor, id: ImportId) -> Result<ImportView, ServiceError> {
    actor.may(Capability::ImportBillers)?;
    let mut conn = console.store.read().await?;
    let summary = imports::find(&mut conn, id).await?.ok_or_else(|| ServiceError::not_found("upload", id))?;
    let errors = imports::errors(&mut conn, id, 0, ERRORS_SHOWN).await?;
    let sample = imports::sample(&mut conn, id, ROWS_SHOWN).await?;
    let kept_until = summary.created_at.plus(clean_up::UPLOADS_KEPT);
    Ok(ImportView { summary, errors, sample, kept_until })
}

/// Why reading stopped before the end.
enum Stopped {
    File(FileError),
    Service(ServiceError),
}

impl From<FileError> for Stopped {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<ServiceError> for Stopped {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

/// Stages every row; the answer is the columns that mean nothing to us.
async fn read(
    console: &Console,
    id: ImportId,
    source: impl AsyncRead + Send + Unpin,
) -> Result<Vec<String>, Stopped> {
    let mut file = BillersCsv::open(source).await?;
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(row) = file.next().await? {
        batch.push(row);
        if batch.len() == BATCH {
            add(console, id, &batch).await?;
            batch.clear();
        }
    }
    add(console, id, &batch).await?;
    Ok(file.ignored_columns().to_vec())
}

async fn add(console: &Console, id: ImportId, rows: &[StagedRow]) -> Result<(), ServiceError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut tx = console.store.begin().await?;
    imports::add_rows(&mut tx, id, rows).await?;
    tx.commit_bookkeeping(Bookkeeping::Staging).await?;
    Ok(())
}

async fn finish(
    console: &Console,
    actor: &Actor,
    id: ImportId,
    ignored: &[String],
    file_error: Option<String>,
) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    imports::finish(&mut tx, id, ignored, file_error.as_deref()).await?;
    let summary = imports::find(&mut tx, id).await?.ok_or_else(|| ServiceError::not_found("upload", id))?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::ImportStaged,
        Subject::new(SubjectKind::Import, id.to_string()),
    )
    .change(
        None,
        Some(json!({
            "file": summary.file_name,
            "rows": summary.rows,
            "good": summary.good,
            "bad": summary.bad,
            "file_error": summary.file_error,
        })),
    );
    tx.commit_audited(entry).await?;
    Ok(())
}

/// The file's own name, without folders and without what would garble a page.
fn shown_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if name.trim().is_empty() { "billers.csv".to_owned() } else { name }
}
