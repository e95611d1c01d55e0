//! One batch on its way: sent once, split where it is refused, read back where it is uncertain.

use std::time::Duration;

use domain::{
    Timestamp,
    migration::{
        Bound, Cause, PasswordHash, PasswordSource, Person, PersonStatus, Problem, ShaFunction, Verdict,
        detect, read,
    },
};
use secureauth::{
    AddressImport, AddressKind, CallError, ErrorKind, IdentifierImport, IdentifierKind, PasswordImport,
    PasswordState, PoolId, UserId, UserImport, UserStatus, UserView,
};
use serde_json::{Map, Value, json};
use storage::user_migrations::{self, OpenBatch, ReadyUser, RowIds, StagedUser, UserMigration};
use uuid::Uuid;

use super::vault::Vault;
use crate::Console;

/// What every batch of a move needs.
pub(super) struct Route {
    pub(super) console: Console,
    pub(super) it: UserMigration,
    pub(super) pool: PoolId,
    pub(super) columns: Bound,
    pub(super) vault: Vault,
    /// People sign in at SecureAuth: whoever is there is not touched.
    pub(super) hosted_login: bool,
}

/// Why a user that was moved before is left alone; the check says the same.
pub(super) const SIGNS_IN_THERE: &str = "people sign in at SecureAuth already";
/// As [`SIGNS_IN_THERE`].
pub(super) const CHANGED_THERE: &str = "was changed at SecureAuth after it was moved";

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// SecureAuth has it.
    Imported,
    /// SecureAuth refused it.
    Failed(Problem),
    /// It was left alone.
    Skipped(Problem),
    /// It was not sent, or did not arrive: it is sent again.
    Later,
}

/// What became of a batch.
pub(super) struct Outcome {
    pub(super) batch: Uuid,
    pub(super) ends: Vec<(i64, End)>,
    /// Trace ids of the imports, with their numbers of users.
    pub(super) imports: Vec<(usize, Option<String>)>,
    /// Nothing is known of some rows, and SecureAuth cannot be asked now: the batch stays open.
    pub(super) unsettled: bool,
    /// SecureAuth asked for a pause, or does not answer.
    pub(super) throttle: Option<(String, Duration)>,
    /// Nothing of this kind will ever be accepted.
    pub(super) fault: Option<CallError>,
    /// How long the slowest import took.
    pub(super) latency: Duration,
}

/// Sends a batch that was noted before.
pub(super) async fn send(route: &Route, batch: OpenBatch, rows: Vec<ReadyUser>) -> Outcome {
    let mut outcome = Outcome {
        batch: batch.id,
        ends: Vec::with_capacity(rows.len()),
        imports: Vec::new(),
        unsettled: false,
        throttle: None,
        fault: None,
        latency: Duration::ZERO,
    };
    let mut part = Part::default();
    for row in rows {
        match prepare(route, &row).await {
            Ok(Ok(user)) => part.push(row.line, user),
            Ok(Err(end)) => outcome.ends.push((row.line, end)),
            Err(error) => {
                outcome.ends.push((row.line, End::Later));
                outcome.throttle = Some(pause(&error));
            }
        }
    }
    let mut parts = vec![part];
    while let Some(part) = parts.pop() {
        if part.lines.is_empty() {
            continue;
        }
        if outcome.throttle.is_some() || outcome.fault.is_some() {
            outcome.ends.extend(part.ends(&End::Later));
            continue;
        }
        send_part(route, part, &mut parts, &mut outcome).await;
    }
    outcome
}

/// Some rows of a batch, with the users that they are: both in the same order.
#[derive(Default)]
struct Part {
    lines: Vec<i64>,
    users: Vec<UserImport>,
}

impl Part {
    fn push(&mut self, line: i64, user: UserImport) {
        self.lines.push(line);
        self.users.push(user);
    }

    /// Takes the second half out.
    fn split(&mut self) -> Self {
        let at = self.lines.len() / 2;
        Self { lines: self.lines.split_off(at), users: self.users.split_off(at) }
    }

    fn ends(&self, end: &End) -> impl Iterator<Item = (i64, End)> {
        self.lines.iter().map(move |line| (*line, end.clone()))
    }
}

