//! A kind as a short text, for the browser: `whole 0 128`, `duration 60 3600`, `links 1`.

use super::Kind;

impl Kind {
    /// The text. Choices have none: there is nothing to type.
    #[must_use]
    pub fn spec(self) -> Option<String> {
        Some(match self {
            Self::Flag | Self::Choice(_) | Self::Choices { .. } => return None,
            Self::Whole { min, max } => format!("whole {min} {max}"),
            Self::Duration { min, max } => format!("duration {min} {max}"),
            Self::Text { min, max } => format!("text {min} {max}"),
            Self::Colour => "colour".to_owned(),
            Self::Link => "link".to_owned(),
            Self::Links { at_least } => format!("links {at_least}"),
            Self::Domains => "domains".to_owned(),
            Self::Host => "host".to_owned(),
            Self::Instant => "instant".to_owned(),
            Self::Id => "id".to_owned(),
        })
    }

    /// The kind of a text; `None` for a text that is none.
    #[must_use]
    pub fn of_spec(spec: &str) -> Option<Self> {
        let mut parts = spec.split(' ');
        let word = parts.next()?;
        let mut number = || parts.next()?.parse::<u64>().ok();
        let short = |number: u64| usize::try_from(number).ok();
        Some(match word {
            "whole" => Self::Whole { min: number()?, max: number()? },
            "duration" => Self::Duration { min: number()?, max: number()? },
            "text" => Self::Text { min: short(number()?)?, max: short(number()?)? },
            "colour" => Self::Colour,
            "link" => Self::Link,
            "links" => Self::Links { at_least: short(number()?)? },
            "domains" => Self::Domains,
            "host" => Self::Host,
            "instant" => Self::Instant,
            "id" => Self::Id,
            _ => return None,
        })
    }
}
