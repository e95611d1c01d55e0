//! How fast we call: a token bucket and a limit of calls in flight for the whole client, and a pause per
//! API group while the vendor asks for one.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::{config::Limits, operation::ApiGroup};

pub(crate) struct Pace {
    bucket: DefaultDirectRateLimiter,
    in_flight: Semaphore,
    /// What of rate and places imports may take: a quarter is left to people.
    bulk_bucket: DefaultDirectRateLimiter,
    bulk_in_flight: Semaphore,
    pauses: [Mutex<Option<Instant>>; ApiGroup::ALL.len()],
    /// The longest pause that a call sits out by itself.
    patience: Duration,
}

/// A place among the calls in flight; given back when dropped. None only once the client is closed.
pub(crate) struct Place<'a> {
    _all: Option<SemaphorePermit<'a>>,
    _bulk: Option<SemaphorePermit<'a>>,
}

impl Pace {
    pub(crate) fn new(limits: Limits, patience: Duration) -> Self {
        let per_second = NonZeroU32::new(limits.requests_per_second).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(limits.burst).unwrap_or(NonZeroU32::MIN);
        Self {
            bucket: RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst)),
            in_flight: Semaphore::new(limits.max_in_flight),
            bulk_bucket: RateLimiter::direct(Quota::per_second(most(per_second)).allow_burst(most(burst))),
            bulk_in_flight: Semaphore::new(limits.max_in_flight - limits.max_in_flight / 4),
            pauses: std::array::from_fn(|_| Mutex::new(None)),
            patience,
        }
    }

    /// Waits for the pause, a token and a place, in this order, so that a place is not held idle.
    /// Refused with the time to wait if the pause is longer than our patience.
    pub(crate) async fn enter(&self, group: ApiGroup) -> Result<Place<'_>, Duration> {
        let pause = self.pause(group);
        if pause > self.patience {
            return Err(pause);
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let bulk = match group {
            ApiGroup::Import => {
                self.bulk_bucket.until_ready().await;
                self.bulk_in_flight.acquire().await.ok()
            }
            _ => None,
        };
        self.bucket.until_ready().await;
        Ok(Place { _all: self.in_flight.acquire().await.ok(), _bulk: bulk })
    }

    /// The vendor asked this group to wait: every call of the group does.
    pub(crate) fn hold(&self, group: ApiGroup, pause: Duration) {
        let until = Instant::now() + pause.min(Duration::from_secs(3_600));
        let mut held = self.slot(group).lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |before| before.max(until)));
    }

    fn pause(&self, group: ApiGroup) -> Duration {
        let held = *self.slot(group).lock().unwrap_or_else(PoisonError::into_inner);
        held.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    const fn slot(&self, group: ApiGroup) -> &Mutex<Option<Instant>> {
        &self.pauses[group as usize]
    }
}

/// Three quarters, at least one.
fn most(of: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(of.get() - of.get() / 4).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(max_in_flight: usize) -> Pace {
        let limits = Limits { requests_per_second: 1_000, burst: 1_000, max_in_flight };
        Pace::new(limits, Duration::from_millis(500))
    }

    #[tokio::test]
    async fn a_pause_holds_its_own_group_only() {
        let pace = pace(4);
        pace.hold(ApiGroup::Admin, Duration::from_millis(400));
        let start = Instant::now();
        assert!(pace.enter(ApiGroup::Identity).await.is_ok());
        assert!(start.elapsed() < Duration::from_millis(400));
        assert!(pace.enter(ApiGroup::Admin).await.is_ok());
        assert!(start.elapsed() >= Duration::from_millis(400));
    }

    #[tokio::test]
    async fn a_pause_beyond_patience_is_reported_at_once() {
        let pace = pace(4);
        pace.hold(ApiGroup::Admin, Duration::from_secs(30));
        pace.hold(ApiGroup::Admin, Duration::from_secs(1));
        let refused = pace.enter(ApiGroup::Admin).await.err();
        assert!(refused.is_some_and(|wait| wait > Duration::from_secs(29)), "the longer pause stays");
    }

    #[tokio::test]
    async fn imports_leave_places_to_people() {
        let pace = pace(4);
        let mut places = Vec::new();
        for _ in 0..3 {
            places.push(pace.enter(ApiGroup::Import).await);
        }
        let fourth = tokio::time::timeout(Duration::from_millis(30), pace.enter(ApiGroup::Import)).await;
        assert!(fourth.is_err(), "the fourth import waits");
        assert!(pace.enter(ApiGroup::Admin).await.is_ok());
    }

    #[tokio::test]
    async fn no_more_calls_in_flight_than_allowed() {
        let pace = pace(1);
        let place = pace.enter(ApiGroup::Admin).await;
        let second = tokio::time::timeout(Duration::from_millis(30), pace.enter(ApiGroup::Admin)).await;
        assert!(second.is_err(), "the second waits");
        drop(place);
        assert!(pace.enter(ApiGroup::Admin).await.is_ok());
    }
}
