//! What a page follows live: storage bumps a topic's version in the commit that changes it, and the event
//! stream and the page speak the same words.

use std::{fmt, str::FromStr};

use crate::{Bid, InvalidId, WaveId};

/// What a page follows live: `/events?topic=…` says "change" when something of it changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// All billers: the list, the overview and the list of waves.
    Billers,
    /// One biller: its status, runs, steps and objects.
    Biller(Bid),
    /// One wave and its lines.
    Wave(WaveId),
    /// The moves of all billers' users.
    Migrations,
    /// Changes of accounts on their way to SecureAuth.
    Mirror,
    /// Event deliveries.
    Deliveries,
    /// The audit log.
    Activity,
    /// Measurements of calls to the vendor.
    Calls,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Billers => f.write_str("billers"),
            Self::Biller(bid) => write!(f, "biller:{bid}"),
            Self::Wave(id) => write!(f, "wave:{id}"),
            Self::Migrations => f.write_str("migrations"),
            Self::Mirror => f.write_str("mirror"),
            Self::Deliveries => f.write_str("deliveries"),
            Self::Activity => f.write_str("activity"),
            Self::Calls => f.write_str("calls"),
        }
    }
}

impl FromStr for Topic {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (kind, id) = text.split_once(':').unwrap_or((text, ""));
        match (kind, id) {
            ("billers", "") => Ok(Self::Billers),
            ("biller", id) => Bid::parse(id).map(Self::Biller),
            ("wave", id) => id.parse().map(Self::Wave),
            ("migrations", "") => Ok(Self::Migrations),
            ("mirror", "") => Ok(Self::Mirror),
            ("deliveries", "") => Ok(Self::Deliveries),
            ("activity", "") => Ok(Self::Activity),
            ("calls", "") => Ok(Self::Calls),
            _ => Err(InvalidId::NotAnId(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_reads_back_as_written() {
        let bid = Bid::parse("Bell-34.x").unwrap();
        for topic in [
            Topic::Billers,
            Topic::Biller(bid),
            Topic::Migrations,
            Topic::Deliveries,
            Topic::Activity,
            Topic::Calls,
        ] {
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
        assert!("biller:".parse::<Topic>().is_err());
    }
}
