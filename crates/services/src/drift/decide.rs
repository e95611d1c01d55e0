//! Decisions about drift, field by field: adopt theirs, restore ours, ignore until a day.

use std::collections::BTreeMap;

use domain::{
    Bid, ProposalId, Timestamp,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    settings::{
        Contradiction, Layer, Observed, Proposal, ProposalSource, ProposedLayer, SettingKey, SettingWrite,
        SettingsChange, WriteMode,
    },
};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;
use storage::drift;

use crate::{
    Console, ServiceError,
    biller_settings::{Standing, confirm, propose},
};

/// Proposes that what SecureAuth shows is what is wanted from now on. Nothing is written to SecureAuth.
///
/// # Errors
/// [`ServiceError::Settings`] where theirs is no value of ours, or follows something else than a decision;
/// [`ServiceError::Changed`] when it does not differ any more; [`ServiceError::Refused`].
pub async fn adopt(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    key: SettingKey,
) -> Result<ProposalId, ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut conn = console.store.read().await?;
    let standing = Standing::of(console, &mut conn, actor, bid).await?;
    standing.may_change(actor)?;
    drop(conn);
    let setting = key.setting();
    let refused =
        |problem: &str| ServiceError::Settings(vec![Contradiction { key, problem: problem.to_owned() }]);
    if !setting.is_editable() {
        return Err(refused("This value is not decided here: restore it, or suspend or resume the biller."));
    }
    let value = match standing.observed(key) {
        Some(Observed::Value(value)) => value.clone(),
        Some(_) => {
            return Err(refused("What SecureAuth shows is no value that the console can set: restore ours."));
        }
        None => return Err(ServiceError::Changed { what: "The value" }),
    };
    setting.kind.check(&value).map_err(|invalid| refused(&invalid.to_string()))?;
    let layer = ProposedLayer {
        layer: Layer::Biller(bid.clone()),
        values: BTreeMap::from([(key, Some(value))]),
        seen: BTreeMap::from([(key, standing.layers.biller.get(&key).cloned())]),
        issuer: None,
    };
    let proposal = Proposal { source: ProposalSource::Drift, layers: vec![layer], from: None };
    propose::keep(console, actor, proposal).await
}

/// Starts the run that writes what is wanted again.
///
/// # Errors
/// [`ServiceError::Changed`] when it does not differ any more; [`ServiceError::Refused`].
pub async fn restore(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    keys: &[SettingKey],
    reason: Option<String>,
) -> Result<domain::RunId, ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut tx = console.store.begin().await?;
    let standing = Standing::of(console, &mut tx, actor, bid).await?;
    standing.may_change(actor)?;
    let writes: Vec<SettingWrite> = keys
        .iter()
        .filter_map(|key| {
            let to = standing.effective(key.setting()).value?;
            let expected = standing.observed(*key)?;
            (expected.value() != Some(&to)).then(|| SettingWrite {
                key: *key,
                expected: Some(expected.clone()),
                to,
            })
        })
        .collect();
    if writes.is_empty() {
        return Err(ServiceError::Changed { what: "The value" });
    }
    let change = SettingsChange { set: Vec::new(), writes, mode: WriteMode::Strict };
    let origin = confirm::Origin { reason, wave: None };
    let (run, entry) = confirm::start(console, &mut tx, actor, &standing.biller, change, origin).await?;
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(run)
}

/// Lets a value differ until the end of a day (UTC).
///
/// # Errors
/// [`ServiceError::Settings`] for a day that is none, past, or more than a year away; [`ServiceError::Changed`] when it
/// does not differ any more.
pub async fn ignore(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    key: SettingKey,
    day: &str,
) -> Result<(), ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let until = end_of(day, console.now()).map_err(|problem| {
        ServiceError::Settings(vec![Contradiction { key, problem: problem.to_owned() }])
    })?;
    let mut tx = console.store.begin().await?;
    crate::reach::biller(&mut tx, actor, bid).await?;
    drift::ignore(&mut tx, bid, key.as_str(), until).await?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::DriftIgnored,
        Subject::new(SubjectKind::Biller, bid.as_str()),
    )
    .change(None, Some(json!({ "setting": key, "until": until })));
    tx.commit_audited(entry).await?;
    Ok(())
}

fn end_of(day: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    const WRONG: &str = "Give the last day on which to ignore it, such as 2026-12-31.";
    let date: Date = day.trim().parse().map_err(|_| WRONG)?;
    let next = date.tomorrow().and_then(|next| TimeZone::UTC.to_timestamp(next.at(0, 0, 0, 0)));
    let until = Timestamp::from_micros(next.map_err(|_| WRONG)?.as_microsecond());
    let year = std::time::Duration::from_secs(366 * 86_400);
    if until <= now {
        return Err("This day is past: give a later one.");
    }
    if until > now.plus(year) {
        return Err("Ignore it for a year at most: drift that nobody looks at is not decided.");
    }
    Ok(until)
}
