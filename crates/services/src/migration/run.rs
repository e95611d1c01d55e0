//! Run: batches of up to 100 users, several in flight, as fast as SecureAuth takes them.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{
    MigrationId,
    audit::{AuditAction, AuditEntry},
    migration::{MigrationState, Problem, RowState},
};
use futures::{StreamExt as _, stream};
use secureauth::SecureAuth;
use serde_json::json;
use storage::{
    Bookkeeping, Tx,
    user_migrations::{self, Comparison, Count, OpenBatch, ReadyUser, StagedUser, Tally, UserMigration},
};
use tokio::task::JoinSet;

use super::{
    SLICE, again, entry, hold, pool,
    send::{self, End, Outcome, Route},
    vault::Vault,
    wait, waits,
};
use crate::{Console, ServiceError, worker::After};

/// Requests in flight at most, whatever is configured (API.md §13).
pub(super) const PARALLEL_MAX: usize = 8;

/// An answer that takes longer, and four times as long as the quickest, is slow.
const SLOW: Duration = Duration::from_secs(2);

/// Ends that come within this time are written in one commit; if the process dies before, they are read back.
const GATHERED: Duration = Duration::from_millis(250);

/// After this time it is looked at whether somebody paused, also between commits.
const LOOKED: Duration = Duration::from_millis(50);

type Loaded = (OpenBatch, Vec<ReadyUser>);

pub(super) async fn tick(console: &Console, it: UserMigration) -> Result<After, ServiceError> {
    if let Some(why) = waits(console, &it).await? {
        return wait(console, &it, why).await;
    }
    if let Err(Unsettled) = settle(console, &it).await? {
        return wait(console, &it, "SecureAuth cannot be asked now what became of the last batches.").await;
    }
    let mut flight = Flight::new(console, &it);
    let paced = flight.fly(console, &it).await?;
    match paced {
        Landed::Stopped => Ok(After::Finished),
        Landed::SliceOver { pause } => {
            Ok(After::Again { at: console.now().plus(pause), why: "goes on".to_owned() })
        }
        Landed::Fault(error) => {
            let cure = error.cure().into_owned();
            hold(console, &it, error.to_string(), &cure).await
        }
        Landed::Done => finish(console, &it).await,
    }
}

pub(super) async fn route(console: &Console, it: &UserMigration) -> Result<Route, ServiceError> {
    let columns = it
        .mapping
        .bind(&it.header)
        .map_err(|error| ServiceError::Field { field: "columns", problem: error.to_string() })?;
    let mut conn = console.store.read().await?;
    let effect = storage::use_cases::effects::of(&mut conn, &it.bid).await?;
    Ok(Route {
        console: console.clone(),
        it: it.clone(),
        pool: pool(it)?,
        columns,
        vault: Vault::new(&console.settings.migration.key),
        hosted_login: effect.governs_login,
    })
}

/// How a flight ended.
enum Landed {
    /// Every row has its end.
    Done,
    /// Others have their turn; what is left goes on after the pause.
    SliceOver { pause: Duration },
    /// Somebody paused or cancelled.
    Stopped,
    /// Nothing of this kind is ever accepted.
    Fault(secureauth::CallError),
}

/// What became of batches, and why it goes slower since.
#[derive(Default)]
struct Ends {
    outcomes: Vec<Outcome>,
    throttle: Option<String>,
}

/// Batches in flight, and how many of them there should be.
struct Flight {
    id: MigrationId,
    ready: VecDeque<Loaded>,
    air: JoinSet<Outcome>,
    cursor: i64,
    parallel: usize,
    most: usize,
    quickest: Option<Duration>,
    exhausted: bool,
}

impl Flight {
    fn new(console: &Console, it: &UserMigration) -> Self {
        let most = console.settings.migration.parallel.clamp(1, PARALLEL_MAX);
        Self {
            id: it.id,
            ready: VecDeque::new(),
            air: JoinSet::new(),
            cursor: 0,
            parallel: usize::try_from(it.parallel).unwrap_or(1).clamp(1, most),
            most,
            quickest: None,
            exhausted: false,
        }
    }

