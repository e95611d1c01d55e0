//! Report: what a move came to, kept byte by byte, so that a print of years later is provably the same.
//!
//! It is made once, in the commit that ends the move, out of the numbers, decisions and digests of that instant, and
//! never changed: a move that goes on afterwards (failed rows again, an undo) gets another edition. The log of activity,
//! whose entries are chained, holds the SHA-256 of every edition; the report holds that of the list of differences.

mod list;
mod make;
mod take;

use std::collections::BTreeMap;

use domain::{
    Bid, MigrationId, Timestamp,
    actor::{Actor, Capability},
    audit::AuditAction,
    migration::{Cause, Mapping, MigrationState, PasswordKind, Problem, RowState, Verdict},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::user_migrations::{self, Canary, Comparison, KeptReport};

pub(super) use self::make::{keep, prepare};
pub use self::take::{differences_csv, report_json};
use super::control::find;
use crate::{Console, ServiceError, reach};

/// Rows whose user is not at SecureAuth as the file has it.
const DIFFERING: [RowState; 3] = [RowState::Rejected, RowState::Failed, RowState::Skipped];

/// Rows of the list of differences that one page shows.
const PAGE: usize = 50;

/// An instant, written as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct When(pub Timestamp);

impl From<When> for String {
    fn from(when: When) -> Self {
        when.0.rfc3339()
    }
}

impl TryFrom<String> for When {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Timestamp::from_rfc3339(&text).map(Self).ok_or_else(|| format!("{text:?} is no instant"))
    }
}

/// Something that was decided about a move, or became of it, as the log of activity has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Its place in the log.
    pub entry: i64,
    /// The entry's hash.
    pub hash: String,
    /// When.
    pub at: When,
    /// Who.
    pub who: String,
    /// In which role.
    pub role: String,
    /// What.
    pub action: AuditAction,
    /// What exactly.
    pub said: Value,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// The list of differences, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of the list as CSV.
    pub sha256: String,
}

/// What a move came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The form of this file; another number where fields change their meaning.
    pub form: u32,
    /// The move.
    pub migration: MigrationId,
    /// Which report of it, from 1.
    pub edition: u64,
    /// When the move ended and this was made.
    pub made_at: When,
    /// Whose users.
    pub bid: Bid,
    /// The biller's name then.
    pub biller: String,
    /// Finished or undone.
    pub outcome: MigrationState,
    /// The file's own name.
    pub file: String,
    /// Rows that came in.
    pub rows: u64,
    /// Which column was which.
    pub columns: Mapping,
    /// The pool that users went to.
    pub pool: Option<String>,
    /// When it was started.
    pub started_at: Option<When>,
    /// Rows by what became of them.
    pub by_state: BTreeMap<RowState, u64>,
    /// Rows by what the dry run said.
    pub by_verdict: BTreeMap<Verdict, u64>,
    /// Rows by the kind of their password.
    pub by_password: BTreeMap<PasswordKind, u64>,
    /// Rows by what is wrong with them.
    pub by_cause: BTreeMap<Cause, u64>,
    /// What the canaries found.
    pub canaries: Vec<Canary>,
    /// What comparing both sides found, with the digest of each.
    pub comparison: Option<Comparison>,
    /// The list of users that differ.
    pub differences: Differences,
    /// Users that were moved before and are missing in this delivery; absent where nobody looked or nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingThen>,
    /// The freeze that was declared for the biller; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<FreezeThen>,
    /// What was decided, oldest first.
    pub decisions: Vec<Decision>,
}

/// Users that were moved before and are missing in a delivery, as it stood when the report was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingThen {
    /// How many.
    pub users: u64,
    /// Rows that name no user: whoever is missing may stand there.
    pub unnamed_rows: u64,
    /// Who decided that they are locked; absent while they are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_decided_by: Option<String>,
    /// How many of them were locked.
    pub locked: u64,
}

/// A freeze as it stood when the report was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeThen {
    /// From when on IC changes no users.
    pub from: When,
    /// Until when.
    pub until: When,
    /// The zone in which both were given.
    pub zone: String,
    /// Who declared it.
    pub declared_by: String,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether this delivery came in during it, and so holds everything.
    pub covers_this_delivery: bool,
}

/// A row of the list of differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferingRow {
    /// Its line in the file.
    pub line: u64,
    /// What became of it.
    pub state: RowState,
    /// The user's id at SecureAuth, whether or not the user is there.
    pub user: String,
    /// Why.
    pub problems: Vec<Problem>,
}

/// A place in the list of differences: after this row.
pub type DifferencePlace = (RowState, i64);

/// A report with a page of its list.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// What it says.
    pub report: Report,
    /// Its SHA-256.
    pub sha256: String,
    /// Whether what is kept still has that hash.
    pub intact: bool,
    /// The number of the newest edition.
    pub newest: u64,
    /// Whether the move stands as this edition tells: only then the list can be shown and taken away.
    pub current: bool,
    /// A page of the list.
    pub rows: Vec<DifferingRow>,
    /// Where the next page begins.
    pub next: Option<DifferencePlace>,
}

/// The report of a biller's move; of the newest one that has a report where none is named. Nothing where there is none
/// yet.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers; [`ServiceError::NotFound`].
pub async fn show_report(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    of: Option<MigrationId>,
    edition: Option<u64>,
    after: Option<DifferencePlace>,
) -> Result<Option<ReportView>, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    reach::biller(&mut conn, actor, bid).await?;
    let Some((kept, newest)) = kept(&mut conn, bid, of, edition).await? else { return Ok(None) };
    let it = find(&mut conn, actor, kept.migration).await?;
    let report: Report = read(&kept)?;
    let intact = list::sha256(kept.body.as_bytes()) == kept.digest;
    let current =
        kept.edition == newest && it.state == report.outcome && it.finished_at == Some(kept.made_at);
    let mut rows = if current {
        user_migrations::differing(&mut conn, it.id, &DIFFERING, after, PAGE + 1).await?
    } else {
        Vec::new()
    };
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().map(|row| (row.state, row.line)).filter(|_| more);
    let rows = rows
        .into_iter()
        .map(|row| DifferingRow {
            line: u64::try_from(row.line).unwrap_or(0),
            state: row.state,
            user: row.ids.user.to_string(),
            problems: row.problems,
        })
        .collect();
    Ok(Some(ReportView { report, sha256: kept.digest, intact, newest, current, rows, next }))
}

/// A kept report of the biller, and the number of the newest edition of the same move.
async fn kept(
    conn: &mut storage::Conn,
    bid: &Bid,
    of: Option<MigrationId>,
    edition: Option<u64>,
) -> Result<Option<(KeptReport, u64)>, ServiceError> {
    for it in user_migrations::of_biller(conn, bid, super::show::HISTORY).await? {
        if of.is_some_and(|of| of != it.id) {
            continue;
        }
        let Some(newest) = user_migrations::report(conn, it.id, None).await? else { continue };
        let number = newest.edition;
        if edition.is_none_or(|edition| edition == number) {
            return Ok(Some((newest, number)));
        }
        return Ok(user_migrations::report(conn, it.id, edition).await?.map(|kept| (kept, number)));
    }
    Ok(None)
}

fn read(kept: &KeptReport) -> Result<Report, ServiceError> {
    serde_json::from_str(&kept.body).map_err(|error| ServiceError::Field {
        field: "report",
        problem: format!(
            "the kept report cannot be read: {error}. Take it away as JSON and compare its hash."
        ),
    })
}
