//! Where the rollout stands, what is under way, what waits for someone.

use domain::{
    Portfolio, Timestamp,
    actor::{Actor, Capability},
    run::{self, Failure, Run, RunState, StepKind, StepState},
    wave::{Wave, WaveState},
};
use storage::{
    Conn, accounts,
    billers::{self, BillerCounts},
    events, runs, waves,
};

pub use crate::vendor_watch::VendorHealth;
use crate::{
    Console, ServiceError,
    biller_settings::requests::{self, RequestLine},
    vendor_watch,
};

/// Lines of each list on the page.
const LINES: usize = 10;

/// Bulk enablements on the page.
const WAVES: usize = 5;

/// The overview as it is shown.
#[derive(Clone, Debug)]
pub struct Overview {
    /// All billers that the actor sees, by status.
    pub counts: BillerCounts,
    /// Runs under way, newest first.
    pub running: Vec<RunLine>,
    /// Runs that failed and wait for a decision, newest first.
    pub attention: Vec<RunLine>,
    /// Runs that finished, newest first.
    pub recent: Vec<RunLine>,
    /// Changes of settings that wait for a second person.
    pub requests: Vec<RequestLine>,
    /// Deliveries that were given up.
    pub stuck_deliveries: u64,
    /// Changes of users that SecureAuth does not have yet.
    pub mirror: MirrorSum,
    /// Bulk enablements: running ones first, then newest first.
    pub waves: Vec<Wave>,
    /// Whether SecureAuth answers.
    pub vendor: VendorHealth,
}

/// Changes of users on their way to SecureAuth, of all billers that the actor sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MirrorSum {
    /// Changes that wait.
    pub waiting: u64,
    /// Changes that SecureAuth will not take as they are.
    pub parked: u64,
    /// Billers with a change that waits.
    pub billers: usize,
    /// Since when the oldest waiting change waits.
    pub oldest: Option<Timestamp>,
}

/// A run in one line.
#[derive(Clone, Debug)]
pub struct RunLine {
    /// The run.
    pub run: Run,
    /// The biller's true name.
    pub biller_name: String,
    /// Steps done or not needed.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// The step it is at.
    pub step: Option<StepKind>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Shows the overview.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn show(console: &Console, actor: &Actor) -> Result<Overview, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let within = actor.portfolio();
    // The vendor is asked first: a connection to the database is not held while it thinks.
    let vendor = vendor_watch::look(console).await;
    let mut conn = console.store.read().await?;
    let mut waves = waves::list(&mut conn, WAVES, within).await?;
    waves.sort_by_key(|wave| wave.state != WaveState::Running);
    Ok(Overview {
        counts: billers::counts(&mut conn, within).await?,
        running: lines(&mut conn, &[RunState::Queued, RunState::Running], within).await?,
        attention: lines(&mut conn, &[RunState::Failed], within).await?,
        recent: lines(&mut conn, &[RunState::Succeeded], within).await?,
        requests: requests::lines(&mut conn, actor, None).await?,
        stuck_deliveries: events::stuck(&mut conn, within).await?,
        mirror: mirror(&mut conn, within).await?,
        waves,
        vendor,
    })
}

async fn mirror(conn: &mut Conn, within: Option<&Portfolio>) -> Result<MirrorSum, ServiceError> {
    let mut sum = MirrorSum::default();
    for lag in accounts::lag(conn, within, None).await? {
        sum.waiting += lag.waiting;
        sum.parked += lag.parked;
        sum.billers += usize::from(lag.waiting > 0);
        sum.oldest = [sum.oldest, lag.oldest].into_iter().flatten().min();
    }
    Ok(sum)
}

async fn lines(
    conn: &mut Conn,
    states: &[RunState],
    within: Option<&Portfolio>,
) -> Result<Vec<RunLine>, ServiceError> {
    let mut lines = Vec::new();
    for (run, biller_name) in runs::recent(conn, states, within, LINES).await? {
        let steps = runs::steps(conn, run.id).await?;
        let (done, total) = run::progress(&steps);
        let at = steps.into_iter().find(|step| !matches!(step.state, StepState::Done | StepState::Skipped));
        let (step, failure) = at.map_or((None, None), |step| (Some(step.kind), step.failure));
        lines.push(RunLine { run, biller_name, done, total, step, failure });
    }
    Ok(lines)
}
