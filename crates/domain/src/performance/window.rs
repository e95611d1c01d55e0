//! Stretches of time, and measurements spread over them.

use std::time::Duration;

use super::{known::KnownMinutes, minutes::Cell};
use crate::{Timestamp, words};

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

    /// The minutes that lie in both; empty when there is none.
    #[must_use]
    pub fn overlap(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// The whole hours in it; empty when there is none.
    #[must_use]
    pub const fn whole_hours(self) -> Self {
        let first = self.from.0.div_euclid(MINUTES_PER_HOUR)
            + if self.from.0.rem_euclid(MINUTES_PER_HOUR) == 0 { 0 } else { 1 };
        let end = self.to.0.div_euclid(MINUTES_PER_HOUR);
        Self { from: Minute(first * MINUTES_PER_HOUR), to: Minute(end * MINUTES_PER_HOUR) }
    }

    /// The whole days (UTC) in it; empty when there is none.
    #[must_use]
    pub const fn whole_days(self) -> Self {
        let first = self.from.0.div_euclid(MINUTES_PER_DAY)
            + if self.from.0.rem_euclid(MINUTES_PER_DAY) == 0 { 0 } else { 1 };
        let end = self.to.0.div_euclid(MINUTES_PER_DAY);
        Self { from: Minute(first * MINUTES_PER_DAY), to: Minute(end * MINUTES_PER_DAY) }
    }

    /// The days (UTC) that it touches, each cut to what lies in the range.
    pub fn by_day(self) -> impl Iterator<Item = Self> {
        let days = self.from.day()..=Minute(self.to.0 - 1).day();
        let day =
            |day: i64| Self { from: Minute(day * MINUTES_PER_DAY), to: Minute((day + 1) * MINUTES_PER_DAY) };
        days.map(move |number| day(number).overlap(self)).filter(|day| !day.is_empty())
    }

    /// As far earlier as it is long, or later.
    #[must_use]
    pub fn moved(self, lengths: i64) -> Self {
        let by = self.len() * lengths;
        Self { from: Minute(self.from.0 + by), to: Minute(self.to.0 + by) }
    }

    /// Its middle half; at least one minute.
    #[must_use]
    pub fn closer(self) -> Self {
        let half = (self.len() / 2).max(1);
        let from = self.from.0 + (self.len() - half) / 2;
        Self { from: Minute(from), to: Minute(from + half) }
    }

    /// Twice its length around the same middle.
    #[must_use]
    pub fn wider(self) -> Self {
        let from = self.from.0 - self.len() / 2;
        Self { from: Minute(from), to: Minute(from + 2 * self.len()) }
    }
}

words! {
    /// A usual range.
    Span, "range" {
        /// The last hour.
        Hour = "1h", "Hour";
        /// The last 24 hours.
        Day = "24h", "24 hours";
        /// The last seven days.
        Week = "7d", "7 days";
        /// The last 30 days, the present one included.
        Month = "30d", "30 days";
        /// The last 365 days, the present one included.
        Year = "365d", "Year";
    }
}

impl Span {
    /// Its minutes.
    #[must_use]
    pub const fn minutes(self) -> i64 {
        match self {
            Self::Hour => MINUTES_PER_HOUR,
            Self::Day => MINUTES_PER_DAY,
            Self::Week => 7 * MINUTES_PER_DAY,
            Self::Month => 30 * MINUTES_PER_DAY,
            Self::Year => 365 * MINUTES_PER_DAY,
        }
    }
}

words! {
    /// With what a range is compared.
    Comparison, "comparison" {
        /// The range of the same length right before it.
        Before = "before", "The time before";
        /// The same seven days earlier.
        Week = "week", "A week earlier";
        /// The same 28 days earlier: the same days of the week.
        FourWeeks = "4_weeks", "Four weeks earlier";
        /// The same 364 days earlier: the same days of the week.
        Year = "year", "A year earlier";
    }
}

