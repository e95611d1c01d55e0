//! Reconcile: both sides are compared, user by user. What is the same is verified, and the staged secret erased.

use domain::{
    audit::AuditAction,
    migration::{Cause, MigrationState, Problem, RowState},
    user_move::{UserMove, UserMoveState},
};
use secureauth::{PageRequest, PageSize, UserView};
use serde_json::json;
use storage::{
    Bookkeeping, Tx,
    accounts::Account,
    freezes,
    user_migrations::{self, Comparison, Count, Moved, StagedUser, Tally, UserMigration},
    user_moves,
};

use super::{
    SLICE, again, check, entry, report,
    run::{self, settle_open},
    send::{self, Route, Stamp as _},
    wait,
};
use crate::{Console, ServiceError, worker::After};

pub(super) async fn tick(console: &Console, mut it: UserMigration) -> Result<After, ServiceError> {
    settle_open(console, &it).await?;
    let route = run::route(console, &it).await?;
    let until = tokio::time::Instant::now() + SLICE;
    loop {
        let page = PageRequest { after: it.cursor.clone(), size: PageSize::MAX };
        let users = match console.vendor.view_users(&route.pool, &page).await {
            Ok(users) => users,
            Err(error) => return wait(console, &it, &format!("Comparing waits: {error}")).await,
        };
        let next = page.following(&users);
        if !compare(console, &route, &mut it, &users.items, next.as_ref()).await? {
            return Ok(After::Finished);
        }
        if next.is_none() {
            return finish(console, &it).await;
        }
        if tokio::time::Instant::now() >= until {
            return Ok(again(console));
        }
    }
}

/// Compares one page; `false` when somebody cancelled meanwhile.
async fn compare(
    console: &Console,
    route: &Route,
    it: &mut UserMigration,
    users: &[UserView],
    next: Option<&PageRequest>,
) -> Result<bool, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Reconciling) {
        return Ok(false);
    }
    let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
    let rows = user_migrations::of_users(&mut tx, it.id, &ids).await?;
    let (mut same, mut moved, mut other) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = it.comparison.take().unwrap_or_default();
    let mut accounts = Vec::new();
    for user in users {
        note_stranger(&mut found, rows.contains_key(user.id.as_str()), user);
        let Some(row) = rows.get(user.id.as_str()).filter(|row| row.state == RowState::Imported) else {
            continue;
        };
        let theirs = send::digest_of(&route.vault, user);
        fold(&mut found.ours, row.digest.as_deref().unwrap_or_default());
        fold(&mut found.theirs, &theirs);
        found.compared += 1;
        if row.digest.as_deref() == Some(&theirs) {
            same.push(row.line);
            if let Some((left, account)) = left_as(route, row, user) {
                moved.push(left);
                accounts.push(account);
            }
        } else {
            other.push((
                row.line,
                RowState::Skipped,
                Problem::new(Cause::Differs, differing(route, row, user)),
            ));
        }
    }
    let mut tally = Tally::default();
    tally.moved(RowState::Imported, RowState::Verified, same.len());
    for (line, state, problem) in &other {
        tally.moved(RowState::Imported, *state, 1);
        tally.add(Count::Cause(problem.cause), *line);
    }
    user_migrations::put_moved(&mut tx, &it.bid, it.id, &moved, route.console.now()).await?;
    crate::accounts::put_moved(&mut tx, &it.bid, accounts).await?;
    user_migrations::set_states(&mut tx, it.id, &same, RowState::Verified, true).await?;
    user_migrations::put_states(&mut tx, it.id, &other).await?;
    user_migrations::settle(&mut tx, it.id, &[], tally).await?;
    it.cursor = next.and_then(|page| page.after.clone());
    it.differences += other.len() as u64;
    it.comparison = Some(found);
    it.moved_on_at = console.now();
    it.throttle = None;
    user_migrations::save(&mut tx, MigrationState::Reconciling, it).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(true)
}

/// Ids of users that are not in the file, shown at most.
const SAMPLE: usize = 20;

fn note_stranger(found: &mut Comparison, known: bool, user: &UserView) {
    if known {
        return;
    }
    found.strangers += 1;
    if found.sample.len() < SAMPLE {
        found.sample.push(user.id.to_string());
    }
}

/// Adds a digest to one over many in which the order does not matter.
fn fold(whole: &mut String, digest: &str) {
    let bytes = |text: &str| hex::decode(text).unwrap_or_default();
    let (mut sum, one) = (bytes(whole), bytes(digest));
    sum.resize(32, 0);
    for (sum, one) in sum.iter_mut().zip(one) {
        *sum ^= one;
    }
    *whole = hex::encode(sum);
}

