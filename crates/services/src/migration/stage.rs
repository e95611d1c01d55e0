//! Stage: a file comes in, row by row, and is kept as it came, encrypted.

use domain::{
    Bid, MigrationId,
    access::Refusal,
    actor::{Actor, Capability},
    audit::AuditAction,
    job::JobKind,
    migration::{Mapping, MigrationState, RowState, Verdict},
    user_move::{UserMove, UserMoveState},
};
use serde_json::json;
use storage::{
    Bookkeeping, Tx,
    user_migrations::{self, Count, RowIds, SealedRow, Stop, Tally, UserMigration},
    user_moves,
};
use tokio::io::AsyncRead;
use tokio_util::task::AbortOnDropHandle;

use super::{
    entry, erase, run,
    source::{Source, SourceError, SourceRow},
    vault::{Row, Vault},
};
use crate::{Console, ServiceError, reach};

/// Rows that are staged in one transaction.
const BATCH: usize = 1_000;

/// Takes a file of a biller's users in. Nothing is sent; the check begins at once where the columns can be guessed.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to move users or while another move is open; [`ServiceError::NotFound`].
pub async fn stage(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    file_name: &str,
    source: impl AsyncRead + Send + Unpin,
) -> Result<MigrationId, ServiceError> {
    stage_as(console, actor, bid, file_name, &Mapping::default(), source).await
}

/// The same where some columns are said beforehand: what is said goes before what is remembered or guessed. The move
/// waits for columns where one of them is not in the file.
///
/// # Errors
/// As [`stage`].
pub async fn stage_as(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    file_name: &str,
    said: &Mapping,
    source: impl AsyncRead + Send + Unpin,
) -> Result<MigrationId, ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let id = MigrationId::new(console.clock.as_ref(), console.entropy.as_ref());
    let now = console.now();
    let mut tx = console.store.begin().await?;
    reach::biller(&mut tx, actor, bid).await?;
    erase::make_way(console, &mut tx, now).await?;
    if user_migrations::is_open(&mut tx, bid).await? {
        return Err(Refusal::MigrationOpen.into());
    }
    let before = user_migrations::of_biller(&mut tx, bid, 1).await?.pop();
    if let Some(before) = before.as_ref().filter(|it| it.erased_at.is_none()) {
        // Its rows cannot be corrected any more: the new file takes its place.
        console.enqueue(&mut tx, JobKind::Migration, &before.id.to_string()).await?;
    }
    let new = UserMigration {
        id,
        bid: bid.clone(),
        state: MigrationState::Staging,
        file_name: shown_name(file_name),
        header: Vec::new(),
        mapping: before.map(|it| it.mapping).unwrap_or_default(),
        rows: 0,
        stamp: now,
        pool: None,
        cursor: None,
        parallel: run::parallel_at_first(console),
        throttle: None,
        stop: None,
        canaries: Vec::new(),
        differences: 0,
        created_by: actor.clone(),
        reason: None,
        created_at: now,
        started_at: None,
        session: None,
        moved_on_at: now,
        finished_at: None,
        erased_at: None,
        comparison: None,
        prediction: None,
        missing: None,
    };
    user_migrations::begin(&mut tx, &new).await?;
    tx.commit_bookkeeping(Bookkeeping::Staging).await?;
    let read = match read(console, id, source).await {
        Ok(header) => Ok(header),
        Err(Stopped::Source(error)) => Err(error),
        Err(Stopped::Service(error)) => return Err(error),
    };
    finish(console, actor, id, said, read).await?;
    console.wake_workers();
    Ok(id)
}

enum Stopped {
    Source(SourceError),
    Service(ServiceError),
}

/// Stages every row; the answer is the columns' names.
async fn read(
    console: &Console,
    id: MigrationId,
    source: impl AsyncRead + Send + Unpin,
) -> Result<Vec<String>, Stopped> {
    let mut writing = Writing { console, id, under_way: None };
    let read = read_rows(console, id, source, &mut writing).await;
    // What is under way ends before the move goes on, however reading ended.
    writing.done().await.map_err(Stopped::Service)?;
    read
}

async fn read_rows(
    console: &Console,
    id: MigrationId,
    source: impl AsyncRead + Send + Unpin,
    writing: &mut Writing<'_>,
) -> Result<Vec<String>, Stopped> {
    let vault = Vault::new(&console.settings.migration.key);
    let mut source = Source::open(source).await.map_err(Stopped::Source)?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut any = false;
    while let Some(row) = source.next().await.map_err(Stopped::Source)? {
        any = true;
        batch.push(sealed(console, &vault, id, row));
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            writing.begin(full).await.map_err(Stopped::Service)?;
        }
    }
    writing.begin(batch).await.map_err(Stopped::Service)?;
    if any { Ok(source.header().to_vec()) } else { Err(Stopped::Source(SourceError::NoRows)) }
}

/// One batch is written while the next is read and encrypted; never two, so that memory stays flat.
struct Writing<'a> {
    console: &'a Console,
    id: MigrationId,
    /// Taken back with the upload when that is given up.
    under_way: Option<AbortOnDropHandle<Result<(), ServiceError>>>,
}

