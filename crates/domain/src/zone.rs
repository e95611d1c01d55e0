//! Time zones: what a day and a time of somebody's clock mean, and how an instant reads there.
//!
//! The database of zones is part of the program, so that every server answers alike.

use crate::{Timestamp, biller::Biller};
use jiff::{
    civil::{Date, Time},
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use thiserror::Error;

/// A time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

/// The zone in which a biller's times are given.
#[derive(Clone, Debug)]
pub struct BillersZone {
    /// The zone.
    pub zone: Zone,
    /// Why it is not what IC says; `None` where it is.
    pub instead: Option<String>,
}

/// An instant that somebody named by day and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The instant.
    pub at: Timestamp,
    /// What is worth saying of it: that this time comes twice that day.
    pub note: Option<String>,
}

/// Why day and time name no instant. The text is for the person who typed them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoInstant {
    /// No day.
    #[error("Give a day, as in 2027-03-14.")]
    Day,
    /// No time.
    #[error("Give a time, as in 06:30.")]
    Time,
    /// The clocks pass over it.
    #[error(
        "{time} does not exist on {day} in {zone}: the clocks go forward over it. Choose a time before or after."
    )]
    Skipped {
        /// The day.
        day: String,
        /// The time.
        time: String,
        /// The zone.
        zone: String,
    },
    /// Beyond what can be counted.
    #[error("This day is too far away.")]
    TooFar,
}

impl Zone {
    /// The zone of this IANA name; `None` if there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name.trim()).ok().map(Self)
    }

    /// Coordinated universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The instant at which the clocks here show this day (`2027-03-14`) and time (`06:30`). Where they show it twice,
    /// since they are put back, the first one is meant.
    ///
    /// # Errors
    /// [`NoInstant`] when something is no day or time, or the clocks never show it.
    pub fn instant(&self, day: &str, time: &str) -> Result<Named, NoInstant> {
        let date: Date = day.trim().parse().map_err(|_| NoInstant::Day)?;
        let clock: Time = time.trim().parse().map_err(|_| NoInstant::Time)?;
        let ambiguous = self.0.to_ambiguous_timestamp(date.to_datetime(clock));
        let skipped = || NoInstant::Skipped {
            day: date.to_string(),
            time: clock.strftime("%H:%M").to_string(),
            zone: self.name().to_owned(),
        };
        let note = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { .. } => return Err(skipped()),
            AmbiguousOffset::Fold { .. } => Some(format!(
                "The clocks in {} are put back that day, so this time comes twice: the first one is meant.",
                self.name()
            )),
        };
        let at = ambiguous.earlier().map_err(|_| NoInstant::TooFar)?;
        Ok(Named { at: Timestamp::from_micros(at.as_microsecond()), note })
    }

    /// An instant as the clocks here show it, e.g. `14 Mar 2027, 06:30 CDT (America/Chicago)`, `14 Mar 2027, 06:30 UTC`.
    #[must_use]
    pub fn told(&self, at: Timestamp) -> String {
        let shown = self.shown(at);
        let told = shown.strftime("%-d %b %Y, %H:%M %Z").to_string();
        // Of a zone that is called like its clocks (UTC) the name stands there already.
        if told.ends_with(&format!(" {}", self.name())) { told } else { format!("{told} ({})", self.name()) }
    }

    /// The day here at that instant, as a form takes it.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        self.shown(at).date().to_string()
    }

    /// The zone as the calendar's arithmetic takes it.
    pub(crate) fn calendar(&self) -> TimeZone {
        self.0.clone()
    }

    /// An instant as the clocks here show it.
    #[must_use]
    pub fn shown(&self, at: Timestamp) -> jiff::ZonedDateTime {
        jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default().to_zoned_datetime(self.0.clone())
    }
}

/// An instant as the clocks of this zone show it; in UTC where the name is no zone (any more).
#[must_use]
pub fn told(zone: &str, at: Timestamp) -> String {
    Zone::named(zone).unwrap_or_else(Zone::utc).told(at)
}

/// The zone of a biller: what IC says, or else the configured one.
#[must_use]
pub fn of_biller(biller: &Biller, default: &Zone) -> BillersZone {
    let said = biller.draft.time_zone.as_deref();
    match said.map(|name| (name, Zone::named(name))) {
        Some((_, Some(zone))) => BillersZone { zone, instead: None },
        Some((name, None)) => BillersZone {
            zone: default.clone(),
            instead: Some(format!(
                "IC says {name:?}, which is no known time zone; {} is the usual one.",
                default.name()
            )),
        },
        None => BillersZone {
            zone: default.clone(),
            instead: Some(format!(
                "IC names no time zone for this biller; {} is the usual one.",
                default.name()
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chicago() -> Zone {
        Zone::named("America/Chicago").expect("a zone")
    }

    #[test]
    fn an_ordinary_time_is_one_instant_and_reads_back() {
        let named = chicago().instant("2027-01-15", "06:30").expect("an instant");
        assert_eq!((named.at.rfc3339().as_str(), named.note), ("2027-01-15T12:30:00Z", None));
        assert_eq!(chicago().told(named.at), "15 Jan 2027, 06:30 CST (America/Chicago)");
        assert_eq!(Zone::utc().told(named.at), "15 Jan 2027, 12:30 UTC", "the zone is named once");
        assert_eq!(chicago().day(named.at), "2027-01-15");
    }

    #[test]
    fn a_time_that_the_clocks_pass_over_is_refused() {
        let error = chicago().instant("2027-03-14", "02:30").expect_err("a gap");
        assert!(error.to_string().contains("does not exist on 2027-03-14 in America/Chicago"), "{error}");
        let after = chicago().instant("2027-03-14", "03:00").expect("an instant");
        assert_eq!(after.at.rfc3339(), "2027-03-14T08:00:00Z");
    }

    #[test]
    fn of_a_time_that_comes_twice_the_first_is_meant_and_said() {
        let named = chicago().instant("2027-11-07", "01:30").expect("an instant");
        assert_eq!(named.at.rfc3339(), "2027-11-07T06:30:00Z");
        assert_eq!(chicago().told(named.at), "7 Nov 2027, 01:30 CDT (America/Chicago)");
        assert!(named.note.expect("a note").contains("the first one is meant"));
    }

    #[test]
    fn what_is_no_day_time_or_zone_is_told() {
        assert_eq!(chicago().instant("soon", "06:30"), Err(NoInstant::Day));
        assert_eq!(chicago().instant("2027-02-30", "06:30"), Err(NoInstant::Day));
        assert_eq!(chicago().instant("2027-02-28", "noon"), Err(NoInstant::Time));
        assert_eq!(Zone::named("America/Nowhere"), None);
        assert_eq!(Zone::named("UTC").expect("UTC").name(), "UTC");
    }
}
