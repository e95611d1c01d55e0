//! What pages show of moves.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Bid, MigrationId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    migration::{Cause, MailAct, MailRules, MigrationAct, MigrationState, RowState, may_ask},
    zone,
};
use storage::{
    Conn,
    user_migrations::{self, Count, First, Mailing, UserMigration},
};

use super::{
    control::{find, ground},
    mailing,
};
use crate::{Console, ServiceError, reach};

/// Works and has not got on for this long: stalled.
const STALLED_AFTER: Duration = Duration::from_secs(120);

/// Moves of one biller that are shown.
pub(super) const HISTORY: usize = 20;

/// Missing users that are named.
const SAMPLE: usize = 20;

/// Moves that the list of all shows.
const LISTED: usize = 200;

/// What is wrong with some rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemView {
    /// The cause.
    pub cause: Cause,
    /// How many rows.
    pub rows: u64,
    /// Some of them: line, and what exactly.
    pub sample: Vec<(u64, String)>,
}

/// A move as it is shown.
#[derive(Clone, Debug)]
pub struct MigrationView {
    /// The move.
    pub it: UserMigration,
    /// The biller's name.
    pub biller: String,
    /// Its numbers.
    pub counts: BTreeMap<Count, u64>,
    /// What is wrong, the most frequent first.
    pub problems: Vec<ProblemView>,
    /// What may be asked now, and if not, why.
    pub acts: Vec<(MigrationAct, Result<(), Refusal>)>,
    /// Users a second since it went on, where it moves.
    pub rate: Option<f64>,
    /// How long it will take at this rate: at best and at worst.
    pub left: Option<(Duration, Duration)>,
    /// It should get on and does not.
    pub stalled: bool,
    /// From now on no undo is possible: people sign in at SecureAuth.
    pub no_return: bool,
    /// Reset e-mails.
    pub mails: MailsView,
    /// A report was made.
    pub has_report: bool,
    /// Some of the users that are missing in this delivery, by their ids at SecureAuth.
    pub missing: Vec<String>,
}

/// Reset e-mails as they are shown; how many stand where is among the numbers.
#[derive(Clone, Debug)]
pub struct MailsView {
    /// The mailing; nothing where none was asked for.
    pub mailing: Option<Mailing>,
    /// How they go out.
    pub rules: MailRules,
    /// How many go out on a day at most.
    pub wave: u64,
    /// The zone of the biller's working hours.
    pub zone: String,
    /// Why some failed, with how many.
    pub problems: Vec<(String, u64)>,
    /// What may be asked now, and if not, why.
    pub acts: Vec<(MailAct, Result<(), Refusal>)>,
}

impl MigrationView {
    /// Rows in a state.
    #[must_use]
    pub fn in_state(&self, state: RowState) -> u64 {
        self.counts.get(&Count::State(state)).copied().unwrap_or(0)
    }
}

/// One move.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers; [`ServiceError::NotFound`].
pub async fn show(console: &Console, actor: &Actor, id: MigrationId) -> Result<MigrationView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let it = find(&mut conn, actor, id).await?;
    view(console, &mut conn, actor, it, true).await
}

/// The newest move of a biller with everything, and the ones before it.
///
/// # Errors
/// As [`show`].
pub async fn of_biller(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
) -> Result<(Option<MigrationView>, Vec<UserMigration>), ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    reach::biller(&mut conn, actor, bid).await?;
    let mut all = user_migrations::of_biller(&mut conn, bid, HISTORY).await?.into_iter();
    let newest = match all.next() {
        Some(it) => Some(view(console, &mut conn, actor, it, true).await?),
        None => None,
    };
    Ok((newest, all.collect()))
}

/// The moves of all billers that are not over, the one that got on least lately first, and then the newest ends.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn all(console: &Console, actor: &Actor) -> Result<Vec<MigrationView>, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let mut views = Vec::new();
    let states = |over: bool| -> Vec<MigrationState> {
        MigrationState::ALL.iter().copied().filter(|state| state.is_over() == over).collect()
    };
    for (states, first) in [(states(false), First::Stalled), (states(true), First::Newest)] {
        let portfolio = actor.portfolio();
        for it in user_migrations::in_states(&mut conn, &states, portfolio, first, LISTED).await? {
            views.push(view(console, &mut conn, actor, it, false).await?);
        }
    }
    views.sort_by_key(|view| (!view.stalled, view.it.state.is_over()));
    Ok(views)
}

