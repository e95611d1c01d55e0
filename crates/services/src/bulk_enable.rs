//! Waves: does one thing to many billers, some at a time, one line per biller: the pilot first, then stage by stage;
//! and stops itself when too much fails.

use std::time::Duration;

use domain::{
    Bid, RunId, Timestamp, WaveId,
    access::{self, Refusal},
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    filter::BillerFilter,
    job::JobKind,
    run::RunKind,
    use_case::Cause,
    wave::{Wave, WaveAction, WaveCounts, WaveItem, WaveItemState, WaveNext, WaveRules, WaveState},
};
use serde_json::json;
use storage::{Bookkeeping, Conn, Tx, billers, runs, waves};

use crate::{
    Console, ServiceError, apply_defaults,
    change_use_cases::{self, Asked},
    copy_in_waves, enable_biller, list_billers, reach, schedule_wave,
    schedule_wave::WaveTime,
    worker::After,
};

/// The most billers in one wave.
pub const MAX_BILLERS: usize = 5_000;

/// Lines on one page of a wave.
const LINES: usize = 200;

/// A wave is looked at again after this time even if no run told of its end.
const WATCH_EVERY: Duration = Duration::from_secs(5);

/// Which billers are meant.
#[derive(Clone, Debug)]
pub enum Selection {
    /// These, as picked on the list.
    Bids(Vec<Bid>),
    /// All that match.
    Filter(BillerFilter),
}

/// What a wave would do, shown before it is confirmed.
#[derive(Clone, Debug)]
pub struct WavePreview {
    /// Billers whose run would start.
    pub ready: Vec<Biller>,
    /// Billers that would be skipped, and why.
    pub not_ready: Vec<(Biller, String)>,
    /// Bids that we do not know.
    pub unknown: Vec<Bid>,
    /// The rules offered.
    pub rules: WaveRules,
    /// Whether the actor may start it.
    pub allowed: Result<(), Refusal>,
}

/// One page of a wave.
#[derive(Clone, Debug)]
pub struct WavePage {
    /// The wave.
    pub wave: Wave,
    /// Its lines.
    pub items: Vec<WaveItem>,
    /// Where the next page begins.
    pub next: Option<i64>,
}

/// Shows which of the selected billers a wave would enable. Changes nothing.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers; [`ServiceError::Field`] when too many are selected.
pub async fn preview(
    console: &Console,
    actor: &Actor,
    selection: Selection,
) -> Result<WavePreview, ServiceError> {
    preview_of(console, actor, selection, &WaveAction::Enable).await
}

/// Shows for which of the selected billers a wave would do this. Changes nothing.
///
/// # Errors
/// As [`preview`].
pub async fn preview_of(
    console: &Console,
    actor: &Actor,
    selection: Selection,
    action: &WaveAction,
) -> Result<WavePreview, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let bids = match selection {
        Selection::Bids(bids) => bids,
        Selection::Filter(filter) => {
            let filter = list_billers::reachable(actor, &filter);
            billers::matching_bids(&mut conn, &filter, MAX_BILLERS + 1).await?
        }
    };
    check_size(&bids)?;
    let mut preview = WavePreview {
        ready: Vec::new(),
        not_ready: Vec::new(),
        unknown: Vec::new(),
        rules: WaveRules::default(),
        allowed: may_wave(actor, action),
    };
    for bid in bids {
        match reach::find(&mut conn, actor, &bid).await? {
            None => preview.unknown.push(bid),
            Some(biller) => {
                match startable(console, &mut conn, actor, &biller, (action, console.now())).await? {
                    None => preview.ready.push(biller),
                    Some(why) => preview.not_ready.push((biller, why)),
                }
            }
        }
    }
    Ok(preview)
}

fn check_size(bids: &[Bid]) -> Result<(), ServiceError> {
    if bids.len() > MAX_BILLERS {
        let problem = format!("More than {MAX_BILLERS} billers are selected: narrow the filter.");
        return Err(ServiceError::Field { field: "selection", problem });
    }
    Ok(())
}

/// Whoever starts a wave must be allowed what it does.
fn may_wave(actor: &Actor, action: &WaveAction) -> Result<(), Refusal> {
    actor.may(Capability::RunWaves)?;
    match action {
        WaveAction::Enable => actor.may(Capability::EnableBiller),
        WaveAction::UseCases(_) => actor.may(Capability::ChangeUseCases),
        WaveAction::Defaults { .. } | WaveAction::Copy { .. } => actor.may(Capability::ChangeSettings),
    }
}

