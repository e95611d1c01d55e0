//! What the rules need from outside: the time and random bytes.

use crate::Timestamp;

/// A source of the present time. Passed in everywhere, so that tests can fix it.
pub trait Clock: Send + Sync {
    /// The present instant, UTC.
    fn now(&self) -> Timestamp;
}

/// A source of random bytes. Passed in everywhere, so that tests can seed it.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes fit for keys and one-time values.
    fn fill(&self, bytes: &mut [u8]);
}
