//! What IC is told when what is in effect for a biller changes: in the transaction that makes it so.

use domain::{
    Bid, EmergencyId,
    biller::Biller,
    emergency::EmergencyState,
    event::{EventData, EventKind, EventUseCases, InEffect},
    job::JobKind,
};
use storage::{Bookkeeping, Tx, billers, emergencies, use_cases::effects};

use crate::{Console, ServiceError, deliver_events, worker::After};

/// Billers told of in one transaction.
const BATCH: usize = 100;

/// Tells IC what was in effect for a biller and what is; nothing where that is the same.
pub(crate) async fn changed(
    console: &Console,
    tx: &mut Tx,
    biller: &Biller,
    before: InEffect,
    after: InEffect,
) -> Result<(), ServiceError> {
    if before == after {
        return Ok(());
    }
    let data = EventData {
        bid: biller.bid().clone(),
        login_url: biller.slug.as_ref().map(|slug| console.settings.login_url(slug)),
        use_cases: Some(EventUseCases { before, after }),
        issuer: None,
        failure: None,
    };
    deliver_events::record(console, tx, EventKind::UseCasesChanged, biller.bid(), data).await
}

/// Tells IC that an emergency began or ended, inside the transaction in which it did. `held_before` says whether the
/// biller's sign-ins were held off without it. Everyone's is told of biller by biller, by a job of that transaction.
pub(crate) async fn of_emergency(
    console: &Console,
    tx: &mut Tx,
    id: EmergencyId,
    bid: Option<&Bid>,
    held_before: bool,
) -> Result<(), ServiceError> {
    let Some(bid) = bid else {
        return console.enqueue(tx, JobKind::EmergencyNews, &id.to_string()).await;
    };
    let Some(biller) = billers::find(tx, bid).await? else { return Ok(()) };
    let held_now = !emergencies::holding(tx, bid).await?.is_empty();
    let in_effect = effects::of(tx, bid).await?.in_effect;
    let (before, after) = (InEffect::of(&in_effect, held_before), InEffect::of(&in_effect, held_now));
    changed(console, tx, &biller, before, after).await
}

/// Tells IC of everyone's emergency, some billers at a time: of those for which anything is in effect. How far it got is
/// kept in the same transaction as the events, so a crash neither loses nor doubles one.
///
/// # Errors
/// [`ServiceError::Storage`] when the database failed; it goes on where it was then.
pub(crate) async fn tell(console: &Console, id: EmergencyId) -> Result<After, ServiceError> {
    loop {
        let mut tx = console.store.begin().await?;
        let Some(emergency) = emergencies::find(&mut tx, id).await? else { return Ok(After::Finished) };
        let held = emergency.state != EmergencyState::Lifted;
        let told = emergencies::told(&mut tx, id).await?;
        let after = told.filter(|told| told.held == held).and_then(|told| told.until);
        let batch = effects::after(&mut tx, after.as_ref(), BATCH).await?;
        let Some(last) = batch.last().map(|(bid, _)| bid.clone()) else { return Ok(After::Finished) };
        for (bid, effect) in batch {
            let Some(biller) = billers::find(&mut tx, &bid).await? else { continue };
            // Its sign-ins may be held off by another emergency, too: then nothing changes for it.
            let others = emergencies::holding(&mut tx, &bid).await?.iter().any(|other| other.id != id);
            let of = |held: bool| InEffect::of(&effect.in_effect, held || others);
            changed(console, &mut tx, &biller, of(!held), of(held)).await?;
        }
        emergencies::set_told(&mut tx, id, held, &last).await?;
        tx.commit_bookkeeping(Bookkeeping::Delivery).await?;
        console.wake_workers();
    }
}
