//! Change use cases: what is chosen for a biller, what it will do, and the run that brings it about.

use std::time::Duration;

use domain::{
    Bid, ChangeId, RunId, WaveId,
    access::{self, Refusal},
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    emergency::Emergency,
    object::ObjectKind,
    run::{Run, RunDetail, RunKind},
    use_case::{
        Blocked, Cause, Change, ChangePlan, Choice, ChoicePatch, Choices, Effect, Layers, Standing, UseCase,
        plan, unhindered,
    },
    user_move::{UserMove, UserMoveState},
    zone::{self, BillersZone},
};
use secureauth::PoolId;
use serde_json::json;
use storage::{Conn, Tx, emergencies, objects, runs, use_cases, user_moves, users};

use crate::{
    Console, ServiceError, enable_biller, migration, reach,
    schedule_use_cases::{self, ScheduledView},
    show_biller::RunView,
};

/// Entries of the history on the page.
const HISTORY: usize = 50;

/// How long the preview waits for the vendor's number of users; without it the preview says so.
const VENDOR_PATIENCE: Duration = Duration::from_secs(3);

/// The use cases of a biller as they are shown.
#[derive(Clone, Debug)]
pub struct UseCasesView {
    /// The biller.
    pub biller: Biller,
    /// What is chosen on each level.
    pub layers: Layers,
    /// Everything on which the switches depend.
    pub standing: Standing,
    /// What is in effect, and which run proved it.
    pub effect: Effect,
    /// What is known of its users.
    pub users: Option<UserMove>,
    /// What would have to be done to bring about what is chosen.
    pub pending: ChangePlan,
    /// Whether the actor may change anything now, and if not, why.
    pub allowed: Result<(), Refusal>,
    /// Whether the actor may schedule and withdraw changes.
    pub may_schedule: Result<(), Refusal>,
    /// The newest change of use cases, with its run and steps.
    pub run: Option<RunView>,
    /// Who changed what, newest first.
    pub history: Vec<Change>,
    /// What is or was to be changed at a time, newest first.
    pub scheduled: Vec<ScheduledView>,
    /// The emergencies that hold its sign-ins off.
    pub held_off: Vec<Emergency>,
    /// Whether the actor may hold its sign-ins off.
    pub may_hold_off: Result<(), Refusal>,
}

/// Shows the use cases of a biller.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn show(console: &Console, actor: &Actor, bid: &Bid) -> Result<UseCasesView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let Found { layers, standing, effect, users, open, held_off } = find(&mut conn, &biller).await?;
    let history = use_cases::changes::of_biller(&mut conn, bid, HISTORY).await?;
    let newest = history.iter().find_map(|change| change.run);
    let run = match newest {
        Some(id) => runs::find(&mut conn, id).await?,
        None => None,
    };
    let run = match run {
        Some(run) => Some(RunView { steps: runs::steps(&mut conn, run.id).await?, run }),
        None => None,
    };
    let scheduled = schedule_use_cases::listed(&mut conn, bid).await?;
    Ok(UseCasesView {
        scheduled,
        may_schedule: actor.may(Capability::ChangeUseCases),
        allowed: access::may_start(actor, &biller, open.as_ref(), RunKind::ChangeUseCases),
        pending: plan(&standing, &layers),
        biller,
        layers,
        standing,
        effect,
        users,
        run,
        history,
        held_off,
        may_hold_off: Emergency::may_start(actor, Some(bid)),
    })
}

/// Everything on which a change depends, read together.
pub(crate) struct Found {
    pub(crate) layers: Layers,
    pub(crate) standing: Standing,
    pub(crate) effect: Effect,
    pub(crate) users: Option<UserMove>,
    pub(crate) open: Option<Run>,
    pub(crate) held_off: Vec<Emergency>,
}

/// Reads everything on which a change of this biller depends.
pub(crate) async fn find(conn: &mut Conn, biller: &Biller) -> Result<Found, ServiceError> {
    let bid = biller.bid();
    let layers = use_cases::choices::layers(conn, bid, biller.draft.tier.as_deref()).await?;
    let effect = use_cases::effects::of(conn, bid).await?;
    let users = user_moves::of(conn, bid).await?;
    let open = runs::open_of(conn, bid).await?;
    let held_off = emergencies::holding(conn, bid).await?;
    let held = !held_off.is_empty();
    let delta = migration::delta(conn, bid).await?;
    let standing = Standing::of(biller, open.as_ref(), users, effect.in_effect.clone(), held, delta);
    Ok(Found { layers, standing, effect, users, open, held_off })
}

