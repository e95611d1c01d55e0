//! The watch over the vendor: every minute it judges what was measured, opens and closes incidents, and lets alerts
//! begin and end.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    AlertId, IncidentId, JobId, MessageId,
    performance::{
        Alarm, Alert, AlertKey, AlertState, CallSource, Health, Incident, IncidentFacts, IncidentNote,
        IncidentRule, IncidentState, Minute, OperationGroup, Range, Tally,
    },
};
use storage::{
    Bookkeeping, Tx, calls,
    vendor_review::{alerts, incidents, maintenance, objectives},
};

use super::{
    measure::group_of,
    objectives::burns,
    show::{Prober, prober},
};
use crate::{Console, ServiceError};

/// How often it is looked.
pub(crate) const EVERY: Duration = Duration::from_secs(30);

/// Minutes that an incident's rule looks back on.
const LOOK_BACK: i64 = 180;

/// What the watch goes by.
#[derive(Clone, Debug)]
pub struct WatchSettings {
    /// When an incident begins and ends.
    pub rule: IncidentRule,
}

/// Looks once. Repeating it is harmless: what is open is not opened again.
///
/// # Errors
/// [`ServiceError::Storage`] when measurements cannot be read or what follows from them cannot be written.
pub(crate) async fn look(console: &Console) -> Result<(), ServiceError> {
    console.calls.flush(&console.store).await;
    let now = Minute::of(console.now());
    let mut conn = console.store.read().await?;
    let health = health(console, &mut conn, now).await?;
    let objectives = objectives::list(&mut conn).await?;
    let burns = burns(&mut conn, &objectives, now).await?;
    let last_probe = calls::last_minute(&mut conn, CallSource::Probe).await?;
    drop(conn);

    let mut tx = console.store.begin().await?;
    alerts::lock(&mut tx).await?;
    let mut firing: BTreeMap<String, String> = BTreeMap::new();
    for (group, health) in health {
        if let Some(incident) = settle(console, &mut tx, group, health).await? {
            let since = incident.began.rfc3339();
            let text = format!("SecureAuth fails for “{}” since {since}. {}", group.label(), incident.title);
            firing.insert(AlertKey::Incident(group).to_string(), text);
        }
    }
    for objective in &objectives {
        for burn in burns.get(&objective.id).into_iter().flatten() {
            if burn.alarm(objective.target) == Alarm::Burning {
                let rate = burn.long.burn(objective.target).unwrap_or_default();
                let hours = burn.pace.long() / 60;
                let text = format!(
                    "The error budget of “{}” ({} %) is spent {rate:.1} times as fast as allowed over the last {hours} h: {} of {} calls were bad.",
                    objective.name,
                    objective.target,
                    burn.long.bad(),
                    burn.long.valid
                );
                firing.insert(AlertKey::Burn(objective.id, burn.pace).to_string(), text);
            }
        }
    }
    if let Prober::Stopped(last) = prober(console, last_probe) {
        let text = format!(
            "The probes have stopped: the last one was at {}. See whether a worker runs.",
            last.begins().rfc3339()
        );
        firing.insert(AlertKey::ProberStopped.to_string(), text);
    }
    tell(console, &mut tx, firing).await?;
    tx.commit_bookkeeping(Bookkeeping::Watch).await?;
    console.wake_workers();
    Ok(())
}

/// What the last minutes say of each group; approved maintenance is passed over.
async fn health(
    console: &Console,
    conn: &mut storage::Conn,
    now: Minute,
) -> Result<Vec<(OperationGroup, Health)>, ServiceError> {
    let range = Range { from: Minute(now.0 + 1 - LOOK_BACK), to: Minute(now.0 + 1) };
    let excluded = maintenance::excluded(conn, range).await?;
    let mut minutes: BTreeMap<OperationGroup, BTreeMap<Minute, Tally>> = BTreeMap::new();
    calls::each_minute(conn, range, |key, minute, cell| {
        if let Some(group) = group_of(&key.operation)
            && !excluded.contains(minute)
        {
            minutes.entry(group).or_default().entry(minute).or_default().merge(&cell.tally);
        }
    })
    .await?;
    let judge = |minutes: BTreeMap<Minute, Tally>| {
        let minutes: Vec<_> = minutes.into_iter().collect();
        console.settings.watch.rule.judge(&minutes)
    };
    Ok(OperationGroup::ALL
        .iter()
        .map(|group| (*group, minutes.remove(group).map_or(Health::Unsure, judge)))
        .collect())
}

/// Opens or closes the rule's incident of a group; the answer is the one that is open then.
async fn settle(
    console: &Console,
    tx: &mut Tx,
    group: OperationGroup,
    health: Health,
) -> Result<Option<Incident>, ServiceError> {
    let open = incidents::open_by_rule(tx, group).await?;
    match (open, health) {
        (None, Health::Down(since)) => {
            let incident = Incident {
                id: IncidentId::new(console.clock.as_ref(), console.entropy.as_ref()),
                title: format!("{}: at least half of the calls fail", group.label()),
                group: Some(group),
                state: IncidentState::Open,
                began: since.begins(),
                ended: None,
                opened_by: None,
                known: IncidentFacts::default(),
                version: 1,
            };
            incidents::open(tx, &incident).await?;
            let text = format!(
                "Opened by the rule: at least half of the calls failed in {}.",
                console.settings.watch.rule.opens_after()
            );
            note(console, tx, incident.id, text).await?;
            Ok(Some(incident))
        }
        (Some(incident), Health::Up(since)) => {
            let closed = Incident {
                state: IncidentState::Closed,
                ended: Some(since.begins().max(incident.began)),
                ..incident
            };
            incidents::put(tx, &closed).await?;
            let text = format!(
                "Closed by the rule: most calls were answered in {}.",
                console.settings.watch.rule.closes_after()
            );
            note(console, tx, closed.id, text).await?;
            Ok(None)
        }
        (open, _) => Ok(open),
    }
}

async fn note(console: &Console, tx: &mut Tx, id: IncidentId, text: String) -> Result<(), ServiceError> {
    let note = IncidentNote { at: console.now(), by: None, text };
    Ok(incidents::note(tx, id, &note).await?)
}

/// Lets alerts begin that fire now and end that do not any more, and puts what is told of them into the outbox.
async fn tell(
    console: &Console,
    tx: &mut Tx,
    mut firing: BTreeMap<String, String>,
) -> Result<(), ServiceError> {
    let now = console.now();
    for alert in alerts::firing(tx).await? {
        if firing.remove(&alert.key).is_none() {
            alerts::end(tx, alert.id, now).await?;
            message(console, tx, alert.id, AlertState::Resolved).await?;
        }
    }
    for (key, text) in firing {
        let id = AlertId::new(console.clock.as_ref(), console.entropy.as_ref());
        let alert = Alert { id, key, state: AlertState::Firing, text, began: now, ended: None };
        alerts::begin(tx, &alert).await?;
        message(console, tx, id, AlertState::Firing).await?;
        metrics::counter!("ciam_alerts_total").increment(1);
    }
    Ok(())
}

async fn message(
    console: &Console,
    tx: &mut Tx,
    alert: AlertId,
    tells: AlertState,
) -> Result<(), ServiceError> {
    for receiver in console.settings.alerts.receivers() {
        let (clock, entropy) = (console.clock.as_ref(), console.entropy.as_ref());
        let ids = (MessageId::new(clock, entropy), JobId::new(clock, entropy));
        alerts::tell(tx, ids, alert, tells, receiver, console.now()).await?;
    }
    Ok(())
}
