//! How SecureAuth itself measured what it served, kept by day and shown beside ours.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    actor::{Actor, Capability},
    performance::{MINUTES_PER_DAY, Minute, OperationGroup, Range, VendorFigures},
};
use secureauth::{CallError, Figure};
use storage::{
    Bookkeeping, calls,
    vendor_numbers::{self, Read},
};

use super::{answered, today, unanswered};
use crate::{
    Console, ServiceError,
    performance::{measure::group_of, show::Figures},
};

/// Calls of a reading: one for each figure.
pub(super) const CALLS: u64 = Figure::ALL.len() as u64;

/// The subject under which it is noted when they were read.
const SUBJECT: &str = "figures";

/// Days that are read again each time: the vendor's numbers of a day may come in late.
const AGAIN: i64 = 2;

/// Days shown at most.
const SHOWN: i64 = 31;

/// The vendor's figures of a day and API, and ours of the same group of operations.
#[derive(Clone, Debug)]
pub struct Beside {
    /// Theirs.
    pub theirs: VendorFigures,
    /// Ours, all calls of the console; `None` where the name is no group of ours or nothing was called.
    pub ours: Option<Figures>,
}

/// The vendor's own figures.
#[derive(Clone, Debug)]
pub struct FiguresView {
    /// The days, the latest first.
    pub days: Vec<Beside>,
    /// When they were read last, and what kept the vendor from answering.
    pub read: Option<Read>,
}

/// The vendor's own figures of the days of a range beside ours; of a longer range the last 31 days.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor, range: Range) -> Result<FiguresView, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let to = Minute(range.to.0 - 1).day();
    let from = range.from.day().max(to - SHOWN + 1);
    let theirs = vendor_numbers::figures::within(&mut conn, from, to).await?;
    let whole = Range { from: Minute(from * MINUTES_PER_DAY), to: Minute((to + 1) * MINUTES_PER_DAY) };
    let mut ours: BTreeMap<(i64, OperationGroup), domain::performance::Cell> = BTreeMap::new();
    if !theirs.is_empty() {
        calls::each_day(&mut conn, whole, |key, minute, cell, _| {
            if let Some(group) = group_of(&key.operation) {
                ours.entry((minute.day(), group)).or_default().merge(cell);
            }
        })
        .await?;
    }
    let beside = |theirs: VendorFigures| {
        let group = theirs.api.parse::<OperationGroup>().ok();
        let ours = group.and_then(|group| ours.get(&(theirs.day, group))).map(Figures::from);
        Beside { theirs, ours }
    };
    Ok(FiguresView {
        days: theirs.into_iter().map(beside).collect(),
        read: vendor_numbers::last_read(&mut conn, SUBJECT).await?,
    })
}

/// Reads the vendor's figures of the last days and keeps them.
///
/// # Errors
/// [`ServiceError::Storage`].
pub(super) async fn read(console: &Console, every: Duration) -> Result<(), ServiceError> {
    let asked = ask(console).await;
    let mut tx = console.store.begin().await?;
    let read = match asked {
        Ok(days) => {
            for of in &days {
                vendor_numbers::figures::put(&mut tx, of).await?;
            }
            answered(console, every)
        }
        Err(error) => unanswered(console, every, &error),
    };
    vendor_numbers::note_read(&mut tx, SUBJECT, &read).await?;
    tx.commit_bookkeeping(Bookkeeping::Measurements).await?;
    Ok(())
}

async fn ask(console: &Console) -> Result<Vec<VendorFigures>, CallError> {
    let from = Minute((today(console) - AGAIN + 1) * MINUTES_PER_DAY).begins();
    let mut found: BTreeMap<(i64, String), VendorFigures> = BTreeMap::new();
    for figure in Figure::ALL {
        for point in console.vendor.request_figures(figure, from, console.now()).await? {
            let Some(begins) = point.begins else { continue };
            let day = Minute::of(begins).day();
            for (api, value) in point.values.into_iter().filter(|(_, value)| *value >= 0.0) {
                let of = found.entry((day, api.clone())).or_insert_with(|| nothing(day, api));
                // The unit is not published: the buckets of the same call (le1 … le1000) are of milliseconds.
                let latency = Duration::try_from_secs_f64(value / 1_000.0).ok();
                match figure {
                    Figure::Count => of.requests = Some(value.round() as u64),
                    Figure::P50 => of.p50 = latency,
                    Figure::P95 => of.p95 = latency,
                    Figure::P99 => of.p99 = latency,
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

const fn nothing(day: i64, api: String) -> VendorFigures {
    VendorFigures { day, api, requests: None, p50: None, p95: None, p99: None }
}