/// What a change will do, shown before it is confirmed.
#[derive(Clone, Debug)]
pub struct ChangePreview {
    /// The biller.
    pub biller: Biller,
    /// What is chosen now.
    pub layers: Layers,
    /// What is to be chosen.
    pub choices: Choices,
    /// What that does.
    pub plan: ChangePlan,
    /// What is known of its users.
    pub users: Option<UserMove>,
    /// Users in the pool as SecureAuth counts them; `None` when it did not answer.
    pub users_at_vendor: Option<u64>,
    /// Where sign-ins at the login URL go now and then, in words.
    pub login_url: Option<String>,
    /// Whether it may be done now, and if not, why.
    pub allowed: Result<(), ServiceRefusal>,
    /// Whether it may be scheduled, and if not, why: what only stands in the way now does not count.
    pub schedulable: Result<(), ServiceRefusal>,
    /// The change that waits for its time already.
    pub waiting: Option<ScheduledView>,
    /// The zone in which times of the biller are given.
    pub zone: BillersZone,
    /// Today there.
    pub today: String,
}

/// Why a change cannot be made as it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceRefusal {
    /// The rules of access or the biller's status forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something stands in the way of one use case.
    #[error("{}: {blocked}", .use_case.label())]
    Blocked {
        /// Which.
        use_case: UseCase,
        /// What stands in the way.
        blocked: Blocked,
    },
    /// Nothing would change.
    #[error("Nothing would change: everything is chosen and in effect like this already.")]
    Nothing,
}

impl From<ServiceRefusal> for ServiceError {
    fn from(refusal: ServiceRefusal) -> Self {
        match refusal {
            ServiceRefusal::Refused(refusal) => Self::Refused(refusal),
            ServiceRefusal::Blocked { use_case, .. } => {
                Self::Field { field: use_case.as_str(), problem: refusal.to_string() }
            }
            ServiceRefusal::Nothing => Self::Field { field: "choices", problem: refusal.to_string() },
        }
    }
}

/// Shows what choosing this for a biller will do. Changes nothing.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn preview(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    choices: Choices,
) -> Result<ChangePreview, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let found = find(&mut conn, &biller).await?;
    let pool = objects::find(&mut conn, bid, ObjectKind::Pool).await?;
    let waiting = use_cases::scheduled::waiting(&mut conn, bid).await?.map(ScheduledView::of);
    drop(conn);
    let users_at_vendor = match pool.and_then(|pool| PoolId::parse(&pool.vendor_id).ok()) {
        Some(pool) => count_users(console, &pool).await,
        None => None,
    };
    let plan = plan(&found.standing, &found.layers.choosing(choices));
    let allowed = access::may_start(actor, &biller, found.open.as_ref(), RunKind::ChangeUseCases)
        .map_err(ServiceRefusal::from)
        .and_then(|()| possible(&found.layers, choices, &plan));
    let zone = zone::of_biller(&biller, &console.settings.zone);
    Ok(ChangePreview {
        schedulable: schedulable(actor, &found, choices),
        waiting,
        today: zone.zone.day(console.now()),
        zone,
        login_url: biller.slug.as_ref().map(|slug| console.settings.login_url(slug)),
        layers: found.layers,
        users: found.users,
        users_at_vendor,
        biller,
        choices,
        plan,
        allowed,
    })
}

/// Whether a change may be scheduled: what only stands in the way now may be out of it by then.
pub(crate) fn schedulable(actor: &Actor, found: &Found, choices: Choices) -> Result<(), ServiceRefusal> {
    actor.may(Capability::ChangeUseCases)?;
    let ideal = plan(&unhindered(&found.standing.in_effect), &found.layers.choosing(choices));
    possible(&found.layers, choices, &ideal)
}

async fn count_users(console: &Console, pool: &PoolId) -> Option<u64> {
    let answer = tokio::time::timeout(VENDOR_PATIENCE, console.vendor.get_pool(pool)).await.ok()?;
    u64::try_from(answer.ok()?.number_of_users?).ok()
}

