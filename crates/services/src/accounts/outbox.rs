//! Changes on their way to SecureAuth: how far they lag behind, which are parked, and what is decided about those.

use domain::{
    Bid, Timestamp,
    access::Refusal,
    account::{ChangeDecision, ChangeState, ParkCause},
    actor::{Actor, Capability},
    audit::AuditAction,
};
use serde_json::json;
use storage::accounts::{self, ChangeQuery, MirrorLag};

use super::entry;
use crate::{Console, ServiceError, reach};

/// Parked changes that are shown at most; deciding about some brings the next.
const SHOWN: usize = 100;

/// A change that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedChange {
    /// The biller.
    pub bid: Bid,
    /// The user's id at SecureAuth.
    pub user: String,
    /// Which change: a newer one is another.
    pub revision: i64,
    /// Why it is parked.
    pub cause: Option<ParkCause>,
    /// What SecureAuth said.
    pub why: String,
    /// Since when SecureAuth is behind.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
}

/// All changes on their way.
#[derive(Clone, Debug)]
pub struct OutboxView {
    /// How far billers lag behind; those without a change are not named.
    pub lag: Vec<MirrorLag>,
    /// What went wrong last, for billers whose changes wait.
    pub waits_for: Vec<(Bid, String)>,
    /// Parked changes, the oldest first.
    pub parked: Vec<ParkedChange>,
    /// Whether the actor may decide, and if not, why.
    pub decide: Result<(), Refusal>,
}

/// Shows the changes on their way; to whoever works with one portfolio, those of its billers.
///
/// # Errors
/// [`ServiceError::Refused`] without the right.
pub async fn outbox(console: &Console, actor: &Actor) -> Result<OutboxView, ServiceError> {
    actor.may(Capability::ViewUsers)?;
    let mut conn = console.store.read().await?;
    let within = actor.portfolio().cloned();
    let lag = accounts::lag(&mut conn, within.as_ref(), None).await?;
    let mut waits_for = Vec::new();
    for it in lag.iter().filter(|it| it.waiting > 0).take(SHOWN) {
        let query = ChangeQuery {
            state: Some(ChangeState::Waiting),
            bid: Some(it.bid.clone()),
            limit: 1,
            ..ChangeQuery::default()
        };
        let oldest = accounts::list_changes(&mut conn, &query).await?.pop();
        waits_for.extend(oldest.and_then(|it| it.last_error).map(|why| (it.bid.clone(), why)));
    }
    let query =
        ChangeQuery { state: Some(ChangeState::Parked), within, limit: SHOWN, ..ChangeQuery::default() };
    let mut parked = Vec::new();
    for change in accounts::list_changes(&mut conn, &query).await? {
        let key = change.key;
        let Some(account) = accounts::find(&mut conn, &key.bid, &key.reference).await? else { continue };
        parked.push(ParkedChange {
            bid: key.bid,
            user: account.ids.user.to_string(),
            revision: key.revision,
            cause: change.cause,
            why: change.last_error.unwrap_or_default(),
            since: change.since,
            attempts: change.attempts,
        });
    }
    Ok(OutboxView { lag, waits_for, parked, decide: actor.may(Capability::DecideMirror) })
}

/// Decides about a parked change.
///
/// # Errors
/// [`ServiceError::Refused`] without the right, and when it is not parked any more; [`ServiceError::Field`] when it is
/// discarded without a reason; [`ServiceError::NotFound`].
pub async fn decide(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    user: &str,
    revision: i64,
    decision: ChangeDecision,
    reason: Option<String>,
) -> Result<(), ServiceError> {
    actor.may(Capability::DecideMirror)?;
    let mut tx = console.store.begin().await?;
    reach::biller(&mut tx, actor, bid).await?;
    let account = super::act::held_account(&mut tx, bid, user).await?;
    let change = accounts::hold_change(&mut tx, bid, &account.reference).await?;
    let parked = change.filter(|it| it.state == ChangeState::Parked && it.key.revision == revision);
    let Some(change) = parked else { return Err(Refusal::NotParked.into()) };
    match decision {
        ChangeDecision::Retry => {
            accounts::retry(&mut tx, &change.key, console.now()).await?;
            console.enqueue(&mut tx, domain::job::JobKind::Mirror, bid.as_str()).await?;
        }
        ChangeDecision::Discard => {
            if reason.as_deref().is_none_or(|text| text.trim().is_empty()) {
                let problem = "Say why SecureAuth may stay as it is.".to_owned();
                return Err(ServiceError::Field { field: "reason", problem });
            }
            accounts::discard(&mut tx, &change.key).await?;
        }
    }
    let said = json!({"user": user, "decision": decision, "cause": change.cause});
    let entry = entry(console.now(), actor, AuditAction::UserDecided, bid, said).because(reason);
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(())
}
