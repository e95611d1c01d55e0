//! IC tells of a user: new, changed, with a new password, or deleted.

use std::time::Duration;

use domain::{
    Bid, Timestamp,
    access::Refusal,
    account::{AccountBar, AccountStatus, Origin, Said, Side, check, check_reference},
    actor::{Actor, Capability},
    audit::AuditAction,
    legacy::LegacyPassword,
};
use serde_json::json;
use storage::{
    Tx,
    accounts::{self, Account},
};

use super::{Ground, ask, entry, held, mint, seal};
use crate::{Console, ServiceError, reach};

/// What IC's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(300);

/// A password as IC tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordSaid {
    /// The hash, in any of the forms that the move takes.
    pub hash: String,
    /// Its salt, where it stands apart.
    pub salt: String,
    /// When it was set at IC.
    pub changed_at: Timestamp,
}

impl std::fmt::Debug for PasswordSaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordSaid(…)")
    }
}

/// What IC tells of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Counts IC's changes of this user: what is older than what we have is superseded.
    pub version: i64,
    /// The user.
    pub said: Said,
    /// The password, when it changed.
    pub password: Option<PasswordSaid>,
}

/// What became of what IC told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldResult {
    /// It is on its way to SecureAuth.
    Accepted,
    /// It was told before.
    Unchanged,
    /// Something newer was told before.
    Superseded,
}

/// What became of the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordTold {
    /// None was given.
    None,
    /// It goes along.
    Accepted,
    /// People sign in at SecureAuth: passwords live there, and this one is left out.
    KeptAtVendor,
}

/// The answer to IC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What became of it.
    pub result: ToldResult,
    /// What became of the password.
    pub password: PasswordTold,
    /// The newest version that we have.
    pub version: i64,
    /// The user's id at SecureAuth.
    pub user: String,
}

/// Takes what IC tells of a user. Telling the same twice changes nothing.
///
/// # Errors
/// [`ServiceError::Fields`] with every wrong field; [`ServiceError::NotFound`] for an unknown biller;
/// [`ServiceError::Refused`] without the right, while user hosting is not in effect, and for a version that was told
/// with another content.
pub async fn put(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    reference: &str,
    told: Announcement,
) -> Result<Told, ServiceError> {
    actor.may(Capability::MirrorUsers)?;
    let reference = check_reference(reference).map_err(|wrong| ServiceError::Fields(vec![wrong]))?;
    let side = check(&told.said).map_err(ServiceError::Fields)?;
    if let Some(password) = &told.password
        && password.changed_at > console.now().plus(AHEAD)
    {
        let problem = "changed_at lies in the future. Compare the clocks.".to_owned();
        return Err(ServiceError::Field { field: "password", problem });
    }
    let kept = told.password.as_ref().map(|it| seal::take(console, &it.hash, &it.salt)).transpose()?;
    let digest = digest(console, &side, told.password.as_ref());
    let mut tx = console.store.begin().await?;
    let ground = ground(&mut tx, actor, bid).await?;
    let known = accounts::hold(&mut tx, bid, &reference).await?;
    if let Some(stale) = stale(known.as_ref(), told.version, &digest)? {
        return Ok(stale);
    }
    let account =
        Account { ic: Some(side.clone()), ..renewed(console, bid, &reference, known, told.version, digest) };
    let (password, word) = match (&kept, &told.password) {
        (Some(_), Some(_)) if ground.governs_login => (None, PasswordTold::KeptAtVendor),
        (Some(kept), Some(said)) => {
            let sealed = seal::seal(console, bid, &reference, kept)?;
            (Some((sealed, later_than(&mut tx, &account, said.changed_at).await?)), PasswordTold::Accepted)
        }
        _ => (None, PasswordTold::None),
    };
    if word == PasswordTold::Accepted {
        storage::users::put(&mut tx, bid, &reference, LegacyPassword::Current).await?;
    }
    accounts::put(&mut tx, &account).await?;
    ask(console, &mut tx, actor, &account, held(&side, account.hold), password).await?;
    commit(console, tx, actor, &account, told.version, word).await
}