/// What was switched on by hand must come on; what is inherited may wait for its time.
fn possible(layers: &Layers, choices: Choices, plan: &ChangePlan) -> Result<(), ServiceRefusal> {
    let by_hand = |use_case: UseCase| {
        choices.of(use_case) != Choice::Inherit && layers.biller.of(use_case) != choices.of(use_case)
    };
    if let Some((use_case, blocked)) = plan.held_back.iter().find(|(use_case, _)| by_hand(*use_case)) {
        return Err(ServiceRefusal::Blocked { use_case: *use_case, blocked: *blocked });
    }
    let after = layers.choosing(choices);
    let lacking = choices.changed(&layers.biller).find_map(|use_case| {
        let needed = after.wanted(use_case).lacks?;
        by_hand(use_case).then_some((use_case, Blocked::Needs { use_case, needed }))
    });
    if let Some((use_case, blocked)) = lacking {
        return Err(ServiceRefusal::Blocked { use_case, blocked });
    }
    if plan.is_empty() && choices == layers.biller { Err(ServiceRefusal::Nothing) } else { Ok(()) }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct ChangeRequest {
    /// What is to be chosen.
    pub choices: Choices,
    /// What was chosen when the preview was shown.
    pub seen: Choices,
    /// Why, in the actor's words.
    pub reason: Option<String>,
}

/// Chooses use cases for a biller and asks for the run that brings them about; the answer is that run, or `None`
/// where nothing has to be brought about.
///
/// # Errors
/// [`ServiceError::Changed`] when somebody else chose otherwise since the preview, [`ServiceError::Field`] for what
/// stands in the way of one use case, [`ServiceError::Refused`] without the right.
pub async fn change(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    request: ChangeRequest,
) -> Result<Option<RunId>, ServiceError> {
    actor.may(Capability::ChangeUseCases)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let chosen = use_cases::choices::layers(&mut tx, bid, None).await?.biller;
    if chosen != request.seen {
        return Err(ServiceError::Changed { what: "What is chosen for the biller" });
    }
    let asked = Asked { cause: Cause::Chosen, reason: request.reason, wave: None };
    let (run, entry) = change_in(console, &mut tx, actor, &biller, request.choices, asked).await?;
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(run)
}

/// How a change came to be asked for.
pub(crate) struct Asked {
    pub(crate) cause: Cause,
    pub(crate) reason: Option<String>,
    pub(crate) wave: Option<WaveId>,
}

/// Puts a change into an open transaction: for waves and reviews, too.
///
/// # Errors
/// As [`change`].
pub(crate) async fn change_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    choices: Choices,
    asked: Asked,
) -> Result<(Option<RunId>, AuditEntry), ServiceError> {
    let bid = biller.bid();
    let found = find(tx, biller).await?;
    access::may_start(actor, biller, found.open.as_ref(), RunKind::ChangeUseCases)?;
    let plan = plan(&found.standing, &found.layers.choosing(choices));
    possible(&found.layers, choices, &plan)?;
    let reason = asked.reason.filter(|text| !text.trim().is_empty());
    use_cases::choices::put_for_biller(tx, bid, &choices, actor, console.now()).await?;
    let run = if plan.is_empty() {
        None
    } else {
        let detail = RunDetail::UseCases { before: plan.before.clone(), after: plan.after.clone() };
        let run = enable_biller::queued(
            console,
            actor,
            biller,
            RunKind::ChangeUseCases,
            reason.clone(),
            asked.wave,
        );
        let run = Run { detail: Some(detail), ..run };
        enable_biller::create_in(console, tx, biller, &run).await?;
        Some(run.id)
    };
    let change = Change {
        id: ChangeId::new(console.clock.as_ref(), console.entropy.as_ref()),
        bid: bid.clone(),
        cause: asked.cause,
        by: actor.clone(),
        reason: reason.clone(),
        run,
        choices_before: found.layers.biller,
        choices_after: choices,
        effect_before: plan.before,
        effect_after: plan.after,
        at: console.now(),
    };
    use_cases::changes::add(tx, &change).await?;
    Ok((run, entry(console, actor, bid, &change).because(reason)))
}

