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
    commit(console, entry_in(console, actor)).await
}

/// Writes down that someone signed out.
///
/// # Errors
/// [`ServiceError::Storage`] when it could not be written down.
pub async fn signed_out(console: &Console, actor: &Actor) -> Result<(), ServiceError> {
    commit(console, entry(console, actor, AuditAction::SignedOut)).await
}

/// What is written down of a sign-in.
pub(crate) fn entry_in(console: &Console, actor: &Actor) -> AuditEntry {
    entry(console, actor, AuditAction::SignedIn)
}

fn entry(console: &Console, actor: &Actor, action: AuditAction) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Session, actor.id());
    AuditEntry::new(console.now(), actor.clone(), action, subject)
}

async fn commit(console: &Console, entry: AuditEntry) -> Result<(), ServiceError> {
    console.store.begin().await?.commit_audited(entry).await?;
    Ok(())
}