impl Comparison {
    /// The range that is compared with this one when it is divided into stretches of `step` minutes: of the same
    /// length, or with its last stretch whole.
    #[must_use]
    pub fn of(self, range: Range, step: i64) -> Range {
        let step = step.max(1);
        let whole = (range.len() + step - 1) / step * step;
        let back = match self {
            Self::Before => whole,
            Self::Week => 7 * MINUTES_PER_DAY,
            Self::FourWeeks => 28 * MINUTES_PER_DAY,
            Self::Year => 364 * MINUTES_PER_DAY,
        };
        let from = Minute(range.from.0 - back);
        Range { from, to: Minute(from.0 + whole) }
    }
}

/// Lengths of stretches, in minutes.
const STEPS: [i64; 8] = [1, 5, 10, 30, 60, 180, 360, MINUTES_PER_DAY];

/// A chart has at most so many stretches, but for ranges of many days.
const STRETCHES: i64 = 150;

impl Range {
    /// The length of a stretch with which a chart of this range is read well. From 30 days on a stretch is a day.
    #[must_use]
    pub fn step(&self) -> i64 {
        if self.len() >= 30 * MINUTES_PER_DAY - MINUTES_PER_DAY {
            return MINUTES_PER_DAY;
        }
        STEPS.into_iter().find(|step| self.len() <= step * STRETCHES).unwrap_or(MINUTES_PER_DAY)
    }

    /// The range with its beginning moved back to where a stretch of this length begins (UTC).
    #[must_use]
    pub fn aligned(self, step: i64) -> Self {
        Self { from: Minute(self.from.0.div_euclid(step.max(1)) * step.max(1)), to: self.to }
    }
}

/// A stretch of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// What happened.
    pub cell: Cell,
    /// Minutes in which something was called, counted from where the stretch begins. The others are unknown.
    pub known: KnownMinutes,
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
    /// Takes another series of the same range and step in. A minute is known once, however many knew it.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            mine.cell.merge(&theirs.cell);
            mine.known.merge(&theirs.known);
        }
    }

    /// An empty series: everything is unknown.
    #[must_use]
    pub fn new(range: Range, step: i64) -> Self {
        let step = step.max(1);
        let stretches = usize::try_from((range.len() + step - 1) / step).unwrap_or_default();
        Self { range, step, buckets: vec![Bucket::default(); stretches] }
    }

    /// Puts in what happened in a minute; what is outside is left out.
    pub fn put(&mut self, minute: Minute, cell: &Cell) {
        if let Some((bucket, place)) = self.at(minute) {
            bucket.cell.merge(cell);
            bucket.known.insert(place);
        }
    }

    /// Puts in what happened in a stretch that begins with this minute; what is outside is left out.
    pub fn put_stretch(&mut self, begins: Minute, cell: &Cell, known: &KnownMinutes) {
        if let Some((bucket, 0)) = self.at(begins) {
            bucket.cell.merge(cell);
            bucket.known.merge(known);
        }
    }

    /// The stretch of a minute, and the minute's place in it.
    fn at(&mut self, minute: Minute) -> Option<(&mut Bucket, usize)> {
        let into = self.range.contains(minute).then_some(minute.0 - self.range.from.0)?;
        let bucket = self.buckets.get_mut(usize::try_from(into / self.step).ok()?)?;
        Some((bucket, usize::try_from(into % self.step).ok()?))
    }

    /// Everything together.
    #[must_use]
    pub fn total(&self) -> Cell {
        let mut total = Cell::default();
        for bucket in &self.buckets {
            total.merge(&bucket.cell);
        }
        total
    }

    /// Minutes in which something was called.
    #[must_use]
    pub fn known(&self) -> i64 {
        self.buckets.iter().map(|bucket| bucket.known.count()).sum()
    }

    /// When a stretch begins.
    #[must_use]
    pub fn begins(&self, place: usize) -> Timestamp {
        let minutes = i64::try_from(place).unwrap_or(i64::MAX).saturating_mul(self.step);
        let into = Duration::from_secs(u64::try_from(minutes.saturating_mul(60)).unwrap_or_default());
        self.range.from.begins().plus(into)
    }
}
