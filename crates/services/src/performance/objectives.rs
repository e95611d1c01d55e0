//! Objectives: set by people, measured by us, and how their budgets stand.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ObjectiveId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    performance::{
        Burn, Count, Excluded, Indicator, MINUTES_PER_DAY, Minute, Month, Objective, Pace, Range, Standing,
        Window, burn_down,
    },
};
use storage::{Conn, StorageError, calls, vendor_review as review};

use super::measure::{Day, days};
use crate::{Console, ServiceError};

/// Names are no longer than this.
const LONGEST: usize = 80;

/// How an objective stands.
#[derive(Clone, Debug)]
pub struct ObjectiveView {
    /// The objective.
    pub objective: Objective,
    /// Its window.
    pub range: Range,
    /// How it stands.
    pub standing: Standing,
    /// How fast its budget is spent.
    pub burns: Vec<Burn>,
    /// The days (UTC) of the window so far, with the share of the budget left after each.
    pub burn_down: Vec<(Minute, Count, f64)>,
    /// Minutes of the window so far in which nothing was called.
    pub unknown: i64,
    /// Minutes of the window so far that are left out.
    pub left_out: i64,
}

/// Shows how all objectives stand.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor) -> Result<Vec<ObjectiveView>, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    stand(console, &mut conn).await
}

/// How all objectives stand now.
pub(super) async fn stand(console: &Console, conn: &mut Conn) -> Result<Vec<ObjectiveView>, ServiceError> {
    let objectives = review::objectives::list(conn).await?;
    let now = Minute::of(console.now());
    let mut burns = burns(conn, &objectives, now).await?;
    let mut measured: BTreeMap<Window, (Range, Range, Excluded, Vec<Day>)> = BTreeMap::new();
    let windows: BTreeSet<Window> = objectives.iter().map(|objective| objective.window).collect();
    for of in windows {
        let whole = window(console, of, now);
        let passed = Range { to: whole.to.min(now), ..whole };
        let excluded = review::maintenance::excluded(conn, passed).await?;
        let days = days(conn, passed, &excluded).await?;
        measured.insert(of, (whole, passed, excluded, days));
    }
    let mut views = Vec::with_capacity(objectives.len());
    for objective in objectives {
        let Some((whole, passed, excluded, days)) = measured.get(&objective.window) else { continue };
        let burns = burns.remove(&objective.id).unwrap_or_default();
        let left_out = excluded.minutes_in(*passed);
        views.push(ObjectiveView { burns, ..view(objective, *whole, *passed, left_out, days) });
    }
    Ok(views)
}

/// The window of an objective at this minute.
pub(super) fn window(console: &Console, window: Window, now: Minute) -> Range {
    let zone = &console.settings.contract.zone;
    match window {
        Window::Month => Month::of(now.begins(), zone).range(zone),
        Window::Rolling => Range { from: Minute(now.0 - 30 * MINUTES_PER_DAY), to: now },
    }
}

/// How an objective stands after these days of its window, of which so many minutes are left out.
fn view(objective: Objective, whole: Range, passed: Range, left_out: i64, days: &[Day]) -> ObjectiveView {
    let counts: Vec<Count> = days.iter().map(|day| day.counted.count(&objective)).collect();
    let raw =
        days.iter().map(|day| day.counted.count_raw(&objective).plus(day.left_out.count_raw(&objective)));
    let standing = Standing {
        counted: counts.iter().copied().fold(Count::default(), Count::plus),
        raw: raw.fold(Count::default(), Count::plus),
        elapsed: passed.len(),
        whole: whole.len(),
    };
    let left = burn_down(&objective, &counts, standing.passed());
    let known: i64 = days.iter().map(|day| day.known(objective.group)).sum();
    ObjectiveView {
        burn_down: days
            .iter()
            .zip(counts)
            .zip(left)
            .map(|((day, count), left)| (day.range.from, count, left))
            .collect(),
        unknown: (passed.len() - left_out - known).max(0),
        range: whole,
        standing,
        objective,
        burns: Vec::new(),
        left_out,
    }
}

