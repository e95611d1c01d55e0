//! The licence: what may be used, what is, and where that leads.

use std::time::Duration;

use domain::{
    actor::{Actor, Capability},
    performance::{Forecast, LicenceReading, Metered, Month, forecast, used_between},
    zone::Zone,
};
use secureauth::{CallError, SecureAuth};
use storage::{
    Bookkeeping,
    vendor_numbers::{self, Read},
};

use super::{HOURLY, answered, today, unanswered};
use crate::{Console, ServiceError, performance::probe_use::ProbeUse};

/// Calls of a reading: licence, use, number of users.
pub(super) const CALLS: u64 = 3;

/// Days shown.
pub const DAYS: i64 = 60;

/// What was used on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// Days since 1970, UTC.
    pub day: i64,
    /// Tokens issued since the reading of the day before; `None` where one of the two is missing.
    pub tokens: Option<u64>,
}

/// The licence and its use.
#[derive(Clone, Debug)]
pub struct LicenceView {
    /// What it said last.
    pub last: Option<LicenceReading>,
    /// When it was asked last, and what kept the vendor from answering.
    pub read: Option<Read>,
    /// Where the use of this month leads.
    pub forecast: Option<Forecast>,
    /// What was used on each of the last days, in order.
    pub days: Vec<DayUse>,
    /// What the probes use of it.
    pub probes: ProbeUse,
}

/// Shows the licence and its use.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see the vendor's performance.
pub async fn show(console: &Console, actor: &Actor) -> Result<LicenceView, ServiceError> {
    actor.may(Capability::ViewPerformance)?;
    let mut conn = console.store.read().await?;
    let today = today(console);
    let readings = vendor_numbers::licence::since(&mut conn, today - DAYS).await?;
    let read = vendor_numbers::last_read(&mut conn, HOURLY).await?;
    // Where the vendor's month ends is not published: the calendar's, in UTC, is taken.
    let month_ends = Month::of(console.now(), &Zone::utc()).range(&Zone::utc()).to.begins();
    Ok(LicenceView {
        forecast: forecast(&readings, month_ends),
        days: (today - DAYS + 1..=today).map(|day| used_on(day, &readings)).collect(),
        last: readings.into_iter().next_back(),
        read,
        probes: console.settings.probes.use_a_month(),
    })
}

fn used_on(day: i64, readings: &[LicenceReading]) -> DayUse {
    let of = |day: i64| readings.iter().find(|it| domain::performance::Minute::of(it.at).day() == day);
    DayUse { day, tokens: of(day).and_then(|now| used_between(of(day - 1), now)) }
}

/// Reads the licence and its use, and keeps it as that of the day.
///
/// # Errors
/// [`ServiceError::Storage`].
pub(super) async fn read(console: &Console, every: Duration) -> Result<(), ServiceError> {
    let asked = ask(console, &console.vendor).await;
    let mut tx = console.store.begin().await?;
    let read = match &asked {
        Ok(reading) => {
            vendor_numbers::licence::put(&mut tx, reading).await?;
            answered(console, every)
        }
        Err(error) => unanswered(console, every, error),
    };
    vendor_numbers::note_read(&mut tx, HOURLY, &read).await?;
    tx.commit_bookkeeping(Bookkeeping::Measurements).await?;
    Ok(())
}

async fn ask(console: &Console, vendor: &SecureAuth) -> Result<LicenceReading, CallError> {
    let licence = vendor.get_license().await?;
    let usage = vendor.get_usage().await?;
    let users = vendor.count_users().await?;
    let metered = |of: secureauth::Metered| {
        let number = |it: Option<i64>| it.and_then(|it| u64::try_from(it).ok());
        Metered { limit: number(of.limit), used: number(of.used) }
    };
    Ok(LicenceReading {
        at: console.now(),
        starts: licence.starts,
        ends: licence.ends,
        enforced: licence.enforced,
        tokens: metered(usage.tokens),
        providers: metered(usage.providers),
        users,
    })
}
