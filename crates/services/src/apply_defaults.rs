//! Brings defaults that were set for all billers or for a tier to billers that are enabled already: without it they reach
//! them only where somebody puts their drift right. It is done by a wave, so that a pilot goes first.

use domain::{
    RunId, Timestamp, WaveId,
    actor::{Actor, Capability},
    audit::AuditEntry,
    biller::Biller,
    settings::{
        Layer, Setting, SettingKey, SettingValue, SettingWrite, SettingsChange, ValueOrigin, WriteMode,
    },
};
use storage::{Conn, Tx, settings};

use crate::{
    Console, ServiceError,
    biller_settings::{Standing, confirm},
};

/// A default that somebody decided on a level, and whom it concerns.
#[derive(Clone, Debug)]
pub struct DecidedDefault {
    /// The setting.
    pub setting: &'static Setting,
    /// What is set on the level; `None`: it was set back to what is inherited.
    pub value: Option<SettingValue>,
    /// When it was decided.
    pub at: Timestamp,
    /// Who decided it.
    pub by: Actor,
    /// Enabled and suspended billers that the actor sees and that take it from this level, whether SecureAuth shows it
    /// for them or not.
    pub inheriting: u64,
}

/// The defaults decided on a level, the newest first.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn decided(
    console: &Console,
    actor: &Actor,
    layer: &Layer,
) -> Result<Vec<DecidedDefault>, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    if matches!(layer, Layer::Biller(_)) {
        return Ok(Vec::new());
    }
    let mut conn = console.store.read().await?;
    let mut all = Vec::new();
    for (key, last) in settings::values_of(&mut conn, layer).await? {
        if !key.setting().is_editable() {
            continue;
        }
        let inheriting = settings::inheriting(&mut conn, layer, key, actor.portfolio()).await?;
        all.push(DecidedDefault {
            setting: key.setting(),
            value: last.value,
            at: last.at,
            by: last.by,
            inheriting,
        });
    }
    all.sort_by(|one, other| other.at.cmp(&one.at).then(one.setting.key.cmp(other.setting.key)));
    Ok(all)
}

/// What SecureAuth does not show yet of these settings, where the biller takes them from its tier or from all billers.
/// Without a value there is nothing that could be written.
fn due(standing: &Standing, keys: &[SettingKey]) -> Vec<SettingWrite> {
    keys.iter()
        .filter_map(|key| {
            let effective = standing.effective(key.setting());
            let to = effective.value.filter(|_| effective.origin != ValueOrigin::Biller)?;
            let expected = standing.observed(*key).cloned();
            let shown = expected.as_ref().and_then(|observed| observed.value());
            (shown != Some(&to)).then_some(SettingWrite { key: *key, expected, to })
        })
        .collect()
}

/// Why nothing is to be written for a biller; `None` if something is.
pub(crate) async fn in_the_way(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    biller: &Biller,
    keys: &[SettingKey],
) -> Result<Option<String>, ServiceError> {
    let standing = Standing::load(console, conn, biller.clone()).await?;
    if !standing.has_objects() && standing.open.is_none() {
        return Ok(Some("Nothing is at SecureAuth yet: it gets the defaults when it is enabled.".to_owned()));
    }
    if let Err(refusal) = standing.may_change(actor) {
        return Ok(Some(refusal.to_string()));
    }
    if !due(&standing, keys).is_empty() {
        return Ok(None);
    }
    let own = keys.iter().all(|key| standing.layers.biller.contains_key(key));
    let why = if own { "It has values of its own." } else { "SecureAuth shows these values already." };
    Ok(Some(why.to_owned()))
}

/// Starts the run that writes what a biller inherits.
///
/// # Errors
/// [`ServiceError::Changed`] when there is nothing to write any more; [`ServiceError::Refused`].
pub(crate) async fn apply_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    keys: &[SettingKey],
    (reason, wave): (Option<String>, WaveId),
) -> Result<(RunId, AuditEntry), ServiceError> {
    let standing = Standing::load(console, tx, biller.clone()).await?;
    standing.may_change(actor)?;
    let writes = due(&standing, keys);
    if writes.is_empty() {
        return Err(ServiceError::Changed { what: "What is to be written" });
    }
    let change = SettingsChange { set: Vec::new(), writes, mode: WriteMode::Strict };
    confirm::start(console, tx, actor, biller, change, confirm::Origin { reason, wave: Some(wave) }).await
}
