//! Who came and went: signing in and out are written down.

use domain::{
    actor::Actor,
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
};

use crate::{Console, ServiceError};

/// Writes down that someone signed in. Everyone may; who it is was proven before.
///
/// # Errors
/// [`ServiceError::Storage`] when it could not be written down: then the session must not be opened.
pub async fn signed_in(console: &Console, actor: &Actor) -> Result<(), ServiceError> {
    write(console, actor, AuditAction::SignedIn).await
}

/// Writes down that someone signed out.
///
/// # Errors
/// [`ServiceError::Storage`] when it could not be written down.
pub async fn signed_out(console: &Console, actor: &Actor) -> Result<(), ServiceError> {
    write(console, actor, AuditAction::SignedOut).await
}

async fn write(console: &Console, actor: &Actor, action: AuditAction) -> Result<(), ServiceError> {
    let subject = Subject::new(SubjectKind::Session, actor.id());
    let tx = console.store.begin().await?;
    tx.commit_audited(AuditEntry::new(console.now(), actor.clone(), action, subject)).await?;
    Ok(())
}
