//! What values a setting takes. The same rule reads what was typed, on the server and in the browser.

use thiserror::Error;

use super::{SettingValue, duration};

/// A word the vendor knows, with what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As the vendor writes it.
    pub word: &'static str,
    /// As people read it.
    pub label: &'static str,
}

/// The type and the bounds of a setting's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On or off.
    Flag,
    /// A whole number.
    Whole {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// A duration, in seconds.
    Duration {
        /// The shortest.
        min: u64,
        /// The longest.
        max: u64,
    },
    /// One of these words.
    Choice(&'static [Word]),
    /// Some of these words.
    Choices {
        /// The words.
        of: &'static [Word],
        /// How many there must be.
        at_least: usize,
    },
    /// A line of text.
    Text {
        /// The shortest, in characters.
        min: usize,
        /// The longest, in characters.
        max: usize,
    },
    /// A colour, `#RRGGBB`.
    Colour,
    /// A web address, or nothing.
    Link,
    /// Web addresses.
    Links {
        /// How many there must be.
        at_least: usize,
    },
    /// E-mail domains.
    Domains,
    /// A host name, or nothing.
    Host,
    /// An instant in UTC, or nothing.
    Instant,
    /// An id at the vendor, or nothing.
    Id,
}

/// The most items a list may have, so that a page stays usable; the vendor states no limit.
pub const MOST_ITEMS: usize = 50;
/// The longest web address we take, in characters.
const LONGEST_LINK: usize = 500;

/// Why a text is no value of a setting; shown at the field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Not on or off.
    #[error("Choose on or off.")]
    Flag,
    /// Not a whole number in the bounds.
    #[error("Give a whole number from {min} to {max}.")]
    Whole {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// Not a duration.
    #[error("Give a duration such as 45s, 10m, 1h30m or 30d.")]
    Duration,
    /// A duration out of bounds.
    #[error("Give a duration from {} to {}.", duration::show(*.min), duration::show(*.max))]
    Span {
        /// The shortest, in seconds.
        min: u64,
        /// The longest, in seconds.
        max: u64,
    },
    /// None of the words.
    #[error("{found:?} is none of these: {allowed}.")]
    Word {
        /// What was given.
        found: String,
        /// What may be given.
        allowed: String,
    },
    /// Too few items.
    #[error("Give at least {at_least}.")]
    TooFew {
        /// How many there must be.
        at_least: usize,
    },
    /// Too many items.
    #[error("Give at most {MOST_ITEMS}.")]
    TooMany,
    /// Nothing where something must be.
    #[error("Give a value.")]
    Empty,
    /// Too long.
    #[error("Give at most {max} characters; these are {found}.")]
    TooLong {
        /// The longest.
        max: usize,
        /// How long it is.
        found: usize,
    },
    /// A character that cannot be seen.
    #[error("It holds a character that cannot be seen: type the text anew.")]
    Control,
    /// Not a colour.
    #[error("Give a colour as # and six digits from 0 to F, such as #007FFF.")]
    Colour,
    /// Not a web address.
    #[error(
        "{found:?} is no address to use here: begin with https:// and a host, without spaces, password or #."
    )]
    Link {
        /// What was given.
        found: String,
    },
    /// Not a domain.
    #[error("{found:?} is no e-mail domain: give it like example.com, without @.")]
    Domain {
        /// What was given.
        found: String,
    },
    /// Not a host name.
    #[error("{found:?} is no host name: give it like login.example.com, without https:// and path.")]
    Host {
        /// What was given.
        found: String,
    },
    /// Not an instant.
    #[error("Give an instant in UTC such as 2026-01-31T09:00:00Z.")]
    Instant,
    /// Not an id.
    #[error("{found:?} is no id at SecureAuth: letters, digits, '-', '_' and '.' only, at most 64.")]
    Id {
        /// What was given.
        found: String,
    },
}

impl Kind {
    /// Reads what was typed or stored, into the canonical value.
    ///
    /// # Errors
    /// [`Invalid`] is the message for the field.
    pub fn parse(self, text: &str) -> Result<SettingValue, Invalid> {
        self.read(text).map(|value| self.canonical(value))
    }

    /// Whether this may be typed: the rule of [`Kind::parse`], without making the value canonical.
    ///
    /// # Errors
    /// [`Invalid`] is the message for the field.
    pub fn judge(self, text: &str) -> Result<(), Invalid> {
        self.read(text).map(drop)
    }

