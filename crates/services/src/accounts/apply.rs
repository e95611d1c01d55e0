//! One change made at SecureAuth: read, do what is missing, read again.

use std::time::Duration;

use domain::{
    Timestamp,
    account::{ParkCause, Step, differences, plan},
};
use secureauth::{AddressKind, CallError, ErrorKind, IdentifierKind, PoolId, UserId, UserRecord};
use storage::accounts::{self, Account, Change};

use super::{
    seal, user_id,
    whole::{payload, seen, status, whole},
};
use crate::{Console, ServiceError};

/// How often reading back may differ before a person looks at it: somebody may be changing the user there.
const DIFFERS_MAX: i64 = 4;

/// What became of a change.
pub(super) enum End {
    /// SecureAuth has the user as it should be.
    Made(Box<Made>),
    /// It is tried again.
    Later { why: String, pause: Option<Duration>, outage: bool },
    /// A person decides.
    Parked { cause: ParkCause, why: String },
}

/// A change that was made.
pub(super) struct Made {
    /// The user as read back.
    pub(super) record: Option<UserRecord>,
    /// What was done, as words.
    pub(super) done: Vec<&'static str>,
    /// The vendor's trace id of the last call.
    pub(super) trace: Option<String>,
    /// When the password that SecureAuth has now was set at IC, if it was sent.
    pub(super) password_at: Option<Timestamp>,
    /// Deleted accounts whose identifiers were given to this user, as SecureAuth has them now.
    pub(super) freed: Vec<Account>,
}

/// What one change needs.
pub(super) struct Work<'a> {
    pub(super) console: &'a Console,
    pub(super) pool: &'a PoolId,
    pub(super) account: Account,
    pub(super) change: &'a Change,
    /// People sign in at SecureAuth: passwords live there.
    pub(super) governs_login: bool,
}