/// Takes that IC deleted a user.
///
/// # Errors
/// As [`put`].
pub async fn remove(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    reference: &str,
    version: i64,
) -> Result<Told, ServiceError> {
    actor.may(Capability::MirrorUsers)?;
    let reference = check_reference(reference).map_err(|wrong| ServiceError::Fields(vec![wrong]))?;
    let digest = seal::fingerprint(console, "deleted");
    let mut tx = console.store.begin().await?;
    ground(&mut tx, actor, bid).await?;
    let known = accounts::hold(&mut tx, bid, &reference).await?;
    if let Some(stale) = stale(known.as_ref(), version, &digest)? {
        return Ok(stale);
    }
    // Whoever was never heard of is remembered all the same: an older word of them may still come in.
    let before = known.as_ref().and_then(|it| it.ic.clone().or_else(|| it.vendor.clone()));
    let profile = before.map(|side| side.profile).unwrap_or_default();
    let side = Side { status: AccountStatus::Deleted, profile };
    let account =
        Account { ic: Some(side.clone()), ..renewed(console, bid, &reference, known, version, digest) };
    accounts::put(&mut tx, &account).await?;
    ask(console, &mut tx, actor, &account, side, None).await?;
    commit(console, tx, actor, &account, version, PasswordTold::None).await
}

async fn ground(tx: &mut Tx, actor: &Actor, bid: &Bid) -> Result<Ground, ServiceError> {
    let biller = reach::biller(tx, actor, bid).await?;
    let ground = Ground::of(tx, biller).await?;
    if ground.hosted { Ok(ground) } else { Err(Refusal::Account { bar: AccountBar::NotHosted }.into()) }
}

fn digest(console: &Console, side: &Side, password: Option<&PasswordSaid>) -> String {
    let password = password.map(|it| json!([it.hash, it.salt, it.changed_at.micros()]));
    seal::fingerprint(console, &json!([side, password]).to_string())
}

/// The answer to what is not news.
fn stale(known: Option<&Account>, version: i64, digest: &str) -> Result<Option<Told>, ServiceError> {
    let Some((known, newest)) = known.and_then(|it| Some((it, it.ic_version?))) else { return Ok(None) };
    let result = match version.cmp(&newest) {
        std::cmp::Ordering::Greater => return Ok(None),
        std::cmp::Ordering::Less => ToldResult::Superseded,
        std::cmp::Ordering::Equal if known.ic_digest.as_deref() == Some(digest) => ToldResult::Unchanged,
        std::cmp::Ordering::Equal => return Err(Refusal::SameVersion { version }.into()),
    };
    let user = known.ids.user.to_string();
    Ok(Some(Told { result, password: PasswordTold::None, version: newest, user }))
}

fn renewed(
    console: &Console,
    bid: &Bid,
    reference: &str,
    known: Option<Account>,
    version: i64,
    digest: String,
) -> Account {
    let now = console.now();
    let base = known.unwrap_or_else(|| {
        Account::unknown(bid.clone(), reference.to_owned(), mint(console), Origin::Mirrored, now)
    });
    Account {
        ic_version: Some(version),
        ic_digest: Some(digest),
        ic_at: Some(now),
        changed_at: now,
        version: base.version + 1,
        ..base
    }
}

/// When a password was set, later than every one before: the instant tells passwords apart when they are read back,
/// and SecureAuth keeps whole seconds.
async fn later_than(tx: &mut Tx, account: &Account, said: Timestamp) -> Result<Timestamp, ServiceError> {
    let change = accounts::find_change(tx, &account.bid, &account.reference).await?;
    let before = [account.password_at, change.and_then(|it| it.password_at)].into_iter().flatten().max();
    let second = |at: Timestamp| Timestamp::from_micros(at.seconds() * 1_000_000);
    let least = before.map(|at| second(at).plus(Duration::from_secs(1)));
    Ok(least.map_or_else(|| second(said), |least| least.max(second(said))))
}

async fn commit(
    console: &Console,
    tx: Tx,
    actor: &Actor,
    account: &Account,
    version: i64,
    password: PasswordTold,
) -> Result<Told, ServiceError> {
    let status = account.ic.as_ref().map(|side| side.status);
    let user = account.ids.user.to_string();
    let after = json!({"user": user, "version": version, "status": status,
        "password": password == PasswordTold::Accepted});
    tx.commit_audited(entry(console.now(), actor, AuditAction::UserSaid, &account.bid, after)).await?;
    console.wake_workers();
    Ok(Told { result: ToldResult::Accepted, password, version, user })
}
