//! Latencies as a histogram that merges: percentiles of any window come from the sum of its minutes, never from an
//! average of percentiles.

use std::{collections::BTreeMap, time::Duration};

/// Sub-buckets of each power of two. Bucket bounds are whole microseconds found by shifting, so they are the same on
/// every machine.
const PARTS: u64 = 32;

/// How far a percentile may be from the exact value at most: half a bucket, 1/64.
pub const WORST_ERROR: f64 = 1.0 / 64.0;

/// How many calls took how long. Merging is adding up, so it does not matter in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies(BTreeMap<u16, u64>);

impl Latencies {
    /// Counts a call.
    pub fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.add_to(bucket(micros), 1);
    }

    /// Counts so many calls of a bucket.
    pub(super) fn add_to(&mut self, bucket: u16, calls: u64) {
        let place = self.0.entry(bucket).or_default();
        *place = place.saturating_add(calls);
    }

    /// Takes another histogram in.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, calls) in &other.0 {
            self.add_to(*bucket, *calls);
        }
    }

    /// Calls in all.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().fold(0, |sum, calls| sum.saturating_add(*calls))
    }

    /// The latency that `percent` of the calls did not exceed (nearest rank), within [`WORST_ERROR`]; `None` when
    /// there were none.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<Duration> {
        let rank = rank(percent, self.count())?;
        let mut seen = 0_u64;
        let found = self.0.iter().find(|(_, calls)| {
            seen = seen.saturating_add(**calls);
            seen >= rank
        });
        found.map(|(bucket, _)| Duration::from_micros(middle(*bucket)))
    }

    /// Calls that took no longer than this; a limit inside of a bucket counts it when its middle is within, so the
    /// limit is off by [`WORST_ERROR`] at most.
    #[must_use]
    pub fn within(&self, limit: Duration) -> u64 {
        let limit = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
        let inside = self.0.iter().filter(|(bucket, _)| middle(**bucket) <= limit);
        inside.fold(0, |sum, (_, calls)| sum.saturating_add(*calls))
    }

    /// The buckets that hold calls, by latency: middle and calls.
    pub fn iter(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        self.0.iter().map(|(bucket, calls)| (Duration::from_micros(middle(*bucket)), *calls))
    }

    pub(super) fn buckets(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        self.0.iter().map(|(bucket, calls)| (*bucket, *calls))
    }
}

/// The place of the value in a sorted list that `percent` of it do not exceed, from 1.
fn rank(percent: f64, count: u64) -> Option<u64> {
    let rank = (percent.clamp(0.0, 100.0) / 100.0 * count as f64).ceil() as u64;
    (count > 0).then(|| rank.clamp(1, count))
}

/// The bucket of a value. Below 64 µs each value has its own; above, each power of two has 32.
fn bucket(micros: u64) -> u16 {
    let shift = u64::from(micros.max(PARTS).ilog2() - PARTS.ilog2());
    // At most 58 × 32 + 63.
    u16::try_from(shift * PARTS + (micros >> shift)).unwrap_or(u16::MAX)
}

/// The middle of a bucket, in microseconds.
fn middle(bucket: u16) -> u64 {
    let bucket = u64::from(bucket);
    let shift = (bucket / PARTS).saturating_sub(1).min(58);
    let low = (bucket - shift * PARTS) << shift;
    low.saturating_add(((1 << shift) - 1) / 2)
}