    fn read(self, text: &str) -> Result<SettingValue, Invalid> {
        let text = text.trim();
        let value = match self {
            Self::Flag => SettingValue::Flag(text.parse().map_err(|_| Invalid::Flag)?),
            Self::Whole { min, max } => {
                SettingValue::Whole(text.parse().map_err(|_| Invalid::Whole { min, max })?)
            }
            Self::Duration { .. } => {
                SettingValue::Seconds(duration::parse_human(text).ok_or(Invalid::Duration)?)
            }
            Self::Choices { .. } | Self::Links { .. } | Self::Domains => {
                SettingValue::List(items(text).map(str::to_owned).collect())
            }
            _ => SettingValue::Text(text.to_owned()),
        };
        self.check(&value)?;
        Ok(value)
    }

    /// Whether a value of the right shape is within the bounds.
    ///
    /// # Errors
    /// [`Invalid`] is the message for the field.
    pub fn check(self, value: &SettingValue) -> Result<(), Invalid> {
        match (self, value) {
            (Self::Flag, SettingValue::Flag(_)) => Ok(()),
            (Self::Flag, _) => Err(Invalid::Flag),
            (Self::Whole { min, max }, SettingValue::Whole(number)) if (min..=max).contains(number) => Ok(()),
            (Self::Whole { min, max }, _) => Err(Invalid::Whole { min, max }),
            (Self::Duration { min, max }, SettingValue::Seconds(seconds)) => {
                if (min..=max).contains(seconds) { Ok(()) } else { Err(Invalid::Span { min, max }) }
            }
            (Self::Duration { .. }, _) => Err(Invalid::Duration),
            (Self::Choice(words), SettingValue::Text(text)) => known(words, text),
            (Self::Choices { of, at_least }, SettingValue::List(items)) => {
                check_list(items, at_least, |item| known(of, item))
            }
            (Self::Text { min, .. }, SettingValue::Text(text)) if text.chars().count() < min => {
                Err(Invalid::Empty)
            }
            (Self::Text { max, .. }, SettingValue::Text(text)) => check_text(text, max),
            (Self::Colour, SettingValue::Text(text)) => check_colour(text),
            (Self::Link, SettingValue::Text(text)) if text.is_empty() => Ok(()),
            (Self::Link, SettingValue::Text(text)) => check_link(text),
            (Self::Links { at_least }, SettingValue::List(items)) => check_list(items, at_least, check_link),
            (Self::Domains, SettingValue::List(items)) => check_list(items, 0, check_domain),
            (Self::Host, SettingValue::Text(text)) if text.is_empty() => Ok(()),
            (Self::Host, SettingValue::Text(text)) => {
                check_domain(text).map_err(|_| Invalid::Host { found: text.clone() })
            }
            (Self::Instant, SettingValue::Text(text)) if text.is_empty() => Ok(()),
            (Self::Instant, SettingValue::Text(text)) => {
                if duration::is_instant(text) {
                    Ok(())
                } else {
                    Err(Invalid::Instant)
                }
            }
            (Self::Id, SettingValue::Text(text)) => check_id(text),
            _ => Err(Invalid::Empty),
        }
    }

    /// The one form of a value: sorted, without repeats, in one spelling. What is not in the bounds stays as it is.
    #[must_use]
    pub fn canonical(self, value: SettingValue) -> SettingValue {
        match (self, value) {
            (Self::Choices { of, .. }, SettingValue::List(mut items)) => {
                let place = |item: &String| of.iter().position(|word| word.word == item);
                items.sort_by(|a, b| {
                    let places = (place(a).unwrap_or(of.len()), place(b).unwrap_or(of.len()));
                    places.0.cmp(&places.1).then_with(|| a.cmp(b))
                });
                items.dedup();
                SettingValue::List(items)
            }
            (Self::Links { .. }, SettingValue::List(items)) => set(items),
            (Self::Domains, SettingValue::List(items)) => {
                set(items.into_iter().map(|item| item.to_ascii_lowercase()).collect())
            }
            (Self::Host, SettingValue::Text(text)) => SettingValue::Text(text.to_ascii_lowercase()),
            (Self::Colour, SettingValue::Text(text)) => SettingValue::Text(text.to_ascii_uppercase()),
            (Self::Instant, SettingValue::Text(text)) => {
                SettingValue::Text(text.parse::<jiff::Timestamp>().map_or(text, |at| at.to_string()))
            }
            (_, value) => value,
        }
    }

