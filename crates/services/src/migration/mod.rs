//! The one-time move of a biller's users: check, canary, run, compare, report.
//!
//! The file is staged as it came, encrypted; each row's verdict is found out once, by the check, and is what the run
//! then does. A batch is noted before it is sent and settled when its end is known; what is uncertain is read back
//! before anything is sent again, so that a crash loses nothing, doubles nothing and brings no old password back.

mod adoption;
mod canary;
mod check;
mod control;
mod erase;
mod export;
mod feed_back;
mod freeze;
mod hashing;
mod hours;
mod judge;
mod mailing;
mod missing;
mod predict;
mod reconcile;
mod report;
mod run;
mod send;
mod show;
mod source;
mod stage;
mod undo;
mod vault;
pub(crate) mod wave;

use domain::{
    Bid, MigrationId, Timestamp,
    actor::Actor,
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::CiamStatus,
    migration::MigrationState,
};
use secureauth::PoolId;
use serde_json::json;
use storage::{Bookkeeping, user_migrations};

pub use storage::user_migrations::{
    Canary, Comparison, Count, FieldSchema, Mailing, Missing, Prediction, Stop, UserMigration,
};

pub use self::{
    adoption::{AdoptionView, FeedStand, show as show_adoption},
    control::{ask, choose_columns},
    export::failed_rows,
    feed_back::feed_back,
    freeze::{FreezeRequest, FreezeView, declare_freeze, show_freeze, withdraw_freeze},
    mailing::mail_resets,
    report::{
        Decision, DifferencePlace, Differences, DifferingRow, FreezeThen, MissingThen, Report, ReportView,
        When, differences_csv, report_json, show_report,
    },
    show::{MailsView, MigrationView, ProblemView, all, of_biller, show},
    stage::{stage, stage_as},
};
pub(crate) use self::{erase::expired, freeze::delta};
pub(crate) use self::{hashing::rehash, send::nobodys, vault::open_password};
use crate::{Console, ServiceError, worker::After};

/// How long a worker stays with one move before others get their turn.
const SLICE: std::time::Duration = std::time::Duration::from_secs(5);

/// Carries a move on, as its state asks.
pub(crate) async fn carry_on(console: &Console, id: MigrationId) -> Result<After, ServiceError> {
    let Some(it) = user_migrations::find(&mut *console.store.read().await?, id).await? else {
        return Err(ServiceError::not_found("move of users", id));
    };
    match it.state {
        MigrationState::Checking => check::tick(console, it).await,
        MigrationState::Canary => canary::tick(console, it).await,
        MigrationState::Running => run::tick(console, it).await,
        MigrationState::Reconciling => reconcile::tick(console, it).await,
        MigrationState::Undoing => undo::tick(console, it).await,
        state if state.is_over() => match erase::tick(console, it.clone()).await? {
            After::Finished => match missing::tick(console, &it).await? {
                After::Finished => mailing::tick(console, &it).await,
                later => Ok(later),
            },
            later => Ok(later),
        },
        // Batches that were on their way when somebody paused or cancelled are settled all the same.
        _ => run::settle_open(console, &it).await.map(|()| After::Finished),
    }
}

/// Goes on at once, after others had their turn.
fn again(console: &Console) -> After {
    After::Again { at: console.now(), why: "goes on".to_owned() }
}

/// Stops a move on a fault: a person decides.
async fn hold(
    console: &Console,
    it: &UserMigration,
    message: String,
    cure: &str,
) -> Result<After, ServiceError> {
    let stop = Stop { message, cure: cure.to_owned(), during: it.state };
    let mut tx = console.store.begin().await?;
    // Somebody may have paused or cancelled it meanwhile: then that stays.
    if user_migrations::state_now(&mut tx, it.id).await? != Some(it.state) {
        return Ok(After::Finished);
    }
    let Some(fresh) = user_migrations::find(&mut tx, it.id).await? else { return Ok(After::Finished) };
    let said = json!({"migration": it.id, "state": MigrationState::Held, "message": stop.message});
    let held = UserMigration {
        state: MigrationState::Held,
        stop: Some(stop),
        session: None,
        moved_on_at: console.now(),
        ..fresh
    };
    user_migrations::save(&mut tx, it.state, &held).await?;
    tx.commit_audited(entry(console.now(), &it.created_by, AuditAction::MigrationEnded, &it.bid, said))
        .await?;
    Ok(After::Finished)
}

fn entry(
    at: Timestamp,
    actor: &Actor,
    action: AuditAction,
    bid: &Bid,
    after: serde_json::Value,
) -> AuditEntry {
    AuditEntry::new(at, actor.clone(), action, Subject::new(SubjectKind::Biller, bid.as_str()))
        .change(None, Some(after))
}

/// The pool that users go to.
fn pool(it: &UserMigration) -> Result<PoolId, ServiceError> {
    let id = it.pool.as_deref().unwrap_or_default();
    PoolId::parse(id).map_err(|_| ServiceError::not_found("pool", id))
}

/// Whether users may be sent now; otherwise why it waits.
async fn waits(console: &Console, it: &UserMigration) -> Result<Option<&'static str>, ServiceError> {
    let mut conn = console.store.read().await?;
    let biller = storage::billers::find(&mut conn, &it.bid).await?;
    let enabled = biller.is_some_and(|biller| biller.status == CiamStatus::Enabled);
    Ok((!enabled).then_some("The biller is not enabled now; it goes on once it is."))
}

/// Notes why a move waits, and comes back later.
async fn wait(console: &Console, it: &UserMigration, why: &str) -> Result<After, ServiceError> {
    let mut tx = console.store.begin().await?;
    user_migrations::got_on(
        &mut tx,
        it,
        0,
        usize::try_from(it.parallel).unwrap_or(1),
        Some(why),
        it.moved_on_at,
    )
    .await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    let at = console.now().plus(std::time::Duration::from_secs(15));
    Ok(After::Again { at, why: why.to_owned() })
}
