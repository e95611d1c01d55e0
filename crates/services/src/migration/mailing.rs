//! Reset e-mails: everybody who came without a usable password is written to, in waves, in the biller's working hours.
//!
//! Before SecureAuth is asked to send, the e-mail is noted; what is noted after a crash is not known to have gone out,
//! and nobody is written to twice by itself. Addresses are read from SecureAuth when they are needed, and not kept.

use std::time::Duration;

use domain::{
    MigrationId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    audit::AuditAction,
    job::JobKind,
    migration::{MailAct, MailState, MailingState, MigrationState},
    object::ObjectKind,
    zone,
};
use futures::{StreamExt as _, stream};
use secureauth::{AddressKind, CallError, PasswordState, PoolId, UserId, WorkspaceId};
use serde_json::json;
use storage::{
    Bookkeeping, Tx,
    user_migrations::{self, Count, Mail, MailEnd, Mailing, Tally, UserMigration},
};

use super::{
    control::find,
    entry,
    hours::{Hours, hours},
    pool, waits,
};
use crate::{Console, ServiceError, worker::After};

/// How often it is looked whether somebody has set a password: when the code lapses, then daily.
const LOOKS: i64 = 8;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// People that are looked at in one go.
const LOOKED_AT: usize = 50;

/// Requests in flight: people sign in beside it.
const PARALLEL: usize = 2;

/// Starts, pauses or resumes the e-mails of a finished move, or sends lapsed and failed ones again.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to move users; [`ServiceError::Field`] when that cannot be asked now.
pub async fn mail_resets(
    console: &Console,
    actor: &Actor,
    id: MigrationId,
    act: MailAct,
) -> Result<(), ServiceError> {
    actor.may(Capability::RunMigrations)?;
    let mut tx = console.store.begin().await?;
    let it = find(&mut tx, actor, id).await?;
    let before = user_migrations::mailing(&mut tx, id).await?;
    let state = before.as_ref().map(|mailing| mailing.state);
    let wrong = |problem: String| ServiceError::Field { field: "act", problem };
    if it.state != MigrationState::Finished {
        return Err(wrong("E-mails go out once the move has finished.".to_owned()));
    }
    if !act.fits(state) {
        let now = state.map_or("not asked for yet", MailingState::label).to_lowercase();
        return Err(wrong(format!("{}: not now, the e-mails are {now}.", act.label())));
    }
    let now = console.now();
    let mut next = before.unwrap_or_else(|| Mailing {
        migration: id,
        bid: it.bid.clone(),
        state: MailingState::Sending,
        wave: None,
        waves: 0,
        why: None,
        started_by: actor.clone(),
        started_at: now,
        finished_at: None,
    });
    next.state = if act == MailAct::Pause { MailingState::Paused } else { MailingState::Sending };
    (next.why, next.finished_at) = (None, None);
    user_migrations::put_mailing(&mut tx, &next).await?;
    let people = asked(&mut tx, id, act).await?;
    if people == Some(0) {
        return Err(wrong("There is nobody to write to.".to_owned()));
    }
    console.enqueue(&mut tx, JobKind::Migration, &id.to_string()).await?;
    let said = json!({"migration": id, "reset_mails": act, "people": people});
    tx.commit_audited(entry(now, actor, AuditAction::MigrationAsked, &it.bid, said)).await?;
    console.wake_workers();
    Ok(())
}

/// Who is to be written to from now on; nothing where that does not change.
async fn asked(tx: &mut Tx, id: MigrationId, act: MailAct) -> Result<Option<u64>, ServiceError> {
    let mut tally = Tally::default();
    let people = match act {
        MailAct::Pause | MailAct::Resume => return Ok(None),
        MailAct::Start => user_migrations::add_mails(tx, id).await?,
        MailAct::Again => {
            let mut people = 0;
            for (state, n) in user_migrations::mail_again(tx, id).await? {
                tally.by(Count::Mail(state), -i64::try_from(n).unwrap_or(0));
                people += n;
            }
            people
        }
    };
    tally.by(Count::Mail(MailState::Waiting), i64::try_from(people).unwrap_or(0));
    user_migrations::set_mails(tx, id, &[], tally).await?;
    Ok(Some(people))
}