    /// The words to choose from, where there are any.
    #[must_use]
    pub const fn words(self) -> &'static [Word] {
        match self {
            Self::Choice(words) | Self::Choices { of: words, .. } => words,
            _ => &[],
        }
    }

    /// Whether "nothing" is a value of its own, different from not setting it.
    #[must_use]
    pub fn takes_nothing(self) -> bool {
        let nothing = match self {
            Self::Choices { .. } | Self::Links { .. } | Self::Domains => SettingValue::List(Vec::new()),
            Self::Flag | Self::Whole { .. } | Self::Duration { .. } => return false,
            _ => SettingValue::Text(String::new()),
        };
        self.check(&nothing).is_ok()
    }

    /// A value for people: labels in place of words, on and off, spelled-out durations.
    #[must_use]
    pub fn show(self, value: &SettingValue) -> String {
        let label = |text: &String| {
            let word = self.words().iter().find(|word| word.word == text);
            word.map_or_else(|| text.clone(), |word| word.label.to_owned())
        };
        match value {
            SettingValue::Flag(true) => "On".to_owned(),
            SettingValue::Flag(false) => "Off".to_owned(),
            SettingValue::Whole(number) => number.to_string(),
            SettingValue::Seconds(seconds) => duration::show(*seconds),
            SettingValue::Text(text) if text.is_empty() => "None".to_owned(),
            SettingValue::Text(text) => label(text),
            SettingValue::List(items) if items.is_empty() => "None".to_owned(),
            SettingValue::List(items) => items.iter().map(label).collect::<Vec<_>>().join(", "),
        }
    }

    /// What may be given, for the catalogue's table and the field's hint.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Flag => "on or off".to_owned(),
            Self::Whole { min, max } => format!("{min} to {max}"),
            Self::Duration { min, max } => format!("{} to {}", duration::show(min), duration::show(max)),
            Self::Choice(words) => format!("one of {}", join(words)),
            Self::Choices { of, at_least: 0 } => format!("any of {}", join(of)),
            Self::Choices { of, at_least } => format!("at least {at_least} of {}", join(of)),
            Self::Text { max, .. } => format!("text, at most {max} characters"),
            Self::Colour => "colour, #RRGGBB".to_owned(),
            Self::Link => "web address, or none".to_owned(),
            Self::Links { at_least: 0 } => "web addresses, one a line".to_owned(),
            Self::Links { at_least } => format!("web addresses, one a line, at least {at_least}"),
            Self::Domains => "e-mail domains, one a line".to_owned(),
            Self::Host => "host name, or none".to_owned(),
            Self::Instant => "instant in UTC, or none".to_owned(),
            Self::Id => "id at SecureAuth, or none".to_owned(),
        }
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ',']).map(str::trim).filter(|item| !item.is_empty())
}

fn set(mut items: Vec<String>) -> SettingValue {
    items.sort_unstable();
    items.dedup();
    SettingValue::List(items)
}

fn join(words: &[Word]) -> String {
    words.iter().map(|word| word.word).collect::<Vec<_>>().join(", ")
}

fn known(words: &[Word], text: &str) -> Result<(), Invalid> {
    if words.iter().any(|word| word.word == text) {
        return Ok(());
    }
    let allowed = words.iter().map(|word| word.word).collect::<Vec<_>>().join(", ");
    Err(Invalid::Word { found: text.to_owned(), allowed })
}

fn check_list(
    items: &[String],
    at_least: usize,
    check: impl Fn(&str) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    if items.len() < at_least {
        return Err(Invalid::TooFew { at_least });
    }
    if items.len() > MOST_ITEMS {
        return Err(Invalid::TooMany);
    }
    items.iter().try_for_each(|item| check(item))
}

fn check_text(text: &str, max: usize) -> Result<(), Invalid> {
    let found = text.chars().count();
    if found > max {
        return Err(Invalid::TooLong { max, found });
    }
    if text.chars().any(char::is_control) { Err(Invalid::Control) } else { Ok(()) }
}

fn check_colour(text: &str) -> Result<(), Invalid> {
    let digits = text.strip_prefix('#').ok_or(Invalid::Colour)?;
    let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits { Ok(()) } else { Err(Invalid::Colour) }
}

/// `https`, or `http` to this very machine, where development and the sandbox run.
fn check_link(text: &str) -> Result<(), Invalid> {
    let wrong = || Invalid::Link { found: text.to_owned() };
    check_text(text, LONGEST_LINK)?;
    let (rest, secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return Err(wrong()),
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        Some(_) => return Err(wrong()),
        None => authority,
    };
    let named = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let local = matches!(host, "localhost" | "127.0.0.1");
    let clean =
        text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '#' | '"' | '<' | '>' | '\\' | ','));
    if named && clean && (secure || local) { Ok(()) } else { Err(wrong()) }
}

fn check_domain(text: &str) -> Result<(), Invalid> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let fits = text.len() <= 253 && text.contains('.') && text.split('.').all(label);
    if fits { Ok(()) } else { Err(Invalid::Domain { found: text.to_owned() }) }
}

fn check_id(text: &str) -> Result<(), Invalid> {
    let fits = text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if fits { Ok(()) } else { Err(Invalid::Id { found: text.to_owned() }) }
}
