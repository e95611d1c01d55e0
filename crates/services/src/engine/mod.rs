//! Carries runs on: one step after the other, each recorded before and after, so that a run goes on from
//! wherever a crash left it.
//!
//! Every step is an "ensure": done twice it does the same as done once. What a step learned or changed is
//! committed together with its state and its audit entries; the last step's commit also ends the run.

mod failure;
mod issuer;
mod objects;
mod proof;
mod read_back;
mod record;
mod settings;
mod step;
mod tokens;
mod use_cases;
mod vanity;

use domain::{
    Bid, RunId, Timestamp,
    biller::Biller,
    job::backoff,
    login::LoginRoute,
    object::VendorObject,
    plan::{self, EnablePlan},
    run::{Failure, Run, RunKind, RunState, Step, StepKind, StepState},
    settings::{Layers, effective::fit},
    use_case::Effect,
};
use storage::runs;

use self::step::{StepContext, StepFailure, StepReport};
use crate::{Console, ServiceError};

/// How often a run that the vendor keeps waiting is taken up before it is marked as failed. Counted from the
/// request or the last retry by a person; with the pauses of [`backoff`] that is a minute, longer where the
/// vendor says when to come back, and on top of the client's own retries.
const PATIENCE: i64 = 6;

/// What a person is told once patience has ended: nothing goes on by itself any more.
const PATIENCE_ENDED: &str = "It was tried several times without success. See whether SecureAuth answers (its \
    status page, or the overview here), then retry.";

/// How far a run got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// The run needs no worker any more: it succeeded, failed, or was taken over.
    Ended,
    /// The vendor did not answer; go on at this time.
    Later {
        /// When to go on.
        at: Timestamp,
        /// Why not now.
        why: String,
    },
}

/// Everything a step needs to know, read afresh before each.
pub(crate) struct Situation {
    run: Run,
    steps: Vec<Step>,
    biller: Biller,
    objects: Vec<VendorObject>,
    plan: EnablePlan,
    layers: Layers,
    effect: Effect,
}

impl Situation {
    async fn load(console: &Console, id: RunId) -> Result<Self, ServiceError> {
        let mut conn = console.store.read().await?;
        let run = runs::find(&mut conn, id).await?.ok_or_else(|| ServiceError::not_found("run", id))?;
        let steps = runs::steps(&mut conn, id).await?;
        let biller = find_biller(&mut conn, &run.bid).await?;
        let objects = storage::objects::of_biller(&mut conn, &run.bid).await?;
        let effect = storage::use_cases::effects::of(&mut conn, &run.bid).await?;
        let mut plan = plan::enable(&biller, &console.settings.plan);
        let layers = storage::settings::layers_of(&mut conn, &run.bid, biller.draft.tier.as_deref()).await?;
        fit(&mut plan, &layers);
        Ok(Self { run, steps, biller, objects, plan, layers, effect })
    }

    /// The first step that is neither done nor skipped, and whether it is the last one.
    fn next_step(&self) -> Option<(&Step, bool)> {
        let mut open =
            self.steps.iter().filter(|step| !matches!(step.state, StepState::Done | StepState::Skipped));
        let step = open.next()?;
        Some((step, open.next().is_none()))
    }
}

async fn find_biller(conn: &mut storage::Conn, bid: &Bid) -> Result<Biller, ServiceError> {
    storage::billers::find(conn, bid).await?.ok_or_else(|| ServiceError::not_found("biller", bid))
}

