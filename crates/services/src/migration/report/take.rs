//! Reports and lists of differences are taken away as files. That is an act, and written down.

use domain::{
    Bid, MigrationId,
    actor::{Actor, Capability},
    audit::AuditAction,
};
use futures::{Stream, stream};
use serde_json::json;
use storage::user_migrations::KeptReport;

use super::{Report, kept, list, read};
use crate::{Console, ServiceError, migration::entry, reach};

/// A report as the file that is kept: its SHA-256 is in the log of activity.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers; [`ServiceError::NotFound`] where there is none.
pub async fn report_json(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    of: MigrationId,
    edition: u64,
) -> Result<String, ServiceError> {
    let (kept, _) = find(console, actor, bid, of, edition).await?;
    note(console, actor, bid, &kept, "report").await?;
    Ok(kept.body)
}

/// The whole list of differences as CSV, cells that a spreadsheet would run as formulas neutralised; its SHA-256 is in
/// the report.
///
/// # Errors
/// As [`report_json`]; [`ServiceError::Field`] where the move went on after the report: then the list is another one.
pub async fn differences_csv(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    of: MigrationId,
    edition: u64,
) -> Result<impl Stream<Item = Result<String, ServiceError>> + Send + use<>, ServiceError> {
    let (kept, report) = find(console, actor, bid, of, edition).await?;
    if list::digest(console, kept.migration).await? != report.differences {
        let problem = "The move went on after this report: its list is made anew with the next edition.";
        return Err(ServiceError::Field { field: "list", problem: problem.to_owned() });
    }
    note(console, actor, bid, &kept, "differences").await?;
    let parts = list::Parts::new(console.clone(), kept.migration);
    Ok(stream::try_unfold(
        parts,
        |mut parts| async move { Ok(parts.next().await?.map(|text| (text, parts))) },
    ))
}

async fn find(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    of: MigrationId,
    edition: u64,
) -> Result<(KeptReport, Report), ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    reach::biller(&mut conn, actor, bid).await?;
    let found = kept(&mut conn, bid, Some(of), Some(edition)).await?;
    let (kept, _) = found.ok_or_else(|| ServiceError::not_found("report of a move", of))?;
    let report = read(&kept)?;
    Ok((kept, report))
}

async fn note(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    kept: &KeptReport,
    what: &'static str,
) -> Result<(), ServiceError> {
    let said =
        json!({"migration": kept.migration, "taken": what, "edition": kept.edition, "sha256": kept.digest});
    let tx = console.store.begin().await?;
    tx.commit_audited(entry(console.now(), actor, AuditAction::MigrationExported, bid, said)).await?;
    Ok(())
}
