//! What the vendor says about itself: its licence and the use of it, its own measurements, sign-ins by biller. Read on
//! a schedule and kept day by day, since the vendor keeps 90 days (API.md §19).

pub mod figures;
pub mod licence;
pub mod sign_in_events;
pub mod sign_ins;

use std::time::Duration;

use domain::{job::Job, performance::Minute};
use secureauth::{CallError, ErrorKind};
use storage::vendor_numbers::Read;

use crate::{Console, ServiceError, worker::After};

/// How often the vendor's numbers are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumbersSettings {
    /// Minutes between two readings of the licence and of the vendor's own measurements; `None` where neither is read.
    pub every_minutes: Option<u32>,
    /// Hours between two readings of the sign-ins of each biller; `None` where they are not read.
    pub sign_ins_every_hours: Option<u32>,
    /// Minutes between two readings of who signed in at each biller with moved users; `None` where they are not read.
    pub sign_in_events_every_minutes: Option<u32>,
}

impl NumbersSettings {
    /// Nothing is read.
    pub const OFF: Self =
        Self { every_minutes: None, sign_ins_every_hours: None, sign_in_events_every_minutes: None };

    /// The calls of 30 days, with so many billers, each of them with moved users. Reading who signed in takes one more
    /// for each hundred sign-ins.
    #[must_use]
    pub fn calls_a_month(&self, billers: u64) -> u64 {
        let readings = |minutes: u64| 30 * 24 * 60 / minutes.max(1);
        let hourly = self.every_minutes.map_or(0, |every| readings(u64::from(every)));
        let of_billers = self.sign_ins_every_hours.map_or(0, |every| readings(60 * u64::from(every)));
        let of_users = self.sign_in_events_every_minutes.map_or(0, |every| readings(u64::from(every)));
        hourly * (licence::CALLS + figures::CALLS) + (of_billers + of_users) * billers
    }
}

/// The subject of the job that reads the licence and the vendor's own measurements.
pub(crate) const HOURLY: &str = "licence";

/// The subject of the job that reads sign-ins.
pub(crate) const SIGN_INS: &str = "sign_ins";

/// The subject of the job that reads who signed in.
pub(crate) const SIGN_IN_EVENTS: &str = "sign_in_events";

/// How long reading rests when the vendor asks for it without saying how long.
const REST: Duration = Duration::from_secs(15);

/// How soon what was not answered is asked again.
const SOON: Duration = Duration::from_secs(3600);

/// Reads what is due.
///
/// # Errors
/// [`ServiceError::Storage`].
pub(crate) async fn tick(console: &Console, job: &Job) -> Result<After, ServiceError> {
    let settings = console.settings.numbers;
    if job.subject == SIGN_INS {
        let Some(hours) = settings.sign_ins_every_hours else { return Ok(After::Finished) };
        return sign_ins::tick(console, Duration::from_secs(u64::from(hours) * 3600)).await;
    }
    if job.subject == SIGN_IN_EVENTS {
        let Some(minutes) = settings.sign_in_events_every_minutes else { return Ok(After::Finished) };
        return sign_in_events::tick(console, Duration::from_secs(u64::from(minutes) * 60)).await;
    }
    let Some(minutes) = settings.every_minutes else { return Ok(After::Finished) };
    let every = Duration::from_secs(u64::from(minutes) * 60);
    let begun = console.now();
    licence::read(console, every).await?;
    figures::read(console, every).await?;
    Ok(After::Again { at: begun.plus(every), why: "recurring".to_owned() })
}

/// The present day (days since 1970, UTC).
fn today(console: &Console) -> i64 {
    Minute::of(console.now()).day()
}

/// What is kept of a reading that was answered.
fn answered(console: &Console, every: Duration) -> Read {
    Read { at: console.now(), due: console.now().plus(every), why: None }
}

/// What is kept of a reading that the vendor did not answer: a refusal is asked about again when it is due anyway,
/// anything else within an hour.
fn unanswered(console: &Console, every: Duration, error: &CallError) -> Read {
    let (pause, why) = match error.kind {
        ErrorKind::Forbidden { .. } | ErrorKind::Unauthenticated => {
            let cure = "The admin client may not read it: ask SecureAuth for the right.";
            (every, format!("{error}. {cure}"))
        }
        _ => (every.min(SOON), error.to_string()),
    };
    Read { at: console.now(), due: console.now().plus(pause), why: Some(why) }
}
