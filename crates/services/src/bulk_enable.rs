//! Waves: does one thing to many billers, some at a time, one line per biller: the pilot first, then stage by stage;
//! and stops itself when too much fails.

use std::collections::BTreeMap;

use domain::{
    Bid, Timestamp, WaveId,
    access::{self, Refusal},
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    filter::BillerFilter,
    job::JobKind,
    run::RunKind,
    wave::{Wave, WaveAction, WaveCounts, WaveItem, WaveRules, WaveState},
};
use serde_json::json;
use storage::{Conn, Tx, billers, runs, waves};

use crate::{
    Console, ServiceError, apply_defaults, change_use_cases, copy_in_waves, list_billers, migration, reach,
    schedule_wave, schedule_wave::WaveTime,
};

/// The most billers in one wave.
pub const MAX_BILLERS: usize = 5_000;

/// Lines on one page of a wave.
const LINES: usize = 200;

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
    /// What more there is to say of some of them.
    pub details: BTreeMap<Bid, String>,
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
        details: BTreeMap::new(),
        not_ready: Vec::new(),
        unknown: Vec::new(),
        rules: WaveRules::default(),
        allowed: may_wave(actor, action),
    };
    for bid in bids {
        match reach::find(&mut conn, actor, &bid).await? {
            None => preview.unknown.push(bid),
            Some(biller) => {
                let asked = (action, console.now(), None);
                match startable(console, &mut conn, actor, &biller, asked).await? {
                    Ok(detail) => {
                        preview.details.extend(detail.map(|detail| (bid, detail)));
                        preview.ready.push(biller);
                    }
                    Err(why) => preview.not_ready.push((biller, why)),
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
        WaveAction::Migrate => actor.may(Capability::RunMigrations),
    }
}

/// What there is to say of a biller whose run can be started now; an error is why it cannot. A wave under way names
/// itself.
pub(crate) async fn startable(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    biller: &Biller,
    (action, asked_at, wave): (&WaveAction, Timestamp, Option<WaveId>),
) -> Result<Result<Option<String>, String>, ServiceError> {
    let in_the_way = match action {
        WaveAction::Copy { values, .. } => {
            copy_in_waves::in_the_way(console, conn, actor, biller, (values, asked_at)).await?
        }
        WaveAction::Enable => {
            let open = match biller.open_run {
                Some(id) => runs::find(conn, id).await?,
                None => None,
            };
            let allowed = access::may_start(actor, biller, open.as_ref(), RunKind::Enable);
            allowed.err().map(|refusal| refusal.to_string())
        }
        WaveAction::UseCases(patch) => change_use_cases::in_the_way(conn, actor, biller, patch).await?,
        WaveAction::Defaults { keys } => {
            apply_defaults::in_the_way(console, conn, actor, biller, keys).await?
        }
        WaveAction::Migrate => {
            let named = match wave {
                Some(wave) => waves::move_of(conn, wave, biller.bid()).await?,
                None => None,
            };
            return Ok(migration::wave::outlook(conn, actor, biller, named).await?.map(Some));
        }
    };
    Ok(in_the_way.map_or(Ok(None), Err))
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
    if wave.action == WaveAction::Migrate {
        note_moves(tx, wave.id, &bids).await?;
    }
    console.enqueue_at(tx, JobKind::Wave, &wave.id.to_string(), begins).await?;
    let told = json!({ "billers": bids, "rules": rules, "action": wave.action, "start": wave.start });
    let entry =
        entry(console, &wave, AuditAction::WaveStarted).because(wave.reason.clone()).change(None, Some(told));
    Ok((wave.id, entry))
}

/// Which moves a wave is about: those that are checked now, and no other ones later.
async fn note_moves(tx: &mut Tx, id: WaveId, bids: &[Bid]) -> Result<(), ServiceError> {
    let mut moves = Vec::with_capacity(bids.len());
    for bid in bids {
        let checked = migration::wave::checked(tx, bid).await?;
        moves.extend(checked.map(|it| (bid.clone(), it.id)));
    }
    Ok(waves::set_moves(tx, id, &moves).await?)
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

pub(crate) fn entry(console: &Console, wave: &Wave, action: AuditAction) -> AuditEntry {
    AuditEntry::new(
        console.now(),
        wave.requested_by.clone(),
        action,
        Subject::new(SubjectKind::Wave, wave.id.to_string()),
    )
}
