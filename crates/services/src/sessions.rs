//! Who came and went, who is signed in now, and how a session is ended from elsewhere.

use domain::{
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    session::{OpenSession, SessionKey, SignIn},
};
use serde_json::{Value, json};
use storage::{Tx, sessions};

use crate::{Console, ServiceError};

/// Sessions shown at once.
const SHOWN: usize = 500;

/// Writes down that someone signs in. Everyone may; who it is was proven before. Comes before the session is opened:
/// there is no session without its entry.
///
/// # Errors
/// [`ServiceError::Storage`] when it could not be written down: then the session must not be opened.
pub async fn signed_in(console: &Console, actor: &Actor, sign_in: &SignIn) -> Result<(), ServiceError> {
    let tx = console.store.begin().await?;
    tx.commit_audited(entry_in(console, actor, sign_in)).await?;
    Ok(())
}

/// What is written down of a sign-in.
pub(crate) fn entry_in(console: &Console, actor: &Actor, sign_in: &SignIn) -> AuditEntry {
    let how = json!({ "means": sign_in.means, "browser": sign_in.browser });
    entry(console, actor, AuditAction::SignedIn, actor.id(), Some(how))
}

/// Writes down that someone signed out.
///
/// # Errors
/// [`ServiceError::Storage`] when it could not be written down.
pub async fn signed_out(console: &Console, actor: &Actor) -> Result<(), ServiceError> {
    let tx = console.store.begin().await?;
    write(console, tx, actor, AuditAction::SignedOut, actor.id(), None).await
}

/// The person's own sessions, the last used first. Everyone may see their own.
///
/// # Errors
/// [`ServiceError::Storage`].
pub async fn own(console: &Console, actor: &Actor) -> Result<Vec<OpenSession>, ServiceError> {
    let mut conn = console.store.read().await?;
    Ok(sessions::of_person(&mut conn, &actor.id(), console.now()).await?)
}

/// Everybody's sessions, the last used first, 500 at most.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to end them.
pub async fn everybodys(console: &Console, actor: &Actor) -> Result<Vec<OpenSession>, ServiceError> {
    actor.may(Capability::EndSessions)?;
    let mut conn = console.store.read().await?;
    Ok(sessions::all_open(&mut conn, console.now(), SHOWN).await?)
}

/// Ends one of the person's own sessions, on whatever device it is.
///
/// # Errors
/// [`ServiceError::NotFound`] when it is over already or somebody else's.
pub async fn end_own(console: &Console, actor: &Actor, key: &SessionKey) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    if !sessions::delete_of_person(&mut tx, &actor.id(), key).await? {
        return Err(ServiceError::not_found("session", key));
    }
    write(console, tx, actor, AuditAction::SessionsEnded, actor.id(), Some(json!({ "ended": 1 }))).await
}

/// Ends all of the person's own sessions but this one; the answer is their number. Where there is no other one nothing
/// is done, and nothing written down.
///
/// # Errors
/// [`ServiceError::Storage`].
pub async fn end_others(console: &Console, actor: &Actor, this: &SessionKey) -> Result<u64, ServiceError> {
    let mut tx = console.store.begin().await?;
    let ended = sessions::delete_all_of_person(&mut tx, &actor.id(), Some(this)).await?;
    if ended > 0 {
        let after = json!({ "ended": ended });
        write(console, tx, actor, AuditAction::SessionsEnded, actor.id(), Some(after)).await?;
    }
    Ok(ended)
}

/// Ends every session of a person, e.g. who has left the company; the answer is their number.
///
/// # Errors
/// [`ServiceError::Refused`] without the right; [`ServiceError::NotFound`] when that person is signed in nowhere.
pub async fn end_all_of(console: &Console, actor: &Actor, person_id: &str) -> Result<u64, ServiceError> {
    actor.may(Capability::EndSessions)?;
    let mut tx = console.store.begin().await?;
    let ended = sessions::delete_all_of_person(&mut tx, person_id, None).await?;
    if ended == 0 {
        return Err(ServiceError::not_found("session of", person_id));
    }
    let after = json!({ "ended": ended });
    write(console, tx, actor, AuditAction::SessionsEnded, person_id.to_owned(), Some(after)).await?;
    Ok(ended)
}

async fn write(
    console: &Console,
    tx: Tx,
    actor: &Actor,
    action: AuditAction,
    whose: String,
    after: Option<Value>,
) -> Result<(), ServiceError> {
    tx.commit_audited(entry(console, actor, action, whose, after)).await?;
    Ok(())
}

fn entry(
    console: &Console,
    actor: &Actor,
    action: AuditAction,
    whose: String,
    after: Option<Value>,
) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Session, whose);
    AuditEntry::new(console.now(), actor.clone(), action, subject).change(None, after)
}
