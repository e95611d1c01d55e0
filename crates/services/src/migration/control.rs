//! What people ask of a move: columns, start, pause, go on, cancel, failed rows again, undo.

use domain::{
    MigrationId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry},
    job::JobKind,
    migration::{Ground, Mapping, MigrationAct, MigrationState, MissingStand, RowState, may_ask},
    object::ObjectKind,
    use_case::UseCase,
    user_move::{UserMove, UserMoveState},
};
use serde_json::json;
use storage::{
    Conn, Tx, freezes, objects,
    user_migrations::{self, Count, Tally, UserMigration},
    user_moves,
};

use super::{entry, missing, stage};
use crate::{Console, ServiceError, reach};

/// Says which column is which and has every row checked anew.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to move users or once it was started; [`ServiceError::Field`] for columns
/// that cannot be used.
pub async fn choose_columns(
    console: &Console,
    actor: &Actor,
    id: MigrationId,
    mapping: Mapping,
) -> Result<(), ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let mut tx = console.store.begin().await?;
    let it = find(&mut tx, actor, id).await?;
    if !it.state.may_map() || it.started_at.is_some() {
        return Err(ServiceError::Field {
            field: "columns",
            problem: format!("The columns are fixed now: the move is {:?}.", it.state.label()),
        });
    }
    mapping
        .bind(&it.header)
        .map_err(|error| ServiceError::Field { field: "columns", problem: error.to_string() })?;
    user_migrations::clear_check(&mut tx, id).await?;
    stage::give_own_ids(console, &mut tx, &it, None).await?;
    user_migrations::forget_seen(&mut tx, &it.bid, id, None).await?;
    let (known, now) = (it.state, console.now());
    let said = json!({"migration": id, "columns": mapping});
    let state = MigrationState::Checking;
    let next = UserMigration { state, mapping, prediction: None, cursor: None, moved_on_at: now, ..it };
    user_migrations::save(&mut tx, known, &next).await?;
    console.enqueue(&mut tx, JobKind::Migration, &id.to_string()).await?;
    tx.commit_audited(entry(now, actor, AuditAction::MigrationMapped, &next.bid, said)).await?;
    console.wake_workers();
    Ok(())
}

/// Does what a person asks. `typed_name` must be the biller's name for an undo, which removes people, and
/// for locking missing users.
///
/// # Errors
/// [`ServiceError::Refused`] when the rules forbid it now; [`ServiceError::Field`] when the name differs;
/// [`ServiceError::NotFound`].
pub async fn ask(
    console: &Console,
    actor: &Actor,
    id: MigrationId,
    act: MigrationAct,
    reason: Option<String>,
    typed_name: &str,
) -> Result<(), ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let mut tx = console.store.begin().await?;
    let it = find(&mut tx, actor, id).await?;
    let entry = ask_in(console, &mut tx, actor, &it, act, (reason, typed_name)).await?;
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(())
}

/// Whether it may be asked now, whatever else is done in the same commit; the answer is the biller's name.
///
/// # Errors
/// As [`ask`].
pub(super) async fn may_be_asked(
    conn: &mut Conn,
    actor: &Actor,
    it: &UserMigration,
    act: MigrationAct,
) -> Result<String, ServiceError> {
    let counts = user_migrations::counts(conn, it.id).await?;
    let failed = counts.get(&Count::State(RowState::Failed)).is_some_and(|(rows, _)| *rows > 0);
    let (ground, name) = ground(conn, actor, it, failed).await?;
    may_ask(actor, ground, it.state, act)?;
    if it.state.is_over() && user_migrations::is_open(conn, &it.bid).await? {
        return Err(Refusal::MigrationOpen.into());
    }
    let known = it.prediction.as_ref();
    if act == MigrationAct::Start && known.is_some_and(|known| known.pool.is_none()) {
        let problem = "The biller had no pool at SecureAuth when the rows were checked, so that nobody knows what \
            SecureAuth would refuse: check them again under Columns, then start.";
        return Err(ServiceError::Field { field: "act", problem: problem.to_owned() });
    }
    if act == MigrationAct::Retry && it.erased_at.is_some() {
        let problem = "The rows of this move were erased: upload the users again.".to_owned();
        return Err(ServiceError::Field { field: "act", problem });
    }
    Ok(name)
}

/// The same within a commit, which the answer ends.
///
/// # Errors
/// As [`ask`].
pub(super) async fn ask_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    it: &UserMigration,
    act: MigrationAct,
    (reason, typed_name): (Option<String>, &str),
) -> Result<AuditEntry, ServiceError> {
    let name = may_be_asked(tx, actor, it, act).await?;
    // Each form has a field of its own for it.
    let must_be_named = match act {
        MigrationAct::Undo => Some("name"),
        MigrationAct::LockMissing => Some("typed"),
        _ => None,
    };
    if let Some(field) = must_be_named.filter(|_| typed_name.trim() != name.trim()) {
        let problem = format!("Type the biller's name exactly as shown: {name}");
        return Err(ServiceError::Field { field, problem });
    }
    let now = console.now();
    let next = match act {
        MigrationAct::LockMissing => {
            UserMigration { missing: missing::decided(it, actor.clone(), now), ..it.clone() }
        }
        act => after(tx, it, act, reason.clone(), now).await?,
    };
    user_migrations::save(tx, it.state, &next).await?;
    console.enqueue(tx, JobKind::Migration, &it.id.to_string()).await?;
    let said = json!({"migration": it.id, "asked": act, "from": it.state, "to": next.state});
    Ok(entry(now, actor, AuditAction::MigrationAsked, &it.bid, said).because(reason))
}

