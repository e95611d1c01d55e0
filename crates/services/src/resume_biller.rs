//! Resume: reverses a suspension, and sends sign-ins to SecureAuth again once the proof succeeded.

use domain::{
    Bid, RunId,
    access::{self, Refusal},
    actor::{Actor, Capability},
    biller::Biller,
    run::RunKind,
};
use storage::runs;

use crate::{Console, ServiceError, enable_biller, reach};

/// The biller and whether it may be resumed.
#[derive(Clone, Debug)]
pub struct ResumePreview {
    /// The biller.
    pub biller: Biller,
    /// Whether it may be resumed now, and if not, why.
    pub allowed: Result<(), Refusal>,
}

/// Shows whether a biller may be resumed. Changes nothing.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn preview(console: &Console, actor: &Actor, bid: &Bid) -> Result<ResumePreview, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let open = runs::open_of(&mut conn, bid).await?;
    let allowed = access::may_start(actor, &biller, open.as_ref(), RunKind::Resume);
    Ok(ResumePreview { biller, allowed })
}

/// Asks for the resumption.
///
/// # Errors
/// [`ServiceError::Refused`] with the reason when the role, the status or an open run forbids it.
pub async fn resume(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    reason: Option<String>,
) -> Result<RunId, ServiceError> {
    actor.may(Capability::SuspendBiller)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let (run, entry) =
        enable_biller::start_in(console, &mut tx, actor, &biller, RunKind::Resume, reason, None).await?;
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(run)
}
