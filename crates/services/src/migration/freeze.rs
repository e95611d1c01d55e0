//! Freeze: somebody declares from when until when IC changes no users, so that hosted login waits for a delivery of then.

use domain::{
    Bid, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    audit::AuditAction,
    migration::{Freeze, FreezeState, may_freeze},
    use_case::Delta,
    zone::{self, NoInstant, Zone},
};
use serde_json::{Value, json};
use storage::{Conn, freezes, use_cases};

use super::entry;
use crate::{Console, ServiceError, reach};

/// What is asked for. Times are the biller's own.
#[derive(Clone, Debug)]
pub struct FreezeRequest {
    /// The first day, e.g. `2027-03-14`.
    pub from_day: String,
    /// The time on it, e.g. `06:30`.
    pub from_time: String,
    /// The last day.
    pub until_day: String,
    /// The time on it.
    pub until_time: String,
    /// Why, in the actor's words.
    pub reason: Option<String>,
}

/// The freeze of a biller as it is shown.
#[derive(Clone, Debug)]
pub struct FreezeView {
    /// The freeze, where it stands, and its begin and end as the clocks of its zone show them.
    pub declared: Option<(Freeze, FreezeState, [String; 2])>,
    /// Whether one may be declared or withdrawn, and if not, why.
    pub allowed: Result<(), Refusal>,
    /// The zone in which times are taken.
    pub zone: String,
    /// Today there.
    pub today: String,
}

/// The freeze of a biller.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers; [`ServiceError::NotFound`].
pub async fn show_freeze(console: &Console, actor: &Actor, bid: &Bid) -> Result<FreezeView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let zone = zone::of_biller(&biller, &console.settings.zone).zone;
    let now = console.now();
    let declared = freezes::of(&mut conn, bid).await?.map(|freeze| {
        let told = [freeze.from, freeze.until].map(|at| zone::told(&freeze.zone, at));
        let state = freeze.state(now);
        (freeze, state, told)
    });
    let allowed = actor.may(Capability::RunMigrations);
    Ok(FreezeView { declared, allowed, today: zone.day(now), zone: zone.name().to_owned() })
}

/// Declares a freeze, in place of the one before.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to move users; [`ServiceError::Field`] for times that cannot be, and once
/// hosted login is on.
pub async fn declare_freeze(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    request: FreezeRequest,
) -> Result<(), ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let zone = zone::of_biller(&biller, &console.settings.zone).zone;
    let now = console.now();
    let from = instant(&zone, ["from_day", "from_time"], &request.from_day, &request.from_time)?;
    let until = instant(&zone, ["until_day", "until_time"], &request.until_day, &request.until_time)?;
    let wrong = |field, problem: String| ServiceError::Field { field, problem };
    may_freeze(from, until, now).map_err(|error| wrong("until_day", error.to_string()))?;
    if use_cases::effects::of(&mut tx, bid).await?.governs_login {
        let problem = "People sign in at SecureAuth already: there is no cut-over ahead.";
        return Err(wrong("from_day", problem.to_owned()));
    }
    let before = freezes::of(&mut tx, bid).await?;
    let zone = zone.name().to_owned();
    let (by, reason) = (actor.clone(), request.reason.filter(|text| !text.trim().is_empty()));
    let freeze =
        Freeze { bid: bid.clone(), from, until, zone, by, at: now, reason: reason.clone(), delta: None };
    freezes::put(&mut tx, &freeze).await?;
    let asked = entry(now, actor, AuditAction::MigrationAsked, bid, Value::Null);
    let asked = asked.change(before.as_ref().map(said), Some(said(&freeze))).because(reason);
    tx.commit_audited(asked).await?;
    Ok(())
}

/// Withdraws the freeze of a biller.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to move users; [`ServiceError::Changed`] when there is none any more.
pub async fn withdraw_freeze(console: &Console, actor: &Actor, bid: &Bid) -> Result<(), ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let mut tx = console.store.begin().await?;
    reach::biller(&mut tx, actor, bid).await?;
    let gone = ServiceError::Changed { what: "The freeze of the biller" };
    let before = freezes::of(&mut tx, bid).await?.ok_or(gone)?;
    freezes::remove(&mut tx, bid).await?;
    let withdrawn = entry(console.now(), actor, AuditAction::MigrationAsked, bid, Value::Null);
    let withdrawn = withdrawn.change(Some(said(&before)), Some(json!({ "freeze": "withdrawn" })));
    tx.commit_audited(withdrawn).await?;
    Ok(())
}

/// Whether hosted login has to wait for a delivery of a freeze.
pub(crate) async fn delta(conn: &mut Conn, bid: &Bid) -> Result<Delta, ServiceError> {
    Ok(match freezes::of(conn, bid).await? {
        None => Delta::NotAsked,
        Some(freeze) if freeze.delta.is_none() => Delta::Outstanding,
        Some(_) => Delta::Moved,
    })
}

fn said(freeze: &Freeze) -> Value {
    json!({ "freeze": { "from": freeze.from.rfc3339(), "until": freeze.until.rfc3339(), "zone": freeze.zone,
        "delivery": freeze.delta } })
}

fn instant(zone: &Zone, fields: [&'static str; 2], day: &str, time: &str) -> Result<Timestamp, ServiceError> {
    let named = zone.instant(day, time).map_err(|error| {
        let field = if error == NoInstant::Day { fields[0] } else { fields[1] };
        ServiceError::Field { field, problem: error.to_string() }
    })?;
    Ok(named.at)
}
