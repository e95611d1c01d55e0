//! Calendar months, where the contract is.

use std::{fmt, str::FromStr};

use jiff::{ToSpan as _, civil::Date};
use thiserror::Error;

use super::window::{Minute, Range};
use crate::{Timestamp, zone::Zone};

/// A calendar month, `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

/// A text that is no month.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no month: give year and month, e.g. 2026-11")]
pub struct InvalidMonth(String);

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let wrong = || InvalidMonth(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let year = year.parse().ok().filter(|year| (1970..=9000).contains(year)).ok_or_else(wrong)?;
        let month = month.parse().ok().filter(|month| (1..=12).contains(month)).ok_or_else(wrong)?;
        Ok(Self { year, month })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The first minute of a day. Where midnight does not exist, the day begins with the first instant that does.
fn midnight(day: Date, zone: &Zone) -> Minute {
    let start = day.to_zoned_datetime(zone.calendar()).ok();
    Minute(start.map_or(0, |at| at.timestamp().as_second().div_euclid(60)))
}

impl Month {
    /// The month in which an instant lies, where the contract is.
    #[must_use]
    pub fn of(at: Timestamp, zone: &Zone) -> Self {
        let date = jiff::Timestamp::from_second(at.seconds())
            .map_or(Date::ZERO, |at| at.to_zoned_datetime(zone.calendar()).date());
        Self { year: date.year().max(1970), month: date.month() }
    }

    /// The month after.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year.saturating_add(1), month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }

    /// The month before.
    #[must_use]
    pub const fn previous(self) -> Self {
        match self.month {
            1 => Self { year: self.year.saturating_sub(1), month: 12 },
            month => Self { year: self.year, month: month - 1 },
        }
    }

    /// Its minutes: from midnight of its first day to midnight after its last one, where the contract is. A month in
    /// which clocks are changed has an hour less or more.
    #[must_use]
    pub fn range(self, zone: &Zone) -> Range {
        Range { from: self.begins(zone), to: self.next().begins(zone) }
    }

    fn begins(self, zone: &Zone) -> Minute {
        self.first().map_or(Minute(0), |date| midnight(date, zone))
    }

    fn first(self) -> Option<Date> {
        Date::new(self.year, self.month, 1).ok()
    }

    /// When so many whole days after the month are over, where the contract is: a deadline of 30 days for October ends
    /// with the 30th of November, which is midnight to the first of December.
    #[must_use]
    pub fn days_after(self, days: u16, zone: &Zone) -> Timestamp {
        let last = self.next().first().and_then(|first| first.checked_add(i64::from(days).days()).ok());
        last.map_or(Minute(0), |date| midnight(date, zone)).begins()
    }

    /// In words: `November 2026`.
    #[must_use]
    pub fn label(self) -> String {
        let place = usize::try_from(self.month - 1).unwrap_or_default();
        format!("{} {}", NAMES.get(place).copied().unwrap_or_default(), self.year)
    }
}
