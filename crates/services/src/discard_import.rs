//! Discard: an upload is thrown away without touching any biller.

use domain::{
    ImportId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
};
use serde_json::json;
use storage::imports;

use crate::{Console, ServiceError, apply_import};

/// Throws an upload away.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Refused`] without the right to import, [`ServiceError::Field`]
/// when the upload was applied or discarded before.
pub async fn discard(console: &Console, actor: &Actor, id: ImportId) -> Result<(), ServiceError> {
    actor.may(Capability::ImportBillers)?;
    let mut tx = console.store.begin().await?;
    let summary = imports::find(&mut tx, id).await?.ok_or_else(|| ServiceError::not_found("upload", id))?;
    apply_import::must_be_ready(&summary)?;
    imports::discard(&mut tx, id).await?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::ImportDiscarded,
        Subject::new(SubjectKind::Import, id.to_string()),
    )
    .change(Some(json!({ "file": summary.file_name, "good": summary.good, "bad": summary.bad })), None);
    tx.commit_audited(entry).await?;
    Ok(())
}
