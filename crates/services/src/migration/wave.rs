//! Moves of several billers as one wave: each line starts the move whose check people saw when the wave was asked for.

use domain::{
    Bid, MigrationId,
    actor::Actor,
    audit::AuditEntry,
    biller::Biller,
    migration::{MigrationAct, MigrationState, RowState},
    wave::{WaveItemState, WaveRules},
};
use storage::{
    Conn, Tx,
    user_migrations::{self, Count, UserMigration},
};

use super::control;
use crate::{Console, ServiceError};

/// The newest move of a biller, where its rows are checked and it waits for somebody to start it.
///
/// # Errors
/// [`ServiceError::Storage`].
pub(crate) async fn checked(conn: &mut Conn, bid: &Bid) -> Result<Option<UserMigration>, ServiceError> {
    let newest = user_migrations::of_biller(conn, bid, 1).await?.pop();
    Ok(newest.filter(|it| it.state == MigrationState::Checked))
}

/// What a wave would move of a biller, in words; an error where it cannot now.
///
/// # Errors
/// The inner one is why not, for people; the outer one [`ServiceError::Storage`].
pub(crate) async fn outlook(
    conn: &mut Conn,
    actor: &Actor,
    biller: &Biller,
    named: Option<MigrationId>,
) -> Result<Result<String, String>, ServiceError> {
    let Some(it) = checked(conn, biller.bid()).await? else {
        return Ok(Err("It has no checked file that waits for its start.".to_owned()));
    };
    if named.is_some_and(|named| named != it.id) {
        return Ok(Err("Another file was checked since the wave was asked for.".to_owned()));
    }
    match control::may_be_asked(conn, actor, &it, MigrationAct::Start).await {
        Ok(_) => {}
        Err(ServiceError::Refused(refusal)) => return Ok(Err(refusal.to_string())),
        Err(ServiceError::Field { problem, .. }) => return Ok(Err(problem)),
        Err(error) => return Err(error),
    }
    let counts = user_migrations::counts(conn, it.id).await?;
    let of = |state: RowState| counts.get(&Count::State(state)).map_or(0, |(n, _)| *n);
    let (ready, rejected) = (of(RowState::Ready), of(RowState::Rejected));
    if ready == 0 {
        return Ok(Err("No row of its file can be moved.".to_owned()));
    }
    Ok(Ok(format!("{}: {ready} users to move, {rejected} rows rejected", it.file_name)))
}

/// Starts the move of a line.
///
/// # Errors
/// As [`super::ask`].
pub(crate) async fn start_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    id: MigrationId,
    reason: Option<String>,
) -> Result<AuditEntry, ServiceError> {
    let it = control::find(tx, actor, id).await?;
    control::ask_in(console, tx, actor, &it, MigrationAct::Start, (reason, "")).await
}

/// Where a line stands whose move is under way, and what people should know of it.
///
/// # Errors
/// [`ServiceError::Storage`].
pub(crate) async fn line(
    conn: &mut Conn,
    id: MigrationId,
    rules: WaveRules,
) -> Result<(WaveItemState, Option<String>), ServiceError> {
    let Some(it) = user_migrations::find(conn, id).await? else {
        return Ok((WaveItemState::Failed, Some("The move is gone.".to_owned())));
    };
    let counts = user_migrations::counts(conn, id).await?;
    let of = |state: RowState| counts.get(&Count::State(state)).map_or(0, |(n, _)| *n);
    let (arrived, left) = (of(RowState::Verified), of(RowState::Failed));
    let state = WaveItemState::of_move(it.state, arrived, left, rules);
    let note = match (&it.stop, state) {
        (Some(stop), WaveItemState::Failed) => Some(stop.to_string()),
        (None, WaveItemState::Failed) if it.state != MigrationState::Finished => {
            Some(format!("The move is: {}.", it.state.label().to_lowercase()))
        }
        (_, WaveItemState::Failed | WaveItemState::Succeeded) => {
            Some(format!("{arrived} users arrived, {left} did not."))
        }
        _ => None,
    };
    Ok((state, note))
}