/// Why a biller's run cannot be started now; `None` if it can.
async fn startable(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    biller: &Biller,
    (action, asked_at): (&WaveAction, Timestamp),
) -> Result<Option<String>, ServiceError> {
    match action {
        WaveAction::Copy { values, .. } => {
            copy_in_waves::in_the_way(console, conn, actor, biller, (values, asked_at)).await
        }
        WaveAction::Enable => {
            let open = match biller.open_run {
                Some(id) => runs::find(conn, id).await?,
                None => None,
            };
            let allowed = access::may_start(actor, biller, open.as_ref(), RunKind::Enable);
            Ok(allowed.err().map(|refusal| refusal.to_string()))
        }
        WaveAction::UseCases(patch) => change_use_cases::in_the_way(conn, actor, biller, patch).await,
        WaveAction::Defaults { keys } => apply_defaults::in_the_way(console, conn, actor, biller, keys).await,
    }
}

/// Starts a wave. Billers that cannot be enabled when their turn comes are skipped with the reason.
///
/// # Errors
/// [`ServiceError::Refused`] without the right; [`ServiceError::Field`] for no or too many billers, or rules out of range.
pub async fn start(
    console: &Console,
    actor: &Actor,
    bids: &[Bid],
    rules: WaveRules,
    reason: Option<String>,
) -> Result<WaveId, ServiceError> {
    start_of(console, actor, bids, WaveAction::Enable, rules, reason).await
}

/// Starts a wave that does this. Billers for which it cannot be done when their turn comes are skipped with the reason.
///
/// # Errors
/// As [`start`].
pub async fn start_of(
    console: &Console,
    actor: &Actor,
    bids: &[Bid],
    action: WaveAction,
    rules: WaveRules,
    reason: Option<String>,
) -> Result<WaveId, ServiceError> {
    start_at(console, actor, bids, action, rules, reason, &WaveTime::default()).await
}

/// The same, at a time; each biller is looked at again when its turn comes.
///
/// # Errors
/// As [`start`], and [`ServiceError::Field`] for what is wrong with the time.
pub async fn start_at(
    console: &Console,
    actor: &Actor,
    bids: &[Bid],
    action: WaveAction,
    rules: WaveRules,
    reason: Option<String>,
    time: &WaveTime,
) -> Result<WaveId, ServiceError> {
    let mut tx = console.store.begin().await?;
    let (id, entry) =
        start_in(console, &mut tx, actor, bids, (action, checked(rules)?), reason, time).await?;
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(id)
}

/// Rules in range.
pub(crate) fn checked(rules: WaveRules) -> Result<WaveRules, ServiceError> {
    rules.checked().map_err(|error| ServiceError::Field { field: "rules", problem: error.to_string() })
}

/// Starts a wave in this transaction; the answer has the audit entry to commit with it.
pub(crate) async fn start_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    bids: &[Bid],
    (action, rules): (WaveAction, WaveRules),
    reason: Option<String>,
    time: &WaveTime,
) -> Result<(WaveId, AuditEntry), ServiceError> {
    may_wave(actor, &action)?;
    let mut bids = bids.to_vec();
    bids.sort_unstable();
    bids.dedup();
    check_size(&bids)?;
    if bids.is_empty() {
        let problem = "No biller is selected: pick some in the list.".to_owned();
        return Err(ServiceError::Field { field: "selection", problem });
    }
    let mut billers = Vec::with_capacity(bids.len());
    for bid in &bids {
        billers.push(reach::biller(tx, actor, bid).await?);
    }
    let plan = schedule_wave::plan(console, time, &billers)?;
    let (start, lines) = plan.map_or((None, Vec::new()), |plan| (Some(plan.start), plan.lines));
    if !lines.is_empty() {
        bids = lines.iter().map(|(bid, _)| bid.clone()).collect();
    }
    let begins = start.as_ref().map_or(console.now(), |start| start.at);
    let wave = Wave {
        id: WaveId::new(console.clock.as_ref(), console.entropy.as_ref()),
        state: if start.is_some() { WaveState::Scheduled } else { WaveState::Running },
        start,
        rules,
        action,
        released: rules.first_release(bids.len()),
        reason: reason.filter(|text| !text.trim().is_empty()),
        requested_by: actor.clone(),
        created_at: console.now(),
        finished_at: None,
        counts: WaveCounts { waiting: bids.len(), ..WaveCounts::default() },
    };
    waves::create(tx, &wave, &bids).await?;
    waves::set_due(tx, wave.id, &lines).await?;
    console.enqueue_at(tx, JobKind::Wave, &wave.id.to_string(), begins).await?;
    let told = json!({ "billers": bids, "rules": rules, "action": wave.action, "start": wave.start });
    let entry =
        entry(console, &wave, AuditAction::WaveStarted).because(wave.reason.clone()).change(None, Some(told));
    Ok((wave.id, entry))
}

