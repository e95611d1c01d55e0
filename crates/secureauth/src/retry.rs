//! When a failed attempt is repeated, and after what pause. Pure: time and chance come in.

use std::time::Duration;

use domain::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::{
    config::RetryPolicy,
    error::{CallError, ErrorKind},
    operation::Operation,
};

/// The vendor replays a POST with the same key for one minute (vendor contract, conventions). The margin is
/// for the way there.
const REPLAY_WINDOW: Duration = Duration::from_secs(55);

/// One failed attempt, as far as the decision needs it.
pub(crate) struct FailedAttempt<'a> {
    pub(crate) error: &'a CallError,
    /// Which attempt failed, from 1.
    pub(crate) number: u32,
    /// Whether this very attempt may have been carried out.
    pub(crate) maybe_applied: bool,
    /// Whether an idempotency key went with it.
    pub(crate) keyed: bool,
    /// Since the first attempt was sent.
    pub(crate) since_first: Duration,
    /// Chance, for the jitter.
    pub(crate) random: u32,
}

impl RetryPolicy {
    /// The pause after failed attempt `number`: a random part, at least half, of the doubling delay.
    pub(crate) fn backoff(&self, number: u32, random: u32) -> Duration {
        let doubled = 1_u32.checked_shl(number.saturating_sub(1).min(31)).unwrap_or(u32::MAX);
        let full = self.base_delay.saturating_mul(doubled).min(self.max_delay);
        let half = full / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    /// The pause before the next attempt, or none if the call has failed for good.
    pub(crate) fn pause_before_repeat(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        // Whoever sends an import paces it, and reads back what is uncertain.
        if failed.number >= self.max_attempts || failed.error.operation == Operation::ImportUsers {
            return None;
        }
        let transient = matches!(
            failed.error.kind,
            ErrorKind::RateLimited | ErrorKind::Server | ErrorKind::Timeout | ErrorKind::Network
        );
        let asked = failed.error.retry_after.unwrap_or_default();
        if !transient || asked > self.max_delay {
            return None;
        }
        let pause = self.backoff(failed.number, failed.random).max(asked);
        let safe = !failed.maybe_applied
            || failed.error.operation.is_idempotent()
            || (failed.keyed && failed.since_first + pause < REPLAY_WINDOW);
        safe.then_some(pause)
    }
}

/// Reads a `retry-after` header: seconds, or an HTTP date. A date is measured against the answer's own
/// `date`, so that a wrong clock here does no harm.
pub(crate) fn retry_after(value: &str, answered_at: Option<Timestamp>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    Some(http_date(value)?.since(answered_at?))
}

/// Reads an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(value: &str) -> Option<Timestamp> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    let at = PARSER.parse_timestamp(value.trim()).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: 4,
        base_delay: Duration::from_millis(100),
        max_delay: Duration::from_secs(2),
    };

    fn error(kind: ErrorKind, operation: Operation, retry_after: Option<u64>) -> CallError {
        CallError::new(kind, operation, "").with(|it| it.retry_after = retry_after.map(Duration::from_secs))
    }

    fn failed(error: &CallError) -> FailedAttempt<'_> {
        FailedAttempt {
            error,
            number: 1,
            maybe_applied: true,
            keyed: true,
            since_first: Duration::from_secs(1),
            random: u32::MAX,
        }
    }

    #[test]
    fn pauses_double_up_to_the_limit_and_keep_at_least_half() {
        let longest: Vec<_> = (1..=7).map(|n| POLICY.backoff(n, u32::MAX).as_millis()).collect();
        assert_eq!(longest, [100, 200, 400, 800, 1600, 2000, 2000]);
        let shortest: Vec<_> = (1..=7).map(|n| POLICY.backoff(n, 0).as_millis()).collect();
        assert_eq!(shortest, [50, 100, 200, 400, 800, 1000, 1000]);
        assert_eq!(POLICY.backoff(u32::MAX, u32::MAX), POLICY.max_delay);
    }

    #[test]
    fn what_the_vendor_asks_for_is_obeyed_or_left_to_the_job_runner() {
        let short = error(ErrorKind::RateLimited, Operation::GetPool, Some(2));
        assert_eq!(POLICY.pause_before_repeat(&failed(&short)), Some(Duration::from_secs(2)));
        let long = error(ErrorKind::RateLimited, Operation::GetPool, Some(3));
        assert_eq!(POLICY.pause_before_repeat(&failed(&long)), None);
    }

    #[test]
    fn a_creation_is_repeated_only_while_the_vendor_would_replay_it() {
        let timeout = error(ErrorKind::Timeout, Operation::CreatePool, None);
        assert!(POLICY.pause_before_repeat(&failed(&timeout)).is_some());
        let late = FailedAttempt { since_first: Duration::from_secs(56), ..failed(&timeout) };
        assert_eq!(POLICY.pause_before_repeat(&late), None);
        let bare = FailedAttempt { keyed: false, ..failed(&timeout) };
        assert_eq!(POLICY.pause_before_repeat(&bare), None);
        let unsent = FailedAttempt { keyed: false, maybe_applied: false, ..failed(&timeout) };
        assert!(POLICY.pause_before_repeat(&unsent).is_some());
        let limited = error(ErrorKind::RateLimited, Operation::CreatePool, Some(1));
        let limited =
            FailedAttempt { since_first: Duration::from_secs(90), maybe_applied: false, ..failed(&limited) };
        assert!(POLICY.pause_before_repeat(&limited).is_some());
    }

    #[test]
    fn idempotent_calls_are_repeated_and_refusals_are_not() {
        for operation in
            [Operation::GetPool, Operation::UpdatePool, Operation::DeletePool, Operation::FetchToken]
        {
            let server = error(ErrorKind::Server, operation, None);
            let bare =
                FailedAttempt { keyed: false, since_first: Duration::from_secs(300), ..failed(&server) };
            assert!(POLICY.pause_before_repeat(&bare).is_some(), "{operation}");
        }
        for kind in [ErrorKind::Invalid, ErrorKind::Conflict, ErrorKind::NotFound, ErrorKind::CircuitOpen] {
            let refused = error(kind, Operation::GetPool, None);
            assert_eq!(POLICY.pause_before_repeat(&failed(&refused)), None);
        }
        let server = error(ErrorKind::Server, Operation::GetPool, None);
        assert_eq!(POLICY.pause_before_repeat(&FailedAttempt { number: 4, ..failed(&server) }), None);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let answered = http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(answered.map(Timestamp::seconds), Some(784_111_777));
        assert_eq!(retry_after("7", None), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:50:07 GMT", answered), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:07 GMT", answered), Some(Duration::ZERO));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:50:07 GMT", None), None);
        assert_eq!(retry_after("soon", answered), None);
        assert_eq!(retry_after("-1", answered), None);
    }
}
