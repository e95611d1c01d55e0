//! Undo: moved users are removed again, unless somebody changed them since.

use domain::{
    audit::AuditAction,
    migration::{Cause, MigrationState, Problem, RowState},
    user_move::{UserMove, UserMoveState},
};
use futures::{StreamExt as _, stream};
use secureauth::CallError;
use serde_json::json;
use storage::{
    Bookkeeping, accounts,
    user_migrations::{self, Count, StagedUser, Tally, UserMigration},
    user_moves,
};

use super::{
    SLICE, again, entry, hold, report,
    run::{self, settle_open},
    send::{Route, Stamp as _, user_id},
    wait,
};
use crate::{Console, ServiceError, worker::After};

/// Users that are looked at and removed at a time.
const BATCH: usize = 100;

/// What became of a moved user.
enum Gone {
    Removed,
    Kept(Problem),
}

pub(super) async fn tick(console: &Console, it: UserMigration) -> Result<After, ServiceError> {
    settle_open(console, &it).await?;
    let until = tokio::time::Instant::now() + SLICE;
    for state in [RowState::Verified, RowState::Imported] {
        loop {
            let route = run::route(console, &it).await?;
            if route.hosted_login {
                let why = domain::access::Refusal::NoReturn.to_string();
                return hold(console, &it, why, "What was removed so far can be moved again.").await;
            }
            let rows = {
                let mut conn = console.store.read().await?;
                user_migrations::by_state(&mut conn, it.id, state, 0, BATCH).await?
            };
            if rows.is_empty() {
                break;
            }
            let ends: Vec<(StagedUser, Result<Gone, CallError>)> = stream::iter(rows)
                .map(|row| async {
                    let end = remove(&route, &row).await;
                    (row, end)
                })
                .buffer_unordered(4)
                .collect()
                .await;
            let failed = ends.iter().find_map(|(_, end)| end.as_ref().err()).cloned();
            if !record(console, &it, state, ends).await? {
                return Ok(After::Finished);
            }
            if let Some(error) = failed {
                return wait(console, &it, &format!("Undoing waits: {error}")).await;
            }
            if tokio::time::Instant::now() >= until {
                return Ok(again(console));
            }
        }
    }
    finish(console, &it).await
}

async fn remove(route: &Route, row: &StagedUser) -> Result<Gone, CallError> {
    let kept = |detail: &str| Ok(Gone::Kept(Problem::new(Cause::ChangedAtVendor, detail)));
    if row.baseline.is_some_and(|it| it != route.it.stamp_as_sent()) {
        return kept("was there before this move, which only renewed it");
    }
    let Some(id) = user_id(&row.ids) else { return Ok(Gone::Removed) };
    match route.console.vendor.find_user(&route.pool, &id).await? {
        None => Ok(Gone::Removed),
        Some(view) if view.updated_at == Some(route.it.stamp_as_sent()) => {
            route.console.vendor.delete_user(&route.pool, &id).await.map(|_| Gone::Removed)
        }
        Some(_) => kept("was changed at SecureAuth after it was moved"),
    }
}

/// Writes down what became of users; `false` when somebody stopped it.
async fn record(
    console: &Console,
    it: &UserMigration,
    from: RowState,
    ends: Vec<(StagedUser, Result<Gone, CallError>)>,
) -> Result<bool, ServiceError> {
    let mut tally = Tally::default();
    let (mut removed, mut ids, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (row, end) in ends {
        match end {
            Ok(Gone::Removed) => {
                removed.push(row.line);
                ids.push(row.ids.user);
            }
            Ok(Gone::Kept(problem)) => {
                tally.add(Count::Cause(problem.cause), row.line);
                kept.push((row.line, RowState::Skipped, problem));
            }
            Err(_) => {}
        }
    }
    tally.moved(from, RowState::Undone, removed.len());
    tally.moved(from, RowState::Skipped, kept.len());
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Undoing) {
        return Ok(false);
    }
    user_migrations::set_states(&mut tx, it.id, &removed, RowState::Undone, true).await?;
    user_migrations::put_states(&mut tx, it.id, &kept).await?;
    user_migrations::forget_moved(&mut tx, &it.bid, &ids, console.now()).await?;
    accounts::forget(&mut tx, &it.bid, &ids).await?;
    user_migrations::settle(&mut tx, it.id, &[], tally).await?;
    user_migrations::got_on(&mut tx, it, 0, 1, None, console.now()).await?;
    if removed.is_empty() {
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    } else {
        let said = json!({"migration": it.id, "removed": removed.len()});
        let entry = entry(console.now(), &it.created_by, AuditAction::VendorChanged, &it.bid, said);
        tx.commit_audited(entry).await?;
    }
    Ok(true)
}

async fn finish(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    let prepared = report::prepare(console, it).await?;
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Undoing) {
        return Ok(After::Finished);
    }
    let Some(fresh) = user_migrations::find(&mut tx, it.id).await? else { return Ok(After::Finished) };
    let counts = user_migrations::counts(&mut tx, it.id).await?;
    let of = |state| counts.get(&Count::State(state)).map_or(0, |(n, _)| *n);
    let now = console.now();
    let known = UserMove { state: UserMoveState::Staged, users: it.rows, moved: 0, changed_at: now };
    user_moves::put(&mut tx, &it.bid, &known).await?;
    let done = UserMigration {
        state: MigrationState::Undone,
        throttle: None,
        moved_on_at: now,
        finished_at: Some(now),
        ..fresh
    };
    user_migrations::save(&mut tx, MigrationState::Undoing, &done).await?;
    let report = report::keep(&mut tx, prepared, &done).await?;
    let said = json!({
        "migration": it.id, "state": done.state, "removed": of(RowState::Undone), "kept": of(RowState::Skipped),
        "report": report,
    });
    tx.commit_audited(entry(now, &it.created_by, AuditAction::MigrationEnded, &it.bid, said)).await?;
    // What nobody needs any more is erased next.
    Ok(again(console))
}
