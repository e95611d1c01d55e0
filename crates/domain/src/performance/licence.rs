//! What the vendor's licence meters, and when it will be used up.

use crate::Timestamp;

/// How much may be used, and how much is. What the vendor does not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    /// At most so many.
    pub limit: Option<u64>,
    /// So many are used.
    pub used: Option<u64>,
}

/// What the licence said at one time (API.md §19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceReading {
    /// When it was read.
    pub at: Timestamp,
    /// From when on the licence is good.
    pub starts: Option<Timestamp>,
    /// Until when it is good.
    pub ends: Option<Timestamp>,
    /// Whether the vendor refuses what goes beyond.
    pub enforced: Option<bool>,
    /// Tokens issued in the vendor's month.
    pub tokens: Metered,
    /// Enterprise identity providers.
    pub providers: Metered,
    /// Users in all pools.
    pub users: Option<u64>,
}

/// Where the use of a month leads if it goes on as it came lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// So many are used when the month ends.
    pub at_end: u64,
    /// When the limit is reached, if that is before the month ends.
    pub reached: Option<Timestamp>,
}

/// Readings of fewer minutes say nothing about a rate.
const SHORTEST: u64 = 60 * 60;

/// Only what came lately says how it goes on.
const LATELY: u64 = 7 * 24 * 60 * 60;

/// Where the use of tokens leads until `month_ends`, from readings in the order of time.
///
/// The vendor counts by month and does not say when its month begins: a reading below the one before it began one.
/// `None` where the readings since then cover less than an hour.
#[must_use]
pub fn forecast(readings: &[LicenceReading], month_ends: Timestamp) -> Option<Forecast> {
    let used: Vec<(Timestamp, u64)> =
        readings.iter().filter_map(|reading| Some((reading.at, reading.tokens.used?))).collect();
    let begins = used.windows(2).rposition(|pair| pair[1].1 < pair[0].1).map_or(0, |place| place + 1);
    let this_month = &used[begins..];
    let (last_at, last) = *this_month.last()?;
    let lately = this_month.iter().find(|(at, _)| last_at.since(*at).as_secs() <= LATELY);
    let (first_at, first) = *lately?;
    let covered = last_at.since(first_at).as_secs();
    if covered < SHORTEST {
        return None;
    }
    let rate = last.saturating_sub(first) as f64 / covered as f64;
    let left = month_ends.since(last_at).as_secs_f64();
    let limit = readings.last().and_then(|reading| reading.tokens.limit);
    let reached = limit.and_then(|limit| {
        let missing = limit.saturating_sub(last) as f64;
        if missing <= 0.0 {
            return Some(last_at);
        }
        let after = missing / rate;
        (rate > 0.0 && after <= left).then(|| last_at.plus(std::time::Duration::from_secs_f64(after)))
    });
    Some(Forecast { at_end: last.saturating_add((rate * left).round() as u64), reached })
}

/// What was used between readings: the difference, or all of it where a new month has begun. `None` for the first
/// reading and where one of the two is not known.
#[must_use]
pub fn used_between(before: Option<&LicenceReading>, now: &LicenceReading) -> Option<u64> {
    let (before, now) = (before?.tokens.used?, now.tokens.used?);
    Some(now.checked_sub(before).unwrap_or(now))
}