/// Carries a run on until it ends or the vendor has to be waited for. `taken` counts how often it was taken
/// up since it was asked for.
///
/// # Errors
/// [`ServiceError::Storage`] when the database failed; the run is as the last commit left it.
pub(crate) async fn carry_on(console: &Console, id: RunId, taken: i64) -> Result<Carried, ServiceError> {
    loop {
        let situation = Situation::load(console, id).await?;
        match situation.run.state {
            RunState::Failed | RunState::Succeeded | RunState::Superseded => return Ok(Carried::Ended),
            RunState::Queued => record::begin(console, &situation.run).await?,
            RunState::Running => {}
        }
        let Some((step, last)) = situation.next_step() else {
            // A run always ends in the commit of its last step, so this is a run without steps.
            return Ok(Carried::Ended);
        };
        record::start(console, &situation.run, step).await?;
        let context = StepContext { console, situation: &situation, step };
        match perform(&context).await {
            Ok(report) => {
                record::done(console, &situation, step, report, last).await?;
                if last {
                    return Ok(Carried::Ended);
                }
            }
            Err(StepFailure::Storage(error)) => return Err(error),
            Err(StepFailure::Temporary { failure, retry_after }) if taken < PATIENCE => {
                let pause = backoff(taken).max(retry_after.unwrap_or_default());
                return Ok(Carried::Later { at: console.now().plus(pause), why: failure.message });
            }
            Err(StepFailure::Temporary { failure, .. }) => {
                let failure = Failure { cure: PATIENCE_ENDED.to_owned(), ..failure };
                record::failed(console, &situation, step, &failure).await?;
                return Ok(Carried::Ended);
            }
            Err(StepFailure::Failed(failure)) => {
                record::failed(console, &situation, step, &failure).await?;
                return Ok(Carried::Ended);
            }
        }
    }
}

async fn perform(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    use objects::{application, binding, organization, pool, theme};
    let kind = context.run().kind;
    match (kind, context.step.kind) {
        (RunKind::ApplySettings, _) => settings::apply(context).await,
        (RunKind::SwitchIssuer, StepKind::Proof) => issuer::prove(context).await,
        (RunKind::SwitchIssuer, _) => issuer::switch(context).await,
        (_, StepKind::Settings) => settings::ensure(context).await,
        (RunKind::ChangeUseCases, _)
        | (_, StepKind::TurnOff | StepKind::PasswordCheck | StepKind::TurnOn) => {
            use_cases::perform(context).await
        }
        (RunKind::Enable, StepKind::Organization) => organization::ensure(context).await,
        (RunKind::Enable, StepKind::Pool) => pool::ensure(context).await,
        (RunKind::Enable, StepKind::Binding) => binding::ensure(context).await,
        (RunKind::Enable, StepKind::Application) => application::ensure(context).await,
        (RunKind::Abandon, StepKind::Organization) => organization::undo(context).await,
        (RunKind::Abandon, StepKind::Pool) => pool::undo(context).await,
        (RunKind::Abandon, StepKind::Binding) => binding::undo(context).await,
        (RunKind::Abandon, StepKind::Application) => application::undo(context).await,
        (_, StepKind::Organization) => organization::switch(context, kind == RunKind::Resume).await,
        (_, StepKind::Binding) => binding::switch(context, kind == RunKind::Resume).await,
        (_, StepKind::Application) => application::switch(context, kind == RunKind::Resume).await,
        (_, StepKind::Pool) => Ok(StepReport::skipped("Pools have no switch of their own.")),
        (_, StepKind::Theme) => theme::ensure(context).await,
        (_, StepKind::VanityDomain) => Ok(StepReport::skipped("It is changed with the settings only.")),
        (_, StepKind::ReadBack) => read_back::compare(context).await,
        (_, StepKind::Tokens) => tokens::revoke(context).await,
        (RunKind::Suspend | RunKind::Abandon, StepKind::Proof) => proof::refused(context).await,
        (RunKind::Enable | RunKind::Resume, StepKind::Proof) => proof::answers(context).await,
        (RunKind::Enable, StepKind::LoginRoute) => Ok(route(LoginRoute::SecureAuth)),
        (RunKind::Resume, StepKind::LoginRoute) => Ok(route(context.situation.effect.route())),
        (RunKind::Suspend, StepKind::LoginRoute) => Ok(route(LoginRoute::Legacy)),
        (RunKind::Abandon, StepKind::LoginRoute) => {
            objects::in_use::nothing_is_in_use(context).await?;
            Ok(route(LoginRoute::Legacy))
        }
    }
}

fn route(route: LoginRoute) -> StepReport {
    StepReport::done(format!("Sign-ins at the login URL go to: {}.", route.label())).routing(route)
}