/// The wave, or the actor's part of it; without such a part there is none.
pub(crate) async fn find(conn: &mut Conn, actor: &Actor, id: WaveId) -> Result<Wave, ServiceError> {
    waves::find(conn, id, actor.portfolio()).await?.ok_or_else(|| ServiceError::not_found("wave", id))
}

/// One page of a wave's lines: those of billers that the actor sees.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn show(
    console: &Console,
    actor: &Actor,
    id: WaveId,
    after: Option<i64>,
) -> Result<WavePage, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let wave = find(&mut conn, actor, id).await?;
    let mut lines = waves::items(&mut conn, id, actor.portfolio(), LINES + 1, after).await?;
    let next = (lines.len() > LINES).then(|| {
        lines.truncate(LINES);
        lines.last().map(|(position, _)| *position)
    });
    Ok(WavePage { wave, items: lines.into_iter().map(|(_, item)| item).collect(), next: next.flatten() })
}

/// The newest waves, each as [`show`] shows it.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn list(console: &Console, actor: &Actor) -> Result<Vec<Wave>, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    Ok(waves::list(&mut conn, 50, actor.portfolio()).await?)
}

/// Looks at the runs under way, counts the finished ones, and starts as many as there is room for.
pub(crate) async fn tick(console: &Console, id: WaveId) -> Result<After, ServiceError> {
    count_finished(console, id).await?;
    let wave = load(console, id).await?;
    if let (WaveState::Scheduled, Some(start)) = (wave.state, &wave.start) {
        if start.at > console.now() {
            return Ok(After::Again { at: start.at, why: "its time has not come".to_owned() });
        }
        schedule_wave::begin(console, &wave, start).await?;
        return Ok(After::Again { at: console.now(), why: "its time has come".to_owned() });
    }
    if wave.state != WaveState::Running {
        // Runs that are under way go on and are still counted.
        return Ok(if wave.counts.running == 0 { After::Finished } else { again(console) });
    }
    match wave.rules.next(wave.counts, wave.released) {
        WaveNext::Stop => end(console, &wave, WaveState::Stopped).await?,
        WaveNext::Finish => end(console, &wave, WaveState::Finished).await?,
        WaveNext::Hold => end(console, &wave, WaveState::Held).await?,
        WaveNext::Release(released) => {
            let mut tx = console.store.begin().await?;
            waves::release(&mut tx, id, released).await?;
            tx.commit_bookkeeping(Bookkeeping::WaveProgress).await?;
            return Ok(After::Again { at: console.now(), why: "the next stage begins".to_owned() });
        }
        WaveNext::Start(room) => {
            let next = next_billers(console, id, room).await?;
            for bid in &next {
                start_one(console, &wave, bid).await?;
            }
            if next.is_empty() && wave.counts.running == 0 {
                return rest(console, id).await;
            }
            console.wake_workers();
            return Ok(again(console));
        }
    }
    Ok(if wave.counts.running == 0 { After::Finished } else { again(console) })
}

/// Lets a wave go on whose pilot somebody has looked at.
///
/// # Errors
/// [`ServiceError::Changed`] when it does not wait for that, [`ServiceError::Refused`] without the right.
pub async fn go_on(
    console: &Console,
    actor: &Actor,
    id: WaveId,
    reason: Option<String>,
) -> Result<(), ServiceError> {
    actor.may(Capability::RunWaves)?;
    let mut tx = console.store.begin().await?;
    let wave = waves::find(&mut tx, id, actor.portfolio()).await?;
    let part = wave.ok_or_else(|| ServiceError::not_found("wave", id))?;
    may_wave(actor, &part.action)?;
    let wave = waves::find(&mut tx, id, None).await?.ok_or_else(|| ServiceError::not_found("wave", id))?;
    if wave.state != WaveState::Held {
        return Err(ServiceError::Changed { what: "The wave" });
    }
    waves::set_state(&mut tx, id, WaveState::Held, WaveState::Running, console.now()).await?;
    waves::release(&mut tx, id, wave.rules.next_release(wave.released, wave.counts.total())).await?;
    console.enqueue(&mut tx, JobKind::Wave, &id.to_string()).await?;
    let subject = Subject::new(SubjectKind::Wave, id.to_string());
    let entry = AuditEntry::new(console.now(), actor.clone(), AuditAction::WaveWentOn, subject)
        .because(reason)
        .change(Some(json!({ "state": WaveState::Held })), Some(json!({ "state": WaveState::Running })));
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(())
}

