//! One biller: where it stands, what it has at SecureAuth, what can be done with it.

use domain::{
    Bid,
    access::{self, Refusal},
    actor::{Actor, Capability},
    audit::{ChainedEntry, Subject, SubjectKind},
    biller::{Biller, CiamStatus},
    object::{ObjectKind, VendorObject},
    run::{Run, RunKind, RunState, Step},
};
use storage::{
    Conn,
    audit::{self, AuditQuery},
    objects, runs,
};

pub use crate::edit_handover::HandoverView;
use crate::{Console, ServiceError, edit_handover, hand_over_secret, reach};

/// Entries of the activity shown on the page.
const ENTRIES: usize = 20;

/// Runs shown on the page.
const RUNS: usize = 50;

/// A biller as it is shown.
#[derive(Clone, Debug)]
pub struct BillerView {
    /// The biller.
    pub biller: Biller,
    /// The address that people bookmark; shown once the biller has been enabled.
    pub login_url: Option<String>,
    /// What it has at SecureAuth.
    pub objects: Vec<VendorObject>,
    /// The run that is under way or failed and waits for a decision.
    pub open_run: Option<RunView>,
    /// The newest run, when none is open.
    pub last_run: Option<RunView>,
    /// The latest runs, newest first.
    pub runs: Vec<Run>,
    /// What the actor may do now, and why not the rest.
    pub actions: Actions,
    /// The handover pack, once there is a login URL.
    pub handover: Option<HandoverView>,
    /// What to do next.
    pub next_steps: Vec<NextStep>,
    /// The newest entries about it; empty without the right to see the activity log.
    pub activity: Vec<ChainedEntry>,
}

/// A run with its steps.
#[derive(Clone, Debug)]
pub struct RunView {
    /// The run.
    pub run: Run,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// What the actor may do with the biller now; a refusal is the text on the disabled button.
#[derive(Clone, Debug)]
pub struct Actions {
    /// Enable it.
    pub enable: Result<(), Refusal>,
    /// Suspend it.
    pub suspend: Result<(), Refusal>,
    /// Resume it.
    pub resume: Result<(), Refusal>,
    /// Let its failed run go on.
    pub retry: Result<(), Refusal>,
    /// Give its failed run up; the answer is the run that takes the biller back.
    pub take_back: Result<RunKind, Refusal>,
    /// Change the handover pack.
    pub edit_handover: Result<(), Refusal>,
    /// Have a new client secret made.
    pub hand_over_secret: Result<(), Refusal>,
}

/// One thing to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// What.
    pub title: &'static str,
    /// How.
    pub detail: &'static str,
}

/// Shows a biller.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Refused`] without the right to see billers.
pub async fn show(console: &Console, actor: &Actor, bid: &Bid) -> Result<BillerView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let runs = runs::of_biller(&mut conn, bid, RUNS).await?;
    let (open, last) = match runs.first() {
        Some(run) if run.state.is_open() => (Some(view(&mut conn, run).await?), None),
        Some(run) => (None, Some(view(&mut conn, run).await?)),
        None => (None, None),
    };
    let objects = objects::of_biller(&mut conn, bid).await?;
    let activity = activity(&mut conn, actor, bid).await?;
    drop(conn);
    let login_url = login_url(console, &biller);
    let open_run = open.as_ref().map(|view| &view.run);
    let application = objects.iter().find(|object| object.kind == ObjectKind::Application);
    let secret = hand_over_secret::may(console, actor, &biller, application);
    Ok(BillerView {
        next_steps: next_steps(&biller, open_run, secret.is_ok() && !secret_was_made(application)),
        actions: actions(actor, &biller, open_run, secret),
        handover: login_url.as_deref().map(|url| edit_handover::view(&biller, url)),
        login_url,
        objects,
        open_run: open,
        last_run: last,
        runs,
        activity,
        biller,
    })
}

/// A login URL is handed out only once it has worked.
fn login_url(console: &Console, biller: &Biller) -> Option<String> {
    match biller.status {
        CiamStatus::NotEnabled | CiamStatus::Enabling => None,
        CiamStatus::Enabled | CiamStatus::Suspending | CiamStatus::Suspended | CiamStatus::Resuming => {
            biller.slug.as_ref().map(|slug| console.settings.login_url(slug))
        }
    }
}

