//! Sets for many billers what is set for one. It is done by a wave, so that a pilot goes first and too many failures stop
//! it; each biller is looked at again when its turn comes.

use domain::{
    Bid, RunId, Timestamp, WaveId,
    actor::Actor,
    audit::AuditEntry,
    biller::Biller,
    settings::{Layer, Values},
    wave::{WaveAction, WaveRules},
};
use storage::{Conn, Tx, settings};

use crate::{
    Console, ServiceError,
    biller_settings::{
        Standing, as_code,
        confirm::{self, Approval, Confirmed, Origin},
        preview::{self, Part},
        propose,
    },
    bulk_enable,
    schedule_wave::WaveTime,
};

/// A copy as it was looked at.
pub(crate) struct Copy {
    /// Whose settings they are.
    pub(crate) from: Bid,
    /// What is set for that biller.
    pub(crate) values: Values,
    /// For whom, each with what is different there.
    pub(crate) parts: Vec<Part>,
}

/// Starts the wave, in the name of `actor`; the entry is of who approved it, if anybody had to.
///
/// # Errors
/// [`ServiceError::Changed`] when it would set something that was not looked at; [`ServiceError::Refused`].
pub(crate) async fn start_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    copy: Copy,
    (rules, reason): (WaveRules, Option<String>),
    approval: Option<&Approval<'_>>,
) -> Result<(Confirmed, Vec<AuditEntry>), ServiceError> {
    let Copy { from, values, parts } = copy;
    let unseen = |part: &Part| {
        let shown = |key| part.lines.iter().any(|line| line.setting.key() == key);
        values.iter().any(|(key, value)| !shown(*key) && part.before.get(key) != Some(value))
    };
    if parts.iter().any(unseen) {
        return Err(ServiceError::Changed { what: "What this change touches" });
    }
    let layers: Vec<Layer> = parts.into_iter().map(|part| part.layer).collect();
    let bids: Vec<Bid> = layers
        .iter()
        .filter_map(|layer| match layer {
            Layer::Biller(bid) => Some(bid.clone()),
            Layer::Everywhere | Layer::Tier(_) => None,
        })
        .collect();
    let action = WaveAction::Copy { from, values };
    let now = WaveTime::default();
    let started = bulk_enable::start_in(console, tx, actor, &bids, (action, rules), reason, &now).await?;
    let (wave, entry) = started;
    let done = Confirmed { layers, wave: Some(wave), ..Confirmed::default() };
    Ok((done, vec![confirm::approved(entry, approval)]))
}

/// Why nothing is to be set for a biller now; `None` if something is.
pub(crate) async fn in_the_way(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    biller: &Biller,
    (values, asked_at): (&Values, Timestamp),
) -> Result<Option<String>, ServiceError> {
    let standing = Standing::load(console, conn, biller.clone()).await?;
    if let Err(refusal) = standing.may_change(actor) {
        return Ok(Some(refusal.to_string()));
    }
    let layer = Layer::Biller(biller.bid().clone());
    let decided = settings::values_of(conn, &layer).await?;
    let later = decided.iter().filter(|(key, last)| {
        last.at > asked_at && values.get(key).is_some_and(|value| last.value.as_ref() != Some(value))
    });
    let later: Vec<&str> = later.map(|(key, _)| key.setting().label).collect();
    if !later.is_empty() {
        let labels = later.join(", ");
        return Ok(Some(format!(
            "Somebody set {labels} otherwise since the copy was asked for: it stays as it is."
        )));
    }
    let now = &standing.layers.biller;
    let Some(proposed) = as_code::copied(layer, values, now) else {
        return Ok(Some("It is set like this already.".to_owned()));
    };
    match propose::check(conn, Some(&standing), &proposed, now).await {
        Ok(()) => Ok(None),
        Err(error @ ServiceError::Settings(_)) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

/// Sets the values for a biller and starts the run that writes them; there is none where nothing is at SecureAuth yet, or
/// SecureAuth shows them already.
///
/// # Errors
/// [`ServiceError::Changed`] when there is nothing to set any more; [`ServiceError::Refused`].
pub(crate) async fn apply_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    values: &Values,
    (reason, wave): (Option<String>, WaveId),
) -> Result<(Option<RunId>, AuditEntry), ServiceError> {
    let standing = Standing::load(console, tx, biller.clone()).await?;
    let layer = Layer::Biller(biller.bid().clone());
    let proposed = as_code::copied(layer, values, &standing.layers.biller);
    let proposed = proposed.ok_or(ServiceError::Changed { what: "What is to be set" })?;
    let part = preview::part(console, tx, actor, &proposed).await?;
    confirm::make_one(console, tx, actor, &part, &Origin { reason, wave: Some(wave) }).await
}
