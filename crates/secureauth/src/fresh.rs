//! A value that ages: kept, renewed early by one caller at a time, shared by all.

use std::{
    future::Future,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use tokio::time::Instant;

use crate::error::CallError;

/// How long to leave the vendor alone after a failed early renewal.
const AFTER_FAILED_RENEWAL: Duration = Duration::from_secs(10);

/// A fetched value and how long it is good.
#[derive(Clone)]
pub(crate) struct Kept<T> {
    value: T,
    renew_at: Instant,
    expires_at: Instant,
}

impl<T> Kept<T> {
    /// Good for `life` from now; renewed when four fifths of it have passed.
    pub(crate) fn new(value: T, life: Duration) -> Self {
        let now = Instant::now();
        Self { value, renew_at: now + life.mul_f64(0.8), expires_at: now + life }
    }
}

pub(crate) struct Fresh<T> {
    kept: RwLock<Option<Kept<T>>>,
    /// Held by the one caller that fetches. Keeps the last failure, which is shared with those who waited.
    turn: tokio::sync::Mutex<Option<(Instant, CallError)>>,
}

enum Look<T> {
    Young(T),
    Aging(T),
    Nothing,
}

impl<T: Clone> Fresh<T> {
    pub(crate) const fn new() -> Self {
        Self { kept: RwLock::new(None), turn: tokio::sync::Mutex::const_new(None) }
    }

    /// The kept value, or a fetched one. While a value ages, one caller renews it and the others go on with
    /// the old; without a value, one caller fetches and the others wait for it.
    pub(crate) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<Kept<T>, CallError>>,
    {
        let asked = Instant::now();
        let (spare, mut turn) = match self.look(asked) {
            Look::Young(value) => return Ok(value),
            Look::Aging(value) => match self.turn.try_lock() {
                Ok(turn) => (Some(value), turn),
                Err(_) => return Ok(value),
            },
            Look::Nothing => (None, self.turn.lock().await),
        };
        if let Look::Young(value) = self.look(Instant::now()) {
            return Ok(value);
        }
        if let Some((failed_at, error)) = &*turn
            && *failed_at >= asked
        {
            return spare.ok_or_else(|| error.clone());
        }
        match fetch().await {
            Ok(kept) => {
                let value = kept.value.clone();
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
                *turn = None;
                Ok(value)
            }
            Err(error) => {
                *turn = Some((Instant::now(), error.clone()));
                self.postpone();
                spare.ok_or(error)
            }
        }
    }

    /// Drops the kept value if it is the one meant; a newer one stays.
    pub(crate) fn forget(&self, is_meant: impl FnOnce(&T) -> bool) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|it| is_meant(&it.value)) {
            *kept = None;
        }
    }

    fn look(&self, now: Instant) -> Look<T> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(it) if now < it.renew_at => Look::Young(it.value.clone()),
            Some(it) if now < it.expires_at => Look::Aging(it.value.clone()),
            _ => Look::Nothing,
        }
    }

    fn postpone(&self) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = kept.as_mut() {
            it.renew_at = (Instant::now() + AFTER_FAILED_RENEWAL).min(it.expires_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{error::ErrorKind, operation::Operation};

    async fn fetch(counter: &AtomicU32, life: Duration) -> Result<Kept<u32>, CallError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(Kept::new(counter.fetch_add(1, Ordering::SeqCst) + 1, life))
    }

    async fn fail(counter: &AtomicU32) -> Result<Kept<u32>, CallError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        counter.fetch_add(1, Ordering::SeqCst);
        Err(CallError::new(ErrorKind::Server, Operation::FetchToken, "down"))
    }

    #[tokio::test]
    async fn many_callers_cause_one_fetch() {
        let (fresh, counter) = (Fresh::new(), AtomicU32::new(0));
        let hour = Duration::from_secs(3_600);
        let all = futures::future::join_all((0..20).map(|_| fresh.get(|| fetch(&counter, hour)))).await;
        assert!(all.iter().all(|it| *it == Ok(1)), "{all:?}");
        fresh.forget(|value| *value == 7);
        assert_eq!(fresh.get(|| fetch(&counter, hour)).await, Ok(1), "another value was meant");
        fresh.forget(|value| *value == 1);
        assert_eq!(fresh.get(|| fetch(&counter, hour)).await, Ok(2));
    }

    #[tokio::test]
    async fn many_callers_share_one_failure() {
        let (fresh, counter) = (Fresh::new(), AtomicU32::new(0));
        let all = futures::future::join_all((0..20).map(|_| fresh.get(|| fail(&counter)))).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(counter.load(Ordering::SeqCst), 1);
        assert_eq!(
            fresh.get(|| fetch(&counter, Duration::from_secs(1))).await,
            Ok(2),
            "later callers try anew"
        );
    }

    /// Past its renewal, far from its end.
    async fn aging(fresh: &Fresh<u32>) {
        let now = Instant::now();
        let kept = Kept { value: 1, renew_at: now, expires_at: now + Duration::from_secs(3_600) };
        assert_eq!(fresh.get(|| async { Ok(kept) }).await, Ok(1));
    }

    #[tokio::test]
    async fn an_aging_value_is_renewed_by_one_and_used_by_the_rest() {
        let (fresh, counter) = (Fresh::new(), AtomicU32::new(1));
        aging(&fresh).await;
        let hour = Duration::from_secs(3_600);
        let (renewer, other) =
            tokio::join!(fresh.get(|| fetch(&counter, hour)), fresh.get(|| fetch(&counter, hour)));
        assert_eq!((renewer, other), (Ok(2), Ok(1)));
    }

    #[tokio::test]
    async fn a_failed_renewal_goes_on_with_the_old_value() {
        let (fresh, counter) = (Fresh::new(), AtomicU32::new(1));
        aging(&fresh).await;
        assert_eq!(fresh.get(|| fail(&counter)).await, Ok(1));
        assert_eq!(fresh.get(|| fail(&counter)).await, Ok(1), "and does not try again at once");
        assert_eq!(counter.load(Ordering::SeqCst), 2);
    }
}
