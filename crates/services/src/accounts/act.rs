//! A person helps one user: lock, unlock, delete, re-create, send a message, force a reset.

use domain::{
    Bid,
    account::{AccountAct, AccountStatus, Hold, Side, may_act},
    actor::Actor,
    audit::AuditAction,
};
use secureauth::{CallError, PasswordState};
use serde_json::json;
use storage::{
    Conn, Tx,
    accounts::{self, Account, Change},
};

use super::{Ground, ask, entry, home, user_id};
use crate::{Console, ServiceError, reach};

/// Does what a person asked for one user.
///
/// # Errors
/// [`ServiceError::Refused`] when the rules forbid it now; [`ServiceError::Field`] where a reason is missing;
/// [`ServiceError::Vendor`] when SecureAuth did not send a message.
pub async fn act(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    user: &str,
    act: AccountAct,
    reason: Option<String>,
) -> Result<(), ServiceError> {
    actor.may(act.capability())?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let ground = Ground::of(&mut tx, biller).await?;
    let account = held_account(&mut tx, bid, user).await?;
    let change = accounts::find_change(&mut tx, bid, &account.reference).await?;
    may_act(actor, &ground.of_account(Some(&account), change.as_ref()), act)?;
    if act == AccountAct::Delete && reason.as_deref().is_none_or(|text| text.trim().is_empty()) {
        let problem = "Say why the user is deleted.".to_owned();
        return Err(ServiceError::Field { field: "reason", problem });
    }
    if act.is_at_once() {
        return at_once(console, actor, tx, &account, act, reason).await;
    }
    let hold = match act {
        AccountAct::Lock => Some(Hold::Locked),
        AccountAct::Delete => Some(Hold::Deleted),
        _ => None,
    };
    hold_at(console, &mut tx, actor, account, change, hold).await?;
    let said = json!({"user": user, "act": act});
    tx.commit_audited(entry(console.now(), actor, AuditAction::UserAsked, bid, said).because(reason)).await?;
    console.wake_workers();
    Ok(())
}

/// Notes what a person decided about an account, and asks for the change that brings it about.
async fn hold_at(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    account: Account,
    change: Option<Change>,
    hold: Option<Hold>,
) -> Result<(), ServiceError> {
    let base = change.map(|it| it.wanted).or_else(|| account.side().cloned());
    let profile = base.map(|side| side.profile).unwrap_or_default();
    let status = hold.map_or_else(|| signs_in(&account), Hold::status);
    let account = Account { hold, changed_at: console.now(), version: account.version + 1, ..account };
    accounts::put(tx, &account).await?;
    ask(console, tx, actor, &account, Side { status, profile }, None).await
}

/// Whether accounts of the biller may be changed at SecureAuth now.
pub(crate) async fn may_change(conn: &mut Conn, bid: &Bid) -> Result<bool, ServiceError> {
    let Some(biller) = storage::billers::find(conn, bid).await? else { return Ok(false) };
    let ground = Ground::of(conn, biller).await?.of_account(None, None);
    Ok(ground.enabled && ground.hosted)
}

/// Locks users by IC's ids, those of them that may be locked; the answer is their ids at SecureAuth.
pub(crate) async fn lock(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    bid: &Bid,
    references: &[&str],
) -> Result<Vec<String>, ServiceError> {
    let Some(biller) = storage::billers::find(tx, bid).await? else { return Ok(Vec::new()) };
    let ground = Ground::of(tx, biller).await?;
    let mut locked = Vec::new();
    for reference in references {
        let Some(account) = accounts::hold(tx, bid, reference).await? else { continue };
        let change = accounts::find_change(tx, bid, reference).await?;
        if may_act(actor, &ground.of_account(Some(&account), change.as_ref()), AccountAct::Lock).is_err() {
            continue;
        }
        locked.push(account.ids.user.to_string());
        hold_at(console, tx, actor, account, change, Some(Hold::Locked)).await?;
    }
    Ok(locked)
}

/// The status with which somebody is let in again: whoever never activated the account still has to.
fn signs_in(account: &Account) -> AccountStatus {
    let never = account.ic.as_ref().is_none_or(|side| side.status == AccountStatus::New)
        && account.password_at.is_none();
    if never { AccountStatus::New } else { AccountStatus::Active }
}

/// The account of a user, held until the transaction ends.
pub(super) async fn held_account(tx: &mut Tx, bid: &Bid, user: &str) -> Result<Account, ServiceError> {
    let unknown = || ServiceError::not_found("user", user);
    let found = accounts::find_by_user(tx, bid, user).await?.ok_or_else(unknown)?;
    accounts::hold(tx, bid, &found.reference).await?.ok_or_else(unknown)
}

/// SecureAuth is told at once, and never twice: that it was asked for is committed before, what came of it after.
async fn at_once(
    console: &Console,
    actor: &Actor,
    tx: Tx,
    account: &Account,
    act: AccountAct,
    reason: Option<String>,
) -> Result<(), ServiceError> {
    let bid = &account.bid;
    let user = account.ids.user.to_string();
    let said = json!({"user": user, "act": act});
    let asked = entry(console.now(), actor, AuditAction::UserMessageAsked, bid, said);
    tx.commit_audited(asked.because(reason)).await?;
    let told = tell(console, account, act).await?;
    let (trace, outcome) = match &told {
        Ok(trace) => (trace.clone(), "done"),
        Err(error) if error.outcome_unknown() => (error.trace_id.clone(), "unknown"),
        Err(error) => (error.trace_id.clone(), "not done"),
    };
    let said = json!({"user": user, "act": act, "outcome": outcome});
    let ended = entry(console.now(), actor, AuditAction::UserMessageEnded, bid, said).traced(trace);
    console.store.begin().await?.commit_audited(ended).await?;
    told.map(|_| ()).map_err(ServiceError::Vendor)
}

async fn tell(
    console: &Console,
    account: &Account,
    act: AccountAct,
) -> Result<Result<Option<String>, CallError>, ServiceError> {
    let (pool, organization) = home(&mut *console.store.read().await?, &account.bid).await?;
    let user = user_id(account)?;
    let address = account.vendor.as_ref().and_then(|side| side.profile.email.clone()).unwrap_or_default();
    let vendor = &console.vendor;
    Ok(match act {
        AccountAct::SendActivation => vendor.send_activation(&pool, &user, &address, &organization).await,
        AccountAct::SendReset => vendor.send_reset(&pool, &user, &address, &organization).await,
        AccountAct::ForceReset => {
            let told = vendor.set_password_state(&pool, &user, &PasswordState::MustBeReset).await;
            // Whoever is signed in with the old password is not any more.
            match told {
                Ok(_) => vendor
                    .revoke_pool_user_tokens(&pool, std::slice::from_ref(&user))
                    .await
                    .map(|revoked| revoked.trace_id),
                Err(error) => Err(error),
            }
        }
        AccountAct::Lock | AccountAct::Unlock | AccountAct::Delete | AccountAct::Recreate => Ok(None),
    })
}