/// Puts a bulk change of one biller into an open transaction.
pub(crate) async fn patch_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    patch: &ChoicePatch,
    asked: Asked,
) -> Result<(Option<RunId>, AuditEntry), ServiceError> {
    let chosen = use_cases::choices::layers(tx, biller.bid(), None).await?.biller;
    change_in(console, tx, actor, biller, patch.applied_to(chosen), asked).await
}

/// What stands in the way of a bulk change of one biller, in words; `None` if nothing does.
pub(crate) async fn in_the_way(
    conn: &mut Conn,
    actor: &Actor,
    biller: &Biller,
    patch: &ChoicePatch,
) -> Result<Option<String>, ServiceError> {
    let found = find(conn, biller).await?;
    let choices = patch.applied_to(found.layers.biller);
    let plan = plan(&found.standing, &found.layers.choosing(choices));
    let allowed = access::may_start(actor, biller, found.open.as_ref(), RunKind::ChangeUseCases)
        .map_err(ServiceRefusal::from)
        .and_then(|()| possible(&found.layers, choices, &plan));
    Ok(allowed.err().map(|refusal| refusal.to_string()))
}

fn entry(console: &Console, actor: &Actor, bid: &Bid, change: &Change) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Biller, bid.as_str());
    let before = json!({ "choices": change.choices_before, "in_effect": change.effect_before });
    let after = json!({
        "choices": change.choices_after, "in_effect": change.effect_after, "run": change.run, "cause": change.cause,
    });
    AuditEntry::new(console.now(), actor.clone(), AuditAction::UseCasesChosen, subject)
        .change(Some(before), Some(after))
}

/// A failed change is taken back: what was chosen before it is chosen again, beside the run that undoes it.
pub(crate) async fn taken_back_in(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    failed: &Run,
    back: &Run,
) -> Result<(), ServiceError> {
    let Some(change) = use_cases::changes::of_run(tx, &failed.bid, failed.id).await? else { return Ok(()) };
    let undone = Change {
        id: ChangeId::new(console.clock.as_ref(), console.entropy.as_ref()),
        cause: Cause::TakenBack,
        by: actor.clone(),
        reason: back.reason.clone(),
        run: Some(back.id),
        choices_before: change.choices_after,
        choices_after: change.choices_before,
        effect_before: change.effect_after,
        effect_after: change.effect_before,
        at: console.now(),
        bid: change.bid,
    };
    let choices = undone.choices_after;
    use_cases::choices::put_for_biller(tx, &failed.bid, &choices, actor, console.now()).await?;
    use_cases::changes::add(tx, &undone).await?;
    Ok(())
}

/// Notes that a biller has no users to move, so that people may sign in at SecureAuth without a move.
///
/// # Errors
/// [`ServiceError::Field`] when users of it are known, [`ServiceError::Refused`] without the right.
pub async fn declare_no_users(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    reason: Option<String>,
) -> Result<(), ServiceError> {
    actor.may(Capability::ChangeUseCases)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let known = user_moves::of(&mut tx, bid).await?;
    let passwords = users::legacy_password_counts(&mut tx, bid).await?.total();
    if let Some(problem) = users_are_known(known, passwords) {
        return Err(ServiceError::Field { field: "users", problem });
    }
    let now = console.now();
    let declared = UserMove { state: UserMoveState::NothingToMove, users: 0, moved: 0, changed_at: now };
    user_moves::put(&mut tx, bid, &declared).await?;
    let subject = Subject::new(SubjectKind::Biller, biller.bid().as_str());
    let entry = AuditEntry::new(now, actor.clone(), AuditAction::NoUsersDeclared, subject)
        .because(reason)
        .change(Some(json!({ "users": known })), Some(json!({ "users": declared })));
    tx.commit_audited(entry).await?;
    Ok(())
}

fn users_are_known(known: Option<UserMove>, passwords: u64) -> Option<String> {
    match known {
        Some(known) if known.state == UserMoveState::NothingToMove => {
            Some("This has been said already.".to_owned())
        }
        Some(known) => Some(format!(
            "{} users of this biller are known ({}): they are moved, not declared away.",
            known.users,
            known.state.label().to_lowercase()
        )),
        None if passwords > 0 => {
            Some(format!("{passwords} users of this biller are known: they have to be moved."))
        }
        None => None,
    }
}