    async fn fly(&mut self, console: &Console, it: &UserMigration) -> Result<Landed, ServiceError> {
        let mut fresh = Arc::new(route(console, it).await?);
        let mut until = tokio::time::Instant::now() + SLICE;
        let mut landed = None;
        loop {
            if landed.is_none() && tokio::time::Instant::now() >= until {
                if stays(console, it).await? {
                    fresh = Arc::new(route(console, it).await?);
                    until = tokio::time::Instant::now() + SLICE;
                } else {
                    landed = Some(Landed::SliceOver { pause: Duration::ZERO });
                }
            }
            let mut ends = Ends::default();
            self.gather(console, &fresh, &mut ends, &mut landed).await?;
            if !self.write_and_load(console, &fresh, &ends, landed.is_none()).await? {
                landed = landed.or(Some(Landed::Stopped));
            }
            self.launch(&fresh, landed.is_none());
            if self.air.is_empty() {
                break;
            }
        }
        self.unload(console).await?;
        Ok(landed.unwrap_or(Landed::Done))
    }

    /// Waits for the first end, and for others that come soon after: they are written in one commit. What is ready goes
    /// meanwhile, so that SecureAuth never waits for our disk, unless somebody paused.
    async fn gather(
        &mut self,
        console: &Console,
        route: &Arc<Route>,
        ends: &mut Ends,
        landed: &mut Option<Landed>,
    ) -> Result<(), ServiceError> {
        let mut next = self.air.join_next().await;
        let soon = tokio::time::Instant::now() + GATHERED;
        let (mut running, mut look) = (true, tokio::time::Instant::now());
        while let Some(outcome) = next {
            if running && tokio::time::Instant::now() >= look {
                let state = user_migrations::state(&mut *console.store.read().await?, self.id).await?;
                running = state == Some(MigrationState::Running);
                look = tokio::time::Instant::now() + LOOKED;
            }
            let mut outcome = joined(outcome)?;
            if let Some(end) = self.learn(&mut outcome, &mut ends.throttle) {
                *landed = Some(end);
            }
            ends.outcomes.push(outcome);
            self.launch(route, running && landed.is_none());
            // With nothing ready SecureAuth would wait for us, and so would whoever paused.
            let patient = running && (landed.is_some() || self.exhausted || !self.ready.is_empty());
            let until = if patient { soon } else { tokio::time::Instant::now() };
            next = tokio::time::timeout_at(until, self.air.join_next()).await.ok().flatten();
        }
        Ok(())
    }

    /// Sends what is ready, as much at a time as SecureAuth takes.
    fn launch(&mut self, route: &Arc<Route>, goes_on: bool) {
        while goes_on && self.air.len() < self.parallel {
            let Some((batch, rows)) = self.ready.pop_front() else { break };
            let route = Arc::clone(route);
            self.air.spawn(async move { send::send(&route, batch, rows).await });
        }
    }

    /// Learns from what became of a batch how fast to go on, why it is slower, and whether it ends here.
    fn learn(&mut self, outcome: &mut Outcome, throttle: &mut Option<String>) -> Option<Landed> {
        let mut landed = None;
        let quickest = self.quickest.map_or(outcome.latency, |it| it.min(outcome.latency));
        if let Some((why, pause)) = outcome.throttle.take() {
            self.parallel = (self.parallel / 2).max(1);
            *throttle = Some(why);
            landed = Some(Landed::SliceOver { pause });
        } else if outcome.latency > SLOW && outcome.latency > quickest * 4 {
            self.parallel = (self.parallel - 1).max(1);
            *throttle = Some("SecureAuth answers slowly.".to_owned());
        } else {
            self.parallel = (self.parallel + 1).min(self.most);
        }
        if outcome.latency > Duration::ZERO {
            self.quickest = Some(quickest);
        }
        outcome.fault.take().map(Landed::Fault).or(landed)
    }