impl Writing<'_> {
    /// Waits for the batch before, and begins with this one.
    async fn begin(&mut self, rows: Vec<SealedRow>) -> Result<(), ServiceError> {
        self.done().await?;
        let (console, id) = (self.console.clone(), self.id);
        let task = tokio::spawn(async move { add(&console, id, &rows).await });
        self.under_way = Some(AbortOnDropHandle::new(task));
        Ok(())
    }

    /// Waits until everything is written.
    async fn done(&mut self) -> Result<(), ServiceError> {
        let Some(batch) = self.under_way.take() else { return Ok(()) };
        batch.await.map_err(|ended| ServiceError::Field {
            field: "file",
            problem: format!("Some of its rows could not be written ({ended}). Deliver it again."),
        })?
    }
}

fn minted(console: &Console) -> RowIds {
    let mut random = [0_u8; 96];
    console.entropy.fill(&mut random);
    RowIds::mint(&random)
}

/// Gives rows ids of their own again, before they are judged anew: a check gave them those of the users that they then
/// were, and now they may be somebody else's. Of these lines only, where some are given.
pub(super) async fn give_own_ids(
    console: &Console,
    tx: &mut Tx,
    it: &UserMigration,
    lines: Option<&[i64]>,
) -> Result<(), ServiceError> {
    let lines = user_migrations::lines_of_moved(tx, &it.bid, it.id, lines).await?;
    let rows: Vec<(i64, RowIds)> = lines.into_iter().map(|line| (line, minted(console))).collect();
    user_migrations::put_ids(tx, it.id, &rows).await?;
    Ok(())
}

fn sealed(console: &Console, vault: &Vault, id: MigrationId, row: SourceRow) -> SealedRow {
    let ids = minted(console);
    let (sealed, problem) = match row.cells {
        Ok(cells) => {
            let row_kept = Row { cells, hashed: None };
            (vault.seal(console.entropy.as_ref(), id, row.line, &row_kept), None)
        }
        Err(problem) => (None, Some(problem)),
    };
    SealedRow { line: row.line, sealed, problem, ids }
}

async fn add(console: &Console, id: MigrationId, rows: &[SealedRow]) -> Result<(), ServiceError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut tally = Tally::default();
    for row in rows {
        match &row.problem {
            None => tally.add(Count::State(RowState::Staged), row.line),
            Some(problem) => {
                tally.add(Count::State(RowState::Rejected), row.line);
                tally.add(Count::Verdict(Verdict::Reject), row.line);
                tally.add(Count::Cause(problem.cause), row.line);
            }
        }
    }
    let mut tx = console.store.begin().await?;
    user_migrations::add_rows(&mut tx, id, rows, tally, console.now()).await?;
    tx.commit_bookkeeping(Bookkeeping::Staging).await?;
    Ok(())
}

async fn finish(
    console: &Console,
    actor: &Actor,
    id: MigrationId,
    said: &Mapping,
    read: Result<Vec<String>, SourceError>,
) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    let found = user_migrations::find(&mut tx, id).await?;
    let mut it = found.ok_or_else(|| ServiceError::not_found("move of users", id))?;
    let now = console.now();
    it.moved_on_at = now;
    match read {
        Ok(header) => {
            it.mapping = if it.mapping == Mapping::default() {
                Mapping::guess(&header)
            } else {
                it.mapping.remembered(&header)
            };
            it.mapping = it.mapping.with(said);
            let usable = it.mapping.bind(&header).is_ok();
            it.state = if usable { MigrationState::Checking } else { MigrationState::Mapping };
            it.header = header;
            let known = UserMove { state: UserMoveState::Staged, users: it.rows, moved: 0, changed_at: now };
            note_staged(&mut tx, &it.bid, known).await?;
        }
        Err(error) => {
            it.state = MigrationState::Unreadable;
            it.finished_at = Some(now);
            it.stop = Some(Stop {
                message: error.to_string(),
                cure: String::new(),
                during: MigrationState::Staging,
            });
        }
    }
    user_migrations::save(&mut tx, MigrationState::Staging, &it).await?;
    // The check, or the removal of what cannot be used.
    console.enqueue(&mut tx, JobKind::Migration, &id.to_string()).await?;
    let entry_of = json!({"migration": id, "file": it.file_name, "rows": it.rows, "state": it.state});
    tx.commit_audited(entry(now, actor, AuditAction::MigrationStaged, &it.bid, entry_of)).await?;
    Ok(())
}

/// A later delivery does not unsay that users were moved.
async fn note_staged(tx: &mut storage::Tx, bid: &Bid, known: UserMove) -> Result<(), ServiceError> {
    let before = user_moves::of(tx, bid).await?;
    if before.is_none_or(|it| it.state != UserMoveState::Moved) {
        user_moves::put(tx, bid, &known).await?;
    }
    Ok(())
}

/// The file's own name, without folders and without what would garble a page.
fn shown_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if name.trim().is_empty() { "users".to_owned() } else { name }
}