/// Carries the e-mails of a finished move on.
pub(super) async fn tick(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    let mailing = user_migrations::mailing(&mut *console.store.read().await?, it.id).await?;
    let Some(mailing) = mailing.filter(|mailing| mailing.state == MailingState::Sending) else {
        return Ok(After::Finished);
    };
    if it.state != MigrationState::Finished {
        return Ok(After::Finished);
    }
    settle(console, it).await?;
    if let Some(why) = waits(console, it).await? {
        return wait(console, mailing, why.to_owned(), console.now().plus(Duration::from_secs(60))).await;
    }
    let post = post(console, it).await?;
    let (waiting, due) = {
        let mut conn = console.store.read().await?;
        let (together, _) = console.settings.migration.mails.pace();
        (
            user_migrations::mails(&mut conn, it.id, MailState::Waiting, together).await?,
            user_migrations::mails_to_look_at(&mut conn, it.id, console.now(), LOOKED_AT).await?,
        )
    };
    if !due.is_empty()
        && let Some(pause) = look(console, &post, due).await?
    {
        return Ok(After::Again {
            at: console.now().plus(pause),
            why: "SecureAuth asks for a pause".to_owned(),
        });
    }
    if waiting.is_empty() {
        return rest(console, it).await;
    }
    send(console, &post, mailing, waiting).await
}

/// What every e-mail of a move needs.
struct Post {
    it: UserMigration,
    pool: PoolId,
    organization: WorkspaceId,
    zone: zone::Zone,
}

async fn post(console: &Console, it: &UserMigration) -> Result<Post, ServiceError> {
    let mut conn = console.store.read().await?;
    let missing = |what| ServiceError::not_found(what, &it.bid);
    let organization = storage::objects::find(&mut conn, &it.bid, ObjectKind::Organization).await?;
    let organization = organization.ok_or_else(|| missing("organization"))?.vendor_id;
    let biller = storage::billers::find(&mut conn, &it.bid).await?.ok_or_else(|| missing("biller"))?;
    Ok(Post {
        it: it.clone(),
        pool: pool(it)?,
        organization: WorkspaceId::parse(&organization).map_err(|_| missing("organization"))?,
        zone: zone::of_biller(&biller, &console.settings.zone).zone,
    })
}

/// What was noted before a crash: nobody knows whether it went out.
async fn settle(console: &Console, it: &UserMigration) -> Result<(), ServiceError> {
    let noted =
        user_migrations::mails(&mut *console.store.read().await?, it.id, MailState::Noted, 1_000).await?;
    if noted.is_empty() {
        return Ok(());
    }
    let ends = noted.iter().map(|mail| end(mail, MailState::Unsure)).collect::<Vec<_>>();
    let mut tx = console.store.begin().await?;
    put(&mut tx, it.id, MailState::Noted, &ends).await?;
    Ok(tx.commit_bookkeeping(Bookkeeping::UsersMove).await?)
}