    /// Writes ends down and notes the next batches, in one commit; `false` when somebody paused or cancelled.
    async fn write_and_load(
        &mut self,
        console: &Console,
        route: &Route,
        ends: &Ends,
        goes_on: bool,
    ) -> Result<bool, ServiceError> {
        let loads = goes_on && !self.exhausted && self.ready.len() < self.most;
        if ends.outcomes.is_empty() && !loads {
            return Ok(true);
        }
        let mut tx = console.store.begin().await?;
        // Asked with every commit: of what is ready, nothing more goes once somebody paused.
        let running = user_migrations::state_now(&mut tx, self.id).await? == Some(MigrationState::Running);
        let mut entries = Vec::new();
        if !ends.outcomes.is_empty() {
            entries = write(console, &mut tx, &route.it, ends, self.parallel).await?;
        }
        let loaded = if loads && running { self.load(console, &mut tx).await? } else { Vec::new() };
        commit(tx, entries).await?;
        self.ready.extend(loaded);
        Ok(running)
    }

    /// Notes the next batches.
    async fn load(&mut self, console: &Console, tx: &mut Tx) -> Result<Vec<Loaded>, ServiceError> {
        let wanted = (self.most * 2 - self.ready.len()) * SecureAuth::IMPORT_BATCH;
        let rows = user_migrations::ready_after(tx, self.id, self.cursor, wanted).await?;
        self.exhausted = rows.len() < wanted;
        self.cursor = rows.last().map_or(self.cursor, |row| row.line);
        let mut loaded: Vec<Loaded> = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let rows: Vec<ReadyUser> = rows.by_ref().take(SecureAuth::IMPORT_BATCH).collect();
            let id = domain::id::new_uuid(console.clock.as_ref(), console.entropy.as_ref());
            let lines = rows.iter().map(|row| row.line).collect();
            loaded.push((OpenBatch { id, lines }, rows));
        }
        let batches = loaded.iter().map(|(batch, _)| batch);
        user_migrations::note_batches(tx, self.id, batches, console.now()).await?;
        Ok(loaded)
    }

    /// Batches that were noted and never sent need no reading back.
    async fn unload(&mut self, console: &Console) -> Result<(), ServiceError> {
        let unsent: Vec<uuid::Uuid> = self.ready.drain(..).map(|(batch, _)| batch.id).collect();
        if unsent.is_empty() {
            return Ok(());
        }
        let mut tx = console.store.begin().await?;
        user_migrations::settle(&mut tx, self.id, &unsent, Tally::default()).await?;
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
        Ok(())
    }
}

/// Requests in flight when a move begins: half of what is allowed. The answers tell whether it may be more.
pub(super) fn parallel_at_first(console: &Console) -> u32 {
    let most = console.settings.migration.parallel.clamp(1, PARALLEL_MAX);
    u32::try_from(most.div_ceil(2)).unwrap_or(1)
}

/// Whether the worker may stay with this move: no other job waits, and users may still be sent. Leaving means that
/// everything in flight lands first.
async fn stays(console: &Console, it: &UserMigration) -> Result<bool, ServiceError> {
    let due = storage::jobs::next_due(&mut *console.store.read().await?).await?;
    let waiting = due.is_some_and(|due| due <= console.now());
    Ok(!waiting && waits(console, it).await?.is_none())
}

fn joined(outcome: Result<Outcome, tokio::task::JoinError>) -> Result<Outcome, ServiceError> {
    outcome.map_err(|error| ServiceError::Field {
        field: "batch",
        problem: format!("a batch broke off and is read back: {error}"),
    })
}

