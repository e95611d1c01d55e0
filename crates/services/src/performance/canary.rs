//! The canary round: in a pool of the console's own a user is made, found, signed in with and removed again, so that
//! what people depend on is tried when nobody works, too. Each call is measured as its own operation of the probes;
//! the round itself is noted whole, so that a wrong answer counts as much as none.
//!
//! Killed at any instant, a round leaves one user at most, which the next one deletes; the pool is made once, under an
//! id that is always the same.

use domain::{
    CanaryId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    performance::{CanaryFailure, CanaryRound, CanaryStep},
    plan::Mark,
};
use secrecy::ExposeSecret;
use secureauth::{
    AuthenticationMechanism, CallError, ErrorKind, IdempotencyKey, NewPool, NewUser, PageRequest,
    PasswordResult, Pool, PoolId, SecureAuth, UserId, UserStatus, WithBinding, WorkspaceId,
};
use serde_json::{Map, Value, json};
use storage::{Bookkeeping, vendor_review::canary};

use crate::{Console, ServiceError};

/// What the pool's mark says it is for.
const PURPOSE: &str = "canary";

/// Rounds shown.
const LISTED: usize = 10;

/// How the rounds went.
#[derive(Clone, Debug)]
pub struct CanaryView {
    /// The last rounds, the latest first.
    pub last: Vec<CanaryRound>,
    /// Whole rounds of the last 24 hours.
    pub whole: u64,
    /// Failed ones.
    pub failed: u64,
}

/// Shows how the last rounds went.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor) -> Result<CanaryView, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let day = std::time::Duration::from_secs(24 * 3600);
    let (whole, failed) = canary::count_since(&mut conn, console.now().minus(day)).await?;
    Ok(CanaryView { last: canary::last(&mut conn, LISTED).await?, whole, failed })
}

/// Why a round goes no further.
enum Halt {
    /// The vendor's fault, or what it looks like: the round failed.
    Failed(CanaryFailure),
    /// Our own: nothing is known of the vendor.
    Ours(ServiceError),
}

impl<E: Into<ServiceError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// One round, noted when it is over.
///
/// # Errors
/// [`ServiceError::Storage`] when the round cannot be noted.
pub(crate) async fn round(console: &Console) -> Result<(), ServiceError> {
    let vendor = console.vendor.clone().for_probes();
    let began = console.now();
    let failed = match walk(console, &vendor).await {
        Ok(()) => None,
        Err(Halt::Failed(failure)) => Some(failure),
        Err(Halt::Ours(error)) => return Err(error),
    };
    if let Some(failure) = &failed {
        tracing::warn!(
            step = failure.step.as_str(),
            trace = failure.trace_id,
            "canary round failed: {}",
            failure.why
        );
    }
    let round = CanaryRound {
        id: CanaryId::new(console.clock.as_ref(), console.entropy.as_ref()),
        began,
        took: console.now().since(began),
        failed,
    };
    let mut tx = console.store.begin().await?;
    canary::note(&mut tx, &round).await?;
    tx.commit_bookkeeping(Bookkeeping::Measurements).await?;
    Ok(())
}

async fn walk(console: &Console, vendor: &SecureAuth) -> Result<(), Halt> {
    let pool = ensure_pool(console, vendor).await?;
    clear(vendor, &pool).await.map_err(at(CanaryStep::Leftovers))?;
    let user = user(console)?;
    let key = IdempotencyKey::derive(&[PURPOSE, user.id.as_str()]);
    vendor.create_user(&pool, &user, &key).await.map_err(at(CanaryStep::Create))?;
    let tried = try_out(vendor, &pool, &user).await;
    // Whatever was found, the user goes.
    let deleted = vendor.delete_user(&pool, &user.id).await.map_err(at(CanaryStep::Delete));
    tried?;
    deleted?;
    match vendor.find_user(&pool, &user.id).await.map_err(at(CanaryStep::Gone))? {
        Some(left) if left.status != UserStatus::Deleted => {
            Err(wrong(CanaryStep::Gone, "SecureAuth said that the user was deleted, and still shows it."))
        }
        _ => Ok(()),
    }
}

/// Finds the user and has its password checked.
async fn try_out(vendor: &SecureAuth, pool: &PoolId, user: &NewUser) -> Result<(), Halt> {
    let found = vendor.find_user(pool, &user.id).await.map_err(at(CanaryStep::Find))?;
    if found.is_none() {
        return Err(wrong(CanaryStep::Find, "SecureAuth does not find the user that it has just made."));
    }
    let password = user.password.expose_secret();
    let checked = vendor.verify_password(pool, &user.username, password).await;
    match checked.map_err(at(CanaryStep::Verify))?.result {
        PasswordResult::Correct => Ok(()),
        other => Err(wrong(
            CanaryStep::Verify,
            &format!("SecureAuth says of the right password that it is {other}."),
        )),
    }
}