async fn view(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    it: UserMigration,
    whole: bool,
) -> Result<MigrationView, ServiceError> {
    let now = console.now();
    let counts = user_migrations::counts(conn, it.id).await?;
    let failed = counts.get(&Count::State(RowState::Failed)).is_some_and(|(rows, _)| *rows > 0);
    let (ground, biller) = ground(conn, actor, &it, failed).await?;
    let mails = mails(console, conn, actor, &it, whole).await?;
    let problems = if whole { problems(conn, it.id, &counts).await? } else { Vec::new() };
    let counts: BTreeMap<Count, u64> = counts.into_iter().map(|(count, (n, _))| (count, n)).collect();
    let acts = MigrationAct::ALL.iter().map(|act| (*act, may_ask(actor, ground, it.state, *act))).collect();
    let rate = rate(&it, now);
    let waiting = counts.get(&Count::State(RowState::Ready)).copied().unwrap_or(0);
    let stalled = it.state.works() && now.since(it.moved_on_at) > STALLED_AFTER;
    let no_return = ground.hosted_login;
    let left = rate.filter(|_| waiting > 0).map(|rate| range(waiting, rate));
    let has_report = user_migrations::has_report(conn, it.id).await?;
    let lacks = it.missing.as_ref().is_some_and(|found| found.users > 0);
    let missing = if whole && lacks {
        user_migrations::missing_after(conn, &it.bid, it.id, None, SAMPLE).await?
    } else {
        Vec::new()
    };
    let missing = missing.into_iter().map(|(_, user)| user.to_string()).collect();
    Ok(MigrationView {
        it,
        biller,
        counts,
        problems,
        acts,
        rate,
        left,
        stalled,
        no_return,
        mails,
        has_report,
        missing,
    })
}

async fn mails(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    it: &UserMigration,
    whole: bool,
) -> Result<MailsView, ServiceError> {
    let rules = console.settings.migration.mails;
    let mailing = user_migrations::mailing(conn, it.id).await?;
    let biller = storage::billers::find(conn, &it.bid).await?;
    let zone = biller.map(|biller| zone::of_biller(&biller, &console.settings.zone).zone);
    let problems = if whole { user_migrations::mail_problems(conn, it.id).await? } else { Vec::new() };
    Ok(MailsView {
        acts: mailing::acts(actor, it, mailing.as_ref()),
        zone: zone.unwrap_or_else(zone::Zone::utc).name().to_owned(),
        wave: rules.wave(),
        mailing,
        rules,
        problems,
    })
}

async fn problems(
    conn: &mut Conn,
    id: MigrationId,
    counts: &BTreeMap<Count, (u64, Vec<u64>)>,
) -> Result<Vec<ProblemView>, ServiceError> {
    let mut problems = Vec::new();
    for (count, (rows, lines)) in counts {
        let Count::Cause(cause) = count else { continue };
        let lines: Vec<i64> = lines.iter().filter_map(|line| i64::try_from(*line).ok()).collect();
        let sample =
            if lines.is_empty() { Vec::new() } else { user_migrations::of_lines(conn, id, &lines).await? };
        let sample = sample
            .into_iter()
            .filter_map(|row| {
                let problem = row.problems.into_iter().find(|it| it.cause == *cause)?;
                Some((u64::try_from(row.line).unwrap_or(0), problem.detail))
            })
            .collect();
        problems.push(ProblemView { cause: *cause, rows: *rows, sample });
    }
    problems.sort_by_key(|it| std::cmp::Reverse(it.rows));
    Ok(problems)
}

#[expect(clippy::cast_precision_loss, reason = "a rate is rounded anyway")]
fn rate(it: &UserMigration, now: Timestamp) -> Option<f64> {
    let (since, users) = it.session?;
    let seconds = now.since(since).as_secs_f64();
    (users > 0 && seconds > 0.0).then(|| users as f64 / seconds)
}

/// A third faster at best, and half as fast at worst.
#[expect(clippy::cast_precision_loss, reason = "an estimate is rounded anyway")]
fn range(waiting: u64, rate: f64) -> (Duration, Duration) {
    let seconds = waiting as f64 / rate;
    let within = |seconds: f64| Duration::from_secs_f64(seconds.clamp(0.0, 1e9));
    (within(seconds * 0.75), within(seconds * 2.0))
}