/// The move, if its biller is there for the actor.
pub(super) async fn find(
    conn: &mut Conn,
    actor: &Actor,
    id: MigrationId,
) -> Result<UserMigration, ServiceError> {
    let missing = || ServiceError::not_found("move of users", id);
    let it = user_migrations::find(conn, id).await?.ok_or_else(missing)?;
    reach::biller_of(conn, actor, &it.bid, ("move of users", id)).await?;
    Ok(it)
}

/// What a decision needs of the biller, and its name. `failed`: rows of the move have.
pub(super) async fn ground(
    conn: &mut Conn,
    actor: &Actor,
    it: &UserMigration,
    failed: bool,
) -> Result<(Ground, String), ServiceError> {
    let biller = reach::biller_of(conn, actor, &it.bid, ("move of users", it.id)).await?;
    let effect = storage::use_cases::effects::of(conn, &it.bid).await?;
    let missing = match it.missing.as_ref() {
        Some(found) if found.users > 0 || found.decision.is_some() => {
            let newest = missing::is_newest(conn, it).await?;
            MissingStand::of(found.users, found.unnamed, found.decision.is_some(), newest)
        }
        _ => MissingStand::Nobody,
    };
    let ground = Ground {
        status: biller.status,
        hosted_login: effect.governs_login,
        hosting: effect.in_effect.has(UseCase::UserHosting),
        missing,
        failed,
    };
    Ok((ground, biller.name().to_owned()))
}

async fn after(
    tx: &mut Tx,
    it: &UserMigration,
    act: MigrationAct,
    reason: Option<String>,
    now: Timestamp,
) -> Result<UserMigration, ServiceError> {
    let mut next = UserMigration { moved_on_at: now, throttle: None, ..it.clone() };
    match act {
        MigrationAct::Start => {
            let pool = objects::find(tx, &it.bid, ObjectKind::Pool).await?;
            next.pool = Some(pool.ok_or(Refusal::NoRun)?.vendor_id);
            next.started_at = Some(it.started_at.unwrap_or(now));
            next.reason = reason;
            next.state = MigrationState::Canary;
            note_moving(tx, it, now).await?;
        }
        MigrationAct::Pause => next.state = MigrationState::Paused,
        MigrationAct::Resume => {
            next.state = match &it.stop {
                Some(stop) if it.state == MigrationState::Held => stop.during,
                // The canaries that passed are not flown again.
                _ => MigrationState::Canary,
            };
            next.stop = None;
        }
        MigrationAct::Cancel => {
            next.state = MigrationState::Cancelled;
            next.finished_at = Some(now);
            note_cancelled(tx, it, now).await?;
        }
        MigrationAct::Retry => {
            retry(tx, it).await?;
            note_moving(tx, it, now).await?;
            next.state = MigrationState::Canary;
            next.stop = None;
            next.finished_at = None;
        }
        MigrationAct::Undo => {
            note_moving(tx, it, now).await?;
            freezes::give_back_delta(tx, &it.bid, it.id).await?;
            next.state = MigrationState::Undoing;
            next.finished_at = None;
            next.stop = None;
        }
        // Nothing of the move itself changes.
        MigrationAct::LockMissing => return Ok(it.clone()),
    }
    next.session = (next.state == MigrationState::Running).then_some((now, 0));
    Ok(next)
}

/// From now on use cases that need every user moved wait.
async fn note_moving(tx: &mut Tx, it: &UserMigration, now: Timestamp) -> Result<(), ServiceError> {
    let moved = user_moves::of(tx, &it.bid).await?.map_or(0, |before| before.moved);
    let known = UserMove { state: UserMoveState::Moving, users: it.rows, moved, changed_at: now };
    Ok(user_moves::put(tx, &it.bid, &known).await?)
}

/// A move that is cancelled before anybody left is as if it had never been started.
async fn note_cancelled(tx: &mut Tx, it: &UserMigration, now: Timestamp) -> Result<(), ServiceError> {
    let Some(before) = user_moves::of(tx, &it.bid).await? else { return Ok(()) };
    if before.state != UserMoveState::Moving || sent_any(tx, it).await? {
        return Ok(());
    }
    let state = if before.moved > 0 { UserMoveState::Moved } else { UserMoveState::Staged };
    Ok(user_moves::put(tx, &it.bid, &UserMove { state, changed_at: now, ..before }).await?)
}

/// Whether users of this move are at SecureAuth, or on their way.
async fn sent_any(tx: &mut Tx, it: &UserMigration) -> Result<bool, ServiceError> {
    let counts = user_migrations::counts(tx, it.id).await?;
    let sent = [RowState::Imported, RowState::Verified, RowState::Failed, RowState::Skipped];
    let any = sent.iter().any(|state| counts.get(&Count::State(*state)).is_some_and(|(n, _)| *n > 0));
    Ok(any || !user_migrations::open_batches(tx, it.id).await?.is_empty())
}

/// Rows that failed are sent again. They were sent before, so each is looked at first.
async fn retry(tx: &mut Tx, it: &UserMigration) -> Result<(), ServiceError> {
    let mut after = 0;
    loop {
        let rows = user_migrations::by_state(tx, it.id, RowState::Failed, after, 500).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.line;
        let mut tally = Tally::default();
        tally.moved(RowState::Failed, RowState::Ready, rows.len());
        for row in &rows {
            for problem in &row.problems {
                tally.by(Count::Cause(problem.cause), -1);
            }
        }
        let lines: Vec<i64> = rows.iter().map(|row| row.line).collect();
        user_migrations::send_again(tx, it.id, &lines, it.stamp).await?;
        user_migrations::settle(tx, it.id, &[], tally).await?;
    }
}
