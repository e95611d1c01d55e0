//! Feed back: corrected rows take the place of those that were rejected or failed, and are checked anew.

use std::collections::HashMap;

use domain::{
    MigrationId,
    access::Refusal,
    actor::{Actor, Capability},
    audit::AuditAction,
    job::JobKind,
    migration::{MigrationState, RowState},
};
use serde_json::json;
use storage::{
    Tx,
    user_migrations::{self, Count, StagedUser, Tally, UserMigration},
};
use tokio::io::AsyncRead;

use super::{
    control::find,
    entry,
    export::{KEPT, LINE, PROBLEMS},
    source::{Source, SourceError},
    stage,
    vault::{Row, Vault},
};
use crate::{Console, ServiceError, spreadsheet::plain};

/// Rows that one correction may hold: they are taken over in one transaction.
const ROWS_MAX: usize = 50_000;

/// Takes corrected rows in; the answer is their number. Rows of the file that are not among the failed ones are an error,
/// and then none is taken.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to move users; [`ServiceError::Field`] for a file that does not fit.
pub async fn feed_back(
    console: &Console,
    actor: &Actor,
    id: MigrationId,
    source: impl AsyncRead + Send + Unpin,
) -> Result<usize, ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let it = find(&mut *console.store.read().await?, actor, id).await?;
    let corrected = read(&it, source).await?;
    let mut tx = console.store.begin().await?;
    let it = find(&mut tx, actor, id).await?;
    if !matches!(it.state, MigrationState::Checked | MigrationState::Finished | MigrationState::Paused) {
        return Err(wrong(format!(
            "Corrected rows cannot be taken now: the move is {:?}.",
            it.state.label()
        )));
    }
    if it.erased_at.is_some() {
        return Err(wrong(
            "The rows of this move were erased: upload the corrected users as a new file.".to_owned(),
        ));
    }
    if it.state.is_over() && user_migrations::is_open(&mut tx, &it.bid).await? {
        return Err(Refusal::MigrationOpen.into());
    }
    let lines: Vec<i64> = corrected.keys().copied().collect();
    let mut rows = Vec::new();
    for part in lines.chunks(500) {
        stage::give_own_ids(console, &mut tx, &it, Some(part)).await?;
        rows.extend(user_migrations::of_lines(&mut tx, id, part).await?);
    }
    if let Some(line) = lines.iter().find(|line| !rows.iter().any(|row| row.line == **line && is_open(row))) {
        return Err(wrong(format!(
            "Line {line} is not among the rejected or failed rows: remove it from the file."
        )));
    }
    replace(console, &mut tx, &it, &rows, &corrected).await?;
    let now = console.now();
    let next = UserMigration {
        state: MigrationState::Checking,
        // Whoever stood in the way may be gone: the pool is read anew.
        prediction: None,
        cursor: None,
        finished_at: None,
        moved_on_at: now,
        ..it.clone()
    };
    user_migrations::save(&mut tx, it.state, &next).await?;
    console.enqueue(&mut tx, JobKind::Migration, &id.to_string()).await?;
    let said = json!({"migration": id, "corrected_rows": rows.len()});
    tx.commit_audited(entry(now, actor, AuditAction::MigrationStaged, &it.bid, said)).await?;
    console.wake_workers();
    Ok(rows.len())
}

fn wrong(problem: String) -> ServiceError {
    ServiceError::Field { field: "file", problem }
}

fn is_open(row: &StagedUser) -> bool {
    matches!(row.state, RowState::Rejected | RowState::Failed)
}

/// The corrected cells of each line, in the order of the move's own columns.
async fn read(
    it: &UserMigration,
    source: impl AsyncRead + Send + Unpin,
) -> Result<HashMap<i64, Vec<String>>, ServiceError> {
    let unread = |error: SourceError| wrong(error.to_string());
    let mut source = Source::open(source).await.map_err(unread)?;
    let mut corrected = HashMap::new();
    while let Some(row) = source.next().await.map_err(unread)? {
        let header = source.header();
        let place = |name: &str| header.iter().position(|known| known == name);
        let Some(line_at) = place(LINE) else {
            return Err(wrong(format!(
                "The file has no column {LINE}: correct the file of failed rows itself."
            )));
        };
        if let Some(unknown) = header
            .iter()
            .find(|name| !it.header.contains(name) && name.as_str() != LINE && name.as_str() != PROBLEMS)
        {
            return Err(wrong(format!("The column {unknown:?} is none of this move: remove it.")));
        }
        let cells = row.cells.map_err(|problem| {
            wrong(format!("line {} {}. {}.", row.line, problem.detail, problem.cause.cure()))
        })?;
        let line = cells.get(line_at).and_then(|cell| cell.trim().parse().ok());
        let line: i64 = line.ok_or_else(|| wrong(format!("line {}: {LINE} is no number.", row.line)))?;
        let own = it.header.iter().map(|name| {
            place(name).and_then(|at| cells.get(at)).map(|cell| plain(cell).to_owned()).unwrap_or_default()
        });
        if corrected.insert(line, own.collect()).is_some() {
            return Err(wrong(format!("{LINE} {line} stands in the file twice: keep one.")));
        }
        if corrected.len() > ROWS_MAX {
            return Err(wrong(format!(
                "More than {ROWS_MAX} rows at once: feed them back in several files."
            )));
        }
    }
    if corrected.is_empty() { Err(wrong("The file holds no rows.".to_owned())) } else { Ok(corrected) }
}

async fn replace(
    console: &Console,
    tx: &mut Tx,
    it: &UserMigration,
    rows: &[StagedUser],
    corrected: &HashMap<i64, Vec<String>>,
) -> Result<(), ServiceError> {
    let vault = Vault::new(&console.settings.migration.key);
    let (mut sealed, mut tally) = (Vec::new(), Tally::default());
    for row in rows {
        let before =
            row.sealed.as_deref().and_then(|text| vault.open(it.id, row.line, text)).unwrap_or_default();
        let Some(cells) = corrected.get(&row.line) else { continue };
        let cells = cells.iter().enumerate().map(|(place, cell)| {
            if cell == KEPT { before.cells.get(place).cloned().unwrap_or_default() } else { cell.clone() }
        });
        let next = Row { cells: cells.collect(), hashed: None };
        sealed.extend(
            vault.seal(console.entropy.as_ref(), it.id, row.line, &next).map(|text| (row.line, text)),
        );
        tally.moved(row.state, RowState::Staged, 1);
        if let Some(verdict) = row.verdict {
            tally.by(Count::Verdict(verdict), -1);
        }
        if let Some(kind) = row.kind {
            tally.by(Count::Kind(kind), -1);
        }
        let causes: std::collections::HashSet<_> = row.problems.iter().map(|problem| problem.cause).collect();
        for cause in causes {
            tally.by(Count::Cause(cause), -1);
        }
    }
    let lines: Vec<i64> = rows.iter().map(|row| row.line).collect();
    user_migrations::release(tx, it.id, &lines).await?;
    let named: Vec<&str> = rows.iter().filter_map(|row| row.reference.as_deref()).collect();
    user_migrations::forget_seen(tx, &it.bid, it.id, Some(&named)).await?;
    user_migrations::replace_sealed(tx, it.id, &sealed).await?;
    user_migrations::set_states(tx, it.id, &lines, RowState::Staged, false).await?;
    user_migrations::settle(tx, it.id, &[], tally).await?;
    Ok(())
}
