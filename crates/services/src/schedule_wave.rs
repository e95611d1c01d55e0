//! Waves that begin at a time, and are withdrawn before it.

use std::collections::BTreeMap;

use domain::{
    Bid, Timestamp, WaveId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    use_case::LATEST,
    wave::{Wave, WaveStart, WaveState, WaveZone},
    zone,
};
use serde_json::json;
use storage::{Bookkeeping, waves};

use crate::{Console, ServiceError, bulk_enable, schedule_use_cases};

/// The day and time at which a wave is to begin, as somebody typed them.
#[derive(Clone, Debug, Default)]
pub struct WaveTime {
    /// The day, e.g. `2027-03-14`; empty for at once.
    pub day: String,
    /// The time, e.g. `06:30`.
    pub time: String,
    /// The zone in which both are given; empty for the configured one.
    pub zone: String,
    /// Whether they are meant by the clocks of each biller's own zone.
    pub each: bool,
}

/// When a wave begins, and which of its lines begin when.
pub(crate) struct Plan {
    pub(crate) start: WaveStart,
    /// The lines with a time of their own, the first one first.
    pub(crate) lines: Vec<(Bid, Timestamp)>,
}

/// When a wave over these billers is to begin; `None` for at once.
pub(crate) fn plan(
    console: &Console,
    time: &WaveTime,
    billers: &[Biller],
) -> Result<Option<Plan>, ServiceError> {
    if time.day.trim().is_empty() {
        return Ok(None);
    }
    if time.each {
        return by_own_clocks(console, time, billers);
    }
    let zone = match time.zone.trim() {
        "" => console.settings.zone.clone(),
        name => schedule_use_cases::named(name)?,
    };
    let (at, _) = schedule_use_cases::instant(console, &zone, &time.day, &time.time)?;
    let start = WaveStart { at, zone: WaveZone::Of(zone.name().to_owned()) };
    Ok(Some(Plan { start, lines: Vec::new() }))
}

/// Each biller at the same time of its own zone's clocks: where the day begins first, they go first. Of a biller for which
/// IC names no zone, the configured one counts.
fn by_own_clocks(
    console: &Console,
    time: &WaveTime,
    billers: &[Biller],
) -> Result<Option<Plan>, ServiceError> {
    let mut known: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut lines = Vec::with_capacity(billers.len());
    for biller in billers {
        let zone = zone::of_biller(biller, &console.settings.zone).zone;
        let at = match known.get(zone.name()) {
            Some(at) => *at,
            None => schedule_use_cases::instant(console, &zone, &time.day, &time.time)?.0,
        };
        known.insert(zone.name().to_owned(), at);
        lines.push((biller.bid().clone(), at));
    }
    lines.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
    let first = lines.first().map(|(_, at)| *at);
    Ok(first.map(|at| Plan { start: WaveStart { at, zone: WaveZone::Each }, lines }))
}

/// Withdraws a wave that waits for its time.
///
/// # Errors
/// [`ServiceError::Changed`] when it does not wait any more, [`ServiceError::Refused`] without the right,
/// [`ServiceError::NotFound`].
pub async fn withdraw(console: &Console, actor: &Actor, id: WaveId) -> Result<(), ServiceError> {
    actor.may(Capability::RunWaves)?;
    let mut tx = console.store.begin().await?;
    bulk_enable::find(&mut tx, actor, id).await?;
    let (from, to) = (WaveState::Scheduled, WaveState::Withdrawn);
    waves::set_state(&mut tx, id, from, to, console.now()).await?;
    let subject = Subject::new(SubjectKind::Wave, id.to_string());
    let entry = AuditEntry::new(console.now(), actor.clone(), AuditAction::WaveEnded, subject)
        .change(Some(json!({ "state": from })), Some(json!({ "state": to })));
    tx.commit_audited(entry).await?;
    Ok(())
}

/// Lets a wave begin whose time has come; one that is more than an hour late is withdrawn: what was meant for the night
/// is not for the next day.
pub(crate) async fn begin(console: &Console, wave: &Wave, start: &WaveStart) -> Result<(), ServiceError> {
    let late = console.now().since(start.at) > LATEST;
    let to = if late { WaveState::Withdrawn } else { WaveState::Running };
    let mut tx = console.store.begin().await?;
    waves::set_state(&mut tx, wave.id, WaveState::Scheduled, to, console.now()).await?;
    if !late {
        tx.commit_bookkeeping(Bookkeeping::WaveProgress).await?;
        return Ok(());
    }
    let subject = Subject::new(SubjectKind::Wave, wave.id.to_string());
    let why = "Its time had passed by more than an hour when the console got to it.";
    let entry = AuditEntry::new(console.now(), wave.requested_by.clone(), AuditAction::WaveEnded, subject)
        .change(Some(json!({ "state": wave.state })), Some(json!({ "state": to, "why": why })));
    tx.commit_audited(entry).await?;
    Ok(())
}
