//! Erase: what a file held goes as soon as nobody needs it. Verified rows are erased while both sides are compared; this
//! is about all others.

use std::time::Duration;

use domain::{
    MigrationId, Timestamp,
    job::JobKind,
    migration::{MigrationState, RowState},
};
use storage::{
    Bookkeeping, Tx,
    user_migrations::{self, Moved, StagedUser, Stop, UserMigration},
};

use super::{
    SLICE, again, check,
    run::{self, settle_open},
    send::{self, Route, Stamp as _},
};
use crate::{Console, ServiceError, worker::After};

/// Rejected and failed rows of a finished move can be corrected for this long; then they are erased, too.
const CORRECTIONS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// An upload of which no row came in for this long broke off: a thousand rows take seconds.
const UPLOAD_SILENT: Duration = Duration::from_secs(15 * 60);

/// The same where somebody wants to upload a file for the same biller.
const UPLOAD_SILENT_IN_THE_WAY: Duration = Duration::from_secs(30);

/// Rows that are erased in one transaction.
const BATCH: usize = 2_000;

/// Moves that one round of cleaning up sends on their way.
const MOVES: usize = 100;

/// Gives up uploads that broke off, and has everything erased that was kept long enough.
pub(crate) async fn expired(console: &Console, tx: &mut Tx, now: Timestamp) -> Result<(), ServiceError> {
    let mut due = give_up(tx, now.minus(UPLOAD_SILENT), now).await?;
    due.extend(user_migrations::to_erase(tx, now.minus(CORRECTIONS_KEPT), MOVES).await?);
    for id in due {
        console.enqueue(tx, JobKind::Migration, &id.to_string()).await?;
    }
    Ok(())
}

/// Gives up uploads that broke off and are in the way of a new one.
pub(super) async fn make_way(console: &Console, tx: &mut Tx, now: Timestamp) -> Result<(), ServiceError> {
    for id in give_up(tx, now.minus(UPLOAD_SILENT_IN_THE_WAY), now).await? {
        console.enqueue(tx, JobKind::Migration, &id.to_string()).await?;
    }
    Ok(())
}

async fn give_up(
    tx: &mut Tx,
    silent_since: Timestamp,
    now: Timestamp,
) -> Result<Vec<MigrationId>, ServiceError> {
    let why = Stop {
        message: "The upload broke off before the file was complete. Nothing of it was kept.".to_owned(),
        cure: "Upload it again.".to_owned(),
        during: MigrationState::Staging,
    };
    Ok(user_migrations::give_up(tx, silent_since, &why, now).await?)
}

/// Erases what a move that is over may not keep.
pub(super) async fn tick(console: &Console, it: UserMigration) -> Result<After, ServiceError> {
    settle_open(console, &it).await?;
    if it.erased_at.is_some() {
        return Ok(After::Finished);
    }
    let until = tokio::time::Instant::now() + SLICE;
    if it.state == MigrationState::Unreadable {
        while remove_rows(console, &it).await? {
            if tokio::time::Instant::now() >= until {
                return Ok(again(console));
            }
        }
        return note(console, &it).await;
    }
    let kept = kept(console, &it).await?;
    let route = run::route(console, &it).await.ok();
    let mut after = 0;
    loop {
        let rows = {
            let mut conn = console.store.read().await?;
            user_migrations::holding(&mut conn, it.id, kept, after, BATCH).await?
        };
        let Some(last) = rows.last() else { break };
        after = last.line;
        if !erase(console, &it, route.as_ref(), &rows).await? {
            return Ok(After::Finished);
        }
        if tokio::time::Instant::now() >= until {
            return Ok(again(console));
        }
    }
    if kept.is_empty() { note(console, &it).await } else { Ok(After::Finished) }
}

/// Which rows a move that is over keeps: those that can still be corrected.
async fn kept(console: &Console, it: &UserMigration) -> Result<&'static [RowState], ServiceError> {
    let finished = it.state == MigrationState::Finished
        && it.finished_at.is_some_and(|at| at.plus(CORRECTIONS_KEPT) > console.now());
    let newest = user_migrations::of_biller(&mut *console.store.read().await?, &it.bid, 1).await?;
    let newest = newest.first().is_none_or(|newest| newest.id == it.id);
    Ok(if finished && newest { &[RowState::Rejected, RowState::Failed] } else { &[] })
}

/// Erases rows; `false` when the move goes on again. Users that arrived and were never compared are remembered first: a
/// later delivery must know them.
async fn erase(
    console: &Console,
    it: &UserMigration,
    route: Option<&Route>,
    rows: &[StagedUser],
) -> Result<bool, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(it.state) {
        return Ok(false);
    }
    let arrived = rows.iter().filter(|row| row.state == RowState::Imported);
    let arrived: Vec<Moved> =
        route.map(|route| arrived.filter_map(|row| left_as_sent(route, row)).collect()).unwrap_or_default();
    for part in arrived.chunks(500) {
        user_migrations::put_moved(&mut tx, &it.bid, it.id, part, console.now()).await?;
    }
    let lines: Vec<i64> = rows.iter().map(|row| row.line).collect();
    user_migrations::erase(&mut tx, it.id, &lines).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(true)
}

fn left_as_sent(route: &Route, row: &StagedUser) -> Option<Moved> {
    let (person, _) = send::person(route, row)?;
    Some(Moved {
        source: check::source(&route.vault, row, &person, &route.it),
        reference: person.reference,
        ids: row.ids,
        stamp: route.it.stamp_as_sent(),
    })
}

/// Removes rows of an upload that never came in whole; `false` when none is left.
async fn remove_rows(console: &Console, it: &UserMigration) -> Result<bool, ServiceError> {
    let mut tx = console.store.begin().await?;
    let removed = user_migrations::remove_rows(&mut tx, it.id, BATCH).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(removed > 0)
}

/// Removes the claims, and notes that nothing is left.
async fn note(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    loop {
        let mut tx = console.store.begin().await?;
        if user_migrations::state_now(&mut tx, it.id).await? != Some(it.state) {
            return Ok(After::Finished);
        }
        let removed = user_migrations::remove_claims(&mut tx, it.id, BATCH).await?;
        if removed == 0 {
            user_migrations::erased(&mut tx, it.id, it.state, console.now()).await?;
        }
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
        if removed == 0 {
            return Ok(After::Finished);
        }
    }
}
