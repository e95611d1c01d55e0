//! Schedule a change of use cases: it waits for its time, and is then made only if the world is still the same.

use domain::{
    Bid, ScheduleId, Timestamp,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    job::JobKind,
    use_case::{Cause, Choices, FARTHEST, ScheduleEnd, ScheduleState, ScheduledChange, expected},
    zone::{self, Zone},
};
use serde_json::json;
use storage::{Conn, Tx, use_cases::scheduled};

use crate::{
    Console, ServiceError,
    change_use_cases::{self, Asked},
    reach,
    worker::After,
};

/// Scheduled changes on the page.
const LISTED: usize = 5;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct ScheduleRequest {
    /// What is to be chosen.
    pub choices: Choices,
    /// What was chosen when the preview was shown.
    pub seen: Choices,
    /// The day, e.g. `2027-03-14`.
    pub day: String,
    /// The time, e.g. `06:30`.
    pub time: String,
    /// The zone in which both are given; empty for the biller's.
    pub zone: String,
    /// Why, in the actor's words.
    pub reason: Option<String>,
}

/// A change that was scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Its id.
    pub id: ScheduleId,
    /// When it will be made, in words, and what is worth saying of that.
    pub told: String,
}

/// A scheduled change as it is shown.
#[derive(Clone, Debug)]
pub struct ScheduledView {
    /// The change.
    pub change: ScheduledChange,
    /// When it is to be made, as the clocks of its zone show it.
    pub when: String,
}

impl ScheduledView {
    pub(crate) fn of(change: ScheduledChange) -> Self {
        Self { when: zone::told(&change.zone, change.due), change }
    }
}

/// The newest scheduled changes of a biller: the one that waits, and those that are not worth forgetting.
pub(crate) async fn listed(conn: &mut Conn, bid: &Bid) -> Result<Vec<ScheduledView>, ServiceError> {
    let all = scheduled::of_biller(conn, bid, LISTED).await?;
    Ok(all.into_iter().map(ScheduledView::of).collect())
}

/// Schedules a change of a biller's use cases. What stands in the way now may be out of it by then; it is looked at
/// again when the time comes.
///
/// # Errors
/// [`ServiceError::Changed`] when somebody else chose otherwise since the preview, [`ServiceError::Field`] for what is
/// wrong with the time or can never be, or when another change waits; [`ServiceError::Refused`] without the right.
pub async fn schedule(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    request: ScheduleRequest,
) -> Result<Scheduled, ServiceError> {
    actor.may(Capability::ChangeUseCases)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let (due, zone, note) = due(console, &biller, &request)?;
    let found = change_use_cases::find(&mut tx, &biller).await?;
    if found.layers.biller != request.seen {
        return Err(ServiceError::Changed { what: "What is chosen for the biller" });
    }
    change_use_cases::schedulable(actor, &found, request.choices)?;
    if let Some(other) = scheduled::waiting(&mut tx, bid).await? {
        let when = zone::told(&other.zone, other.due);
        let problem = format!("A change is scheduled already for {when}: withdraw it first.");
        return Err(ServiceError::Field { field: "day", problem });
    }
    let change = ScheduledChange {
        id: ScheduleId::new(console.clock.as_ref(), console.entropy.as_ref()),
        bid: bid.clone(),
        state: ScheduleState::Waiting,
        due,
        zone: zone.name().to_owned(),
        choices_before: found.layers.biller,
        choices_after: request.choices,
        effect_after: expected(&found.layers, &found.standing.in_effect, request.choices),
        effect_before: found.standing.in_effect,
        reason: request.reason.filter(|text| !text.trim().is_empty()),
        by: actor.clone(),
        asked_at: console.now(),
        withdrawn_by: None,
        ended_at: None,
        outcome: None,
        run: None,
    };
    scheduled::add(&mut tx, &change).await.map_err(|error| match error {
        error if error.is_unique_violation() => {
            ServiceError::Changed { what: "What is scheduled for the biller" }
        }
        error => error.into(),
    })?;
    console.enqueue_at(&mut tx, JobKind::Schedule, &change.id.to_string(), due).await?;
    let entry =
        entry(console, actor, AuditAction::UseCasesScheduled, &change).because(change.reason.clone()).change(
            Some(json!({ "choices": change.choices_before, "in_effect": change.effect_before })),
            Some(json!({
                "scheduled_for": change.due.rfc3339(), "zone": change.zone, "choices": change.choices_after,
                "in_effect": change.effect_after, "scheduled": change.id,
            })),
        );
    tx.commit_audited(entry).await?;
    console.wake_workers();
    let told = [Some(zone.told(due)), note].into_iter().flatten().collect::<Vec<_>>().join(". ");
    Ok(Scheduled { id: change.id, told })
}

fn due(
    console: &Console,
    biller: &Biller,
    request: &ScheduleRequest,
) -> Result<(Timestamp, Zone, Option<String>), ServiceError> {
    let zone = match request.zone.trim() {
        "" => zone::of_biller(biller, &console.settings.zone).zone,
        name => named(name)?,
    };
    let (at, note) = instant(console, &zone, &request.day, &request.time)?;
    Ok((at, zone, note))
}