async fn send_part(route: &Route, mut part: Part, parts: &mut Vec<Part>, outcome: &mut Outcome) {
    let sent = tokio::time::Instant::now();
    let result = route.console.vendor.import_users(&route.pool, &part.users).await;
    outcome.latency = outcome.latency.max(sent.elapsed());
    match result {
        Ok(trace) => {
            outcome.imports.push((part.lines.len(), trace));
            outcome.ends.extend(part.ends(&End::Imported));
        }
        Err(error) if error.outcome_unknown() => {
            // What was on its way may still arrive: only then does reading back say something.
            tokio::time::sleep(route.console.settings.migration.settle).await;
            match look_for(route, &part.lines).await {
                Some(ends) => {
                    let arrived = ends.iter().filter(|(_, end)| *end == End::Imported).count();
                    if arrived > 0 {
                        outcome.imports.push((arrived, error.trace_id.clone()));
                    }
                    outcome.ends.extend(ends);
                }
                None => outcome.unsettled = true,
            }
            outcome.throttle = Some(pause(&error));
        }
        Err(error) if matches!(error.kind, ErrorKind::Conflict | ErrorKind::Invalid) => {
            if part.lines.len() > 1 {
                parts.push(part.split());
                parts.push(part);
                return;
            }
            let cause = if error.kind == ErrorKind::Conflict { Cause::InPool } else { Cause::Refused };
            outcome.ends.extend(part.ends(&End::Failed(Problem::new(cause, error.message.clone()))));
        }
        Err(error) => {
            outcome.ends.extend(part.ends(&End::Later));
            if error.is_retryable() {
                outcome.throttle = Some(pause(&error));
            } else {
                outcome.fault = Some(error);
            }
        }
    }
}

fn pause(error: &CallError) -> (String, Duration) {
    let asked = error.retry_after.unwrap_or(Duration::from_secs(1));
    (error.to_string(), asked.clamp(Duration::from_millis(200), Duration::from_secs(30)))
}

/// The user as it is sent, or why it is not. A user that an earlier move brought is looked at first.
async fn prepare(route: &Route, row: &ReadyUser) -> Result<Result<UserImport, End>, CallError> {
    if let Some(baseline) = row.baseline {
        let skip = |detail: &str| Ok(Err(End::Skipped(Problem::new(Cause::ChangedAtVendor, detail))));
        match find(route, &row.ids).await? {
            None => {}
            Some(_) if route.hosted_login => return skip(SIGNS_IN_THERE),
            Some(view) if view.updated_at == Some(baseline) => {}
            Some(_) => return skip(CHANGED_THERE),
        }
    }
    Ok(build(route, row).ok_or_else(|| {
        End::Failed(Problem::new(Cause::Refused, "the staged row does not say any more what the check found"))
    }))
}

async fn find(route: &Route, ids: &RowIds) -> Result<Option<UserView>, CallError> {
    let Some(id) = user_id(ids) else { return Ok(None) };
    route.console.vendor.find_user(&route.pool, &id).await
}

pub(super) fn user_id(ids: &RowIds) -> Option<UserId> {
    UserId::parse(&ids.user.to_string()).ok()
}

/// What became of these lines; nothing where it cannot be found out now.
async fn look_for(route: &Route, lines: &[i64]) -> Option<Vec<(i64, End)>> {
    let mut conn = route.console.store.read().await.ok()?;
    let rows = user_migrations::of_lines(&mut conn, route.it.id, lines).await.ok()?;
    drop(conn);
    read_back(route, &rows.iter().collect::<Vec<_>>()).await.ok()
}

/// Reads back what became of rows that were sent.
pub(super) async fn read_back(route: &Route, rows: &[&StagedUser]) -> Result<Vec<(i64, End)>, CallError> {
    let mut ends = Vec::with_capacity(rows.len());
    for row in rows {
        let end = match find(route, &row.ids).await? {
            None => End::Later,
            Some(view) if view.updated_at == Some(route.it.stamp_as_sent()) => End::Imported,
            // Still as an earlier move left it: the batch did not arrive.
            Some(view) if row.baseline.is_some() && view.updated_at == row.baseline => End::Later,
            Some(view) if row.digest.as_deref() == Some(&digest_of(&route.vault, &view)) => End::Imported,
            Some(_) => {
                End::Skipped(Problem::new(Cause::ChangedAtVendor, "was changed right after it arrived"))
            }
        };
        ends.push((row.line, end));
    }
    Ok(ends)
}

/// The instant that records carry, as the API writes it: whole seconds.
pub(super) trait Stamp {
    /// The stamp, cut to seconds.
    fn stamp_as_sent(&self) -> Timestamp;
}

impl Stamp for UserMigration {
    fn stamp_as_sent(&self) -> Timestamp {
        Timestamp::from_micros(self.stamp.seconds() * 1_000_000)
    }
}

/// What a row says of its person.
pub(super) struct Said<'a> {
    line: i64,
    verdict: Option<Verdict>,
    sealed: Option<&'a str>,
    without_phone: bool,
}

impl<'a> From<&'a StagedUser> for Said<'a> {
    fn from(row: &'a StagedUser) -> Self {
        let StagedUser { line, verdict, without_phone, .. } = *row;
        Self { line, verdict, sealed: row.sealed.as_deref(), without_phone }
    }
}