/// What differs, without personal data.
fn differing(route: &Route, row: &StagedUser, user: &UserView) -> String {
    let Some((person, _)) = send::person(route, row) else {
        return "status, identifiers or addresses differ from what was sent".to_owned();
    };
    let mut parts = Vec::new();
    if person.status.as_str() != user.status.as_str() {
        parts.push(format!("the status is {} instead of {}", user.status.as_str(), person.status.as_str()));
    }
    let sent: Vec<String> = person.username.iter().chain(&person.email).cloned().collect();
    let mail = person.email.iter().map(|it| (it.clone(), person.email_verified));
    let addresses: Vec<(String, bool)> =
        mail.chain(person.phone.iter().map(|it| (it.clone(), false))).collect();
    parts.extend(apart("identifiers", &sent, &user.identifiers));
    parts.extend(apart("addresses or what is verified of them", &addresses, &user.addresses));
    parts.join("; ")
}

fn apart<T: PartialEq>(what: &str, ours: &[T], theirs: &[T]) -> Option<String> {
    let lacking = ours.iter().filter(|it| !theirs.contains(it)).count();
    let more = theirs.iter().filter(|it| !ours.contains(it)).count();
    (lacking + more > 0).then(|| format!("{what}: {lacking} sent are not there, {more} there were not sent"))
}

/// How the user was left: a later delivery is measured against it, and the account begins with it.
fn left_as(route: &Route, row: &StagedUser, user: &UserView) -> Option<(Moved, Account)> {
    let kept = route.vault.open(route.it.id, row.line, row.sealed.as_deref()?)?;
    let mut person = domain::migration::read(&route.columns, &kept.cells).person?;
    let source = check::source(&route.vault, row, &person, &route.it);
    if row.without_phone {
        person.phone = None;
    }
    let left = Moved {
        source,
        reference: person.reference.clone(),
        ids: row.ids,
        stamp: user.updated_at.unwrap_or_else(|| route.it.stamp_as_sent()),
    };
    let account = crate::accounts::moved(&route.it.bid, row.ids, &person, left.stamp, route.console.now());
    Some((left, account))
}

/// Users that SecureAuth took and does not list are not there; `true` where there were some.
async fn missing(console: &Console, it: &UserMigration) -> Result<bool, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Reconciling) {
        return Ok(false);
    }
    let missing = user_migrations::by_state(&mut tx, it.id, RowState::Imported, 0, 500).await?;
    if missing.is_empty() {
        return Ok(false);
    }
    let mut next = it.clone();
    let mut found = next.comparison.take().unwrap_or_default();
    missing.iter().for_each(|row| fold(&mut found.ours, row.digest.as_deref().unwrap_or_default()));
    next.comparison = Some(found);
    note_missing(&mut tx, it, &missing).await?;
    user_migrations::save(&mut tx, MigrationState::Reconciling, &next).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(true)
}

async fn finish(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    if missing(console, it).await? {
        return Ok(again(console));
    }
    let prepared = report::prepare(console, it).await?;
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Reconciling) {
        return Ok(After::Finished);
    }
    let counts = user_migrations::counts(&mut tx, it.id).await?;
    let of = |state| counts.get(&Count::State(state)).map_or(0, |(n, _)| *n);
    let moved = of(RowState::Verified) + of(RowState::Unchanged);
    let open = of(RowState::Failed) + of(RowState::Ready) + of(RowState::Staged);
    let now = console.now();
    let state = if open == 0 { UserMoveState::Moved } else { UserMoveState::Moving };
    user_moves::put(&mut tx, &it.bid, &UserMove { state, users: it.rows, moved, changed_at: now }).await?;
    if open == 0 {
        freezes::take_delta(&mut tx, &it.bid, it.id, it.created_at).await?;
    }
    let done = UserMigration {
        state: MigrationState::Finished,
        session: None,
        cursor: None,
        throttle: None,
        moved_on_at: now,
        finished_at: Some(now),
        ..it.clone()
    };
    user_migrations::save(&mut tx, MigrationState::Reconciling, &done).await?;
    let report = report::keep(&mut tx, prepared, &done).await?;
    let said = json!({
        "migration": it.id, "state": done.state, "rows": it.rows, "verified": of(RowState::Verified),
        "unchanged": of(RowState::Unchanged), "rejected": of(RowState::Rejected), "failed": of(RowState::Failed),
        "left_alone": of(RowState::Skipped), "differences": it.differences, "comparison": it.comparison,
        "report": report,
    });
    tx.commit_audited(entry(now, &it.created_by, AuditAction::MigrationEnded, &it.bid, said)).await?;
    // What nobody needs any more is erased next.
    Ok(again(console))
}

async fn note_missing(tx: &mut Tx, it: &UserMigration, missing: &[StagedUser]) -> Result<(), ServiceError> {
    let mut tally = Tally::default();
    tally.moved(RowState::Imported, RowState::Failed, missing.len());
    let rows: Vec<_> = missing
        .iter()
        .map(|row| {
            tally.add(Count::Cause(Cause::Missing), row.line);
            let problem = Problem::new(Cause::Missing, "SecureAuth took the user and does not list it");
            (row.line, RowState::Failed, problem)
        })
        .collect();
    user_migrations::put_states(tx, it.id, &rows).await?;
    user_migrations::settle(tx, it.id, &[], tally).await?;
    Ok(())
}