/// The zone of this name.
pub(crate) fn named(name: &str) -> Result<Zone, ServiceError> {
    let unknown = || {
        let problem = format!("{name:?} is no time zone. Use a name such as America/Chicago.");
        ServiceError::Field { field: "zone", problem }
    };
    Zone::named(name).ok_or_else(unknown)
}

/// The instant that day and time name, if it lies ahead.
pub(crate) fn instant(
    console: &Console,
    zone: &Zone,
    day: &str,
    time: &str,
) -> Result<(Timestamp, Option<String>), ServiceError> {
    let wrong = |field, problem: String| ServiceError::Field { field, problem };
    let named = zone.instant(day, time).map_err(|error| {
        let field = if error == zone::NoInstant::Day { "day" } else { "time" };
        wrong(field, error.to_string())
    })?;
    let now = console.now();
    if named.at <= now {
        return Err(wrong("time", format!("This has passed: it is {} now.", zone.told(now))));
    }
    if named.at.since(now) > FARTHEST {
        return Err(wrong(
            "day",
            "This is more than a year away: nobody knows the world by then.".to_owned(),
        ));
    }
    Ok((named.at, named.note))
}

/// Withdraws a change that waits for its time.
///
/// # Errors
/// [`ServiceError::Changed`] when it does not wait any more, [`ServiceError::Refused`] without the right,
/// [`ServiceError::NotFound`].
pub async fn withdraw(console: &Console, actor: &Actor, id: ScheduleId) -> Result<Bid, ServiceError> {
    actor.may(Capability::ChangeUseCases)?;
    let mut tx = console.store.begin().await?;
    let unknown = || ServiceError::not_found("scheduled change", id);
    let change = scheduled::find(&mut tx, id).await?.ok_or_else(unknown)?;
    reach::biller_of(&mut tx, actor, &change.bid, ("scheduled change", id)).await?;
    let end = ScheduleEnd::Withdrawn(actor.clone());
    scheduled::end(&mut tx, &change, &end, console.now()).await?;
    let entry = entry(console, actor, AuditAction::UseCasesWithdrawn, &change).change(
        Some(json!({ "state": change.state })),
        Some(json!({ "state": end.state(), "scheduled": id })),
    );
    tx.commit_audited(entry).await?;
    Ok(change.bid)
}

/// The time of a scheduled change has come: it is begun if the world is still the same, and otherwise ends with what
/// changed. Either is one commit with what it leads to, so a crash repeats or keeps all of it.
///
/// # Errors
/// [`ServiceError::Storage`] when the database failed; it is tried again then.
pub(crate) async fn carry_out(console: &Console, id: ScheduleId) -> Result<After, ServiceError> {
    let mut tx = console.store.begin().await?;
    let Some(change) = scheduled::find(&mut tx, id).await?.filter(|it| it.state == ScheduleState::Waiting)
    else {
        return Ok(After::Finished);
    };
    if change.due > console.now() {
        return Ok(After::Again { at: change.due, why: "its time has not come".to_owned() });
    }
    let refusal = match begin(console, &mut tx, &change).await {
        Ok(Ok(entry)) => {
            tx.commit_audited(entry).await?;
            console.wake_workers();
            return Ok(After::Finished);
        }
        Ok(Err(why)) => why,
        Err(error @ (ServiceError::Refused(_) | ServiceError::Field { .. })) => error.to_string(),
        Err(error) => return Err(error),
    };
    drop(tx);
    let mut tx = console.store.begin().await?;
    scheduled::end(&mut tx, &change, &ScheduleEnd::NotApplied(refusal.clone()), console.now()).await?;
    let entry = entry(console, &change.by, AuditAction::UseCasesNotApplied, &change)
        .because(change.reason.clone())
        .change(None, Some(json!({ "scheduled": id, "why": refusal, "choices": change.choices_after })));
    tx.commit_audited(entry).await?;
    Ok(After::Finished)
}

/// Begins the change in this transaction, or says what has changed since it was asked for.
async fn begin(
    console: &Console,
    tx: &mut Tx,
    change: &ScheduledChange,
) -> Result<Result<AuditEntry, String>, ServiceError> {
    let Some(biller) = reach::find(tx, &change.by, &change.bid).await? else {
        return Ok(Err("The biller was removed, or moved to another portfolio.".to_owned()));
    };
    let found = change_use_cases::find(tx, &biller).await?;
    if let Some(why) = change.overtaken(&found.layers, &found.standing, console.now()) {
        return Ok(Err(why));
    }
    let asked = Asked { cause: Cause::Scheduled, reason: change.reason.clone(), wave: None };
    let (run, entry) =
        change_use_cases::change_in(console, tx, &change.by, &biller, change.choices_after, asked).await?;
    scheduled::end(tx, change, &ScheduleEnd::Applied(run), console.now()).await?;
    Ok(Ok(entry))
}

fn entry(console: &Console, actor: &Actor, action: AuditAction, change: &ScheduledChange) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Biller, change.bid.as_str());
    AuditEntry::new(console.now(), actor.clone(), action, subject)
}
