//! Identifiers. A bid comes from IC; our own rows have UUID version 7.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::{Builder, Uuid};

use crate::{Clock, Entropy};

/// Why a text is not an identifier, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidId {
    /// Nothing was given.
    #[error("the {what} is empty: give one")]
    Empty {
        /// Which identifier.
        what: &'static str,
    },
    /// Longer than the limit.
    #[error("the {what} has {length} characters: at most {limit} are allowed")]
    TooLong {
        /// Which identifier.
        what: &'static str,
        /// Characters given.
        length: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// A character outside the allowed set.
    #[error("the {what} holds {found:?}: use {allowed} only")]
    Character {
        /// Which identifier.
        what: &'static str,
        /// The first character that is not allowed.
        found: char,
        /// The characters that are allowed, in words.
        allowed: &'static str,
    },
    /// Dots and nothing else.
    #[error("the {what} has dots only: give at least one letter or digit")]
    OnlyDots {
        /// Which identifier.
        what: &'static str,
    },
    /// Not a UUID.
    #[error("{0:?} is not an id of ours: copy it from the page again")]
    NotAnId(String),
}

/// The biller's id, given by IC. Case matters; 1 to 64 letters, digits, `.`, `_`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bid(String);

impl Bid {
    /// The longest bid, in characters.
    pub const MAX: usize = 64;

    /// Checks and wraps a bid.
    ///
    /// # Errors
    /// [`InvalidId`] names what is wrong and what is allowed.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        let length = text.chars().count();
        if text.is_empty() {
            return Err(InvalidId::Empty { what: "bid" });
        }
        if length > Self::MAX {
            return Err(InvalidId::TooLong { what: "bid", length, limit: Self::MAX });
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if let Some(found) = text.chars().find(|c| !allowed(*c)) {
            let allowed = "letters without accents, digits, '.', '_' and '-'";
            return Err(InvalidId::Character { what: "bid", found, allowed });
        }
        if text.chars().all(|c| c == '.') {
            // "." and ".." would change the path of every URL they stand in.
            return Err(InvalidId::OnlyDots { what: "bid" });
        }
        Ok(Self(text.to_owned()))
    }
}

/// The last part of a login URL, `/b/{slug}`: lower-case letters, digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The longest slug, in characters.
    pub const MAX: usize = 80;

    /// Checks and wraps a slug as it came in a URL.
    ///
    /// # Errors
    /// [`InvalidId`] when it cannot be one of ours.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() {
            return Err(InvalidId::Empty { what: "login address" });
        }
        let length = text.chars().count();
        if length > Self::MAX {
            return Err(InvalidId::TooLong { what: "login address", length, limit: Self::MAX });
        }
        let allowed = "lower-case letters, digits and '-'";
        match text.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')) {
            Some(found) => Err(InvalidId::Character { what: "login address", found, allowed }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Wraps a text that was built from lower-case letters, digits and dashes only.
    pub(crate) fn from_dashed(text: String) -> Self {
        Self(text)
    }
}

/// The group of billers that one account manager looks after, as the CRM names it. Compared exactly: 1 to 64
/// visible characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Portfolio(String);

impl Portfolio {
    /// The longest portfolio, in characters.
    pub const MAX: usize = 64;

    /// Checks and wraps a portfolio.
    ///
    /// # Errors
    /// [`InvalidId`] names what is wrong and what is allowed.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        let length = text.chars().count();
        if text.is_empty() {
            return Err(InvalidId::Empty { what: "portfolio" });
        }
        if length > Self::MAX {
            return Err(InvalidId::TooLong { what: "portfolio", length, limit: Self::MAX });
        }
        match text.chars().find(|c| is_unseen(*c)) {
            Some(found) => {
                Err(InvalidId::Character { what: "portfolio", found, allowed: "visible characters" })
            }
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// Control characters, and those that take no room: two names that look alike must be alike.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

macro_rules! text_id {
    ($($name:ident)+) => {$(
        impl $name {
            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

text_id! { Bid Slug Portfolio }

/// A new UUID version 7: ordered by the clock, random in the rest.
#[must_use]
pub fn new_uuid(clock: &dyn Clock, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0_u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(clock.now().micros().div_euclid(1_000)).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! row_id {
    ($(#[$doc:meta] $name:ident;)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, ordered by time.
            #[must_use]
            pub fn new(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
                Self(new_uuid(clock, entropy))
            }

            /// Wraps an id that was read back.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId::NotAnId(text.to_owned()))
            }
        }
    )*};
}

row_id! {
    /// One durable execution.
    RunId;
    /// One unit of background work.
    JobId;
    /// One outbound event.
    EventId;
    /// One delivery of one event to one receiver.
    DeliveryId;
    /// One bulk enablement.
    WaveId;
    /// One uploaded file of billers.
    ImportId;
    /// One move of a biller's users.
    MigrationId;
    /// One emergency off.
    EmergencyId;
    /// One change of a biller's use cases.
    ChangeId;
    /// One change of use cases that waits for its time.
    ScheduleId;
    /// One test sign-in.
    TestSignInId;
    /// One change of settings that somebody proposes.
    ProposalId;
    /// One change of settings that a second person decides.
    ChangeRequestId;
    /// One failed call to the vendor.
    CallId;
    /// One scan for drift.
    ScanId;
    /// One promise of the vendor.
    ObjectiveId;
    /// One maintenance window.
    MaintenanceId;
    /// One incident of the vendor.
    IncidentId;
    /// One alert.
    AlertId;
    /// One message that tells of an alert.
    MessageId;
    /// One canary round.
    CanaryId;
}
