//! What the vendor performance page shows, in the URL.

use domain::{
    Timestamp,
    performance::{CallSource, Comparison, Minute, Range, Span},
};
use services::performance::show::PerformanceQuery as Asked;
use url::form_urlencoded::{self, Serializer};

/// The longest range, in minutes: what is kept.
const LONGEST: i64 = 760 * 24 * 60;

/// What the URL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PerformanceQuery {
    /// A usual range; the last 24 hours where nothing else is said.
    pub(crate) span: Option<Span>,
    /// A range of one's own instead (UTC).
    pub(crate) own: Option<Range>,
    /// Only calls of this source.
    pub(crate) source: Option<CallSource>,
    /// Only this operation.
    pub(crate) operation: Option<String>,
    /// With what it is compared; the time before where nothing else is said, and then not in the charts.
    pub(crate) comparison: Option<Comparison>,
}

impl PerformanceQuery {
    /// Reads a query string; what is not understood is left out.
    pub(crate) fn parse(query: &str) -> Self {
        let (mut parsed, mut from, mut to) = (Self::default(), None, None);
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "range" => parsed.span = value.parse().ok(),
                "from" => from = minute(&value),
                "to" => to = minute(&value),
                "source" => parsed.source = value.parse().ok(),
                "with" => parsed.comparison = value.parse().ok(),
                "operation" => parsed.operation = Some(value.into_owned()).filter(|name| is_name(name)),
                _ => {}
            }
        }
        parsed.own = match (from, to) {
            (Some(from), Some(to)) => {
                Some(Range { from, to }).filter(|own| (1..=LONGEST).contains(&own.len()))
            }
            _ => None,
        };
        parsed
    }

    /// The query string; what is as usual is left out.
    pub(crate) fn to_query(&self) -> String {
        let mut out = Serializer::new(String::new());
        if let Some(own) = self.own {
            out.append_pair("from", &written(own.from));
            out.append_pair("to", &written(own.to));
        } else if let Some(span) = self.span {
            out.append_pair("range", span.as_str());
        }
        if let Some(source) = self.source {
            out.append_pair("source", source.as_str());
        }
        if let Some(operation) = &self.operation {
            out.append_pair("operation", operation);
        }
        if let Some(comparison) = self.comparison {
            out.append_pair("with", comparison.as_str());
        }
        out.finish()
    }

    /// The same of another range; `None` for one that is too short, too long or lies wholly ahead.
    pub(crate) fn over(&self, range: Range, now: Timestamp) -> Option<Self> {
        let possible = (1..=LONGEST).contains(&range.len()) && range.from <= Minute::of(now);
        possible.then(|| Self { span: None, own: Some(range), ..self.clone() })
    }

    /// The usual range that is shown, unless there is one of one's own.
    pub(crate) fn shown(&self) -> Option<Span> {
        self.own.is_none().then(|| self.span.unwrap_or(Span::Day))
    }

    /// What the use case is asked for. The present minute is included: what just happened is what people look for.
    pub(crate) fn asked(&self, now: Timestamp) -> Asked {
        let range = self.own.unwrap_or_else(|| {
            let range = Range::last(self.span.unwrap_or(Span::Day).minutes(), now);
            Range { from: Minute(range.from.0 + 1), to: Minute(range.to.0 + 1) }
        });

        Asked { range, source: self.source, operation: self.operation.clone(), comparison: self.comparison }
    }
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// `2026-11-25T14:10` (UTC), as an input of type `datetime-local` writes it.
pub(crate) fn minute(text: &str) -> Option<Minute> {
    let at: jiff::civil::DateTime = text.parse().ok()?;
    let instant: jiff::Timestamp = format!("{at}Z").parse().ok()?;
    Some(Minute::of(Timestamp::from_micros(instant.as_microsecond())))
}

/// A minute as an input of type `datetime-local` takes it.
pub(crate) fn written(minute: Minute) -> String {
    jiff::Timestamp::from_second(minute.begins().seconds())
        .map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_survives_the_url() {
        let query = PerformanceQuery {
            span: None,
            own: Some(Range { from: Minute(29_900_000), to: Minute(29_900_030) }),
            source: Some(CallSource::Probe),
            operation: Some("get_pool".to_owned()),
            comparison: Some(Comparison::Year),
        };
        assert_eq!(PerformanceQuery::parse(&query.to_query()), query);
        let usual = PerformanceQuery { span: Some(Span::Week), ..PerformanceQuery::default() };
        assert_eq!(PerformanceQuery::parse(&usual.to_query()), usual);
        assert_eq!(
            PerformanceQuery::parse("range=9d&source=me&operation=A%20B&from=x&to=y"),
            PerformanceQuery::default()
        );
    }

    #[test]
    fn a_range_that_ends_before_it_begins_or_never_is_left_out() {
        for wrong in
            ["from=2026-11-25T14:10&to=2026-11-25T14:10", "from=1990-01-01T00:00&to=2026-11-25T14:10"]
        {
            assert_eq!(PerformanceQuery::parse(wrong).own, None, "{wrong}");
        }
    }

    #[test]
    fn the_present_minute_is_shown() {
        let now = Timestamp::from_micros(1_795_435_230_000_000);
        let asked = PerformanceQuery::default().asked(now);
        assert!(asked.range.contains(Minute::of(now)));
        assert_eq!(asked.range.len(), Span::Day.minutes());
    }
}