/// Writes ends of rows; the answer are the entries that tell of them, for the same commit.
async fn write(
    console: &Console,
    tx: &mut Tx,
    it: &UserMigration,
    ends: &Ends,
    parallel: usize,
) -> Result<Vec<AuditEntry>, ServiceError> {
    let Ends { outcomes, throttle } = ends;
    let mut tally = Tally::default();
    let mut imported = Vec::new();
    let mut others: Vec<(i64, RowState, Problem)> = Vec::new();
    for (line, end) in outcomes.iter().flat_map(|outcome| &outcome.ends) {
        match end {
            End::Imported => imported.push(*line),
            End::Failed(problem) => others.push((*line, RowState::Failed, problem.clone())),
            End::Skipped(problem) => others.push((*line, RowState::Skipped, problem.clone())),
            End::Later => {}
        }
    }
    tally.moved(RowState::Ready, RowState::Imported, imported.len());
    for (line, state, problem) in &others {
        tally.moved(RowState::Ready, *state, 1);
        tally.add(Count::Cause(problem.cause), *line);
    }
    let settled: Vec<uuid::Uuid> =
        outcomes.iter().filter(|outcome| !outcome.unsettled).map(|outcome| outcome.batch).collect();
    user_migrations::set_states(tx, it.id, &imported, RowState::Imported, false).await?;
    user_migrations::put_states(tx, it.id, &others).await?;
    user_migrations::settle(tx, it.id, &settled, tally).await?;
    user_migrations::got_on(tx, it, imported.len(), parallel, throttle.as_deref(), console.now()).await?;
    Ok(outcomes
        .iter()
        .flat_map(|outcome| &outcome.imports)
        .map(|(users, trace)| {
            let said = json!({"migration": it.id, "imported": users});
            entry(console.now(), &it.created_by, AuditAction::VendorChanged, &it.bid, said)
                .traced(trace.clone())
        })
        .collect())
}

async fn commit(tx: Tx, entries: Vec<AuditEntry>) -> Result<(), ServiceError> {
    if entries.is_empty() {
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    } else {
        tx.commit_audited_all(entries).await?;
    }
    Ok(())
}

/// Some batches could not be read back.
pub(super) struct Unsettled;

/// Settles batches of a move that somebody paused or cancelled.
pub(super) async fn settle_open(console: &Console, it: &UserMigration) -> Result<(), ServiceError> {
    match settle(console, it).await? {
        Ok(()) => Ok(()),
        Err(Unsettled) => Err(ServiceError::Field {
            field: "batches",
            problem: "SecureAuth cannot be asked now what became of the last batches".to_owned(),
        }),
    }
}

/// Reads back every batch whose end is not known, before anything is sent again.
async fn settle(console: &Console, it: &UserMigration) -> Result<Result<(), Unsettled>, ServiceError> {
    let batches = user_migrations::open_batches(&mut *console.store.read().await?, it.id).await?;
    if batches.is_empty() {
        return Ok(Ok(()));
    }
    tokio::time::sleep(console.settings.migration.settle).await;
    let route = route(console, it).await?;
    let outcomes: Vec<Option<Outcome>> =
        stream::iter(batches).map(|batch| reread(&route, batch)).buffer_unordered(4).collect().await;
    let whole = outcomes.iter().all(Option::is_some);
    let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
    let mut tx = console.store.begin().await?;
    let parallel = usize::try_from(it.parallel).unwrap_or(1);
    let ends = Ends { outcomes, throttle: None };
    let entries = write(console, &mut tx, it, &ends, parallel).await?;
    commit(tx, entries).await?;
    Ok(if whole { Ok(()) } else { Err(Unsettled) })
}

async fn reread(route: &Route, batch: OpenBatch) -> Option<Outcome> {
    let mut conn = route.console.store.read().await.ok()?;
    let rows = user_migrations::of_lines(&mut conn, route.it.id, &batch.lines).await.ok()?;
    drop(conn);
    let open: Vec<&StagedUser> = rows.iter().filter(|row| row.state == RowState::Ready).collect();
    let ends = send::read_back(route, &open).await.ok()?;
    let arrived = ends.iter().filter(|(_, end)| *end == End::Imported).count();
    Some(Outcome {
        batch: batch.id,
        imports: if arrived > 0 { vec![(arrived, None)] } else { Vec::new() },
        ends,
        unsettled: false,
        throttle: None,
        fault: None,
        latency: Duration::ZERO,
    })
}

async fn finish(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Running) {
        return Ok(After::Finished);
    }
    let left = user_migrations::ready_after(&mut tx, it.id, 0, 1).await?;
    if !left.is_empty() {
        return Ok(again(console));
    }
    let Some(fresh) = user_migrations::find(&mut tx, it.id).await? else { return Ok(After::Finished) };
    let next = UserMigration {
        state: MigrationState::Reconciling,
        cursor: None,
        differences: 0,
        comparison: Some(Comparison::default()),
        throttle: None,
        moved_on_at: console.now(),
        ..fresh
    };
    user_migrations::save(&mut tx, MigrationState::Running, &next).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(again(console))
}
