//! Missing: users of earlier deliveries that stand in no row of this one. Nobody touches them, unless a person decides
//! that they are locked; then each is locked as by hand, and IC's changes do not unlock it.

use domain::{audit::AuditAction, migration::MigrationState};
use serde_json::json;
use storage::{
    Bookkeeping, Conn,
    user_migrations::{self, Missing, MissingDecision, UserMigration},
};

use super::{SLICE, again, entry};
use crate::{Console, ServiceError, accounts, worker::After};

/// Users that are locked in one transaction.
const BATCH: usize = 100;

/// Counts who is missing; what was decided before stays.
pub(super) async fn count(conn: &mut Conn, it: &UserMigration) -> Result<Missing, ServiceError> {
    let (users, unnamed) = user_migrations::count_missing(conn, &it.bid, it.id).await?;
    let decision = it.missing.as_ref().and_then(|before| before.decision.clone());
    Ok(Missing { users, unnamed, decision })
}

/// Whether no newer delivery of the biller's came in.
pub(super) async fn is_newest(conn: &mut Conn, it: &UserMigration) -> Result<bool, ServiceError> {
    let newest = user_migrations::of_biller(conn, &it.bid, 1).await?;
    Ok(newest.first().is_none_or(|newest| newest.id == it.id))
}

/// Locks who is to be locked, some at a time.
pub(super) async fn tick(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    let until = tokio::time::Instant::now() + SLICE;
    while let Some(later) = step(console, it).await? {
        if let Later::Waits = later {
            let at = console.now().plus(std::time::Duration::from_secs(60));
            return Ok(After::Again {
                at,
                why: "missing users wait: user hosting is not in effect".to_owned(),
            });
        }
        if tokio::time::Instant::now() >= until {
            return Ok(again(console));
        }
    }
    Ok(After::Finished)
}

/// Why it is not over.
enum Later {
    /// More are to be locked.
    More,
    /// Nothing may be changed now.
    Waits,
}

async fn step(console: &Console, it: &UserMigration) -> Result<Option<Later>, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Finished) {
        return Ok(None);
    }
    let Some(mut fresh) = user_migrations::find(&mut tx, it.id).await? else { return Ok(None) };
    let Some(decision) = fresh.missing.as_mut().and_then(|it| it.decision.as_mut()).filter(|it| !it.ended)
    else {
        return Ok(None);
    };
    if !accounts::may_change(&mut tx, &it.bid).await? {
        return Ok(Some(Later::Waits));
    }
    let newest = is_newest(&mut tx, it).await?;
    let after = decision.cursor.clone();
    let found = if newest {
        user_migrations::missing_after(&mut tx, &it.bid, it.id, after.as_deref(), BATCH).await?
    } else {
        Vec::new()
    };
    let references: Vec<&str> = found.iter().map(|(reference, _)| reference.as_str()).collect();
    let by = decision.by.clone();
    let locked = accounts::lock(console, &mut tx, &by, &it.bid, &references).await?;
    decision.locked += locked.len() as u64;
    decision.cursor = found.last().map(|(reference, _)| reference.clone()).or(after);
    decision.ended = found.len() < BATCH;
    let later = (!decision.ended).then_some(Later::More);
    user_migrations::save(&mut tx, MigrationState::Finished, &fresh).await?;
    if locked.is_empty() {
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    } else {
        let said = json!({"migration": it.id, "act": "lock", "missing_in_delivery": locked});
        tx.commit_audited(entry(console.now(), &by, AuditAction::UserAsked, &it.bid, said)).await?;
        console.wake_workers();
    }
    Ok(later)
}

/// The decision as it begins.
pub(super) fn decided(
    it: &UserMigration,
    by: domain::actor::Actor,
    at: domain::Timestamp,
) -> Option<Missing> {
    let decision = MissingDecision { by, at, cursor: None, locked: 0, ended: false };
    it.missing.clone().map(|before| Missing { decision: Some(decision), ..before })
}
