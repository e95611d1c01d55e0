//! What the server gives to pages beside the console itself.

use services::hand_over_secret::HandedOver;

/// A client secret that was just made, for the one page that shows it.
#[derive(Clone, Debug)]
pub struct JustMade(pub HandedOver);

/// Which sites may show the console in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameAncestors(String);

impl FrameAncestors {
    /// Only these origins may, none if there are none.
    #[must_use]
    pub fn only(origins: &[String]) -> Self {
        if origins.is_empty() { Self("'none'".to_owned()) } else { Self(origins.join(" ")) }
    }

    /// Whether a launch may come from there. Where no site is named the CRM opens the console in a window of its own,
    /// from wherever it is; where some are, nobody else can sign a person in as somebody else.
    #[must_use]
    pub fn may_launch(&self, origin: &str) -> bool {
        self.0 == "'none'" || self.0.split(' ').any(|named| named == origin)
    }

    /// The origins, separated by spaces; `None` where there are none.
    #[must_use]
    pub fn origins(&self) -> Option<&str> {
        (self.0 != "'none'").then_some(&*self.0)
    }

    /// The value of the directive `frame-ancestors`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The header with which islands fetch the page they are on. Such a request takes no one-time notice away.
pub const LIVE_HEADER: &str = "x-live";
