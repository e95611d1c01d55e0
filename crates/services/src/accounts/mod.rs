//! Accounts after the move: what IC tells of users is mirrored at SecureAuth, and people look at, help and change
//! single users.
//!
//! Whatever is to be done at SecureAuth is written down first, one change a user; a job of the biller makes it by
//! reading the user, doing what is missing and reading again. Nothing is remembered of a half-made change, so that it
//! may break off anywhere.

mod act;
mod announce;
mod apply;
mod edit;
mod list;
mod mirror;
mod moved;
mod outbox;
mod reveal;
mod seal;
mod show;
mod sign_ins;
mod whole;

use domain::{
    Bid, Timestamp,
    account::{AccountGround, Hold, Side},
    actor::Actor,
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::{Biller, CiamStatus},
    object::ObjectKind,
    use_case::UseCase,
};
use secureauth::{PoolId, UserId, WorkspaceId};
use serde_json::Value;
use storage::{
    Conn, Tx,
    accounts::{self, Account, Change, ChangeKey},
    objects, use_cases,
    user_migrations::RowIds,
};

pub use storage::accounts::{AccountCounts, AccountPage, AccountQuery, MirrorLag, Place};

pub use self::{
    act::act,
    announce::{Announcement, PasswordSaid, PasswordTold, Told, ToldResult, put, remove},
    edit::{create, edit},
    list::{UserRow, UsersView, list},
    outbox::{OutboxView, ParkedChange, decide, outbox},
    reveal::reveal,
    show::{UserView, settled, show},
    sign_ins::{SignIn, sign_ins},
};
pub(crate) use self::{
    act::{lock, may_change},
    mirror::tick,
    moved::{moved, put_moved},
};
use crate::{Console, ServiceError};

/// What of a biller the work on its accounts needs.
struct Ground {
    biller: Biller,
    /// Whether user hosting is in effect.
    hosted: bool,
    /// Whether people sign in at SecureAuth: passwords live there then.
    governs_login: bool,
}

impl Ground {
    async fn of(conn: &mut Conn, biller: Biller) -> Result<Self, ServiceError> {
        let effect = use_cases::effects::of(conn, biller.bid()).await?;
        Ok(Self {
            hosted: effect.in_effect.has(UseCase::UserHosting),
            governs_login: effect.in_effect.has(UseCase::HostedLogin),
            biller,
        })
    }

    fn of_account(&self, account: Option<&Account>, change: Option<&Change>) -> AccountGround {
        let vendor = account.and_then(|it| it.vendor.as_ref());
        AccountGround {
            enabled: self.biller.status == CiamStatus::Enabled,
            hosted: self.hosted,
            status: vendor.map(|side| side.status),
            hold: account.and_then(|it| it.hold),
            has_email: vendor.is_some_and(|side| side.profile.email.is_some()),
            pending: change.is_some(),
        }
    }
}

/// Where a biller's users live: its pool, and the organization whose theme messages wear.
async fn home(conn: &mut Conn, bid: &Bid) -> Result<(PoolId, WorkspaceId), ServiceError> {
    let missing = |what| ServiceError::not_found(what, bid);
    let pool = objects::find(conn, bid, ObjectKind::Pool).await?.ok_or_else(|| missing("pool of biller"))?;
    let organization = objects::find(conn, bid, ObjectKind::Organization)
        .await?
        .ok_or_else(|| missing("organization of biller"))?;
    Ok((
        PoolId::parse(&pool.vendor_id).map_err(|_| missing("pool of biller"))?,
        WorkspaceId::parse(&organization.vendor_id).map_err(|_| missing("organization of biller"))?,
    ))
}

fn user_id(account: &Account) -> Result<UserId, ServiceError> {
    let id = account.ids.user.to_string();
    UserId::parse(&id).map_err(|_| ServiceError::not_found("user", id))
}

/// An entry about a user. Users are named by their ids at SecureAuth: the log is read by many, and kept.
fn entry(at: Timestamp, actor: &Actor, action: AuditAction, bid: &Bid, after: Value) -> AuditEntry {
    AuditEntry::new(at, actor.clone(), action, Subject::new(SubjectKind::Biller, bid.as_str()))
        .change(None, Some(after))
}

/// What SecureAuth should have: what IC says, unless a person decided otherwise here.
fn held(side: &Side, hold: Option<Hold>) -> Side {
    Side { status: hold.map_or(side.status, Hold::status), profile: side.profile.clone() }
}

/// Ids for a user that is new.
fn mint(console: &Console) -> RowIds {
    let mut random = [0; 96];
    console.entropy.fill(&mut random);
    RowIds::mint(&random)
}

/// Asks for a change of an account, and for the job that makes it.
async fn ask(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    account: &Account,
    wanted: Side,
    password: Option<(String, Timestamp)>,
) -> Result<(), ServiceError> {
    let now = console.now();
    let had = account.vendor.as_ref().map(|side| side.status);
    let shut = |status| {
        matches!(status, domain::account::AccountStatus::Inactive | domain::account::AccountStatus::Deleted)
    };
    let (password, password_at) = password.unzip();
    let change = Change {
        key: ChangeKey {
            bid: account.bid.clone(),
            reference: account.reference.clone(),
            revision: account.version,
        },
        state: domain::account::ChangeState::Waiting,
        revoke: shut(wanted.status) && had.is_some_and(|had| !shut(had)),
        wanted,
        password,
        password_at,
        attempts: 0,
        since: now,
        next_at: now,
        cause: None,
        last_error: None,
        actor: actor.clone(),
    };
    accounts::ask(tx, &change).await?;
    console.enqueue(tx, domain::job::JobKind::Mirror, account.bid.as_str()).await
}