/// How fast budgets are spent, by objective.
pub(super) async fn burns(
    conn: &mut Conn,
    objectives: &[Objective],
    now: Minute,
) -> Result<BTreeMap<ObjectiveId, Vec<Burn>>, StorageError> {
    let mut found: BTreeMap<ObjectiveId, Vec<Burn>> = BTreeMap::new();
    if objectives.is_empty() {
        return Ok(found);
    }
    let longest = Pace::ALL.iter().map(|pace| pace.long()).max().unwrap_or_default();
    // The present minute is not over: it counts nevertheless, or an alarm would be a minute late.
    let range = Range { from: Minute(now.0 + 1 - longest), to: Minute(now.0 + 1) };
    let excluded = review::maintenance::excluded(conn, range).await?;
    for objective in objectives {
        let none = |pace: &Pace| Burn { pace: *pace, long: Count::default(), short: Count::default() };
        found.insert(objective.id, Pace::ALL.iter().map(none).collect());
    }
    calls::each_minute(conn, range, |key, minute, cell| {
        if excluded.contains(minute) {
            return;
        }
        let group = super::measure::group_of(&key.operation);
        for objective in objectives.iter().filter(|one| one.group.is_none() || one.group == group) {
            let count = objective.indicator.count(cell);
            for burn in found.get_mut(&objective.id).into_iter().flatten() {
                let age = range.to.0 - minute.0;
                if age <= burn.pace.long() {
                    burn.long = burn.long.plus(count);
                }
                if age <= burn.pace.short() {
                    burn.short = burn.short.plus(count);
                }
            }
        }
    })
    .await?;
    Ok(found)
}

/// What is promised, as a form gives it.
#[derive(Clone, Debug, Default)]
pub struct Promise {
    /// What people call it.
    pub name: String,
    /// The group of operations; empty for all.
    pub group: String,
    /// The time limit in milliseconds; empty for availability.
    pub limit: String,
    /// The target in percent.
    pub target: String,
    /// The window.
    pub window: String,
    /// The clause of the contract.
    pub clause: Option<String>,
}

/// Sets an objective: a new one, or an earlier one anew.
///
/// # Errors
/// [`ServiceError::Field`] names the field and the cure; [`ServiceError::Refused`] without the right.
pub async fn set(
    console: &Console,
    actor: &Actor,
    id: Option<ObjectiveId>,
    promise: Promise,
) -> Result<ObjectiveId, ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    let mut tx = console.store.begin().await?;
    let before = match id {
        None => None,
        Some(id) => {
            let unknown = || ServiceError::not_found("objective", id);
            Some(review::objectives::find(&mut tx, id).await?.ok_or_else(unknown)?)
        }
    };
    let id = id.unwrap_or_else(|| ObjectiveId::new(console.clock.as_ref(), console.entropy.as_ref()));
    let objective = read(id, promise)?;
    review::objectives::put(&mut tx, &objective, console.now()).await?;
    let before = before.as_ref().map(serde_json::to_value).transpose().ok().flatten();
    let after = serde_json::to_value(&objective).ok();
    tx.commit_audited(entry(console, actor, id).change(before, after)).await?;
    Ok(id)
}

/// Takes an objective back. Reports that were taken keep it.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] without the right.
pub async fn retire(console: &Console, actor: &Actor, id: ObjectiveId) -> Result<(), ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    let mut tx = console.store.begin().await?;
    let unknown = || ServiceError::not_found("objective", id);
    let objective = review::objectives::find(&mut tx, id).await?.ok_or_else(unknown)?;
    review::objectives::retire(&mut tx, id, console.now()).await?;
    let before = serde_json::to_value(&objective).ok();
    tx.commit_audited(entry(console, actor, id).change(before, None)).await?;
    Ok(())
}

fn read(id: ObjectiveId, promise: Promise) -> Result<Objective, ServiceError> {
    fn field<E: std::fmt::Display>(field: &'static str) -> impl FnOnce(E) -> ServiceError {
        move |error| ServiceError::Field { field, problem: error.to_string() }
    }
    let name = promise.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(field("name")(format!("Give it a name of at most {LONGEST} characters.")));
    }
    let group = match promise.group.as_str() {
        "" => None,
        word => Some(word.parse().map_err(field("group"))?),
    };
    Ok(Objective {
        id,
        name,
        group,
        indicator: Indicator::from_limit(&promise.limit).map_err(field("limit"))?,
        target: promise.target.parse().map_err(field("target"))?,
        window: promise.window.parse().map_err(field("window"))?,
        clause: promise.clause.filter(|text| !text.trim().is_empty()),
    })
}

fn entry(console: &Console, actor: &Actor, id: ObjectiveId) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Vendor, id.to_string());
    AuditEntry::new(console.now(), actor.clone(), AuditAction::ObjectiveChanged, subject)
}
