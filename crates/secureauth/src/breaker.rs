//! A circuit breaker: after failures in a row, calls rest; then one trial call decides.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::config::BreakerPolicy;

/// What a finished call says about the vendor's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It answered, with whatever answer.
    Healthy,
    /// 5xx, timeout or network failure.
    Failing,
    /// 429: alive, but says nothing for or against a row of failures.
    Limiting,
}

/// Leave to make one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    Regular,
    /// The one call that decides whether the breaker closes.
    Trial,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// A trial is under way. Should it vanish without a verdict, another may start at `until`.
    HalfOpen {
        until: Instant,
    },
}

#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    state: Mutex<State>,
}

impl Breaker {
    pub(crate) const fn new(policy: BreakerPolicy) -> Self {
        Self { policy, state: Mutex::new(State::Closed { failures: 0 }) }
    }

    /// Asks for leave to call; refused with the time to wait.
    pub(crate) fn admit(&self, now: Instant) -> Result<Pass, Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed { .. } => Ok(Pass::Regular),
            State::Open { until } | State::HalfOpen { until } if now < until => Err(until - now),
            State::Open { .. } | State::HalfOpen { .. } => {
                *state = State::HalfOpen { until: now + self.policy.open_for };
                Ok(Pass::Trial)
            }
        }
    }

    /// Takes the verdict of a call that was admitted with `pass`.
    pub(crate) fn record(&self, pass: Pass, verdict: Verdict, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match (*state, pass, verdict) {
            (State::HalfOpen { .. }, Pass::Trial, Verdict::Failing) => self.open(now),
            (State::HalfOpen { .. }, Pass::Trial, _) | (State::Closed { .. }, _, Verdict::Healthy) => {
                State::Closed { failures: 0 }
            }
            (State::Closed { failures }, _, Verdict::Failing) if failures + 1 >= self.policy.failures => {
                self.open(now)
            }
            (State::Closed { failures }, _, Verdict::Failing) => State::Closed { failures: failures + 1 },
            // Calls admitted before it opened say nothing new.
            (unchanged, _, _) => unchanged,
        };
    }

    fn open(&self, now: Instant) -> State {
        State::Open { until: now + self.policy.open_for }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(10);

    fn opened(at: Instant) -> Breaker {
        let breaker = Breaker::new(BreakerPolicy { failures: 3, open_for: REST });
        for _ in 0..3 {
            assert_eq!(breaker.admit(at), Ok(Pass::Regular));
            breaker.record(Pass::Regular, Verdict::Failing, at);
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_others_do_not() {
        let now = Instant::now();
        let breaker = Breaker::new(BreakerPolicy { failures: 3, open_for: REST });
        use Verdict::{Failing, Healthy, Limiting};
        for verdict in [Failing, Failing, Healthy, Failing, Limiting, Failing] {
            breaker.record(Pass::Regular, verdict, now);
        }
        assert_eq!(breaker.admit(now), Ok(Pass::Regular));
        breaker.record(Pass::Regular, Failing, now);
        assert_eq!(breaker.admit(now + Duration::from_secs(4)), Err(Duration::from_secs(6)));
    }

    #[test]
    fn after_the_rest_one_trial_decides() {
        let now = Instant::now();
        let breaker = opened(now);
        let later = now + REST;
        assert_eq!(breaker.admit(later), Ok(Pass::Trial));
        assert_eq!(breaker.admit(later), Err(REST), "one trial at a time");
        breaker.record(Pass::Trial, Verdict::Failing, later);
        assert_eq!(breaker.admit(later), Err(REST));
        assert_eq!(breaker.admit(later + REST), Ok(Pass::Trial));
        breaker.record(Pass::Trial, Verdict::Limiting, later + REST);
        assert_eq!(breaker.admit(later + REST), Ok(Pass::Regular), "429 is a sign of life");
    }

    #[test]
    fn a_trial_that_vanishes_does_not_block_for_ever() {
        let now = Instant::now();
        let breaker = opened(now);
        assert_eq!(breaker.admit(now + REST), Ok(Pass::Trial));
        assert_eq!(breaker.admit(now + REST * 2), Ok(Pass::Trial));
    }

    #[test]
    fn late_answers_neither_close_nor_prolong_it() {
        let now = Instant::now();
        let breaker = opened(now);
        breaker.record(Pass::Regular, Verdict::Healthy, now);
        breaker.record(Pass::Regular, Verdict::Failing, now + Duration::from_secs(9));
        assert_eq!(breaker.admit(now), Err(REST));
        assert_eq!(breaker.admit(now + REST), Ok(Pass::Trial));
    }
}