/// Nothing is under way, and the next lines wait for the clocks of their zone.
async fn rest(console: &Console, id: WaveId) -> Result<After, ServiceError> {
    let mut conn = console.store.read().await?;
    let due = waves::next_due(&mut conn, id).await?.filter(|due| *due > console.now());
    Ok(match due {
        Some(at) => After::Again { at, why: "the next billers' time has not come".to_owned() },
        None => again(console),
    })
}

fn again(console: &Console) -> After {
    After::Again { at: console.now().plus(WATCH_EVERY), why: "runs are under way".to_owned() }
}

async fn load(console: &Console, id: WaveId) -> Result<Wave, ServiceError> {
    let mut conn = console.store.read().await?;
    waves::find(&mut conn, id, None).await?.ok_or_else(|| ServiceError::not_found("wave", id))
}

async fn next_billers(console: &Console, id: WaveId, room: usize) -> Result<Vec<Bid>, ServiceError> {
    let mut conn = console.store.read().await?;
    Ok(waves::waiting(&mut conn, id, room, console.now()).await?)
}

async fn count_finished(console: &Console, id: WaveId) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    for (bid, run) in waves::running_items(&mut tx, id).await? {
        let Some(found) = runs::find(&mut tx, run).await? else { continue };
        let state = WaveItemState::of_run(found.state);
        if state != WaveItemState::Running {
            let note = failure_note(&mut tx, run).await?;
            waves::set_item(&mut tx, id, &bid, state, Some(run), note.as_deref()).await?;
        }
    }
    tx.commit_bookkeeping(Bookkeeping::WaveProgress).await?;
    Ok(())
}

async fn failure_note(tx: &mut Tx, run: RunId) -> Result<Option<String>, ServiceError> {
    let steps = runs::steps(tx, run).await?;
    Ok(steps.into_iter().find_map(|step| {
        step.failure.map(|failure| format!("{}: {} {}", step.kind.label(), failure.message, failure.cure))
    }))
}

/// Starts the run of one biller, or notes why not; both are one commit with the line.
async fn start_one(console: &Console, wave: &Wave, bid: &Bid) -> Result<(), ServiceError> {
    let actor = &wave.requested_by;
    let mut tx = console.store.begin().await?;
    let Some(biller) = reach::find(&mut tx, actor, bid).await? else {
        return skip(tx, wave.id, bid, "The biller was removed, or moved to another portfolio.").await;
    };
    let asked = (&wave.action, wave.created_at);
    if let Some(why) = startable(console, &mut tx, actor, &biller, asked).await? {
        return skip(tx, wave.id, bid, &why).await;
    }
    let reason = wave.reason.clone();
    let (run, entry) = match &wave.action {
        WaveAction::Enable => {
            let (run, entry) =
                enable_biller::enable_in(console, &mut tx, actor, &biller, reason, Some(wave.id)).await?;
            (Some(run), entry)
        }
        WaveAction::UseCases(patch) => {
            let asked = Asked { cause: Cause::Wave, reason, wave: Some(wave.id) };
            change_use_cases::patch_in(console, &mut tx, actor, &biller, patch, asked).await?
        }
        WaveAction::Defaults { keys } => {
            let why = (reason, wave.id);
            let (run, entry) = apply_defaults::apply_in(console, &mut tx, actor, &biller, keys, why).await?;
            (Some(run), entry)
        }
        WaveAction::Copy { values, .. } => {
            copy_in_waves::apply_in(console, &mut tx, actor, &biller, values, (reason, wave.id)).await?
        }
    };
    let state = if run.is_some() { WaveItemState::Running } else { WaveItemState::Succeeded };
    waves::set_item(&mut tx, wave.id, bid, state, run, None).await?;
    tx.commit_audited(entry).await?;
    Ok(())
}

async fn skip(mut tx: Tx, wave: WaveId, bid: &Bid, why: &str) -> Result<(), ServiceError> {
    waves::set_item(&mut tx, wave, bid, WaveItemState::Skipped, None, Some(why)).await?;
    tx.commit_bookkeeping(Bookkeeping::WaveProgress).await?;
    Ok(())
}

async fn end(console: &Console, wave: &Wave, state: WaveState) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    waves::set_state(&mut tx, wave.id, WaveState::Running, state, console.now()).await?;
    let entry = entry(console, wave, AuditAction::WaveEnded)
        .change(None, Some(json!({ "state": state, "counts": wave.counts })));
    tx.commit_audited(entry).await?;
    Ok(())
}

fn entry(console: &Console, wave: &Wave, action: AuditAction) -> AuditEntry {
    AuditEntry::new(
        console.now(),
        wave.requested_by.clone(),
        action,
        Subject::new(SubjectKind::Wave, wave.id.to_string()),
    )
}
