//! Personal data of one user is shown to whoever says why, for a while.

use std::time::Duration;

use domain::{
    Bid, Timestamp,
    actor::{Actor, Capability},
    audit::AuditAction,
};
use serde_json::json;
use storage::accounts;

use super::entry;
use crate::{Console, ServiceError, reach};

/// How long one reason lasts.
const LASTS: Duration = Duration::from_secs(15 * 60);

/// Shows a user's personal data to the actor from now on, for a quarter of an hour. The answer is until when.
///
/// # Errors
/// [`ServiceError::Field`] without a reason; [`ServiceError::Refused`] without the right; [`ServiceError::NotFound`].
pub async fn reveal(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    user: &str,
    reason: &str,
) -> Result<Timestamp, ServiceError> {
    actor.may(Capability::RevealUsers)?;
    let mut tx = console.store.begin().await?;
    reach::biller(&mut tx, actor, bid).await?;
    let account = accounts::find_by_user(&mut tx, bid, user)
        .await?
        .ok_or_else(|| ServiceError::not_found("user", user))?;
    let reason = reason.trim();
    if reason.is_empty() {
        let problem =
            "Say why you need to see personal data: it is written into the activity log.".to_owned();
        return Err(ServiceError::Field { field: "reason", problem });
    }
    let until = console.now().plus(LASTS);
    let id = account.ids.user.to_string();
    accounts::reveal(&mut tx, &actor.id(), bid, &id, until).await?;
    let said = json!({"user": id, "until": until.rfc3339()});
    let entry = entry(console.now(), actor, AuditAction::UserRevealed, bid, said);
    tx.commit_audited(entry.because(Some(reason.to_owned()))).await?;
    Ok(until)
}