/// Sends as many as go out together, within the wave and the hours.
async fn send(
    console: &Console,
    post: &Post,
    mut mailing: Mailing,
    mut waiting: Vec<Mail>,
) -> Result<After, ServiceError> {
    let (rules, now) = (console.settings.migration.mails, console.now());
    if let Hours::Opens(at) = hours(&post.zone, &rules, now) {
        let why = format!("The next wave goes out from {} on.", post.zone.told(at));
        let at = soonest(console, post, at).await?;
        return wait(console, mailing, why, at).await;
    }
    let today = post.zone.day(now);
    let sent = match &mailing.wave {
        Some((day, sent)) if *day == today => *sent,
        _ => {
            mailing.waves += 1;
            0
        }
    };
    let left = usize::try_from(rules.wave().saturating_sub(sent)).unwrap_or(usize::MAX);
    if left == 0 {
        let at = soonest(console, post, now.plus(Duration::from_secs(900))).await?;
        return wait(console, mailing, "Today's wave is out.".to_owned(), at).await;
    }
    waiting.truncate(left);
    mailing.wave = Some((today, sent + waiting.len() as u64));
    mailing.why = None;
    if !note(console, post, &mailing, &waiting).await? {
        return Ok(After::Finished);
    }
    let ends: Vec<(MailEnd, Option<CallError>)> = stream::iter(waiting)
        .map(|mail| async move { deliver(console, post, &mail).await })
        .buffer_unordered(PARALLEL)
        .collect()
        .await;
    let fault = ends.iter().find_map(|(_, error)| error.clone());
    let ends: Vec<MailEnd> = ends.into_iter().map(|(end, _)| end).collect();
    let out = ends.iter().filter(|end| end.state == MailState::Sent).count();
    let mut tx = console.store.begin().await?;
    put(&mut tx, post.it.id, MailState::Noted, &ends).await?;
    if out == 0 {
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    } else {
        let said = json!({"migration": post.it.id, "reset_mails_sent": out});
        let by = &mailing.started_by;
        tx.commit_audited(entry(console.now(), by, AuditAction::VendorChanged, &post.it.bid, said)).await?;
    }
    let pause = match fault {
        Some(error) => error.retry_after.unwrap_or(Duration::from_secs(30)).max(rules.pace().1),
        None => rules.pace().1,
    };
    Ok(After::Again { at: console.now().plus(pause), why: "e-mails go out".to_owned() })
}

/// Notes e-mails that are about to be sent; `false` when somebody paused meanwhile.
async fn note(
    console: &Console,
    post: &Post,
    mailing: &Mailing,
    mails: &[Mail],
) -> Result<bool, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::mailing_now(&mut tx, post.it.id).await? != Some(MailingState::Sending) {
        return Ok(false);
    }
    user_migrations::put_mailing(&mut tx, mailing).await?;
    let ends: Vec<MailEnd> = mails.iter().map(|mail| end(mail, MailState::Noted)).collect();
    put(&mut tx, post.it.id, MailState::Waiting, &ends).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(true)
}

/// Has SecureAuth send one e-mail, unless the person has set a password already.
async fn deliver(console: &Console, post: &Post, mail: &Mail) -> (MailEnd, Option<CallError>) {
    let failed =
        |problem: &str| (MailEnd { problem: Some(problem.to_owned()), ..end(mail, MailState::Failed) }, None);
    let Ok(user) = UserId::parse(&mail.user) else { return failed("has no id at SecureAuth") };
    let found = match console.vendor.read_user(&post.pool, &user).await {
        Ok(Some(found)) => found,
        Ok(None) => return failed("is not at SecureAuth any more"),
        Err(error) if error.is_retryable() => return (end(mail, MailState::Waiting), Some(error)),
        Err(error) => return failed(&error.message),
    };
    if !matches!(found.password, Some((PasswordState::MustBeReset, _))) {
        return (end(mail, MailState::Completed), None);
    }
    let address = found.addresses.iter().find(|it| it.kind == AddressKind::Email);
    let Some(address) = address else { return failed("has no e-mail address at SecureAuth") };
    match console.vendor.send_reset(&post.pool, &user, &address.address, &post.organization).await {
        Ok(_) => {
            let now = console.now();
            let look_at = Some(now.plus(console.settings.migration.mails.code_life));
            (MailEnd { sent_at: Some(now), look_at, ..end(mail, MailState::Sent) }, None)
        }
        Err(error) if error.outcome_unknown() => (end(mail, MailState::Unsure), Some(error)),
        Err(error) if error.is_retryable() => (end(mail, MailState::Waiting), Some(error)),
        // What SecureAuth says may name the address.
        Err(_) => failed("SecureAuth refused to send to this address"),
    }
}

