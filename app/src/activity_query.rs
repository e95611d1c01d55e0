//! The filters of the activity page and of its exports, in the URL.

use std::time::Duration;

use domain::{
    Bid, Timestamp,
    audit::{AuditAction, Subject, SubjectKind},
};
use services::AuditQuery;
use url::form_urlencoded::{self, Serializer};

/// Entries on a page.
const PAGE: usize = 50;

/// The names of the query parameters, as they stand in the form.
pub(crate) mod name {
    pub(crate) const ACTOR: &str = "actor";
    pub(crate) const ACTION: &str = "action";
    pub(crate) const BILLER: &str = "bid";
    pub(crate) const FROM: &str = "from";
    pub(crate) const TO: &str = "to";
    pub(crate) const BEFORE: &str = "before";
}

/// What the URL of the activity page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    /// Only by this actor: name or stable id.
    pub(crate) actor: String,
    /// Only this action.
    pub(crate) action: Option<AuditAction>,
    /// Only about this biller.
    pub(crate) biller: Option<Bid>,
    /// From this day on (UTC, ISO 8601).
    pub(crate) from: String,
    /// Up to and with this day (UTC, ISO 8601).
    pub(crate) to: String,
    /// The page after this entry.
    pub(crate) before: Option<i64>,
}

impl ActivityQuery {
    /// Reads a query string; what is not understood is left out.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            match key.as_ref() {
                name::ACTOR => parsed.actor = value.to_owned(),
                name::ACTION => parsed.action = value.parse().ok(),
                name::BILLER => parsed.biller = Bid::parse(value).ok(),
                name::FROM => parsed.from = day(value).map(|_| value.to_owned()).unwrap_or_default(),
                name::TO => parsed.to = day(value).map(|_| value.to_owned()).unwrap_or_default(),
                name::BEFORE => parsed.before = value.parse().ok(),
                _ => {}
            }
        }
        parsed
    }

    /// The query string; what is as usual is left out.
    #[must_use]
    pub(crate) fn to_query(&self) -> String {
        let mut out = Serializer::new(String::new());
        let mut pair = |key: &str, value: &str| {
            if !value.is_empty() {
                out.append_pair(key, value);
            }
        };
        pair(name::ACTOR, &self.actor);
        pair(name::ACTION, self.action.map_or("", AuditAction::as_str));
        pair(name::BILLER, self.biller.as_ref().map_or("", Bid::as_str));
        pair(name::FROM, &self.from);
        pair(name::TO, &self.to);
        pair(name::BEFORE, &self.before.map(|seq| seq.to_string()).unwrap_or_default());
        out.finish()
    }

    /// The same entries from the newest on, as an export takes them.
    #[must_use]
    pub fn unpaged(&self) -> Self {
        Self { before: None, ..self.clone() }
    }

    /// The page after this entry.
    #[must_use]
    pub(crate) fn before(&self, seq: i64) -> Self {
        Self { before: Some(seq), ..self.clone() }
    }

    /// The question to the audit log.
    #[must_use]
    pub fn to_audit(&self) -> AuditQuery {
        AuditQuery {
            subject: self.biller.as_ref().map(|bid| Subject::new(SubjectKind::Biller, bid.as_str())),
            actor: Some(self.actor.clone()).filter(|actor| !actor.is_empty()),
            action: self.action,
            from: day(&self.from),
            to: day(&self.to).map(|start| start.plus(Duration::from_secs(86_400))),
            before_seq: self.before,
            limit: PAGE,
            ..AuditQuery::default()
        }
    }
}

/// The beginning of a day in UTC.
fn day(iso: &str) -> Option<Timestamp> {
    let date: jiff::civil::Date = iso.parse().ok()?;
    let midnight: jiff::Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    Some(Timestamp::from_micros(midnight.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_survives_the_url() {
        let query = ActivityQuery {
            actor: "Tomás Rivera".to_owned(),
            action: Some(AuditAction::RunFailed),
            biller: Bid::parse("34").ok(),
            from: "2026-11-01".to_owned(),
            to: "2026-11-23".to_owned(),
            before: Some(812),
        };
        assert_eq!(ActivityQuery::parse(&query.to_query()), query);
        assert_eq!(ActivityQuery::default().to_query(), "");
    }

    #[test]
    fn the_last_day_is_included_whole() {
        let audit = ActivityQuery::parse("from=2026-11-23&to=2026-11-23").to_audit();
        let (from, to) = (audit.from.expect("a day"), audit.to.expect("a day"));
        assert_eq!(from.rfc3339(), "2026-11-23T00:00:00Z");
        assert_eq!(to.since(from), Duration::from_secs(86_400));
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        assert_eq!(
            ActivityQuery::parse("action=dance&bid=a%20b&from=yesterday&before=x"),
            ActivityQuery::default()
        );
    }
}