impl<'a> From<&'a ReadyUser> for Said<'a> {
    fn from(row: &'a ReadyUser) -> Self {
        let ReadyUser { line, verdict, without_phone, .. } = *row;
        Self { line, verdict, sealed: row.sealed.as_deref(), without_phone }
    }
}

/// The person of a staged row, read as the check read it, and its password.
pub(super) fn person<'a>(route: &Route, row: impl Into<Said<'a>>) -> Option<(Person, Option<PasswordHash>)> {
    let row = row.into();
    let kept = route.vault.open(route.it.id, row.line, row.sealed?)?;
    let found = read(&route.columns, &kept.cells);
    let mut person = found.person?;
    if row.without_phone {
        person.phone = None;
    }
    let hash = match (kept.hashed, found.password) {
        (Some(text), _) => match detect(&text, "", None).1 {
            PasswordSource::Hash(hash) => Some(hash),
            _ => None,
        },
        (None, PasswordSource::Hash(hash)) => Some(hash),
        (None, _) => None,
    };
    // What the run does is what the check said, or nothing.
    let verdict = if hash.is_some() { Verdict::Import } else { Verdict::Reset };
    (row.verdict == Some(verdict)).then_some((person, hash))
}

fn build(route: &Route, row: &ReadyUser) -> Option<UserImport> {
    let (person, hash) = person(route, row)?;
    let ids = &row.ids;
    let (payload, metadata) = free_fields(&person);
    let username = person.username.iter().map(|text| (ids.username, text, IdentifierKind::Uid));
    let email = person.email.iter().map(|text| (ids.email, text, IdentifierKind::Email));
    let mail = person.email.iter().map(|text| (ids.address, text, AddressKind::Email, person.email_verified));
    let phone = person.phone.iter().map(|text| (ids.phone, text, AddressKind::Mobile, false));
    let (hash, state) = match hash {
        Some(hash) => (hash, PasswordState::Valid),
        None => (nobodys(&route.console), PasswordState::MustBeReset),
    };
    Some(UserImport {
        id: user_id(ids)?,
        status: match person.status {
            PersonStatus::Active => UserStatus::Active,
            PersonStatus::Inactive => UserStatus::Inactive,
            PersonStatus::New => UserStatus::New,
        },
        payload,
        metadata,
        identifiers: username
            .chain(email)
            .map(|(id, text, kind)| IdentifierImport { id: id.to_string(), identifier: text.clone(), kind })
            .collect(),
        addresses: mail
            .chain(phone)
            .map(|(id, text, kind, verified)| AddressImport {
                id: id.to_string(),
                address: text.clone(),
                kind,
                verified,
            })
            .collect(),
        password: Some(PasswordImport { id: ids.credential.to_string(), hash, state }),
        stamp: route.it.stamp,
    })
}

/// Profile and administrators' fields of a user, as they are sent: what the pool's schemas are about.
pub(super) fn free_fields(person: &Person) -> (Map<String, Value>, Map<String, Value>) {
    let names = [("given_name", &person.given_name), ("family_name", &person.family_name)];
    let payload =
        names.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
    (payload.collect(), Map::from_iter([("ic_ref".to_owned(), json!(person.reference))]))
}

/// A hash that no password has: random bytes. The contract asks for a payload in every credential.
pub(crate) fn nobodys(console: &Console) -> PasswordHash {
    let (mut salt, mut key) = (vec![0; 16], vec![0; 32]);
    console.entropy.fill(&mut salt);
    console.entropy.fill(&mut key);
    PasswordHash::Pbkdf2 { function: ShaFunction::Sha256, iterations: 10_000, salt, key }
}

/// What both sides are compared by: a keyed hash of status, identifiers and addresses.
pub(super) fn digest(vault: &Vault, person: &Person, without_phone: bool) -> String {
    let identifiers = person.username.iter().chain(&person.email).cloned();
    let mail = person.email.iter().map(|it| (it.clone(), person.email_verified));
    let phone = person.phone.iter().filter(|_| !without_phone).map(|it| (it.clone(), false));
    digest_parts(vault, person.status.as_str(), identifiers.collect(), mail.chain(phone).collect())
}

pub(super) fn digest_of(vault: &Vault, view: &UserView) -> String {
    digest_parts(vault, view.status.as_str(), view.identifiers.clone(), view.addresses.clone())
}

fn digest_parts(
    vault: &Vault,
    status: &str,
    mut identifiers: Vec<String>,
    mut addresses: Vec<(String, bool)>,
) -> String {
    identifiers.sort_unstable();
    addresses.sort_unstable();
    vault.fingerprint(&[&json!([status, identifiers, addresses]).to_string()])
}
