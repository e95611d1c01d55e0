//! A way in that is refused: the reason is counted and told to nobody outside, the detail is for the log.

use std::{error::Error, fmt};

use crate::claims::ClaimError;

/// The reasons of one way in.
pub trait RefusalReason: Copy + fmt::Debug {
    /// A claim is missing or cannot be used.
    const CLAIM: Self;
    /// The person has no role here.
    const NO_ROLE: Self;

    /// What the log says.
    fn words(self) -> &'static str;
}

/// Somebody who does not get in. The browser is told the same, whatever the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused<R> {
    /// Why.
    pub reason: R,
    /// What exactly.
    pub detail: String,
}

impl<R> Refused<R> {
    /// With a word on what exactly.
    pub fn new(reason: R, detail: impl fmt::Display) -> Self {
        Self { reason, detail: detail.to_string() }
    }
}

impl<R: RefusalReason> fmt::Display for Refused<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.words())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

impl<R: RefusalReason> Error for Refused<R> {}

impl<R: RefusalReason> From<R> for Refused<R> {
    fn from(reason: R) -> Self {
        Self::new(reason, "")
    }
}

impl<R: RefusalReason> From<ClaimError> for Refused<R> {
    fn from(error: ClaimError) -> Self {
        let reason = if matches!(error, ClaimError::NoRole { .. }) { R::NO_ROLE } else { R::CLAIM };
        Self::new(reason, error)
    }
}
