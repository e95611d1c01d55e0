//! A report is made when a move ends: what takes long beforehand, the rest in the commit that ends the move.

use std::collections::BTreeMap;

use domain::{
    audit::{AuditAction, Subject, SubjectKind},
    migration::{Cause, PasswordKind, RowState, Verdict},
};
use serde_json::{Value, json};
use storage::{
    Conn, Tx,
    audit::{self, AuditQuery},
    billers, freezes,
    user_migrations::{self, Count, KeptReport, UserMigration},
};

use super::{Decision, Differences, FreezeThen, MissingThen, Report, When, list};
use crate::{Console, ServiceError};

/// The form of the file.
const FORM: u32 = 1;

/// Entries of one kind that are looked through: one a decision.
const ENTRIES: usize = 1_000;

/// What is known of a report before the move ends.
pub(in super::super) struct Prepared {
    differences: Differences,
    decisions: Vec<Decision>,
}

/// Looks everything up that takes long. Nothing of it changes until the move's end is written: nobody may ask for
/// anything while both sides are compared or users removed that would change the list.
pub(in super::super) async fn prepare(
    console: &Console,
    it: &UserMigration,
) -> Result<Prepared, ServiceError> {
    let differences = list::digest(console, it.id).await?;
    let decisions = decisions(&mut *console.store.read().await?, it).await?;
    Ok(Prepared { differences, decisions })
}

/// Keeps the report of a move that ends in this very commit; the answer is what its entry in the log says of it.
pub(in super::super) async fn keep(
    tx: &mut Tx,
    prepared: Prepared,
    done: &UserMigration,
) -> Result<Value, ServiceError> {
    let newest = user_migrations::report(tx, done.id, None).await?;
    let edition = newest.map_or(1, |kept| kept.edition + 1);
    let biller = billers::find(tx, &done.bid).await?;
    let counts = user_migrations::counts(tx, done.id).await?;
    let counts = counts.into_iter().map(|(count, (n, _))| (count, n));
    let made_at = done.finished_at.unwrap_or(done.moved_on_at);
    let mut report = Report {
        form: FORM,
        migration: done.id,
        edition,
        made_at: When(made_at),
        bid: done.bid.clone(),
        biller: biller.map(|biller| biller.name().to_owned()).unwrap_or_default(),
        outcome: done.state,
        file: done.file_name.clone(),
        rows: done.rows,
        columns: done.mapping.clone(),
        pool: done.pool.clone(),
        started_at: done.started_at.map(When),
        by_state: BTreeMap::new(),
        by_verdict: BTreeMap::new(),
        by_password: BTreeMap::new(),
        by_cause: BTreeMap::new(),
        canaries: done.canaries.clone(),
        comparison: done.comparison.clone(),
        differences: prepared.differences,
        missing: missing(done),
        freeze: freeze(tx, done).await?,
        decisions: prepared.decisions,
    };
    sort_in(&mut report, counts);
    let body = serde_json::to_string_pretty(&report).map_err(|error| ServiceError::Field {
        field: "report",
        problem: format!("the report cannot be written: {error}"),
    })? + "\n";
    let digest = list::sha256(body.as_bytes());
    let said = json!({"edition": edition, "sha256": digest});
    let kept = KeptReport { migration: done.id, edition, made_at, body, digest };
    user_migrations::put_report(tx, &kept).await?;
    Ok(said)
}

fn missing(done: &UserMigration) -> Option<MissingThen> {
    let found = done.missing.as_ref().filter(|found| found.users > 0 || found.decision.is_some())?;
    Some(MissingThen {
        users: found.users,
        unnamed_rows: found.unnamed,
        lock_decided_by: found.decision.as_ref().map(|decision| decision.by.name().to_owned()),
        locked: found.decision.as_ref().map_or(0, |decision| decision.locked),
    })
}

async fn freeze(tx: &mut Tx, done: &UserMigration) -> Result<Option<FreezeThen>, ServiceError> {
    let declared = freezes::of(tx, &done.bid).await?;
    Ok(declared.map(|freeze| FreezeThen {
        covers_this_delivery: freeze.covers(done.created_at),
        from: When(freeze.from),
        until: When(freeze.until),
        zone: freeze.zone,
        declared_by: freeze.by.name().to_owned(),
        reason: freeze.reason,
    }))
}

fn sort_in(report: &mut Report, counts: impl Iterator<Item = (Count, u64)>) {
    type Of<K> = BTreeMap<K, u64>;
    let (states, verdicts): (&mut Of<RowState>, &mut Of<Verdict>) =
        (&mut report.by_state, &mut report.by_verdict);
    let (kinds, causes): (&mut Of<PasswordKind>, &mut Of<Cause>) =
        (&mut report.by_password, &mut report.by_cause);
    for (count, n) in counts {
        match count {
            Count::State(state) => _ = states.insert(state, n),
            Count::Verdict(verdict) => _ = verdicts.insert(verdict, n),
            Count::Kind(kind) => _ = kinds.insert(kind, n),
            Count::Cause(cause) => _ = causes.insert(cause, n),
            // E-mails go out after the report, day by day: the move's page tells of them.
            Count::Mail(_) => {}
        }
    }
}

/// What was decided about the move, oldest first.
async fn decisions(conn: &mut Conn, it: &UserMigration) -> Result<Vec<Decision>, ServiceError> {
    let mut found = Vec::new();
    for action in [
        AuditAction::MigrationStaged,
        AuditAction::MigrationMapped,
        AuditAction::MigrationAsked,
        AuditAction::MigrationEnded,
        AuditAction::MigrationExported,
    ] {
        let query = AuditQuery {
            subject: Some(Subject::new(SubjectKind::Biller, it.bid.as_str())),
            action: Some(action),
            from: Some(it.created_at),
            limit: ENTRIES,
            ..AuditQuery::default()
        };
        found.extend(audit::list(conn, &query).await?);
    }
    found.sort_unstable_by_key(|entry| entry.seq);
    let own = json!(it.id);
    let decisions = found.into_iter().filter_map(|chained| {
        let entry = chained.entry;
        let said = entry.after.filter(|after| after.get("migration") == Some(&own))?;
        Some(Decision {
            entry: chained.seq,
            hash: chained.hash,
            at: When(entry.at),
            who: entry.actor.name().to_owned(),
            role: entry.actor.role_label(),
            action: entry.action,
            said,
            reason: entry.reason,
        })
    });
    Ok(decisions.collect())
}
