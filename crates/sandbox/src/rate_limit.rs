//! The limit per API group: a bucket of `burst` tokens that refills at `per_second`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::Timestamp;

use crate::{config::RateLimit, operation::Api};

/// The buckets of the tenant, one per API group.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    buckets: Mutex<BTreeMap<Api, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
}

impl Limiter {
    /// Takes one token of the group's bucket, or says how many whole seconds to wait for one.
    pub(crate) fn take(&self, limit: RateLimit, api: Api, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = f64::from(limit.burst.max(1));
        let bucket = buckets.entry(api).or_insert(Bucket { tokens: full, filled_at: now });
        let refill = now.since(bucket.filled_at).as_secs_f64() * limit.per_second;
        bucket.tokens = (bucket.tokens + refill).min(full);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(seconds_until((1.0 - bucket.tokens) / limit.per_second))
    }

    /// Forgets every bucket.
    pub(crate) fn clear(&self) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Whole seconds, at least one; an hour where the rate is zero.
fn seconds_until(wait: f64) -> u64 {
    let longest = 3_600_u64;
    (1..longest)
        .find(|&seconds| std::time::Duration::from_secs(seconds).as_secs_f64() >= wait)
        .unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_then_the_wait_is_told() {
        let limiter = Limiter::default();
        let limit = RateLimit { per_second: 0.5, burst: 2 };
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert_eq!(limiter.take(limit, Api::Admin, at(0)), Ok(()));
        assert_eq!(limiter.take(limit, Api::Admin, at(0)), Ok(()));
        assert_eq!(limiter.take(limit, Api::Admin, at(0)), Err(2));
        assert_eq!(limiter.take(limit, Api::System, at(0)), Ok(()));
        assert_eq!(limiter.take(limit, Api::Admin, at(2)), Ok(()));
    }
}
