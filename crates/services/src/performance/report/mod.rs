//! The report of a month: what was promised, what was measured, what was left out and who approved it, what went wrong
//! and what is owed; with the measurements behind every number, and a digest that proves it unchanged.

mod assemble;
mod document;
mod rows;
mod take;

use domain::{
    Timestamp,
    actor::{Actor, Capability},
    performance::{
        Count, Credit, CreditTiers, FailedCall, Incident, Maintenance, Minute, Minutes, Month, Objective,
        Range, Tally, Verdict,
    },
    zone::Zone,
};
use sha2::{Digest, Sha256};
use storage::vendor_review::reports;

pub use self::{
    rows::{Table, rows},
    take::take,
};
pub use storage::vendor_review::reports::Edition;

use crate::{Console, ServiceError};

/// The report of a month.
#[derive(Clone, Debug)]
pub struct Report {
    /// The month.
    pub month: Month,
    /// Where it begins and ends.
    pub zone: Zone,
    /// What the contract is called.
    pub contract: Option<String>,
    /// All of its minutes.
    pub whole: Range,
    /// Those that are reported: of a month that is not over, what is written down for sure.
    pub range: Range,
    /// How each promise was kept.
    pub results: Vec<Outcome>,
    /// What was left out, and who approved it.
    pub exclusions: Vec<Maintenance>,
    /// What went wrong.
    pub incidents: Vec<Incident>,
    /// The contract's credits.
    pub tiers: CreditTiers,
    /// What is due: the greatest of what the results give.
    pub credit: Credit,
    /// Until when (exclusively) a credit has to be claimed.
    pub claim_by: Option<Timestamp>,
    /// Failed calls that are kept one by one.
    pub failed_kept: u64,
}

/// How a promise was kept in the month.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The promise.
    pub objective: Objective,
    /// What counts.
    pub counted: Count,
    /// The same with nothing left out.
    pub raw: Count,
    /// What would have counted in maintenance.
    pub left_out: Count,
    /// Its calls outside of maintenance by how they ended: our own faults are among them.
    pub tally: Tally,
    /// The minutes of the range.
    pub minutes: Minutes,
    /// Whether it was kept.
    pub verdict: Verdict,
    /// What it gives.
    pub credit: Credit,
}

/// A report with its document.
struct Assembled {
    report: Report,
    failed: Vec<FailedCall>,
    /// The rows of hours, each a line of JSON.
    hours: String,
}

/// A report as it is shown.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// The report as it is now.
    pub report: Report,
    /// SHA-256 of its document as it is now.
    pub digest: String,
    /// The document's length in bytes.
    pub length: usize,
    /// What was taken down before.
    pub editions: Vec<Edition>,
    /// How the present report differs from the last edition; `None` where it does not, or there is none.
    pub differs: Option<Vec<String>>,
    /// Why it cannot be taken down now; `None` where it can.
    pub not_yet: Option<&'static str>,
}

impl Report {
    /// Whether the month is over and all of it is written down.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.range == self.whole
    }
}

/// SHA-256, hex.
fn digest(document: &str) -> String {
    hex::encode(Sha256::digest(document.as_bytes()))
}

/// The report of the last month that is over.
#[must_use]
pub fn usual_month(console: &Console) -> Month {
    Month::of(console.now(), &console.settings.contract.zone).previous()
}

/// Shows the report of a month.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor, month: Month) -> Result<ReportView, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let editions = reports::of(&mut conn, month).await?;
    let assembled = assemble::assemble(console, &mut conn, month).await?;
    let (document, said) = document::written(&assembled)?;
    let digest = digest(&document);
    let differs = match editions.last() {
        Some(last) if last.digest != digest => {
            let before = reports::report(&mut conn, month, last.edition).await?;
            Some(take::changes(before.as_deref(), &said))
        }
        _ => None,
    };
    let not_yet = take::too_early(&assembled.report);
    let report = assembled.report;
    Ok(ReportView { report, length: document.len(), digest, editions, differs, not_yet })
}

/// The document of a month's report as it is now, or of an edition that was taken down: the digest is the SHA-256 of
/// these bytes.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance; [`ServiceError::NotFound`] for an edition
/// that there is not.
pub async fn file(
    console: &Console,
    actor: &Actor,
    month: Month,
    edition: Option<i64>,
) -> Result<String, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    if let Some(edition) = edition {
        let found = reports::document(&mut conn, month, edition).await?;
        return found.ok_or_else(|| ServiceError::not_found("edition", format!("{month}, {edition}")));
    }
    let assembled = assemble::assemble(console, &mut conn, month).await?;
    Ok(document::written(&assembled)?.0)
}

/// The minutes that are certainly written down by now: measurements are up to ten seconds in memory first.
fn settled(console: &Console) -> Minute {
    Minute::of(console.now().minus(std::time::Duration::from_secs(30)))
}