/// Looks who has set a password; the answer is how long to pause where SecureAuth asks for that.
async fn look(console: &Console, post: &Post, due: Vec<Mail>) -> Result<Option<Duration>, ServiceError> {
    let (mut ends, mut pause) = (Vec::new(), None);
    for mail in due {
        let Ok(user) = UserId::parse(&mail.user) else { continue };
        let looks = mail.looks + 1;
        let again = (looks < LOOKS).then(|| console.now().plus(DAY));
        match console.vendor.read_user(&post.pool, &user).await {
            Ok(Some(found)) if matches!(found.password, Some((PasswordState::MustBeReset, _))) => {
                ends.push(MailEnd { look_at: again, looks, ..end(&mail, MailState::Sent) });
            }
            Ok(Some(_)) => ends.push(end(&mail, MailState::Completed)),
            Ok(None) => {
                let problem = Some("is not at SecureAuth any more".to_owned());
                ends.push(MailEnd { problem, ..end(&mail, MailState::Failed) });
            }
            Err(error) => {
                pause = Some(error.retry_after.unwrap_or(Duration::from_secs(60)));
                break;
            }
        }
    }
    let mut tx = console.store.begin().await?;
    put(&mut tx, post.it.id, MailState::Sent, &ends).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(pause)
}

/// Nobody waits: it is done, or looks whether passwords were set when that is due.
async fn rest(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::mailing_now(&mut tx, it.id).await? != Some(MailingState::Sending) {
        return Ok(After::Finished);
    }
    let Some(mailing) = user_migrations::mailing(&mut tx, it.id).await? else { return Ok(After::Finished) };
    if let Some(at) = user_migrations::next_look(&mut tx, it.id).await? {
        let why =
            "All e-mails are out; whether passwords were set is looked at when codes lapse, then daily.";
        drop(tx);
        return wait(console, mailing, why.to_owned(), at.max(console.now())).await;
    }
    let now = console.now();
    let done = Mailing { state: MailingState::Done, why: None, finished_at: Some(now), ..mailing };
    user_migrations::put_mailing(&mut tx, &done).await?;
    let said = json!({"migration": it.id, "reset_mails": done.state});
    tx.commit_audited(entry(now, &done.started_by, AuditAction::MigrationEnded, &it.bid, said)).await?;
    Ok(After::Finished)
}

/// The next time there is something to do: a look may be due before the next wave.
async fn soonest(console: &Console, post: &Post, at: Timestamp) -> Result<Timestamp, ServiceError> {
    let look = user_migrations::next_look(&mut *console.store.read().await?, post.it.id).await?;
    let soon = console.now().plus(Duration::from_secs(60));
    Ok(look.map_or(at, |look| look.max(soon).min(at)))
}

/// Notes why nothing goes out, and comes back later.
async fn wait(
    console: &Console,
    mailing: Mailing,
    why: String,
    at: Timestamp,
) -> Result<After, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::mailing_now(&mut tx, mailing.migration).await? != Some(MailingState::Sending) {
        return Ok(After::Finished);
    }
    user_migrations::put_mailing(&mut tx, &Mailing { why: Some(why.clone()), ..mailing }).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(After::Again { at, why })
}

fn end(mail: &Mail, state: MailState) -> MailEnd {
    MailEnd { line: mail.line, state, sent_at: mail.sent_at, look_at: None, looks: mail.looks, problem: None }
}

async fn put(tx: &mut Tx, id: MigrationId, from: MailState, ends: &[MailEnd]) -> Result<(), ServiceError> {
    let mut tally = Tally::default();
    for end in ends {
        tally.by(Count::Mail(from), -1);
        tally.by(Count::Mail(end.state), 1);
    }
    Ok(user_migrations::set_mails(tx, id, ends, tally).await?)
}

/// What may be asked of the e-mails now, and if not, why.
pub(super) fn acts(
    actor: &Actor,
    it: &UserMigration,
    mailing: Option<&Mailing>,
) -> Vec<(MailAct, Result<(), Refusal>)> {
    let state = mailing.map(|mailing| mailing.state);
    let fitting = MailAct::ALL.iter().filter(|act| it.state == MigrationState::Finished && act.fits(state));
    fitting.map(|act| (*act, actor.may(Capability::RunMigrations))).collect()
}
