//! Enable: plan and preview first, then a durable run that makes and proves everything.

use domain::{
    Bid, RunId, WaveId,
    access::{self, Refusal},
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    job::JobKind,
    naming,
    plan::{self, EnablePlan},
    run::{Run, RunKind, RunState},
};
use serde_json::json;
use storage::{Tx, billers, runs};

use crate::{Console, ServiceError, reach};

/// What an enablement will make, shown before it is confirmed.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The biller.
    pub biller: Biller,
    /// Every object at SecureAuth.
    pub plan: EnablePlan,
    /// The login URL it will have.
    pub login_url: String,
    /// Whether it may be enabled now, and if not, why.
    pub allowed: Result<(), Refusal>,
}

/// Shows what enabling a biller will make. Changes nothing.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn preview(console: &Console, actor: &Actor, bid: &Bid) -> Result<Preview, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let mut biller = reach::biller(&mut conn, actor, bid).await?;
    let open = runs::open_of(&mut conn, bid).await?;
    let allowed = access::may_start(actor, &biller, open.as_ref(), RunKind::Enable);
    let slug = match biller.slug.take() {
        Some(slug) => slug,
        None => free_slug(&mut conn, &biller).await?,
    };
    let login_url = console.settings.login_url(&slug);
    biller.slug = Some(slug);
    let plan = plan::enable(&biller, &console.settings.plan);
    Ok(Preview { biller, plan, login_url, allowed })
}

/// Asks for the enablement. The answer is the run to watch.
///
/// # Errors
/// [`ServiceError::Refused`] with the reason when the role, the status or an open run forbids it.
pub async fn enable(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    reason: Option<String>,
) -> Result<RunId, ServiceError> {
    actor.may(Capability::EnableBiller)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let (run, entry) = enable_in(console, &mut tx, actor, &biller, reason, None).await?;
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(run)
}

/// Puts an enablement into an open transaction: for the policy on new billers and for waves.
///
/// # Errors
/// As [`enable`].
pub(crate) async fn enable_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    reason: Option<String>,
    wave: Option<WaveId>,
) -> Result<(RunId, AuditEntry), ServiceError> {
    if biller.slug.is_none() {
        let slug = free_slug(tx, biller).await?;
        billers::set_slug(tx, biller.bid(), &slug).await?;
    }
    start_in(console, tx, actor, biller, RunKind::Enable, reason, wave).await
}

/// Puts a run into an open transaction: checks the rules, sets the status, creates run and job.
pub(crate) async fn start_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    kind: RunKind,
    reason: Option<String>,
    wave: Option<WaveId>,
) -> Result<(RunId, AuditEntry), ServiceError> {
    let bid = biller.bid();
    let open = runs::open_of(tx, bid).await?;
    access::may_start(actor, biller, open.as_ref(), kind)?;
    let run = queued(console, actor, biller, kind, reason, wave);
    let mut entry = requested(console, biller, &run);
    if let Some(failed) = open {
        // Only one that failed lets another kind start: it is given up, since nobody can go on with it any more.
        runs::set_state(tx, failed.id, RunState::Failed, RunState::Superseded, console.now()).await?;
        entry = entry.change(
            Some(json!({ "status": biller.status, "failed_run": { "run": failed.id, "kind": failed.kind } })),
            Some(json!({ "run": run.id, "kind": run.kind, "wave": run.wave, "gave_up": {
                "run": failed.id,
                "because": "The suspension switches everything off, whatever the settings are.",
            } })),
        );
    }
    create_in(console, tx, biller, &run).await?;
    Ok((run.id, entry))
}

/// A run as it is asked for.
pub(crate) fn queued(
    console: &Console,
    actor: &Actor,
    biller: &Biller,
    kind: RunKind,
    reason: Option<String>,
    wave: Option<WaveId>,
) -> Run {
    Run {
        id: RunId::new(console.clock.as_ref(), console.entropy.as_ref()),
        bid: biller.bid().clone(),
        kind,
        state: RunState::Queued,
        reason: reason.filter(|text| !text.trim().is_empty()),
        requested_by: actor.clone(),
        wave,
        detail: None,
        created_at: console.now(),
        started_at: None,
        finished_at: None,
    }
}

/// Creates a run whose rules have been checked, with its job and the biller's status.
pub(crate) async fn create_in(
    console: &Console,
    tx: &mut Tx,
    biller: &Biller,
    run: &Run,
) -> Result<(), ServiceError> {
    runs::create(tx, run).await?;
    let status = biller.status.during(run.kind);
    if biller.status != status {
        billers::set_status(tx, &run.bid, biller.status, status, console.now()).await?;
    }
    console.enqueue(tx, JobKind::Run, &run.id.to_string()).await
}

/// The audit entry of a request for a run.
pub(crate) fn requested(console: &Console, biller: &Biller, run: &Run) -> AuditEntry {
    AuditEntry::new(
        console.now(),
        run.requested_by.clone(),
        AuditAction::RunRequested,
        Subject::new(SubjectKind::Biller, run.bid.as_str()),
    )
    .because(run.reason.clone())
    .change(
        Some(json!({ "status": biller.status })),
        Some(json!({ "run": run.id, "kind": run.kind, "wave": run.wave })),
    )
}

async fn free_slug(conn: &mut storage::Conn, biller: &Biller) -> Result<domain::Slug, ServiceError> {
    let (plain, own) = naming::slug_candidates(biller.name(), biller.bid());
    Ok(if billers::slug_taken(conn, plain.as_str()).await? { own } else { plain })
}
