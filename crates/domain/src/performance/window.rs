//! Stretches of time, and measurements spread over them.

use std::time::Duration;

use super::minutes::Cell;
use crate::Timestamp;

/// Minutes of an hour.
pub const MINUTES_PER_HOUR: i64 = 60;

/// Minutes of a day (UTC has no other days).
pub const MINUTES_PER_DAY: i64 = 24 * MINUTES_PER_HOUR;

/// A minute: whole minutes since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub i64);

impl Minute {
    /// The minute in which an instant lies.
    #[must_use]
    pub const fn of(at: Timestamp) -> Self {
        Self(at.seconds().div_euclid(60))
    }

    /// When it begins.
    #[must_use]
    pub const fn begins(self) -> Timestamp {
        Timestamp::from_micros(self.0 * 60_000_000)
    }

    /// The hour it lies in, and its place there.
    #[must_use]
    pub fn in_hour(self) -> (i64, u8) {
        let place = self.0.rem_euclid(MINUTES_PER_HOUR);
        (self.0.div_euclid(MINUTES_PER_HOUR), u8::try_from(place).unwrap_or_default())
    }

    /// The day it lies in.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(MINUTES_PER_DAY)
    }
}

/// Minutes from one to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: Minute,
    /// The first one after it.
    pub to: Minute,
}

impl Range {
    /// The minutes that ended by `now`, as many as given; the present one is not over.
    #[must_use]
    pub fn last(minutes: i64, now: Timestamp) -> Self {
        let to = Minute::of(now);
        Self { from: Minute(to.0.saturating_sub(minutes)), to }
    }

    /// Minutes in it.
    #[must_use]
    pub fn len(&self) -> i64 {
        (self.to.0 - self.from.0).max(0)
    }

    /// Whether there is none in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a minute lies in it.
    #[must_use]
    pub fn contains(&self, minute: Minute) -> bool {
        self.from <= minute && minute < self.to
    }

    /// The range of the same length right before this one.
    #[must_use]
    pub fn before(&self) -> Self {
        Self { from: Minute(self.from.0 - self.len()), to: self.from }
    }
}

/// A stretch of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// What happened.
    pub cell: Cell,
    /// Minutes in which something was called. The others are unknown.
    pub known: i64,
}

/// Measurements spread over stretches of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The whole.
    pub range: Range,
    /// Minutes of one stretch; the last one may be shorter.
    pub step: i64,
    /// The stretches in order.
    pub buckets: Vec<Bucket>,
}

impl Series {
    /// An empty series: everything is unknown.
    #[must_use]
    pub fn new(range: Range, step: i64) -> Self {
        let step = step.max(1);
        let stretches = usize::try_from((range.len() + step - 1) / step).unwrap_or_default();
        Self { range, step, buckets: vec![Bucket::default(); stretches] }
    }

    /// Puts in what happened from this minute on, in so many known minutes; what is outside is left out.
    pub fn put(&mut self, minute: Minute, cell: &Cell, known: i64) {
        if !self.range.contains(minute) {
            return;
        }
        let place = usize::try_from((minute.0 - self.range.from.0) / self.step).unwrap_or(usize::MAX);
        if let Some(bucket) = self.buckets.get_mut(place) {
            bucket.cell.merge(cell);
            bucket.known += known;
        }
    }

    /// Everything together.
    #[must_use]
    pub fn total(&self) -> Bucket {
        let mut total = Bucket::default();
        for bucket in &self.buckets {
            total.cell.merge(&bucket.cell);
            total.known += bucket.known;
        }
        total
    }

    /// When a stretch begins.
    #[must_use]
    pub fn begins(&self, place: usize) -> Timestamp {
        let minutes = i64::try_from(place).unwrap_or(i64::MAX).saturating_mul(self.step);
        let into = Duration::from_secs(u64::try_from(minutes.saturating_mul(60)).unwrap_or_default());
        self.range.from.begins().plus(into)
    }
}