impl Work<'_> {
    pub(super) async fn apply(&self) -> Result<End, ServiceError> {
        let user = user_id(&self.account)?;
        let mut freed = Vec::new();
        match self.attempt(&user).await? {
            Err(error) if error.kind == ErrorKind::Conflict => {
                // The identifier of somebody who was deleted may be taken: they give it up.
                match self.free(&mut freed).await {
                    Ok(true) => {}
                    Ok(false) => return Ok(parked(ParkCause::Taken, &error)),
                    Err(error) => return Ok(ended(&error)),
                }
            }
            Err(error) => return Ok(ended(&error)),
            Ok(end) => return Ok(end),
        }
        Ok(match self.attempt(&user).await? {
            Ok(End::Made(mut made)) => {
                made.freed = freed;
                End::Made(made)
            }
            Ok(end) => end,
            Err(error) => ended(&error),
        })
    }

    async fn attempt(&self, user: &UserId) -> Result<Result<End, CallError>, ServiceError> {
        let vendor = &self.console.vendor;
        let wanted = &self.change.wanted;
        let record = match vendor.read_user(self.pool, user).await {
            Ok(record) => record,
            Err(error) => return Ok(Err(error)),
        };
        let Some(password) = self.password(record.as_ref()) else {
            let why = "The password that came with it cannot be opened with the configured key.".to_owned();
            return Ok(Ok(End::Parked { cause: ParkCause::Unreadable, why }));
        };
        let shown = record.as_ref().map(seen);
        let mut done = Vec::new();
        let mut trace = None;
        for step in plan(wanted, shown.as_ref(), password.is_some()) {
            done.push(step.word());
            let told = match &step {
                Step::Write => {
                    let hash = password.clone();
                    let user =
                        whole(self.console, &self.account, user.clone(), wanted, record.as_ref(), hash);
                    vendor.import_users(self.pool, &[user]).await
                }
                other => self.tell(user, other, record.as_ref()).await,
            };
            match told {
                Ok(id) => trace = id.or(trace),
                Err(error) => return Ok(Err(error)),
            }
        }
        if self.change.revoke && record.is_some() {
            done.push("revoke");
            match vendor.revoke_pool_user_tokens(self.pool, std::slice::from_ref(user)).await {
                Ok(revoked) => trace = revoked.trace_id.or(trace),
                Err(error) => return Ok(Err(error)),
            }
        }
        let after = match vendor.read_user(self.pool, user).await {
            Ok(after) => after,
            Err(error) => return Ok(Err(error)),
        };
        Ok(Ok(self.compare(after, done, trace)))
    }

    /// Compares what was read back with what is wanted.
    fn compare(&self, record: Option<UserRecord>, done: Vec<&'static str>, trace: Option<String>) -> End {
        let side = record.as_ref().map(|it| seen(it).side());
        let differing = differences(Some(&self.change.wanted), side.as_ref());
        if differing.is_empty() {
            let password_at = self.change.password_at.filter(|_| !self.governs_login);
            return End::Made(Box::new(Made { record, done, trace, password_at, freed: Vec::new() }));
        }
        let fields: Vec<_> = differing.iter().map(|it| it.label().to_lowercase()).collect();
        let why =
            format!("SecureAuth confirmed the change, but reading back differs in: {}.", fields.join(", "));
        if self.change.attempts >= DIFFERS_MAX {
            End::Parked { cause: ParkCause::Differs, why }
        } else {
            End::Later { why, pause: None, outage: false }
        }
    }

    /// The password that is to be written: nothing where there is none, where it is there already, and where a newer
    /// one is. `None` when it cannot be opened.
    #[expect(clippy::option_option, reason = "whether it can be read, and whether there is one to write")]
    fn password(
        &self,
        record: Option<&UserRecord>,
    ) -> Option<Option<(domain::migration::PasswordHash, Timestamp)>> {
        let (Some(sealed), Some(at)) = (&self.change.password, self.change.password_at) else {
            return Some(None);
        };
        let there = record.and_then(|it| it.password.as_ref()).and_then(|(_, changed)| *changed);
        if self.governs_login || there.is_some_and(|there| there >= at) {
            return Some(None);
        }
        let key = &self.change.key;
        let kept = seal::open(self.console, &key.bid, &key.reference, sealed)?;
        Some(Some((kept.hash()?, at)))
    }

    async fn tell(
        &self,
        user: &UserId,
        step: &Step,
        record: Option<&UserRecord>,
    ) -> Result<Option<String>, CallError> {
        use domain::account::{AddressPart, IdentifierPart};
        let (vendor, pool) = (&self.console.vendor, self.pool);
        match step {
            Step::Write => Ok(None),
            Step::Update { status: to, names } => {
                let names = names.then(|| payload(&self.change.wanted, record));
                vendor.update_user(pool, user, to.map(status).as_ref(), names.as_ref()).await
            }
            Step::AddIdentifier(part, text) => {
                let kind = match part {
                    IdentifierPart::Username => IdentifierKind::Uid,
                    IdentifierPart::Email => IdentifierKind::Email,
                };
                vendor.add_identifier(pool, user, text, &kind).await
            }
            Step::AddAddress(part, text, verified) => {
                let kind = match part {
                    AddressPart::Email => AddressKind::Email,
                    AddressPart::Phone => AddressKind::Mobile,
                };
                vendor.add_address(pool, user, text, &kind, *verified).await
            }
            Step::Verify(text) => vendor.verify_address(pool, user, text, true).await,
            Step::RemoveIdentifier(text) => vendor.remove_identifier(pool, user, text).await,
            Step::RemoveAddress(text) => vendor.remove_address(pool, user, text).await,
        }
    }

    /// Takes what this user is to have from users that are deleted on every side; whether anything was taken.
    async fn free(&self, freed: &mut Vec<Account>) -> Result<bool, CallError> {
        let profile = &self.change.wanted.profile;
        let texts = [&profile.username, &profile.email, &profile.phone].into_iter().flatten();
        for text in texts {
            for mut holder in self.deleted_holders(text).await {
                let Ok(id) = user_id(&holder) else { continue };
                self.console.vendor.remove_identifier(self.pool, &id, text).await?;
                self.console.vendor.remove_address(self.pool, &id, text).await?;
                let now = self.console.vendor.read_user(self.pool, &id).await?;
                holder.vendor = now.as_ref().map(|it| seen(it).side());
                holder.vendor_at = Some(self.console.now());
                freed.retain(|it| it.reference != holder.reference);
                freed.push(holder);
            }
        }
        Ok(!freed.is_empty())
    }

    async fn deleted_holders(&self, text: &str) -> Vec<Account> {
        let Ok(mut conn) = self.console.store.read().await else { return Vec::new() };
        let found = accounts::holders(&mut conn, &self.account.bid, text).await.unwrap_or_default();
        found
            .into_iter()
            .filter(|it| it.reference != self.account.reference)
            .filter(|it| it.standing() == domain::account::AccountStanding::Deleted)
            .collect()
    }
}

/// What a call's failure means for the change.
fn ended(error: &CallError) -> End {
    match error.kind {
        ErrorKind::Conflict => parked(ParkCause::Taken, error),
        ErrorKind::Invalid => parked(ParkCause::Refused, error),
        // Everything else is about SecureAuth, the way to it or our own set-up, and not about this user.
        _ => End::Later { why: error.to_string(), pause: error.retry_after, outage: true },
    }
}

fn parked(cause: ParkCause, error: &CallError) -> End {
    End::Parked { cause, why: error.to_string() }
}