/// Deletes what a round left that was interrupted. Nobody else's users are in the pool: its mark was looked at.
async fn clear(vendor: &SecureAuth, pool: &PoolId) -> Result<(), CallError> {
    let left = vendor.list_users(pool, &PageRequest::default()).await?.items;
    for user in left.iter().filter(|user| user.status != UserStatus::Deleted) {
        vendor.delete_user(pool, &user.id).await?;
    }
    Ok(())
}

fn user(console: &Console) -> Result<NewUser, Halt> {
    let mut bytes = [0_u8; 16];
    console.entropy.fill(&mut bytes);
    let id = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
    Ok(NewUser {
        id: UserId::parse(&id).map_err(|error| wrong(CanaryStep::Create, &error.to_string()))?,
        username: format!("canary-{id}"),
        // One of each kind, whatever the pool's policy asks for.
        password: format!("{}Aa1!Zz9?", console.random_text::<24>()).into(),
        metadata: mark(),
    })
}

/// The pool, found again by its id and our mark, or made.
async fn ensure_pool(console: &Console, vendor: &SecureAuth) -> Result<PoolId, Halt> {
    let refused = |error: &dyn std::fmt::Display| wrong(CanaryStep::Pool, &error.to_string());
    let id = format!("{}console-canary", console.settings.plan.id_prefix);
    let id = PoolId::parse(&id).map_err(|error| refused(&error))?;
    let known = canary::knows_pool(&mut *console.store.read().await?, id.as_str()).await?;
    match vendor.get_pool(&id).await {
        Ok(pool) => check_ours(&pool)?,
        Err(error) if error.kind == ErrorKind::NotFound => {
            if known {
                forget(console, &id).await?;
            }
            make(console, vendor, &id).await?;
        }
        Err(error) => return Err(at(CanaryStep::Pool)(error)),
    }
    know(console, &id).await?;
    Ok(id)
}

fn check_ours(pool: &Pool) -> Result<(), Halt> {
    if mark().iter().all(|(key, value)| pool.metadata.get(key) == Some(value)) {
        return Ok(());
    }
    let why =
        format!("The pool {} is there and does not bear the console's mark. It is left alone.", pool.id);
    Err(wrong(CanaryStep::Pool, &why))
}

async fn make(console: &Console, vendor: &SecureAuth, id: &PoolId) -> Result<(), Halt> {
    let plan = &console.settings.plan;
    let parent = WorkspaceId::parse(&plan.parent_workspace)
        .map_err(|error| wrong(CanaryStep::Pool, &error.to_string()))?;
    let letters: String = plan.id_prefix.chars().filter(char::is_ascii_alphanumeric).collect();
    let wanted = NewPool {
        id: Some(id.clone()),
        name: format!("CIAM Console canary {letters}").trim_end().to_owned(),
        description: Some(
            "Made by CIAM Console for its probes. Users in it are made up, and deleted by each round."
                .to_owned(),
        ),
        authentication_mechanisms: vec![AuthenticationMechanism::Password],
        public_registration_allowed: false,
        identifier_case_insensitive: true,
        metadata: mark(),
    };
    // Another key each time: a replayed answer would tell of a pool that has been deleted since.
    let key = IdempotencyKey::derive(&[PURPOSE, id.as_str(), &console.random_text::<16>()]);
    vendor.create_pool(&parent, &wanted, WithBinding::No, &key).await.map_err(at(CanaryStep::Pool))?;
    Ok(())
}

/// Tells the audit log of a pool that is new to us, once.
async fn know(console: &Console, id: &PoolId) -> Result<(), ServiceError> {
    if canary::knows_pool(&mut *console.store.read().await?, id.as_str()).await? {
        return Ok(());
    }
    let mut tx = console.store.begin().await?;
    if !canary::know_pool(&mut tx, id.as_str(), console.now()).await? {
        return Ok(());
    }
    let subject = Subject::new(SubjectKind::Vendor, id.as_str());
    let why = "The canary round needs a pool of its own.".to_owned();
    let entry = AuditEntry::new(console.now(), Actor::Policy, AuditAction::VendorChanged, subject)
        .because(Some(why))
        .change(None, Some(json!({ "object": "pool", "id": id.as_str(), "metadata": mark() })));
    tx.commit_audited(entry).await?;
    Ok(())
}

async fn forget(console: &Console, id: &PoolId) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    canary::forget_pool(&mut tx, id.as_str()).await?;
    tx.commit_bookkeeping(Bookkeeping::Observation).await?;
    Ok(())
}

/// Our mark on the pool and on its users.
fn mark() -> Map<String, Value> {
    let text = |text: &str| Value::String(text.to_owned());
    Map::from_iter([("managed_by".to_owned(), text(Mark::OWNER)), ("purpose".to_owned(), text(PURPOSE))])
}

fn at(step: CanaryStep) -> impl Fn(CallError) -> Halt {
    move |error| {
        let trace_id = error.trace_id.clone();
        Halt::Failed(CanaryFailure { step, why: error.to_string(), trace_id })
    }
}

fn wrong(step: CanaryStep, why: &str) -> Halt {
    Halt::Failed(CanaryFailure { step, why: why.to_owned(), trace_id: None })
}