async fn view(conn: &mut Conn, run: &Run) -> Result<RunView, ServiceError> {
    Ok(RunView { steps: runs::steps(conn, run.id).await?, run: run.clone() })
}

async fn activity(conn: &mut Conn, actor: &Actor, bid: &Bid) -> Result<Vec<ChainedEntry>, ServiceError> {
    if actor.may(Capability::ViewActivity).is_err() {
        return Ok(Vec::new());
    }
    let about = Some(Subject::new(SubjectKind::Biller, bid.as_str()));
    let query = AuditQuery { subject: about, limit: ENTRIES, ..AuditQuery::default() };
    Ok(audit::list(conn, &query).await?)
}

fn secret_was_made(application: Option<&VendorObject>) -> bool {
    application.is_some_and(|application| application.secret_made_at.is_some())
}

fn actions(
    actor: &Actor,
    biller: &Biller,
    open: Option<&Run>,
    hand_over_secret: Result<(), Refusal>,
) -> Actions {
    Actions {
        hand_over_secret,
        enable: access::may_start(actor, biller, open, RunKind::Enable),
        suspend: access::may_start(actor, biller, open, RunKind::Suspend),
        resume: access::may_start(actor, biller, open, RunKind::Resume),
        retry: open.ok_or(Refusal::NoRun).and_then(|run| access::may_retry(actor, run)),
        take_back: open.ok_or(Refusal::NoRun).and_then(|run| access::may_take_back(actor, run)),
        edit_handover: actor.may(Capability::EditHandover),
    }
}

fn next_steps(biller: &Biller, open: Option<&Run>, secret_is_missing: bool) -> Vec<NextStep> {
    let steps: &[NextStep] = match (biller.status, open.map(|run| run.state)) {
        (_, Some(RunState::Failed)) => &FAILED,
        (CiamStatus::NotEnabled, _) => &NOT_ENABLED,
        (CiamStatus::Enabling | CiamStatus::Suspending | CiamStatus::Resuming, _) => &MOVING,
        (CiamStatus::Enabled, _) if biller.go_live.is_none() => &[GO_LIVE, HAND_OVER, TRY_IT],
        (CiamStatus::Enabled, _) => &[HAND_OVER, TRY_IT],
        (CiamStatus::Suspended, _) => &SUSPENDED,
    };
    let first = (biller.status == CiamStatus::Enabled && secret_is_missing).then_some(SECRET);
    first.into_iter().chain(steps.iter().copied()).collect()
}

const SECRET: NextStep = NextStep {
    title: "Hand over the client secret",
    detail: "IC's applications need it before anybody can sign in. It is shown once: see the application below.",
};

const GO_LIVE: NextStep = NextStep {
    title: "Agree on the go-live date",
    detail: "Enter it in the handover pack: the text for the biller then names the day.",
};
const HAND_OVER: NextStep = NextStep {
    title: "Send the handover pack",
    detail: "Copy the text to the biller. It holds the login URL and what to do with it.",
};
const TRY_IT: NextStep = NextStep {
    title: "Try the login URL",
    detail: "Open it in a private window: the biller's sign-in page must appear.",
};
const NOT_ENABLED: [NextStep; 1] = [NextStep {
    title: "Enable the biller",
    detail: "Look at the preview first: it lists every object that will be made at SecureAuth.",
}];
const MOVING: [NextStep; 1] = [NextStep {
    title: "Wait for the run",
    detail: "It goes on by itself, also when you leave this page. The steps show where it is.",
}];
const FAILED: [NextStep; 2] = [
    NextStep {
        title: "Read why the step failed",
        detail: "The failed step says what happened and what to do about it. Its trace id belongs in a ticket to SecureAuth.",
    },
    NextStep {
        title: "Retry or go back",
        detail: "Retry goes on with the failed step. Going back restores the last good status.",
    },
];
const SUSPENDED: [NextStep; 2] = [
    NextStep {
        title: "Help people with an old password",
        detail: "Sign-ins go to the legacy page. Whoever changed the password since the move needs a reset there.",
    },
    NextStep {
        title: "Resume when the reason is gone",
        detail: "Nothing was deleted: resuming switches everything on again and proves it.",
    },
];
